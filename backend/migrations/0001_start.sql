-- Rules for all statements: src/store/sqlite/mod.rs.

-- Employers (用人单位) and their members (成员).
CREATE TABLE employer (
    id       BLOB    NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    uscc     TEXT    NOT NULL UNIQUE CHECK (length(uscc) = 18),
    name     TEXT    NOT NULL,
    -- the form in which names are compared (store::name_key)
    name_key TEXT    NOT NULL UNIQUE CHECK (name_key <> ''),
    approved INTEGER NOT NULL DEFAULT 0 CHECK (approved IN (0, 1)),
    made     INTEGER NOT NULL
) STRICT;

CREATE TABLE member (
    id            BLOB    NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    employer      BLOB    NOT NULL REFERENCES employer (id) ON DELETE CASCADE,
    name          TEXT    NOT NULL CHECK (name <> ''),
    role          TEXT    NOT NULL CHECK (role IN ('owner', 'recruiter', 'panellist')),
    password_hash TEXT    NOT NULL,
    active        INTEGER NOT NULL DEFAULT 1 CHECK (active IN (0, 1)),
    UNIQUE (employer, name)
) STRICT;
CREATE UNIQUE INDEX member_one_owner ON member (employer) WHERE role = 'owner' AND active = 1;

-- Fairs (招聘会), stands (参展企业) and positions (职位).
CREATE TABLE fair (
    id           BLOB    NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    title        TEXT    NOT NULL,
    kind         TEXT    NOT NULL,
    starts       INTEGER NOT NULL,
    ends         INTEGER NOT NULL CHECK (ends > starts),
    city         TEXT    NOT NULL DEFAULT '',
    district     TEXT    NOT NULL DEFAULT '',
    venue        TEXT    NOT NULL DEFAULT '',
    introduction TEXT    NOT NULL DEFAULT '',
    views        INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE TABLE exhibitor (
    fair     BLOB    NOT NULL REFERENCES fair (id) ON DELETE CASCADE,
    employer BLOB    NOT NULL REFERENCES employer (id) ON DELETE CASCADE,
    -- order on the page
    place    INTEGER NOT NULL,
    PRIMARY KEY (fair, employer)
) STRICT, WITHOUT ROWID;
CREATE INDEX exhibitor_employer ON exhibitor (employer);

CREATE TABLE position (
    id          BLOB    NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    fair        BLOB    NOT NULL,
    employer    BLOB    NOT NULL,
    place       INTEGER NOT NULL,
    title       TEXT    NOT NULL,
    -- yuan a month; salary_from 0: "up to"
    salary_from INTEGER NOT NULL DEFAULT 0,
    salary_to   INTEGER NOT NULL CHECK (salary_to >= salary_from),
    openings    INTEGER NOT NULL DEFAULT 1,
    city        TEXT    NOT NULL DEFAULT '',
    FOREIGN KEY (fair, employer) REFERENCES exhibitor (fair, employer) ON DELETE CASCADE
) STRICT;
CREATE INDEX position_stand ON position (fair, employer, place);

-- Rounds (面谈场次): what a round is, and its log. The log alone says what happened.
CREATE TABLE round (
    id       BLOB    NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    employer BLOB    NOT NULL REFERENCES employer (id) ON DELETE CASCADE,
    name     TEXT    NOT NULL,
    -- JSON array of stage names
    stages   TEXT    NOT NULL,
    starts   INTEGER NOT NULL,
    ends     INTEGER NOT NULL CHECK (ends > starts),
    identity TEXT    NOT NULL CHECK (identity IN ('not_required', 'face_or_sms')),
    ring_ms  INTEGER NOT NULL CHECK (ring_ms > 0),
    grace_ms INTEGER NOT NULL CHECK (grace_ms > 0)
) STRICT;
CREATE INDEX round_day ON round (employer, starts);

CREATE TABLE round_event (
    round BLOB    NOT NULL REFERENCES round (id) ON DELETE CASCADE,
    seq   INTEGER NOT NULL CHECK (seq > 0),
    at    INTEGER NOT NULL,
    -- JSON of rules::round::RoundEvent
    event TEXT    NOT NULL,
    PRIMARY KEY (round, seq)
) STRICT, WITHOUT ROWID;

-- What an account was told about a change. `who`: 'c' or 'm' and the id.
CREATE TABLE answer (
    who    BLOB    NOT NULL CHECK (length(who) = 17),
    change BLOB    NOT NULL CHECK (length(change) = 16),
    at     INTEGER NOT NULL,
    -- JSON of Result<sequence, Problem>
    result TEXT    NOT NULL,
    PRIMARY KEY (who, change)
) STRICT, WITHOUT ROWID;
CREATE INDEX answer_age ON answer (at);

-- Calls (面试呼叫) and who is in one. A person can be in one call only: that is the primary key.
CREATE TABLE call (
    id        BLOB    NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    round     BLOB    NOT NULL REFERENCES round (id) ON DELETE CASCADE,
    candidate BLOB    NOT NULL CHECK (length(candidate) = 16),
    member    BLOB    NOT NULL CHECK (length(member) = 16),
    claimed   INTEGER NOT NULL,
    -- 1: over, its id takes no slot again
    over      INTEGER NOT NULL DEFAULT 0 CHECK (over IN (0, 1))
) STRICT;
CREATE INDEX call_round ON call (round);

CREATE TABLE call_slot (
    person      BLOB    NOT NULL PRIMARY KEY CHECK (length(person) = 17),
    call        BLOB    NOT NULL REFERENCES call (id) ON DELETE CASCADE,
    lease_until INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX call_slot_call ON call_slot (call);

-- Candidates (求职者/考生) and invitations (面试邀约).
CREATE TABLE candidate (
    id       BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    name     TEXT NOT NULL,
    headline TEXT NOT NULL DEFAULT '',
    -- JSON of model::Resume
    resume   TEXT NOT NULL
) STRICT;

CREATE TABLE invitation (
    id            BLOB    NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    round         BLOB    NOT NULL REFERENCES round (id) ON DELETE CASCADE,
    candidate     BLOB    NOT NULL REFERENCES candidate (id) ON DELETE CASCADE,
    ticket        BLOB    NOT NULL UNIQUE CHECK (length(ticket) = 16),
    position      TEXT    NOT NULL DEFAULT '',
    -- HMAC-SHA256 of the code
    code          BLOB    NOT NULL UNIQUE CHECK (length(code) = 32),
    -- empty: no password
    password_hash TEXT    NOT NULL DEFAULT '',
    -- 0: no time was agreed
    appointed     INTEGER NOT NULL DEFAULT 0,
    opens         INTEGER NOT NULL,
    expires       INTEGER NOT NULL,
    cancelled     INTEGER NOT NULL DEFAULT 0 CHECK (cancelled IN (0, 1)),
    -- empty: not used yet
    device        BLOB    NOT NULL DEFAULT x'' CHECK (length(device) IN (0, 16))
) STRICT;
CREATE INDEX invitation_round ON invitation (round);
CREATE INDEX invitation_candidate ON invitation (candidate);

-- Sessions: of a member or of an invitation, on one device.
CREATE TABLE session (
    id         INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    -- HMAC-SHA256 of the token
    token      BLOB    NOT NULL UNIQUE CHECK (length(token) = 32),
    device     BLOB    NOT NULL CHECK (length(device) = 16),
    member     BLOB    REFERENCES member (id) ON DELETE CASCADE,
    invitation BLOB    REFERENCES invitation (id) ON DELETE CASCADE,
    made       INTEGER NOT NULL,
    expires    INTEGER NOT NULL,
    -- 0: open; else when it ended
    ended      INTEGER NOT NULL DEFAULT 0,
    -- 1: another device took over
    replaced   INTEGER NOT NULL DEFAULT 0 CHECK (replaced IN (0, 1)),
    CHECK ((member IS NULL) <> (invitation IS NULL))
) STRICT;
CREATE INDEX session_device ON session (device);
CREATE INDEX session_member ON session (member);
CREATE INDEX session_invitation ON session (invitation);

-- Failed tries per device ('d' and the id) and address ('a' and its HMAC); see limits.rs.
CREATE TABLE attempt (
    key      BLOB    NOT NULL PRIMARY KEY,
    failures INTEGER NOT NULL DEFAULT 0,
    last     INTEGER NOT NULL DEFAULT 0,
    counted  INTEGER NOT NULL DEFAULT 0,
    pending  INTEGER NOT NULL DEFAULT 0,
    begun    INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;

-- Audit of refusals, one row for the same kind within a minute.
CREATE TABLE refusal (
    minute  INTEGER NOT NULL,
    action  TEXT    NOT NULL,
    code    TEXT    NOT NULL,
    -- empty: nobody known
    who     BLOB    NOT NULL DEFAULT x'',
    -- HMAC-SHA256 of the address; empty: none
    address BLOB    NOT NULL DEFAULT x'',
    count   INTEGER NOT NULL DEFAULT 1,
    PRIMARY KEY (minute, action, code, who, address)
) STRICT, WITHOUT ROWID;
