-- Files people send. Rules for all statements: src/store/sqlite/mod.rs. The bytes lie in data/objects under
-- ids of the server's own.

CREATE TABLE object (
    id           BLOB    NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    -- 17 bytes: who sent it
    owner        BLOB    NOT NULL CHECK (length(owner) = 17),
    file_use     TEXT    NOT NULL CHECK (file_use IN ('resume', 'chat_image', 'chat_file', 'photo')),
    -- where it is to be said; empty: nowhere
    conversation BLOB    NOT NULL DEFAULT x'' CHECK (length(conversation) IN (0, 16)),
    -- as the sender calls it, then made safe
    name         TEXT    NOT NULL,
    -- promised, in bytes
    size         INTEGER NOT NULL CHECK (size > 0),
    sha256       BLOB    NOT NULL CHECK (length(sha256) = 32),
    state        TEXT    NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'done', 'refused')),
    -- why it was refused: a problem code, and its detail
    why          TEXT    NOT NULL DEFAULT '',
    detail       TEXT    NOT NULL DEFAULT '',
    -- what it is; empty: not known yet
    kind         TEXT    NOT NULL DEFAULT '' CHECK (kind IN ('', 'pdf', 'docx', 'png', 'jpeg')),
    -- kept, in bytes: without metadata a picture is smaller
    kept         INTEGER NOT NULL DEFAULT 0,
    width        INTEGER NOT NULL DEFAULT 0,
    height       INTEGER NOT NULL DEFAULT 0,
    -- where the bytes and the thumbnail lie; empty: there is none
    bytes        BLOB    NOT NULL CHECK (length(bytes) IN (0, 16)),
    thumb        BLOB    NOT NULL DEFAULT x'' CHECK (length(thumb) IN (0, 16)),
    made         INTEGER NOT NULL,
    -- the last part came, or it was finished
    touched      INTEGER NOT NULL,
    -- 1: it was said in its conversation
    said         INTEGER NOT NULL DEFAULT 0 CHECK (said IN (0, 1))
) STRICT;
CREATE INDEX object_owner ON object (owner, made);
CREATE INDEX object_touched ON object (touched);
CREATE INDEX object_conversation ON object (conversation) WHERE conversation <> x'';

-- An entry with a file opens the file to the other side. serde writes the tag first.
CREATE TRIGGER entry_with_file AFTER INSERT ON entry
    WHEN substr(NEW.body, 1, 16) = '{"entry":"image"' OR substr(NEW.body, 1, 15) = '{"entry":"file"'
    BEGIN
        UPDATE object SET said = 1
        WHERE id = unhex(json_extract(NEW.body, '$.object'), '-')
            AND conversation = (SELECT id FROM conversation WHERE key = NEW.talk);
    END;

-- Résumé files candidates keep.
CREATE TABLE attachment (
    object    BLOB    NOT NULL PRIMARY KEY REFERENCES object (id) ON DELETE CASCADE,
    candidate BLOB    NOT NULL REFERENCES candidate (id) ON DELETE CASCADE,
    at        INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX attachment_of ON attachment (candidate);
CREATE INDEX application_object ON application (object) WHERE object <> x'';
-- what lies on the disk is looked for among these
CREATE INDEX object_bytes ON object (bytes);
CREATE INDEX object_thumb ON object (thumb) WHERE thumb <> x'';
CREATE INDEX registration_licence ON registration (licence) WHERE licence <> x'';
