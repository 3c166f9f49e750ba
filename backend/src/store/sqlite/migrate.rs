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
    include_str!("../../../migrations/0008_said.sql"),
];

pub(super) fn run(connection: &mut Connection) -> Stored<()> {
    let known = MIGRATIONS.len() as u32;
    let found: u32 = connection.query_row("PRAGMA user_version", [], |row| row.get(0)).map_err(failed)?;
    if found > known {
        return Err(StoreError::TooNew { found, known });
    }
    for (number, sql) in MIGRATIONS.iter().enumerate().skip(found as usize) {
        let transaction =
            connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(failed)?;
        transaction.execute_batch(sql).map_err(failed)?;
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
