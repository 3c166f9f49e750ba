-- Rules for all statements: src/store/sqlite/mod.rs.

-- Whom the organiser approved an employer with: password resets go there. Empty: nobody is known.
ALTER TABLE employer ADD COLUMN contact TEXT NOT NULL DEFAULT '';
ALTER TABLE employer ADD COLUMN phone TEXT NOT NULL DEFAULT '';

-- Employers that wish to take part in a fair (单位报名参加).
CREATE TABLE registration (
    id            BLOB    NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    fair          BLOB    NOT NULL REFERENCES fair (id) ON DELETE CASCADE,
    -- who asked, being signed in; or who it became when it was approved
    employer      BLOB    REFERENCES employer (id) ON DELETE CASCADE,
    name          TEXT    NOT NULL,
    -- the form in which names are compared (store::name_key)
    name_key      TEXT    NOT NULL CHECK (name_key <> ''),
    uscc          TEXT    NOT NULL CHECK (length(uscc) = 18),
    contact       TEXT    NOT NULL,
    phone         TEXT    NOT NULL,
    -- of the owner to be; empty once it is decided, and for an employer that is known already
    password_hash TEXT    NOT NULL DEFAULT '',
    -- HMAC-SHA256 of the token that opens this registration
    token         BLOB    NOT NULL UNIQUE CHECK (length(token) = 32),
    -- empty: none yet
    licence       BLOB    NOT NULL DEFAULT x'' CHECK (length(licence) IN (0, 16)),
    licence_kind  TEXT    NOT NULL DEFAULT '' CHECK (licence_kind IN ('', 'pdf', 'png', 'jpeg')),
    -- licences sent so far
    uploads       INTEGER NOT NULL DEFAULT 0,
    state         TEXT    NOT NULL CHECK (state IN ('licence_missing', 'waiting', 'approved', 'rejected')),
    reason        TEXT    NOT NULL DEFAULT '',
    made          INTEGER NOT NULL,
    -- 0: not yet
    decided       INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX registration_state ON registration (state, made);
CREATE INDEX registration_fair ON registration (fair);
CREATE INDEX registration_employer ON registration (employer);

-- What was done by whom, where it must be possible to tell later. Refusals are in `refusal`.
CREATE TABLE act (
    id      INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    at      INTEGER NOT NULL,
    -- 17 bytes: a person; 'o': the organiser; empty: nobody who is known
    who     BLOB    NOT NULL DEFAULT x'' CHECK (length(who) IN (0, 1, 17)),
    action  TEXT    NOT NULL CHECK (action <> ''),
    -- the id of what it was done to
    subject BLOB    NOT NULL CHECK (length(subject) = 16),
    -- HMAC-SHA256 of the address; empty: none
    address BLOB    NOT NULL DEFAULT x''
) STRICT;
CREATE INDEX act_at ON act (at);

-- Codes by SMS: the state of each number and purpose (sms::verify), and what numbers, addresses and the server
-- have had. Numbers and addresses are HMACs, states and tallies JSON.
CREATE TABLE sms_code (
    number  BLOB    NOT NULL CHECK (length(number) = 32),
    purpose TEXT    NOT NULL,
    at      INTEGER NOT NULL,
    state   TEXT    NOT NULL,
    PRIMARY KEY (number, purpose)
) STRICT, WITHOUT ROWID;
CREATE INDEX sms_code_age ON sms_code (at);

CREATE TABLE sms_tally (
    -- 'n' and a number, 'a' and an address, or 'e': everyone
    key   BLOB    NOT NULL PRIMARY KEY CHECK (length(key) IN (1, 33)),
    at    INTEGER NOT NULL,
    tally TEXT    NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX sms_tally_age ON sms_tally (at);
