# Fairs
