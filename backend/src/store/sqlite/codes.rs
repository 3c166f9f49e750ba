//! [`Codes`] in SQLite.

use super::Sqlite;
use super::row::{failed, from_json, json};
use crate::sms::tally::Tally;
use crate::sms::verify::{self, Book, Code, CodeState, Seal};
use crate::store::*;
use async_trait::async_trait;
use miantan_domain::time::WallTime;
use miantan_domain::wire::Problem;
use rusqlite::{Connection, OptionalExtension, params};

const DAY_MS: i64 = 86_400_000;

fn number_key(of: &CodeOf) -> Vec<u8> {
    [b"n".as_slice(), &of.number].concat()
}

fn address_key(address: &Mac) -> Vec<u8> {
    [b"a".as_slice(), address].concat()
}

const EVERYONE: &[u8] = b"e";

fn state(c: &Connection, of: &CodeOf) -> Stored<CodeState> {
    c.prepare_cached("SELECT state FROM sms_code WHERE number = ?1 AND purpose = ?2")
        .and_then(|mut s| {
            s.query_row(params![of.number, of.purpose.as_str()], |r| from_json(r, 0)).optional()
        })
        .map(Option::unwrap_or_default)
        .map_err(failed)
}

fn keep_state(c: &Connection, of: &CodeOf, state: &CodeState, now: WallTime) -> Stored<()> {
    c.prepare_cached(
        "INSERT INTO sms_code (number, purpose, at, state) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT (number, purpose) DO UPDATE SET at = excluded.at, state = excluded.state",
    )
    .map_err(failed)?
    .execute(params![of.number, of.purpose.as_str(), now.0, json(state)?])
    .map(drop)
    .map_err(failed)
}

fn tally(c: &Connection, key: &[u8]) -> Stored<Tally> {
    c.prepare_cached("SELECT tally FROM sms_tally WHERE key = ?1")
        .and_then(|mut s| s.query_row([key], |r| from_json(r, 0)).optional())
        .map(Option::unwrap_or_default)
        .map_err(failed)
}

fn keep_tally(c: &Connection, key: &[u8], tally: &Tally, now: WallTime) -> Stored<()> {
    c.prepare_cached(
        "INSERT INTO sms_tally (key, at, tally) VALUES (?1, ?2, ?3)
         ON CONFLICT (key) DO UPDATE SET at = excluded.at, tally = excluded.tally",
    )
    .map_err(failed)?
    .execute(params![key, now.0, json(tally)?])
    .map(drop)
    .map_err(failed)
}

fn book(c: &Connection, ask: &CodeAsk) -> Stored<Book> {
    Ok(Book {
        state: state(c, &ask.of)?,
        number: tally(c, &number_key(&ask.of))?,
        address: tally(c, &address_key(&ask.address))?,
        everyone: tally(c, EVERYONE)?,
    })
}

fn keep(c: &Connection, ask: &CodeAsk, book: &Book) -> Stored<()> {
    keep_state(c, &ask.of, &book.state, ask.now)?;
    keep_tally(c, &number_key(&ask.of), &book.number, ask.now)?;
    keep_tally(c, &address_key(&ask.address), &book.address, ask.now)?;
    keep_tally(c, EVERYONE, &book.everyone, ask.now)
}

#[async_trait]
impl Codes for Sqlite {
    async fn issue_code(&self, ask: CodeAsk, seal: &Seal) -> Stored<Result<Code, Problem>> {
        let seal = seal.clone();
        self.write(move |c| {
            let CodeOf { phone, purpose, .. } = &ask.of;
            let book = book(c, &ask)?;
            match verify::issue(&book, &ask.limits, &seal, *purpose, phone, ask.now, ask.random) {
                Ok((book, code)) => keep(c, &ask, &book).map(|()| Ok(code)),
                Err(problem) => Ok(Err(problem)),
            }
        })
        .await
    }

    async fn take_code_back(&self, ask: CodeAsk) -> Stored<()> {
        self.write(move |c| keep(c, &ask, &verify::take_back(&book(c, &ask)?, ask.now))).await
    }

    async fn verify_code(
        &self,
        of: CodeOf,
        typed: &str,
        now: WallTime,
        seal: &Seal,
    ) -> Stored<Result<(), Problem>> {
        let (typed, seal) = (typed.to_owned(), seal.clone());
        self.write(move |c| {
            let before = state(c, &of)?;
            let (after, result) = verify::verify(&before, &seal, of.purpose, &of.phone, now, &typed);
            if after != before {
                keep_state(c, &of, &after, now)?;
            }
            Ok(result)
        })
        .await
    }

    async fn tidy_codes(&self, now: WallTime) -> Stored<u64> {
        self.write(move |c| {
            let codes = c.execute("DELETE FROM sms_code WHERE at < ?1", [now.0 - DAY_MS]).map_err(failed)?;
            let tallies =
                c.execute("DELETE FROM sms_tally WHERE at < ?1", [now.0 - 3 * DAY_MS]).map_err(failed)?;
            Ok((codes + tallies) as u64)
        })
        .await
    }
}
