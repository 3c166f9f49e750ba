//! Numbered migrations; `PRAGMA user_version` says how many were run.

use super::StoreError;
use rusqlite::Connection;

/// In order; never edited after a release, only added to.
const MIGRATIONS: &[&str] = &[
    include_str!("0001_start.sql"),
    include_str!("0002_talk.sql"),
    include_str!("0003_fairs.sql"),
    include_str!("0004_readiness.sql"),
];

pub fn run(connection: &mut Connection) -> Result<(), StoreError> {
    let done: i64 = connection.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    let known = MIGRATIONS.len() as i64;
    if done > known {
        return Err(StoreError::Newer(done));
    }
    for (at, sql) in MIGRATIONS.iter().enumerate().skip(done as usize) {
        let transaction = connection.transaction()?;
        transaction.execute_batch(sql)?;
        transaction.pragma_update(None, "user_version", at as i64 + 1)?;
        transaction.commit()?;
    }
    Ok(())
}
