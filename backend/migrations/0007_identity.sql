-- The identity step. Rules for all statements: src/store/sqlite/mod.rs. Foreign keys are not enforced while a
-- migration runs and are checked at its end, so a table that others refer to can be made anew.

-- Rounds may ask for the identity in more ways. The table is the same otherwise.
CREATE TABLE round_new (
    id       BLOB    NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    employer BLOB    NOT NULL REFERENCES employer (id) ON DELETE CASCADE,
    name     TEXT    NOT NULL,
    -- JSON array of stage names
    stages   TEXT    NOT NULL,
    starts   INTEGER NOT NULL,
    ends     INTEGER NOT NULL CHECK (ends > starts),
    identity TEXT    NOT NULL
        CHECK (identity IN ('not_required', 'face_or_sms', 'verified_face_or_sms', 'sms_then_face')),
    ring_ms  INTEGER NOT NULL CHECK (ring_ms > 0),
    grace_ms INTEGER NOT NULL CHECK (grace_ms > 0)
) STRICT;
INSERT INTO round_new (id, employer, name, stages, starts, ends, identity, ring_ms, grace_ms)
    SELECT id, employer, name, stages, starts, ends, identity, ring_ms, grace_ms FROM round;
DROP TABLE round;
ALTER TABLE round_new RENAME TO round;
CREATE INDEX round_day ON round (employer, starts);

-- One more purpose: the pictures of one face check.
CREATE TABLE consent_new (
    id        INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    candidate BLOB    NOT NULL REFERENCES candidate (id) ON DELETE CASCADE,
    purpose   TEXT    NOT NULL
        CHECK (purpose IN ('policy', 'resume_to_employers', 'sms_notices', 'face_check', 'face_frames')),
    -- of the text that was shown
    version   INTEGER NOT NULL,
    given     INTEGER NOT NULL CHECK (given IN (0, 1)),
    at        INTEGER NOT NULL
) STRICT;
INSERT INTO consent_new (id, candidate, purpose, version, given, at)
    SELECT id, candidate, purpose, version, given, at FROM consent;
DROP TABLE consent;
ALTER TABLE consent_new RENAME TO consent;
CREATE INDEX consent_of ON consent (candidate, purpose);

-- Ed25519, for what the device signs; empty: it registered none.
ALTER TABLE session ADD COLUMN device_key BLOB NOT NULL DEFAULT x'' CHECK (length(device_key) IN (0, 32));
-- When the number on file was proved in this session; 0: not.
ALTER TABLE session ADD COLUMN number_proved INTEGER NOT NULL DEFAULT 0;

-- Photos the organiser has of candidates, for comparing. No embedding is stored anywhere.
CREATE TABLE face_photo (
    number    INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    candidate BLOB    NOT NULL UNIQUE REFERENCES candidate (id) ON DELETE CASCADE,
    -- where it lies
    bytes     BLOB    NOT NULL UNIQUE CHECK (length(bytes) = 16),
    size      INTEGER NOT NULL CHECK (size > 0),
    at        INTEGER NOT NULL,
    -- 1: a face check found no single face in it
    unusable  INTEGER NOT NULL DEFAULT 0 CHECK (unusable IN (0, 1))
) STRICT;

-- Face attempts and what came of them: the audit. Never a picture, never an embedding.
CREATE TABLE face_attempt (
    nonce      BLOB    NOT NULL PRIMARY KEY CHECK (length(nonce) = 32),
    ticket     BLOB    NOT NULL CHECK (length(ticket) = 16),
    candidate  BLOB    NOT NULL REFERENCES candidate (id) ON DELETE CASCADE,
    device     BLOB    NOT NULL CHECK (length(device) = 16),
    device_key BLOB    NOT NULL CHECK (length(device_key) = 32),
    issued     INTEGER NOT NULL,
    -- JSON of role → SHA-256
    models     TEXT    NOT NULL,
    -- 1: frames may be sent
    wanted     INTEGER NOT NULL CHECK (wanted IN (0, 1)),
    state      TEXT    NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'passed', 'failed', 'unanswered')),
    answered   INTEGER NOT NULL DEFAULT 0,
    -- JSON of model::FaceScores as the device said, and as the server found in the frames; empty: none
    scores     TEXT    NOT NULL DEFAULT '',
    found      TEXT    NOT NULL DEFAULT '',
    -- JSON of an array of model::FaceReason
    reasons    TEXT    NOT NULL DEFAULT '[]',
    -- empty: it did not pass
    assurance  TEXT    NOT NULL DEFAULT '' CHECK (assurance IN ('', 'device', 'verified', 'simulated')),
    doubt      INTEGER NOT NULL DEFAULT 0 CHECK (doubt IN (0, 1)),
    -- where the sealed frames lie, and since when; empty: there are none
    frames     BLOB    NOT NULL DEFAULT x'' CHECK (length(frames) IN (0, 16)),
    frames_at  INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;
CREATE INDEX face_attempt_ticket ON face_attempt (ticket);
CREATE INDEX face_attempt_candidate ON face_attempt (candidate);
CREATE INDEX face_attempt_frames ON face_attempt (frames) WHERE frames <> x'';
CREATE INDEX face_attempt_issued ON face_attempt (issued);

-- Which interview the last identity code of a number was sent for; number: as in sms_code.
CREATE TABLE identity_code (
    number BLOB    NOT NULL PRIMARY KEY CHECK (length(number) = 32),
    ticket BLOB    NOT NULL CHECK (length(ticket) = 16),
    at     INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
