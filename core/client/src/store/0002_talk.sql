-- Conversations of one account on one server. `talk` is a number of this file only: entries refer to it
-- so that their rows stay small.
CREATE TABLE talk (
    talk         INTEGER PRIMARY KEY,
    server       TEXT NOT NULL REFERENCES server (address) ON DELETE CASCADE,
    account      TEXT NOT NULL,
    conversation TEXT NOT NULL,
    -- The server's running number of its last change.
    pos          INTEGER NOT NULL DEFAULT 0,
    -- When the newest entry was made, by the server's clock in Unix ms; the newest comes first.
    moved        INTEGER NOT NULL DEFAULT 0,
    last_seq     INTEGER NOT NULL DEFAULT 0,
    unread       INTEGER NOT NULL DEFAULT 0,
    -- miantan_domain::model::Mark as on the wire.
    mark         TEXT NOT NULL DEFAULT 'unmarked',
    -- Names and titles in lower case, to filter by.
    words        TEXT NOT NULL DEFAULT '',
    -- Ids of the positions applied for, with a space after each.
    positions    TEXT NOT NULL DEFAULT '',
    -- End of the latest accepted interview in Unix ms; 0: none.
    interview    INTEGER NOT NULL DEFAULT 0,
    -- Entries held_low..=held_high are in talk_entry without a hole; none when held_high < held_low.
    held_low     INTEGER NOT NULL DEFAULT 1,
    held_high    INTEGER NOT NULL DEFAULT 0,
    -- How far this device has come.
    delivered    INTEGER NOT NULL DEFAULT 0,
    read         INTEGER NOT NULL DEFAULT 0,
    -- The server knows that (0, 1).
    told         INTEGER NOT NULL DEFAULT 1,
    -- miantan_domain::model::TalkHead as JSON.
    head         TEXT NOT NULL,
    UNIQUE (server, account, conversation)
) STRICT;
CREATE INDEX talk_newest ON talk (server, account, moved DESC, pos DESC);

CREATE TABLE talk_entry (
    talk  INTEGER NOT NULL REFERENCES talk (talk) ON DELETE CASCADE,
    seq   INTEGER NOT NULL,
    -- What can be searched for, in lower case: a text, a file's name.
    words TEXT NOT NULL DEFAULT '',
    -- miantan_domain::model::Entry as JSON.
    entry TEXT NOT NULL,
    PRIMARY KEY (talk, seq)
) STRICT, WITHOUT ROWID;

CREATE TABLE inbox (
    server  TEXT NOT NULL REFERENCES server (address) ON DELETE CASCADE,
    account TEXT NOT NULL,
    -- Every change up to this one is known; -1: never caught up.
    pos     INTEGER NOT NULL DEFAULT -1,
    -- miantan_domain::wire::rest::TalkCounts as JSON; '' before the first.
    counts  TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (server, account)
) STRICT;
