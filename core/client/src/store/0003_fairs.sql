-- Answers of a server as they were last, to be shown at once and offline: fairs, stands, positions for
-- anybody; applications and interviews of one account.
CREATE TABLE seen (
    server  TEXT NOT NULL REFERENCES server (address) ON DELETE CASCADE,
    -- Whose; '' for what anybody may see.
    account TEXT NOT NULL DEFAULT '',
    -- crate::store::Kind as its word.
    kind    TEXT NOT NULL,
    -- Of which; '' where there is only one.
    id      TEXT NOT NULL DEFAULT '',
    -- Grows with each write; the oldest of what anybody may see go first.
    used    INTEGER NOT NULL DEFAULT 0,
    -- JSON.
    body    TEXT NOT NULL,
    PRIMARY KEY (server, account, kind, id)
) STRICT;
CREATE INDEX seen_oldest ON seen (server, account, used);

-- A candidate's online résumé as it is in the editor.
CREATE TABLE resume (
    server  TEXT NOT NULL REFERENCES server (address) ON DELETE CASCADE,
    account TEXT NOT NULL,
    -- miantan_domain::model::ResumeDoc as JSON; its version is the server's that it was made from.
    doc     TEXT NOT NULL,
    -- 1: the server does not have it yet.
    changed INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (server, account)
) STRICT;

-- Résumé files and photos on their way to the server; their bytes are files beside the store.
CREATE TABLE upload (
    server   TEXT NOT NULL REFERENCES server (address) ON DELETE CASCADE,
    account  TEXT NOT NULL,
    object   TEXT NOT NULL,
    -- miantan_domain::wire::rest::FileUse as on the wire.
    file_use TEXT NOT NULL,
    name     TEXT NOT NULL,
    PRIMARY KEY (server, account, object)
) STRICT;

-- An employer's registration made on this device. Its token is in the platform's store for secrets.
CREATE TABLE registration (
    server  TEXT PRIMARY KEY REFERENCES server (address) ON DELETE CASCADE,
    -- miantan_domain::model::Registration as JSON.
    body    TEXT NOT NULL,
    -- Unix milliseconds of the server's clock.
    checked INTEGER NOT NULL DEFAULT 0
) STRICT;
