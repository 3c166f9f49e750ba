-- Candidates' accounts. Rules for all statements: src/store/sqlite/mod.rs.

-- Eleven digits, needed to send messages; empty: none is known.
ALTER TABLE candidate ADD COLUMN phone TEXT NOT NULL DEFAULT '' CHECK (length(phone) IN (0, 11));
-- HMAC-SHA256 of the number, by which it is looked for; empty: none.
ALTER TABLE candidate ADD COLUMN phone_key BLOB NOT NULL DEFAULT x'' CHECK (length(phone_key) IN (0, 32));
-- When the person first signed in; 0: invited by a code only.
ALTER TABLE candidate ADD COLUMN account INTEGER NOT NULL DEFAULT 0;
-- When the person was last here, or was brought in.
ALTER TABLE candidate ADD COLUMN seen INTEGER NOT NULL DEFAULT 0;
-- Month of birth, counted from the year 0 (year × 12 + month − 1); 0: not told.
ALTER TABLE candidate ADD COLUMN birth INTEGER NOT NULL DEFAULT 0;
ALTER TABLE candidate ADD COLUMN resume_version INTEGER NOT NULL DEFAULT 0;
-- When the person asked to be deleted; 0: not.
ALTER TABLE candidate ADD COLUMN erase INTEGER NOT NULL DEFAULT 0;
-- When everything about the person was removed; 0: not.
ALTER TABLE candidate ADD COLUMN erased INTEGER NOT NULL DEFAULT 0;
CREATE INDEX candidate_phone ON candidate (phone_key) WHERE phone_key <> x'';
-- a number has one account
CREATE UNIQUE INDEX candidate_account ON candidate (phone_key) WHERE account > 0;
CREATE INDEX candidate_erase ON candidate (erase) WHERE erase > 0;

-- Whom the round's log names, where that became somebody else (candidate_alias); empty: the candidate.
ALTER TABLE invitation ADD COLUMN card BLOB NOT NULL DEFAULT x'' CHECK (length(card) IN (0, 16));

-- Ids of people who turned out to be one: rounds' logs keep the old one.
CREATE TABLE candidate_alias (
    old  BLOB    NOT NULL PRIMARY KEY CHECK (length(old) = 16),
    candidate BLOB NOT NULL REFERENCES candidate (id) ON DELETE CASCADE,
    at   INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX candidate_alias_of ON candidate_alias (candidate);

-- Consents as they were given and withdrawn; the last row of a purpose counts.
CREATE TABLE consent (
    id        INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    candidate BLOB    NOT NULL REFERENCES candidate (id) ON DELETE CASCADE,
    purpose   TEXT    NOT NULL
        CHECK (purpose IN ('policy', 'resume_to_employers', 'sms_notices', 'face_check')),
    -- of the text that was shown
    version   INTEGER NOT NULL,
    given     INTEGER NOT NULL CHECK (given IN (0, 1)),
    at        INTEGER NOT NULL
) STRICT;
CREATE INDEX consent_of ON consent (candidate, purpose);

-- Sessions: of a member; of a candidate whom a code let into one room; of a candidate's account, in a
-- room or in none.
CREATE TABLE session_new (
    id         INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    -- HMAC-SHA256 of the token
    token      BLOB    NOT NULL UNIQUE CHECK (length(token) = 32),
    device     BLOB    NOT NULL CHECK (length(device) = 16),
    member     BLOB    REFERENCES member (id) ON DELETE CASCADE,
    candidate  BLOB    REFERENCES candidate (id) ON DELETE CASCADE,
    -- 1: of the candidate's account
    account    INTEGER NOT NULL DEFAULT 0 CHECK (account IN (0, 1)),
    -- the room; a code's session without one is over
    invitation BLOB    REFERENCES invitation (id) ON DELETE SET NULL,
    made       INTEGER NOT NULL,
    expires    INTEGER NOT NULL,
    -- 0: open; else when it ended
    ended      INTEGER NOT NULL DEFAULT 0,
    -- 1: another device took over
    replaced   INTEGER NOT NULL DEFAULT 0 CHECK (replaced IN (0, 1)),
    CHECK ((member IS NULL) <> (candidate IS NULL)),
    CHECK (member IS NULL OR (invitation IS NULL AND account = 0))
) STRICT;
INSERT INTO session_new (id, token, device, member, candidate, invitation, made, expires, ended, replaced)
    SELECT s.id, s.token, s.device, s.member, i.candidate, s.invitation, s.made, s.expires, s.ended, s.replaced
    FROM session AS s LEFT JOIN invitation AS i ON i.id = s.invitation;
-- numbers of sessions that are gone are not given again
DELETE FROM sqlite_sequence WHERE name = 'session_new';
INSERT INTO sqlite_sequence (name, seq) SELECT 'session_new', seq FROM sqlite_sequence WHERE name = 'session';
DROP TABLE session;
ALTER TABLE session_new RENAME TO session;
CREATE INDEX session_device ON session (device);
CREATE INDEX session_member ON session (member);
CREATE INDEX session_candidate ON session (candidate);
CREATE INDEX session_invitation ON session (invitation);
