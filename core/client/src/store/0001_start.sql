-- The device itself; one row.
CREATE TABLE device (
    one        INTEGER PRIMARY KEY CHECK (one = 1),
    -- Address of the server in use; '' when none is chosen.
    server     TEXT NOT NULL DEFAULT '',
    -- Chosen devices; '' is the system's default.
    camera     TEXT NOT NULL DEFAULT '',
    microphone TEXT NOT NULL DEFAULT '',
    speaker    TEXT NOT NULL DEFAULT ''
) STRICT;
INSERT INTO device (one) VALUES (1);

CREATE TABLE server (
    address   TEXT PRIMARY KEY,
    organiser TEXT NOT NULL DEFAULT '',
    hotline   TEXT NOT NULL DEFAULT '',
    -- This installation as that server knows it: another id for each server, so that two organisers
    -- cannot tell that they serve the same phone.
    device    TEXT NOT NULL,
    -- Grows with each use; the newest comes first.
    used      INTEGER NOT NULL DEFAULT 0
) STRICT;

-- Who is signed in on a server. The token is in the platform's store for secrets.
CREATE TABLE session (
    server TEXT PRIMARY KEY REFERENCES server (address) ON DELETE CASCADE,
    -- miantan_domain::wire::rest::Me as JSON.
    me     TEXT NOT NULL,
    -- The round a recruiter has open; '' when none.
    round  TEXT NOT NULL DEFAULT ''
) STRICT;

-- Outlives the session: the same ticket joined again goes on where it was.
CREATE TABLE check_in (
    server TEXT NOT NULL REFERENCES server (address) ON DELETE CASCADE,
    ticket TEXT NOT NULL,
    -- miantan_domain::rules::check_in::Saved as JSON.
    saved  TEXT NOT NULL,
    PRIMARY KEY (server, ticket)
) STRICT;

CREATE TABLE room (
    server TEXT NOT NULL REFERENCES server (address) ON DELETE CASCADE,
    ticket TEXT NOT NULL,
    seq    INTEGER NOT NULL,
    -- miantan_domain::wire::live::Room as JSON.
    room   TEXT NOT NULL,
    PRIMARY KEY (server, ticket)
) STRICT;

CREATE TABLE round_state (
    server  TEXT NOT NULL REFERENCES server (address) ON DELETE CASCADE,
    account TEXT NOT NULL,
    round   TEXT NOT NULL,
    seq     INTEGER NOT NULL,
    -- miantan_domain::rules::round::RoundState as JSON.
    state   TEXT NOT NULL,
    PRIMARY KEY (server, account, round)
) STRICT;

CREATE TABLE outbox (
    server  TEXT NOT NULL REFERENCES server (address) ON DELETE CASCADE,
    -- Whose commands: they are never sent in another person's session.
    account TEXT NOT NULL,
    id      TEXT NOT NULL,
    -- miantan_domain::rules::outbox::Stored as JSON (its order and failure are in it).
    entry   TEXT NOT NULL,
    PRIMARY KEY (server, account, id)
) STRICT;

CREATE TABLE call_log (
    server    TEXT NOT NULL REFERENCES server (address) ON DELETE CASCADE,
    account   TEXT NOT NULL,
    call      TEXT NOT NULL,
    ticket    TEXT NOT NULL,
    -- Who was on the other side.
    peer      TEXT NOT NULL DEFAULT '',
    -- Unix milliseconds of the server's clock; 0: not ended as far as this device knows.
    started   INTEGER NOT NULL,
    ended     INTEGER NOT NULL DEFAULT 0,
    -- miantan_domain::rules::call::EndReason as JSON; '' while it runs.
    reason    TEXT NOT NULL DEFAULT '',
    -- Connected milliseconds of all calls of the ticket.
    talked_ms INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (server, call)
) STRICT;
