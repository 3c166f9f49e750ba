//! What there is: one line for each method and path, as `wire::rest` lists them.

use miantan_domain::model::*;
use miantan_domain::wire::rest::*;
use schemars::{JsonSchema, Schema, SchemaGenerator};

/// Who may ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Who {
    Anybody,
    /// Anybody; whoever is signed in sees what is theirs.
    Onlooker,
    Candidate,
    Member,
    Person,
    /// The token of one registration.
    Registrant,
    Organiser,
}

/// Makes a type's schema, or refers to it.
pub(super) type Make = fn(&mut SchemaGenerator) -> Schema;

/// What is sent.
#[derive(Clone, Copy)]
pub(super) enum Body {
    None,
    Json(Make),
    Bytes,
}

/// What comes back when all is well.
#[derive(Clone, Copy)]
pub(super) enum Answer {
    Json(Make),
    Nothing,
    /// A file of one of these types.
    File(&'static [&'static str]),
    /// A WebSocket.
    Socket,
}

/// A part of the query string.
#[derive(Clone, Copy)]
pub(super) struct Param {
    pub name: &'static str,
    pub what: &'static str,
    pub kind: Kind,
    pub required: bool,
}

#[derive(Clone, Copy)]
pub(super) enum Kind {
    Text { max: usize },
    Number { min: u64, max: u64 },
    Id,
    Time,
    Flag,
    One(&'static [&'static str]),
}

/// One method of one path below `/api/v1`.
#[derive(Clone, Copy)]
pub(super) struct Operation {
    pub method: &'static str,
    pub path: &'static str,
    pub tag: &'static str,
    pub summary: &'static str,
    pub who: Who,
    pub query: &'static [Param],
    pub body: Body,
    pub answer: Answer,
}

fn of<T: JsonSchema>(generator: &mut SchemaGenerator) -> Schema {
    generator.subschema_for::<T>()
}

const fn json<T: JsonSchema>() -> Body {
    Body::Json(of::<T>)
}

const fn gives<T: JsonSchema>() -> Answer {
    Answer::Json(of::<T>)
}

const CURSOR: Param = param("cursor", "`next` of the page before", Kind::Text { max: 200 });
/// What uploaded files can be.
const UPLOADED: &[&str] = &[
    "application/pdf",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "image/png",
    "image/jpeg",
];
const OCTETS: &[&str] = &["application/octet-stream"];
const MARKS: &[&str] = &["unmarked", "shortlisted", "qualified", "eliminated"];
const STATES: &[&str] = &["licence_missing", "waiting", "approved", "rejected"];

const fn param(name: &'static str, what: &'static str, kind: Kind) -> Param {
    Param { name, what, kind, required: false }
}

const fn needed(name: &'static str, what: &'static str, kind: Kind) -> Param {
    Param { name, what, kind, required: true }
}

const fn limit(max: u32) -> Param {
    param("limit", "at most so many", Kind::Number { min: 1, max: max as u64 })
}

struct Tagged {
    tag: &'static str,
    who: Who,
}

impl Tagged {
    const fn op(
        &self,
        method: &'static str,
        path: &'static str,
        summary: &'static str,
        body: Body,
        answer: Answer,
    ) -> Operation {
        Operation { method, path, tag: self.tag, summary, who: self.who, query: &[], body, answer }
    }
}

const fn asking(operation: Operation, query: &'static [Param]) -> Operation {
    Operation { query, ..operation }
}

const fn by(operation: Operation, who: Who) -> Operation {
    Operation { who, ..operation }
}

/// Everything, in the order of the page.
pub(super) fn operations() -> Vec<Operation> {
    [entrance(), identity(), interviews(), fairs(), talks(), files(), candidates(), employers(), organiser()]
        .into_iter()
        .flatten()
        .collect()
}

fn entrance() -> Vec<Operation> {
    let t = Tagged { tag: "Entrance", who: Who::Anybody };
    let none = Body::None;
    vec![
        t.op("get", "/server", "Who runs this server", none, gives::<ServerInfo>()),
        t.op("get", "/policy", "Terms and privacy policy", none, gives::<Policy>()),
        t.op("post", "/join", "Open an invitation by its code", json::<JoinRequest>(), gives::<SignedIn>()),
        t.op(
            "post",
            "/join/sms",
            "Ask for a code to take an invitation over to this device",
            json::<JoinRequest>(),
            gives::<CodeSent>(),
        ),
        t.op("post", "/candidate/code", "Ask for a code by SMS", json::<CodeRequest>(), gives::<CodeSent>()),
        t.op(
            "post",
            "/candidate/sign-in",
            "Sign in by phone and code; the first time makes the account",
            json::<CandidateSignIn>(),
            gives::<SignedIn>(),
        ),
        t.op(
            "post",
            "/employer/sign-in",
            "Sign in for an employer",
            json::<EmployerSignIn>(),
            gives::<SignedIn>(),
        ),
        t.op(
            "post",
            "/employer/reset",
            "Ask for a password reset",
            json::<ResetRequest>(),
            gives::<CodeSent>(),
        ),
        t.op(
            "post",
            "/employer/reset/confirm",
            "Set a new password",
            json::<ResetConfirm>(),
            Answer::Nothing,
        ),
        by(t.op("post", "/sign-out", "End this session", none, Answer::Nothing), Who::Person),
        by(t.op("get", "/me", "Who this session belongs to", none, gives::<Me>()), Who::Person),
        by(t.op("get", "/live", "The live socket", none, Answer::Socket), Who::Person),
    ]
}

fn identity() -> Vec<Operation> {
    const BYTES: &[Param] =
        &[needed("bytes", "so many", Kind::Number { min: 0, max: PROBE_MAX_BYTES as u64 })];
    let t = Tagged { tag: "Identity and check-in", who: Who::Candidate };
    let none = Body::None;
    let frames = "/me/identity/face/{nonce}/frames";
    let models =
        "Models of the face check; the bytes are at /models/{sha256}, outside the API, in ranges too";
    let person = |operation| by(operation, Who::Person);
    let answer = gives::<IdentityAnswer>;
    vec![
        by(t.op("get", "/models", models, none, gives::<Vec<ModelInfo>>()), Who::Anybody),
        t.op(
            "get",
            "/me/identity",
            "Where it stands, and which ways there are",
            none,
            gives::<IdentityStatus>(),
        ),
        t.op("post", "/me/identity/face", "A face attempt", json::<FaceAttemptAsk>(), gives::<FaceAttempt>()),
        t.op("put", frames, "Pictures of an attempt, sealed", json::<SealedFrames>(), Answer::Nothing),
        t.op("post", "/me/identity/face/report", "A signed `FaceReport`", json::<Signed>(), answer()),
        t.op("post", "/me/identity/sms", "A code to the number on file", none, gives::<CodeSent>()),
        t.op("post", "/me/identity/sms/check", "Enter it", json::<IdentityCode>(), answer()),
        t.op("post", "/me/identity/sms/enough", "The proved number is to be enough", none, answer()),
        t.op("post", "/me/readiness", "A signed `ReadinessPass`", json::<Signed>(), gives::<Readiness>()),
        asking(
            person(t.op("get", "/probe/down", "Bytes to measure with", none, Answer::File(OCTETS))),
            BYTES,
        ),
        person(t.op("post", "/probe/up", "Bytes to measure with", Body::Bytes, gives::<ProbeTaken>())),
        person(t.op("get", "/probe/relay", "Credentials to try the relay with", none, gives::<ProbeRelay>())),
    ]
}

fn interviews() -> Vec<Operation> {
    let t = Tagged { tag: "Interview hall", who: Who::Member };
    let sheet = "/rounds/{round}/tickets/{ticket}/sheet";
    vec![
        t.op("get", "/rounds/today", "Today's rounds", Body::None, gives::<Vec<RoundSummary>>()),
        t.op("get", sheet, "A waiting candidate's sheet", Body::None, gives::<CandidateSheet>()),
    ]
}

fn fairs() -> Vec<Operation> {
    const SEARCH: Param =
        param("q", "part of an employer's or a position's name", Kind::Text { max: SEARCH_MAX_CHARS });
    const LIST: &[Param] = &[CURSOR, limit(FAIR_PAGE_LIMIT_MAX)];
    const FOUND: &[Param] = &[SEARCH, CURSOR, limit(FAIR_PAGE_LIMIT_MAX)];
    let t = Tagged { tag: "Fairs", who: Who::Onlooker };
    let none = Body::None;
    let stands = "/fairs/{fair}/stands";
    vec![
        asking(t.op("get", "/fairs", "Fairs, newest first", none, gives::<Page<FairCard>>()), LIST),
        t.op("get", "/fairs/{fair}", "A fair's page; counts a view", none, gives::<FairPage>()),
        asking(t.op("get", stands, "Stands, or those found", none, gives::<Page<StandCard>>()), FOUND),
        t.op("get", "/fairs/{fair}/stands/{employer}", "A stand with all positions", none, gives::<Stand>()),
        t.op("get", "/positions/{position}", "A position", none, gives::<PositionDetails>()),
        t.op("put", "/fairs/{fair}/follow", "Follow a fair", none, Answer::Nothing),
        t.op("delete", "/fairs/{fair}/follow", "Follow it no longer", none, Answer::Nothing),
        t.op("get", "/builds", "Uploaded builds of the app", none, gives::<Vec<Build>>()),
        t.op("get", "/builds/{system}", "A build", none, Answer::File(&["application/octet-stream"])),
    ]
}

fn talks() -> Vec<Operation> {
    const FILTER: &[Param] = &[
        param("mark", "only this mark", Kind::One(MARKS)),
        param("position", "only applicants for this position", Kind::Id),
        param("unread", "only with something unread", Kind::Flag),
        param("q", "part of a name or of a position's title", Kind::Text { max: SEARCH_MAX_CHARS }),
        CURSOR,
        limit(TALK_PAGE_LIMIT_MAX),
    ];
    const RANGE: &[Param] = &[
        param("after", "entries numbered above this", Kind::Number { min: 0, max: u64::MAX >> 1 }),
        param("before", "the last entries numbered below this", Kind::Number { min: 0, max: u64::MAX >> 1 }),
        limit(TALK_PAGE_LIMIT_MAX),
    ];
    const SPAN: &[Param] = &[needed("from", "Unix ms", Kind::Time), needed("to", "Unix ms", Kind::Time)];
    let t = Tagged { tag: "Conversations", who: Who::Person };
    let none = Body::None;
    let member = |operation| by(operation, Who::Member);
    let one = "/talks/{conversation}";
    let entries = "/talks/{conversation}/entries";
    let marks = "/talks/{conversation}/marks";
    let busy = "/talks/{conversation}/busy";
    let resume = "/talks/{conversation}/resume";
    let pdf = "/talks/{conversation}/resume.pdf";
    let calendar = "/talks/{conversation}/invitations/{file}";
    vec![
        asking(
            t.op("get", "/talks", "Conversations, newest change first", none, gives::<TalkPage>()),
            FILTER,
        ),
        t.op("get", one, "One conversation", none, gives::<TalkHead>()),
        asking(t.op("get", entries, "A part of its history", none, gives::<Vec<Entry>>()), RANGE),
        member(t.op("get", marks, "Who set which mark when", none, gives::<Vec<MarkChange>>())),
        member(t.op("get", resume, "The applicant's résumés", none, gives::<ResumeView>())),
        member(t.op("get", pdf, "The online résumé as PDF", none, Answer::File(&["application/pdf"]))),
        asking(member(t.op("get", busy, "Times that are taken", none, gives::<Vec<Busy>>())), SPAN),
        t.op("get", calendar, "An invitation as `{id}.ics`", none, Answer::File(&["text/calendar"])),
        t.op("post", "/reports", "Report misconduct to the organiser", json::<Report>(), Answer::Nothing),
    ]
}

fn files() -> Vec<Operation> {
    const OFFSET: &[Param] =
        &[needed("offset", "where this part begins", Kind::Number { min: 0, max: FILE_MAX_BYTES })];
    const SIZE: &[Param] = &[param("size", "a small JPEG instead", Kind::One(&["thumb"]))];
    let t = Tagged { tag: "Files", who: Who::Person };
    let none = Body::None;
    let octets = Answer::File(UPLOADED);
    vec![
        t.op("post", "/objects", "Begin an upload", json::<NewObject>(), gives::<Upload>()),
        t.op("get", "/objects/{object}/upload", "How far an upload is", none, gives::<Upload>()),
        asking(t.op("put", "/objects/{object}", "The next part", Body::Bytes, gives::<Upload>()), OFFSET),
        asking(t.op("get", "/objects/{object}", "The file", none, octets), SIZE),
    ]
}

fn candidates() -> Vec<Operation> {
    let t = Tagged { tag: "A candidate's account", who: Who::Candidate };
    let none = Body::None;
    let attachments = gives::<Vec<AttachmentResume>>;
    let enter = "/me/interviews/{invitation}/enter";
    vec![
        t.op(
            "post",
            "/candidate/link",
            "Join the account of one's number",
            json::<CandidateLink>(),
            gives::<Me>(),
        ),
        t.op("put", "/me/profile", "Name and month of birth", json::<Profile>(), gives::<Me>()),
        t.op("get", "/me/resume", "The online résumé", none, gives::<ResumeDoc>()),
        t.op("put", "/me/resume", "Change the online résumé", json::<ResumeDoc>(), gives::<ResumeDoc>()),
        t.op("get", "/me/attachments", "Résumé files", none, attachments()),
        t.op("post", "/me/attachments", "Keep an uploaded résumé", json::<AttachmentAdd>(), attachments()),
        t.op("delete", "/me/attachments/{object}", "Remove a résumé file", none, Answer::Nothing),
        t.op("get", "/me/applications", "我的投递", none, gives::<Vec<MyApplication>>()),
        t.op("get", "/me/interviews", "我的面试", none, gives::<Vec<InvitationCard>>()),
        t.op("post", enter, "Go into an accepted invitation's room", none, gives::<Me>()),
        t.op("post", "/me/leave-room", "Leave the room", none, gives::<Me>()),
        t.op("get", "/me/consents", "Consents", none, gives::<Vec<Consent>>()),
        t.op(
            "post",
            "/me/consents",
            "Give or withdraw one",
            json::<ConsentChange>(),
            gives::<Vec<Consent>>(),
        ),
        t.op("get", "/me/export", "Everything held about oneself", none, Answer::File(&["application/json"])),
        t.op("get", "/me/deletion", "Whether the account is going to be deleted", none, gives::<Deletion>()),
        t.op("post", "/me/deletion", "Ask for deletion", none, gives::<Deletion>()),
        t.op("delete", "/me/deletion", "Take it back", none, gives::<Deletion>()),
    ]
}

fn employers() -> Vec<Operation> {
    let t = Tagged { tag: "An employer's office", who: Who::Member };
    let none = Body::None;
    let members = gives::<Vec<MemberLine>>;
    let stand = "/employer/fairs/{fair}/stand";
    let position = "/employer/fairs/{fair}/positions/{position}";
    let sessions = "/employer/members/{member}/sessions";
    let licence = "/registrations/{id}/licence";
    vec![
        by(
            t.op(
                "post",
                "/registrations",
                "Ask to take part in a fair",
                json::<NewRegistration>(),
                gives::<Registered>(),
            ),
            Who::Anybody,
        ),
        by(
            t.op("get", "/registrations/{id}", "How it stands", none, gives::<Registration>()),
            Who::Registrant,
        ),
        by(
            t.op("put", licence, "The licence's picture", Body::Bytes, gives::<Registration>()),
            Who::Registrant,
        ),
        t.op("get", "/employer/fairs", "Fairs one has a stand at", none, gives::<Vec<FairCard>>()),
        t.op("get", stand, "One's stand", none, gives::<Stand>()),
        t.op("put", stand, "Change it", json::<StandEdit>(), gives::<Stand>()),
        t.op(
            "put",
            position,
            "Make or change a position",
            json::<PositionEdit>(),
            gives::<PositionDetails>(),
        ),
        t.op("get", "/employer/members", "Members", none, members()),
        t.op("post", "/employer/members", "Add a member", json::<NewMemberRequest>(), members()),
        t.op("delete", "/employer/members/{member}", "Remove a member", none, members()),
        t.op("delete", sessions, "End a member's sessions", none, Answer::Nothing),
        t.op("put", "/employer/password", "Change one's password", json::<PasswordChange>(), Answer::Nothing),
        t.op("get", "/employer/rounds", "Rounds, newest first", none, gives::<Vec<RoundSummary>>()),
        t.op(
            "put",
            "/employer/rounds/{round}",
            "Make or change a round",
            json::<RoundEdit>(),
            gives::<RoundInfo>(),
        ),
    ]
}

fn organiser() -> Vec<Operation> {
    const STATE: &[Param] = &[param("state", "only these", Kind::One(STATES))];
    const BUILD: &[Param] = &[
        needed("version", "as shown", Kind::Text { max: 40 }),
        needed("file", "its file name", Kind::Text { max: 120 }),
    ];
    let t = Tagged { tag: "Organiser", who: Who::Organiser };
    let none = Body::None;
    let list = "/admin/registrations";
    let licence = "/admin/registrations/{id}/licence";
    let decide = "/admin/registrations/{id}/decide";
    let photo = "/admin/candidates/{candidate}/photo";
    vec![
        asking(t.op("get", list, "Registrations", none, gives::<Vec<Registration>>()), STATE),
        t.op("get", licence, "A licence's picture", none, Answer::File(UPLOADED)),
        t.op("post", decide, "Approve or reject", json::<Decide>(), gives::<Registration>()),
        t.op("put", "/admin/fairs/{fair}", "Make or change a fair", json::<FairEdit>(), gives::<FairPage>()),
        asking(t.op("put", "/admin/builds/{system}", "Upload a build", Body::Bytes, gives::<Build>()), BUILD),
        t.op(
            "post",
            "/admin/candidates/find",
            "Candidates known by a number",
            json::<CandidateFind>(),
            gives::<Vec<CandidateFound>>(),
        ),
        t.op("put", photo, "A candidate's photo, to compare with", Body::Bytes, Answer::Nothing),
        t.op("delete", photo, "Remove it", none, Answer::Nothing),
        t.op("get", "/admin/reports", "Reports", none, gives::<Vec<ReportLine>>()),
        t.op("get", "/admin/sms", "The development outbox", none, gives::<serde_json::Value>()),
    ]
}
