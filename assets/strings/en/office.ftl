# An employer’s office
