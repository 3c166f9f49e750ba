//! Brings a database to this program's schema, one numbered file after the other, each in its own
//! transaction. `PRAGMA user_version` counts the files done.

use super::row::failed;
use crate::store::{StoreError, Stored};
use rusqlite::{Connection, TransactionBehavior};

const MIGRATIONS: &[&str] = &[
    include_str!("../../../migrations/0001_start.sql"),
    include_str!("../../../migrations/0002_fairs.sql"),
    include_str!("../../../migrations/0003_candidates.sql"),
    include_str!("../../../migrations/0004_talk.sql"),
    include_str!("../../../migrations/0005_employers.sql"),
    include_str!("../../../migrations/0006_files.sql"),
    include_str!("../../../migrations/0007_identity.sql"),
    include_str!("../../../migrations/0008_said.sql"),
];

pub(super) fn run(connection: &mut Connection) -> Stored<()> {
    let known = MIGRATIONS.len() as u32;
    let found: u32 = connection.query_row("PRAGMA user_version", [], |row| row.get(0)).map_err(failed)?;
    if found > known {
        return Err(StoreError::TooNew { found, known });
    }
    if found == known {
        return Ok(());
    }
    // a table that others refer to is made anew by dropping it, which would take their rows along
    connection.pragma_update(None, "foreign_keys", false).map_err(failed)?;
    let done = migrate(connection, found as usize);
    connection.pragma_update(None, "foreign_keys", true).map_err(failed)?;
    done
}

fn migrate(connection: &mut Connection, done: usize) -> Stored<()> {
    for (number, sql) in MIGRATIONS.iter().enumerate().skip(done) {
        let transaction =
            connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(failed)?;
        transaction.execute_batch(sql).map_err(failed)?;
        let astray: i64 = transaction
            .query_row("SELECT count(*) FROM pragma_foreign_key_check", [], |row| row.get(0))
            .map_err(failed)?;
        if astray > 0 {
            let why = format!("{astray} rows refer to nothing after migration {}", number + 1);
            return Err(StoreError::Damaged(why));
        }
        transaction.pragma_update(None, "user_version", number as u32 + 1).map_err(failed)?;
        transaction.commit().map_err(failed)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_run_changes_nothing_and_a_newer_folder_is_refused() {
        let mut connection = Connection::open_in_memory().unwrap();
        run(&mut connection).unwrap();
        run(&mut connection).unwrap();
        connection.pragma_update(None, "user_version", 99).unwrap();
        let known = MIGRATIONS.len() as u32;
        assert_eq!(run(&mut connection), Err(StoreError::TooNew { found: 99, known }));
    }

    /// Tables that others refer to were made anew: nothing of what referred to them is lost.
    #[test]
    fn rounds_of_before_keep_their_invitations_and_logs() {
        let mut connection = Connection::open_in_memory().unwrap();
        connection.pragma_update(None, "foreign_keys", true).unwrap();
        for sql in &MIGRATIONS[..6] {
            connection.execute_batch(sql).unwrap();
        }
        connection.pragma_update(None, "user_version", 6).unwrap();
        connection
            .execute_batch(
                "INSERT INTO employer (id, uscc, name, name_key, made) VALUES (zeroblob(16), '91310199MA9X10009A', '青禾', '青禾', 1);
                 INSERT INTO round (id, employer, name, stages, starts, ends, identity, ring_ms, grace_ms)
                     VALUES (zeroblob(16), zeroblob(16), '面谈会', '[]', 1, 2, 'face_or_sms', 1, 1);
                 INSERT INTO round_event (round, seq, at, event) VALUES (zeroblob(16), 1, 1, '{}');
                 INSERT INTO candidate (id, name, resume) VALUES (zeroblob(16), '林晓青', '{}');
                 INSERT INTO consent (candidate, purpose, version, given, at) VALUES (zeroblob(16), 'policy', 1, 1, 5);
                 INSERT INTO invitation (id, round, candidate, ticket, code, opens, expires)
                     VALUES (zeroblob(16), zeroblob(16), zeroblob(16), zeroblob(16), zeroblob(32), 1, 2);",
            )
            .unwrap();
        run(&mut connection).unwrap();
        let count = |sql: &str| connection.query_row(sql, [], |row| row.get::<_, i64>(0)).unwrap();
        for table in ["round", "round_event", "invitation", "consent"] {
            assert_eq!(count(&format!("SELECT count(*) FROM {table}")), 1, "{table}");
        }
        assert_eq!(count("SELECT count(*) FROM round WHERE identity = 'face_or_sms'"), 1);
        assert_eq!(count("PRAGMA foreign_keys"), 1);
        connection.execute("DELETE FROM round", []).unwrap();
        assert_eq!(count("SELECT count(*) FROM invitation"), 0, "they refer to the new table");
    }

    #[test]
    fn every_table_is_strict_and_every_foreign_key_has_an_index() {
        let mut connection = Connection::open_in_memory().unwrap();
        run(&mut connection).unwrap();
        let mut statement = connection
            .prepare("SELECT name, strict FROM pragma_table_list WHERE schema = 'main' AND name NOT LIKE 'sqlite_%'")
            .unwrap();
        let tables: Vec<(String, bool)> =
            statement.query_map([], |r| Ok((r.get(0)?, r.get(1)?))).unwrap().map(Result::unwrap).collect();
        assert!(tables.len() > 10);
        for (table, strict) in tables {
            assert!(strict, "{table} is not STRICT");
            let mut keys =
                connection.prepare("SELECT \"from\" FROM pragma_foreign_key_list(?1) WHERE seq = 0").unwrap();
            for column in keys.query_map([&table], |r| r.get::<_, String>(0)).unwrap().map(Result::unwrap) {
                let indexed: bool = connection
                    .query_row(
                        "SELECT EXISTS (SELECT 1 FROM pragma_index_list(?1) AS l, pragma_index_info(l.name) AS i
                         WHERE i.seqno = 0 AND i.name = ?2)",
                        [&table, &column],
                        |r| r.get(0),
                    )
                    .unwrap();
                assert!(indexed, "{table}.{column} has no index");
            }
        }
    }
}
