//! Candidates with accounts, as the tests of this folder meet them.

use super::*;
use crate::sms::SmsKind;
use crate::store::{OpenTalk, Parties, Party, TalkChange, TalkWish, Talker};
use miantan_domain::ids::*;
use miantan_domain::model::*;
use miantan_domain::rules::talk::Author;
use miantan_domain::wire::live::TalkCommand;
use miantan_domain::wire::rest::{FileUse, ObjectInfo, Upload};
use sha2::{Digest, Sha256};

/// A number nobody is known by.
pub const STRANGER: &str = "13900001111";

pub fn uuid() -> uuid::Uuid {
    uuid::Builder::from_unix_timestamp_millis(NOW.0 as u64, &secrets::random()).into_uuid()
}

/// An account on a device.
pub struct Person<'a> {
    pub device: Device<'a>,
    pub token: String,
    pub me: Me,
}

impl Organiser {
    /// The code that was sent to a number last.
    pub fn sms_code(&self, phone: &str) -> String {
        let sent = self.state.sms.outbox.as_ref().unwrap().latest(phone, SmsKind::SignInCode).unwrap();
        let digits: Vec<&str> = sent.text.split(|c: char| !c.is_ascii_digit()).collect();
        digits.into_iter().find(|part| part.len() == 6).expect("a code of six digits").to_owned()
    }

    /// Signs in by number, a minute after whatever was sent before.
    pub async fn person(&self, phone: &str) -> Person<'_> {
        let device = self.device();
        let signed = device.proves(phone).await;
        Person { device, token: signed.token, me: signed.me }
    }

    /// A conversation between the main round's employer and a candidate, at no fair.
    pub async fn conversation(&self, employer: EmployerId, candidate: CandidateId) -> ConversationId {
        let parties = Parties { employer, candidate };
        let open = OpenTalk { fresh: ConversationId(uuid()), parties, fair: None, at: NOW };
        self.state.stores.talks.open(open).await.unwrap().unwrap()
    }

    /// Positions of an employer's stand.
    pub fn positions_of(&self, employer: EmployerId) -> Vec<PositionId> {
        let path = self.state.config.data.join(sqlite::DATABASE_FILE);
        let c = rusqlite::Connection::open(path).unwrap();
        let mut s =
            c.prepare("SELECT id FROM position WHERE employer = ?1 AND open = 1 ORDER BY place").unwrap();
        let rows = s.query_map([employer.0.as_bytes()], |r| r.get::<_, [u8; 16]>(0)).unwrap();
        rows.map(|id| PositionId(uuid::Uuid::from_bytes(id.unwrap()))).collect()
    }

    pub async fn applies(
        &self,
        person: &Person<'_>,
        position: PositionId,
        resume: ResumeChoice,
    ) -> Result<u64, ProblemCode> {
        let (application, fresh) = (ApplicationId(uuid()), ConversationId(uuid()));
        self.wishes(&person.me, TalkWish::Apply { application, position, resume, fresh }).await
    }

    /// Says something as a candidate or as a member.
    pub async fn says(
        &self,
        me: &Me,
        conversation: ConversationId,
        command: TalkCommand,
    ) -> Result<u64, ProblemCode> {
        self.wishes(me, TalkWish::Command { conversation, command, plan: None }).await
    }

    async fn wishes(&self, me: &Me, wish: TalkWish) -> Result<u64, ProblemCode> {
        let by = match me {
            Me::Member { employer, member, .. } => Talker {
                person: crate::store::Person::Member(member.id),
                party: Party::Employer(*employer),
                author: Author::Member(member.role),
                name: member.name.clone(),
            },
            Me::Account { candidate, .. } | Me::Candidate { candidate, .. } => Talker {
                person: crate::store::Person::Candidate(*candidate),
                party: Party::Candidate(*candidate),
                author: Author::Candidate,
                name: String::new(),
            },
        };
        let (id, at) = (ChangeId(uuid()), self.clock.wall());
        let change = TalkChange { by, id, at, wish, guard: Arc::default() };
        let answer = self.state.stores.talks.change(change).await.unwrap();
        answer.await.unwrap().unwrap().map_err(|problem| problem.code)
    }
}

pub fn text(text: &str) -> TalkCommand {
    TalkCommand::Say { saying: Saying::Text { text: text.into() } }
}

pub fn file_said(info: &ObjectInfo) -> TalkCommand {
    let saying = Saying::File { object: info.id, name: info.name.clone(), size: info.size };
    TalkCommand::Say { saying }
}

pub fn candidate_of(me: &Me) -> CandidateId {
    match me {
        Me::Candidate { candidate, .. } | Me::Account { candidate, .. } => *candidate,
        Me::Member { .. } => panic!("a member"),
    }
}

impl Device<'_> {
    pub async fn ask_code(&self, phone: &str) -> Answer {
        let body = json!({ "phone": phone, "device": self.id });
        self.send("POST", "/api/v1/candidate/code", None, body.to_string()).await
    }

    pub async fn try_sms(&self, phone: &str, code: &str) -> Answer {
        let body = json!({ "phone": phone, "code": code, "device": self.id, "policy": 1 });
        self.send("POST", "/api/v1/candidate/sign-in", None, body.to_string()).await
    }

    /// Asks for a code and enters it.
    pub async fn proves(&self, phone: &str) -> SignedIn {
        self.organiser.clock.advance(61_000);
        assert_eq!(self.ask_code(phone).await.status, StatusCode::OK);
        self.try_sms(phone, &self.organiser.sms_code(phone)).await.json()
    }
}

/// What a file is sent as.
pub struct Parcel {
    pub id: ObjectId,
    pub file_use: FileUse,
    pub name: String,
    pub bytes: Vec<u8>,
    pub conversation: Option<ConversationId>,
}

impl Parcel {
    pub fn new(file_use: FileUse, name: &str, bytes: Vec<u8>) -> Self {
        Self { id: ObjectId(uuid()), file_use, name: name.into(), bytes, conversation: None }
    }

    pub fn promise(&self) -> Value {
        let sum =
            Sha256::digest(&self.bytes).iter().fold(String::new(), |hex, byte| format!("{hex}{byte:02x}"));
        let mut promise = json!({
            "id": self.id, "file_use": self.file_use, "name": self.name, "size": self.bytes.len(), "sha256": sum,
        });
        if let Some(conversation) = self.conversation {
            promise["conversation"] = json!(conversation);
        }
        promise
    }
}

/// Whoever sends requests with a token.
#[derive(Clone, Copy)]
pub struct Caller<'a> {
    pub device: &'a Device<'a>,
    pub token: &'a str,
}

impl<'a> Person<'a> {
    pub fn caller(&'a self) -> Caller<'a> {
        Caller { device: &self.device, token: &self.token }
    }

    pub fn id(&self) -> CandidateId {
        candidate_of(&self.me)
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.caller().get(path).await
    }

    pub async fn send(&self, method: &str, path: &str, body: &Value) -> Answer {
        self.caller().send(method, path, body).await
    }

    /// Tells who they are.
    pub async fn introduces(&self, name: &str) -> Me {
        let profile = json!({ "name": name, "birth_year": 2003, "birth_month": 5 });
        self.send("PUT", "/me/profile", &profile).await.json()
    }
}

impl<'a> Desk<'a> {
    pub fn caller(&'a self) -> Caller<'a> {
        Caller { device: &self.device, token: &self.token }
    }
}

impl Caller<'_> {
    pub async fn get(self, path: &str) -> Answer {
        self.device.get(&format!("/api/v1{path}"), Some(self.token)).await
    }

    pub async fn send(self, method: &str, path: &str, body: &Value) -> Answer {
        self.device.send(method, &format!("/api/v1{path}"), Some(self.token), body.to_string()).await
    }

    pub async fn part(self, id: ObjectId, offset: usize, bytes: &[u8]) -> Answer {
        let path = format!("/api/v1/objects/{id}?offset={offset}");
        self.device.send("PUT", &path, Some(self.token), bytes.to_vec()).await
    }

    /// Promises and sends all of it; the last answer.
    pub async fn uploads(self, parcel: &Parcel) -> Answer {
        let mut answer = self.send("POST", "/objects", &parcel.promise()).await;
        let mut offset = 0;
        while answer.status == StatusCode::OK && offset < parcel.bytes.len() {
            let end = parcel.bytes.len().min(offset + 256 * 1024);
            answer = self.part(parcel.id, offset, &parcel.bytes[offset..end]).await;
            offset = end;
        }
        answer
    }

    pub async fn uploaded(self, parcel: &Parcel) -> ObjectInfo {
        self.uploads(parcel).await.json::<Upload>().done.expect("the file is whole")
    }
}

impl Organiser {
    /// Changes a row beside the server, as an organiser's own tools might.
    pub fn sql(&self, sql: &str, id: &[u8; 16]) {
        let path = self.state.config.data.join(sqlite::DATABASE_FILE);
        let c = rusqlite::Connection::open(path).unwrap();
        c.busy_timeout(std::time::Duration::from_secs(10)).unwrap();
        assert_eq!(c.execute(sql, [id]).unwrap(), 1);
    }
}

impl Organiser {
    /// Tables and columns in which a word is found, whatever it is in.
    pub fn rows_with(&self, word: &str) -> Vec<String> {
        let path = self.state.config.data.join(sqlite::DATABASE_FILE);
        let c = rusqlite::Connection::open(path).unwrap();
        let mut found = Vec::new();
        let mut columns = c
            .prepare(
                "SELECT m.name, p.name FROM sqlite_master AS m, pragma_table_info(m.name) AS p
                 WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%'",
            )
            .unwrap();
        let rows = columns.query_map([], |r| Ok((r.get::<_, String>(0)?, r.get::<_, String>(1)?))).unwrap();
        for (table, column) in rows.map(Result::unwrap) {
            let sql = format!(
                "SELECT EXISTS (SELECT 1 FROM \"{table}\" WHERE instr(CAST(\"{column}\" AS TEXT), ?1) > 0)"
            );
            if c.query_row(&sql, [word], |r| r.get(0)).unwrap() {
                found.push(format!("{table}.{column}"));
            }
        }
        found
    }

    /// The bytes of the database, with everything written into it.
    pub fn database_file(&self) -> Vec<u8> {
        let path = self.state.config.data.join(sqlite::DATABASE_FILE);
        let c = rusqlite::Connection::open(&path).unwrap();
        let busy: i64 = c.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |r| r.get(0)).unwrap();
        assert_eq!(busy, 0, "somebody reads or writes just now");
        std::fs::read(path).unwrap()
    }

    /// The owner invites the candidate of a conversation for now.
    pub async fn invited(&self, owner: &Desk<'_>, conversation: ConversationId, invitation: InvitationId) {
        let terms = InvitationTerms {
            starts: self.clock.wall().after(3_600_000),
            minutes: 30,
            note: String::new(),
            round: None,
        };
        let command = TalkCommand::Invite { invitation, terms };
        let plan = crate::talk::plan(&self.state, &command);
        self.wishes(&owner.me, TalkWish::Command { conversation, command, plan }).await.unwrap();
    }
}
