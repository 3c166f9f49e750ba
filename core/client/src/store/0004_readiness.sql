-- The last passed check-in of a person on a server (JSON of ReadinessPass); good for its day and its devices.
CREATE TABLE readiness (
    server TEXT NOT NULL,
    candidate TEXT NOT NULL,
    pass TEXT NOT NULL,
    PRIMARY KEY (server, candidate)
) STRICT;
