-- Fairs as the public sees them. Rules for all statements: src/store/sqlite/mod.rs.

ALTER TABLE fair ADD COLUMN followers INTEGER NOT NULL DEFAULT 0;

-- How a stand presents itself at this fair. `short`: empty is the employer's name.
ALTER TABLE exhibitor ADD COLUMN short TEXT NOT NULL DEFAULT '';
ALTER TABLE exhibitor ADD COLUMN introduction TEXT NOT NULL DEFAULT '';
-- What a search looks through: keys (store::name_key) of name, short name and titles, a line each.
-- Kept by sqlite/fairs/search.rs in the transaction of the change.
ALTER TABLE exhibitor ADD COLUMN words TEXT NOT NULL DEFAULT '';
CREATE INDEX exhibitor_order ON exhibitor (fair, place, employer);

ALTER TABLE position ADD COLUMN description TEXT NOT NULL DEFAULT '';
ALTER TABLE position ADD COLUMN requirements TEXT NOT NULL DEFAULT '';
ALTER TABLE position ADD COLUMN open INTEGER NOT NULL DEFAULT 1 CHECK (open IN (0, 1));
ALTER TABLE position ADD COLUMN changed INTEGER NOT NULL DEFAULT 0;

-- Every character and every pair of neighbours in `words`, in the page's order.
CREATE TABLE stand_gram (
    fair     BLOB    NOT NULL,
    gram     TEXT    NOT NULL CHECK (length(gram) IN (1, 2)),
    place    INTEGER NOT NULL,
    employer BLOB    NOT NULL,
    PRIMARY KEY (fair, gram, place, employer),
    FOREIGN KEY (fair, employer) REFERENCES exhibitor (fair, employer) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
CREATE INDEX stand_gram_stand ON stand_gram (fair, employer);

-- Who looked and who follows: HMACs of accounts, devices and addresses, so that each is counted once.
CREATE TABLE fair_view (
    fair   BLOB NOT NULL REFERENCES fair (id) ON DELETE CASCADE,
    person BLOB NOT NULL CHECK (length(person) = 32),
    PRIMARY KEY (fair, person)
) STRICT, WITHOUT ROWID;

CREATE TABLE fair_follow (
    fair   BLOB NOT NULL REFERENCES fair (id) ON DELETE CASCADE,
    person BLOB NOT NULL CHECK (length(person) = 32),
    PRIMARY KEY (fair, person)
) STRICT, WITHOUT ROWID;

-- Counts every change of what a fair's pages show, whoever makes it, apart from views and followers:
-- pages kept in memory are good as long as this stands still.
CREATE TABLE fair_version (
    only    INTEGER NOT NULL PRIMARY KEY CHECK (only = 1),
    version INTEGER NOT NULL
) STRICT;
INSERT INTO fair_version (only, version) VALUES (1, 1);

CREATE TRIGGER fair_made AFTER INSERT ON fair BEGIN UPDATE fair_version SET version = version + 1; END;
CREATE TRIGGER fair_changed AFTER UPDATE OF title, kind, starts, ends, city, district, venue, introduction ON fair
    BEGIN UPDATE fair_version SET version = version + 1; END;
CREATE TRIGGER fair_gone AFTER DELETE ON fair BEGIN UPDATE fair_version SET version = version + 1; END;
CREATE TRIGGER exhibitor_made AFTER INSERT ON exhibitor BEGIN UPDATE fair_version SET version = version + 1; END;
CREATE TRIGGER exhibitor_changed AFTER UPDATE ON exhibitor BEGIN UPDATE fair_version SET version = version + 1; END;
CREATE TRIGGER exhibitor_gone AFTER DELETE ON exhibitor BEGIN UPDATE fair_version SET version = version + 1; END;
CREATE TRIGGER position_made AFTER INSERT ON position BEGIN UPDATE fair_version SET version = version + 1; END;
CREATE TRIGGER position_changed AFTER UPDATE ON position BEGIN UPDATE fair_version SET version = version + 1; END;
CREATE TRIGGER position_gone AFTER DELETE ON position BEGIN UPDATE fair_version SET version = version + 1; END;
CREATE TRIGGER employer_changed AFTER UPDATE OF name, approved ON employer
    BEGIN UPDATE fair_version SET version = version + 1; END;

-- The app's builds that can be downloaded (J1), one for each system; files lie in data/builds.
CREATE TABLE build (
    system  TEXT    NOT NULL PRIMARY KEY CHECK (system IN ('android', 'ios', 'windows', 'macos', 'linux')),
    version TEXT    NOT NULL CHECK (version <> ''),
    size    INTEGER NOT NULL CHECK (size > 0),
    sha256  TEXT    NOT NULL CHECK (length(sha256) = 64),
    file    TEXT    NOT NULL CHECK (file <> ''),
    at      INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
