-- Talk (洽谈): conversations, applications, invitations in them. Rules for all statements:
-- src/store/sqlite/mod.rs.

-- One employer and one candidate at one fair (or at none).
CREATE TABLE conversation (
    key                 INTEGER NOT NULL PRIMARY KEY,
    id                  BLOB    NOT NULL UNIQUE CHECK (length(id) = 16),
    employer            BLOB    NOT NULL REFERENCES employer (id) ON DELETE CASCADE,
    candidate           BLOB    NOT NULL REFERENCES candidate (id) ON DELETE CASCADE,
    fair                BLOB    REFERENCES fair (id) ON DELETE CASCADE,
    made                INTEGER NOT NULL,
    -- what a search looks through: keys (store::name_key) of the candidate's name and of the titles
    -- applied for, a line each
    words               TEXT    NOT NULL DEFAULT '',
    -- the server's running number of the last change, and of the last one a candidate may notice
    pos                 INTEGER NOT NULL,
    candidate_pos       INTEGER NOT NULL,
    last_seq            INTEGER NOT NULL DEFAULT 0,
    candidate_delivered INTEGER NOT NULL DEFAULT 0,
    candidate_read      INTEGER NOT NULL DEFAULT 0,
    recruiter_delivered INTEGER NOT NULL DEFAULT 0,
    recruiter_read      INTEGER NOT NULL DEFAULT 0,
    -- entries of the other side after one's own `read`
    candidate_unread    INTEGER NOT NULL DEFAULT 0,
    recruiter_unread    INTEGER NOT NULL DEFAULT 0,
    mark                TEXT    NOT NULL DEFAULT 'unmarked'
        CHECK (mark IN ('unmarked', 'shortlisted', 'qualified', 'eliminated')),
    blocked             INTEGER NOT NULL DEFAULT 0 CHECK (blocked IN (0, 1))
) STRICT;
CREATE UNIQUE INDEX conversation_of ON conversation (candidate, employer, coalesce(fair, x''));
CREATE INDEX conversation_list ON conversation (employer, pos);
CREATE INDEX conversation_fair ON conversation (fair);

-- The running number must not fall back when the conversation with the last one is deleted.
CREATE TABLE talk_counter (
    only INTEGER NOT NULL PRIMARY KEY CHECK (only = 1),
    pos  INTEGER NOT NULL
) STRICT;
INSERT INTO talk_counter (only, pos) VALUES (1, 0);
CREATE TRIGGER conversation_gone BEFORE DELETE ON conversation
    BEGIN UPDATE talk_counter SET pos = max(pos, OLD.pos); END;

-- Entries lie beside each other, conversation by conversation: a history is read in one go.
CREATE TABLE entry (
    talk   INTEGER NOT NULL REFERENCES conversation (key) ON DELETE CASCADE,
    seq    INTEGER NOT NULL CHECK (seq > 0),
    change BLOB    NOT NULL CHECK (length(change) = 16),
    side   TEXT    NOT NULL CHECK (side IN ('candidate', 'recruiter')),
    -- the member's name at that time; empty: the candidate, or the server
    author TEXT    NOT NULL DEFAULT '',
    at     INTEGER NOT NULL,
    -- JSON of model::EntryBody
    body   TEXT    NOT NULL,
    PRIMARY KEY (talk, seq)
) STRICT, WITHOUT ROWID;

-- Changes that were accepted, so that each is made once. Ids are UUIDv7: new rows are at the end.
CREATE TABLE talk_change (
    change BLOB    NOT NULL CHECK (length(change) = 16),
    who    BLOB    NOT NULL CHECK (length(who) = 17),
    seq    INTEGER NOT NULL,
    at     INTEGER NOT NULL,
    PRIMARY KEY (change, who)
) STRICT, WITHOUT ROWID;

-- Who set which mark when (T4).
CREATE TABLE mark_change (
    id     INTEGER NOT NULL PRIMARY KEY,
    talk   INTEGER NOT NULL REFERENCES conversation (key) ON DELETE CASCADE,
    mark   TEXT    NOT NULL CHECK (mark IN ('unmarked', 'shortlisted', 'qualified', 'eliminated')),
    member BLOB    NOT NULL CHECK (length(member) = 16),
    name   TEXT    NOT NULL,
    at     INTEGER NOT NULL
) STRICT;
CREATE INDEX mark_change_talk ON mark_change (talk);

-- Applications (投递).
CREATE TABLE application (
    id              BLOB    NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    candidate       BLOB    NOT NULL REFERENCES candidate (id) ON DELETE CASCADE,
    position        BLOB    NOT NULL REFERENCES position (id) ON DELETE CASCADE,
    talk            INTEGER NOT NULL REFERENCES conversation (key) ON DELETE CASCADE,
    -- the position's title at that time
    title           TEXT    NOT NULL,
    at              INTEGER NOT NULL,
    -- 1: the employer opened the résumé
    seen            INTEGER NOT NULL DEFAULT 0 CHECK (seen IN (0, 1)),
    -- the attached file; empty: the online résumé was sent
    object          BLOB    NOT NULL DEFAULT x'' CHECK (length(object) IN (0, 16)),
    object_name     TEXT    NOT NULL DEFAULT '',
    object_size     INTEGER NOT NULL DEFAULT 0,
    object_at       INTEGER NOT NULL DEFAULT 0,
    UNIQUE (candidate, position)
) STRICT;
CREATE INDEX application_position ON application (position);
CREATE INDEX application_talk ON application (talk);

-- Invitations sent in a conversation: their state. Code, ticket and round are the invitation's.
CREATE TABLE talk_invitation (
    invitation BLOB    NOT NULL PRIMARY KEY REFERENCES invitation (id) ON DELETE CASCADE,
    talk       INTEGER NOT NULL REFERENCES conversation (key) ON DELETE CASCADE,
    -- JSON of rules::invitation::Standing
    standing   TEXT    NOT NULL,
    -- what of it is looked for
    status     TEXT    NOT NULL
        CHECK (status IN ('sent', 'accepted', 'declined', 'move_asked', 'withdrawn', 'expired')),
    starts     INTEGER NOT NULL,
    ends       INTEGER NOT NULL,
    sent       INTEGER NOT NULL,
    -- when it expires by itself; 0: it does not
    due        INTEGER NOT NULL,
    -- which of the codes that belong to its id it has (secrets.rs)
    code       INTEGER NOT NULL
) STRICT;
CREATE INDEX talk_invitation_talk ON talk_invitation (talk);
CREATE INDEX talk_invitation_due ON talk_invitation (due) WHERE due > 0;

-- What must still happen outside because of an invitation: written with the change that asks for it.
-- Names no person: who is meant is looked up when it is done.
CREATE TABLE talk_job (
    id         INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    invitation BLOB    NOT NULL CHECK (length(invitation) = 16),
    -- JSON of store::TalkTask
    task       TEXT    NOT NULL,
    state      TEXT    NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'done', 'given_up')),
    -- first due, next due; tries so far
    since      INTEGER NOT NULL,
    due        INTEGER NOT NULL,
    tries      INTEGER NOT NULL DEFAULT 0,
    -- when it was over; 0: not yet
    ended      INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX talk_job_due ON talk_job (due) WHERE state = 'waiting';

-- Somebody tells the organiser of misconduct.
CREATE TABLE talk_report (
    id     BLOB    NOT NULL CHECK (length(id) = 16),
    who    BLOB    NOT NULL CHECK (length(who) = 17),
    talk   INTEGER NOT NULL REFERENCES conversation (key) ON DELETE CASCADE,
    side   TEXT    NOT NULL CHECK (side IN ('candidate', 'recruiter')),
    reason TEXT    NOT NULL,
    at     INTEGER NOT NULL,
    PRIMARY KEY (id, who)
) STRICT, WITHOUT ROWID;
CREATE INDEX talk_report_talk ON talk_report (talk);
CREATE INDEX talk_report_at ON talk_report (at);
