-- What opened a file to the other side was a trigger; the store does it itself where it writes such an entry
-- (talks/change.rs). A trigger makes SQLite keep a copy of every page that an entry touches until its end, which
-- all entries paid for and few needed. Rules for all statements: src/store/sqlite/mod.rs.
DROP TRIGGER entry_with_file;
