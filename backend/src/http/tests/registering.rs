//! Companies that register for a fair (F3), and what the organiser decides about them.

use super::*;
use crate::objects::sniff::samples;
use crate::store::Doer;
use miantan_domain::ids::{FairId, RegistrationId};
use miantan_domain::model::{Registration, RegistrationState};
use miantan_domain::uscc::Uscc;
use miantan_domain::wire::rest::Registered;
use std::time::Duration;

const PATH: &str = "/api/v1/registrations";
const PASSWORD: &str = "a good password";
/// Longer than anything here takes.
const DEADLINE: Duration = Duration::from_mins(1);

async fn fair(organiser: &Organiser) -> FairId {
    organiser.state.stores.fairs.fairs().await.unwrap()[0].id
}

/// What a company fills in; each `number` is another company.
async fn form(organiser: &Organiser, number: u32) -> Value {
    json!({
        "id": RegistrationId::from_parts(NOW.0 as u64, &secrets::random()),
        "fair": fair(organiser).await,
        "name": format!("远山第{number}通信技术有限公司"),
        "uscc": Uscc::from_body(&format!("91310199MA9X{number:04}1")).unwrap().as_str(),
        "contact": "周强",
        "phone": "138 0013 8000",
        "password": PASSWORD,
    })
}

impl Device<'_> {
    async fn register(&self, form: &Value) -> Answer {
        self.send("POST", PATH, None, form.to_string()).await
    }

    async fn licence(&self, of: &Registered, bytes: Vec<u8>) -> Answer {
        let path = format!("{PATH}/{}/licence", of.registration.id);
        self.send("PUT", &path, Some(&of.token), bytes).await
    }

    async fn standing(&self, of: &Registered) -> RegistrationState {
        let path = format!("{PATH}/{}", of.registration.id);
        self.get(&path, Some(&of.token)).await.json::<Registration>().state
    }

    async fn decide(&self, token: &str, of: &Registered, word: Value) -> Answer {
        let path = format!("/api/v1/admin/registrations/{}/decide", of.registration.id);
        self.send("POST", &path, Some(token), word.to_string()).await
    }
}

fn approve() -> Value {
    json!({ "decision": "approve" })
}

fn reject(reason: &str) -> Value {
    json!({ "decision": "reject", "reason": reason })
}

/// The texts of so many messages, once they went out.
async fn messages(organiser: &Organiser, count: usize) -> Vec<String> {
    let outbox = organiser.state.sms.outbox.as_ref().unwrap();
    let mut watch = outbox.watch();
    let wait = watch.wait_for(|&last| last >= count as u64);
    tokio::time::timeout(DEADLINE, wait).await.expect("the messages go out").unwrap();
    outbox.list().into_iter().map(|message| message.text).collect()
}

#[tokio::test]
async fn a_company_registers_shows_its_licence_and_is_let_in() {
    let organiser = Organiser::open().await;
    let (desk, office, token) = (organiser.device(), organiser.device(), organiser.token());
    let form = form(&organiser, 1).await;
    let registered: Registered = desk.register(&form).await.json();
    assert_eq!(registered.registration.state, RegistrationState::LicenceMissing);
    // the same once more is the same, for whoever knows the password
    let again: Registered = organiser.device().register(&form).await.json();
    assert!(again == registered);
    let mut other = form.clone();
    other["password"] = json!("another password");
    assert_eq!(organiser.device().register(&other).await.code(), ProblemCode::NotAllowed);
    other = form.clone();
    other["name"] = json!("别的公司有限公司");
    assert_eq!(organiser.device().register(&other).await.code(), ProblemCode::NotAllowed);

    assert_eq!(office.decide(&token, &registered, approve()).await.code(), ProblemCode::UploadIncomplete);
    let with: Registration = desk.licence(&registered, samples::jpeg()).await.json();
    assert_eq!(with.state, RegistrationState::Waiting);
    let with: Registration = desk.licence(&registered, samples::png()).await.json();
    assert_eq!(with.state, RegistrationState::Waiting);

    let list: Vec<Registration> =
        office.get("/api/v1/admin/registrations?state=waiting", Some(&token)).await.json();
    assert!(list.contains(&with), "{list:?}");
    let path = format!("/api/v1/admin/registrations/{}/licence", with.id);
    let picture = office.get(&path, Some(&token)).await;
    assert_eq!((picture.status, picture.kind.as_str()), (StatusCode::OK, "image/png"));
    assert_eq!(picture.body, samples::png());
    let header = |name: &str| picture.headers.get(name).unwrap().to_str().unwrap();
    assert!(header("content-disposition").starts_with("attachment; filename="));
    assert_eq!(header("x-content-type-options"), "nosniff");
    assert!(header("content-security-policy").contains("sandbox"));

    let account = form["uscc"].as_str().unwrap();
    assert_eq!(desk.try_sign_in(account, PASSWORD, None).await.code(), ProblemCode::CredentialsWrong);
    let decided: Registration = office.decide(&token, &registered, approve()).await.json();
    assert_eq!(decided.state, RegistrationState::Approved);
    assert_eq!(desk.standing(&registered).await, RegistrationState::Approved);
    let texts = messages(&organiser, 1).await;
    assert!(texts[0].contains("远山第1通信技术有限公司") && texts[0].contains("通过"), "{texts:?}");

    let signed: SignedIn = desk.try_sign_in(account, PASSWORD, None).await.json();
    let fairs = desk.get("/api/v1/employer/fairs", Some(&signed.token)).await;
    let fairs: Vec<miantan_domain::model::FairCard> = fairs.json();
    assert_eq!(fairs.len(), 1);
    assert_eq!(desk.licence(&registered, samples::png()).await.code(), ProblemCode::RegistrationOver);
    assert_eq!(desk.register(&form).await.code(), ProblemCode::RegistrationOver);
    // once told, not told again
    office.decide(&token, &registered, approve()).await.json::<Registration>();
    assert_eq!(
        office.decide(&token, &registered, reject("反悔")).await.code(),
        ProblemCode::RegistrationOver
    );
    assert_eq!(messages(&organiser, 1).await.len(), 1);
}

#[tokio::test]
async fn a_rejection_has_a_reason_that_is_told() {
    let organiser = Organiser::open().await;
    let (desk, office, token) = (organiser.device(), organiser.device(), organiser.token());
    let form = form(&organiser, 1).await;
    let registered: Registered = desk.register(&form).await.json();
    assert_eq!(
        office.decide(&token, &registered, reject(" \u{200b}\0")).await.code(),
        ProblemCode::TextEmpty
    );
    let long = "长".repeat(501);
    assert_eq!(office.decide(&token, &registered, reject(&long)).await.code(), ProblemCode::TextTooLong);
    assert_eq!(office.decide(&token, &registered, json!({})).await.code(), ProblemCode::Malformed);
    let decided: Registration = office.decide(&token, &registered, reject("执照<b>看不清</b>")).await.json();
    let rejected = RegistrationState::Rejected { reason: "执照<b>看不清</b>".into() };
    assert_eq!((decided.state, desk.standing(&registered).await), (rejected.clone(), rejected));
    let texts = messages(&organiser, 1).await;
    assert!(texts[0].contains("未通过") && texts[0].contains("看不清"), "{texts:?}");
    assert_eq!(office.decide(&token, &registered, approve()).await.code(), ProblemCode::RegistrationOver);
    let uscc = form["uscc"].as_str().unwrap();
    assert_eq!(desk.try_sign_in(uscc, PASSWORD, None).await.code(), ProblemCode::CredentialsWrong);
    // and may try again
    let mut second = form.clone();
    second["id"] = json!(RegistrationId::from_parts(NOW.0 as u64, &secrets::random()));
    assert_eq!(desk.register(&second).await.status, StatusCode::OK);
}

#[tokio::test]
async fn every_field_is_looked_at() {
    let organiser = Organiser::open().await;
    let good = form(&organiser, 1).await;
    let huge = "字".repeat(100_000);
    let bad = [
        ("name", json!("甲"), ProblemCode::NameBad),
        ("name", json!("<script>alert(1)</script>有限公司"), ProblemCode::NameBad),
        ("name", json!("远山\u{0}公司"), ProblemCode::NameBad),
        ("name", json!("远山\u{202e}公司"), ProblemCode::NameBad),
        ("name", json!("😀😀😀"), ProblemCode::NameBad),
        ("name", json!("长".repeat(101)), ProblemCode::NameBad),
        ("contact", json!(""), ProblemCode::NameBad),
        ("contact", json!("周\n强"), ProblemCode::NameBad),
        ("contact", json!("长".repeat(41)), ProblemCode::NameBad),
        ("uscc", json!("914403001922038217"), ProblemCode::UsccBad),
        ("uscc", json!("91440300192203821I"), ProblemCode::UsccBad),
        ("uscc", json!("'; DROP TABLE employer; --"), ProblemCode::UsccBad),
        ("uscc", json!("９１４４０３００１９２２０３８２１６"), ProblemCode::UsccBad),
        ("phone", json!("12345678901"), ProblemCode::PhoneBad),
        ("phone", json!("13800138000\u{0}"), ProblemCode::PhoneBad),
        ("phone", json!("+1 415 555 0123"), ProblemCode::PhoneBad),
        ("password", json!("12345678"), ProblemCode::PasswordWeak),
        ("password", json!("short"), ProblemCode::PasswordWeak),
        ("password", json!("13800138000"), ProblemCode::PasswordWeak),
        ("password", good["uscc"].clone(), ProblemCode::PasswordWeak),
        ("password", good["name"].clone(), ProblemCode::PasswordWeak),
        ("fair", json!("01890000-0000-7000-8000-000000000000"), ProblemCode::NotFound),
        ("fair", json!("x"), ProblemCode::Malformed),
        ("id", json!(7), ProblemCode::Malformed),
    ];
    for (field, value, code) in bad {
        let mut form = good.clone();
        form[field] = value;
        assert_eq!(organiser.device().register(&form).await.code(), code, "{field}: {form}");
    }
    for field in ["name", "contact", "uscc", "phone", "password"] {
        let mut form = good.clone();
        form[field] = json!(huge);
        assert_eq!(organiser.device().register(&form).await.code(), ProblemCode::TooLarge, "{field}");
        form[field] = json!("x".repeat(60_000));
        assert!(organiser.device().register(&form).await.problem().code.status() < 500, "{field}");
        form[field] = json!(null);
        assert_eq!(organiser.device().register(&form).await.code(), ProblemCode::Malformed, "{field}");
    }
    // letters outside the basic plane are letters
    let mut form = good.clone();
    form["name"] = json!("𠮷野家𪚥有限公司");
    form["contact"] = json!("𠮷强");
    let registered: Registered = organiser.device().register(&form).await.json();
    assert_eq!(registered.registration.name, "𠮷野家𪚥有限公司");
    organiser.clock.advance(60 * 86_400_000);
    assert_eq!(organiser.device().register(&form_again(&good)).await.code(), ProblemCode::FairClosed);
}

/// The same company under another id.
fn form_again(form: &Value) -> Value {
    let mut form = form.clone();
    form["id"] = json!(RegistrationId::from_parts(NOW.0 as u64, &secrets::random()));
    form
}

#[tokio::test]
async fn a_known_company_takes_part_by_signing_in() {
    let organiser = Organiser::open().await;
    let office = organiser.device();
    let token = organiser.token();
    let own = &organiser.seeded.employer;
    let mut form = form(&organiser, 1).await;
    // another fair, where nobody has a stand yet
    let fair = FairId::from_parts(1, &[1; 10]);
    let edit = json!({
        "title": "秋季招聘会", "kind": "网络招聘会", "starts": NOW, "ends": NOW.after(86_400_000), "city": "",
        "district": "", "venue": "", "introduction": "",
    });
    let made =
        office.send("PUT", &format!("/api/v1/admin/fairs/{fair}"), Some(&token), edit.to_string()).await;
    assert_eq!(made.status, StatusCode::OK);
    form["fair"] = json!(fair);
    form["name"] = json!(own.name);
    assert_eq!(organiser.device().register(&form).await.code(), ProblemCode::EmployerKnown);
    form["uscc"] = json!(own.uscc);
    form["name"] = json!("另一个名字有限公司");
    assert_eq!(organiser.device().register(&form).await.code(), ProblemCode::EmployerKnown);
    form["name"] = json!(own.name);
    assert_eq!(organiser.device().register(&form).await.code(), ProblemCode::EmployerKnown);

    let owner = organiser.desk(own).await;
    let panellist = organiser.panellist(&owner).await;
    assert_eq!(panellist.send("POST", "/registrations", &form).await.code(), ProblemCode::NotAllowed);
    let stranger = organiser.three().await.into_iter().nth(1).unwrap();
    assert_eq!(stranger.send("POST", "/registrations", &form).await.code(), ProblemCode::EmployerKnown);
    // neither a licence nor a password is needed
    form["password"] = json!("");
    let registered: Registered = owner.send("POST", "/registrations", &form).await.json();
    assert_eq!(registered.registration.state, RegistrationState::Waiting);
    let again: Registered = owner.send("POST", "/registrations", &form).await.json();
    assert!(again == registered);
    office.decide(&token, &registered, approve()).await.json::<Registration>();
    let fairs: Vec<miantan_domain::model::FairCard> = owner.get("/employer/fairs").await.json();
    assert_eq!(fairs.len(), 2);
    // the owner's password is what it was
    organiser.device().sign_in(own).await;
    // a token that is none does not pass as a stranger's request
    let ended = organiser.device().send("POST", PATH, Some("nonsense"), form.to_string()).await;
    assert_eq!(ended.code(), ProblemCode::NotSignedIn);
}

#[tokio::test]
async fn a_licence_is_what_its_bytes_say() {
    let organiser = Organiser::open().await;
    let desk = organiser.device();
    let registered: Registered = desk.register(&form(&organiser, 1).await).await.json();
    let bad = [
        (Vec::new(), ProblemCode::FileBroken),
        (b"MZ\x90\0\x03 this program cannot be run".to_vec(), ProblemCode::FileTypeRefused),
        (
            b"<svg xmlns='http://www.w3.org/2000/svg'><script>1</script></svg>".to_vec(),
            ProblemCode::FileTypeRefused,
        ),
        (samples::docx(&[]), ProblemCode::FileTypeRefused),
        (samples::huge_png(30_000, 30_000), ProblemCode::FileTooLarge),
        (samples::png()[..40].to_vec(), ProblemCode::FileBroken),
        (vec![0; 20 * 1024 * 1024 + 1], ProblemCode::FileTooLarge),
    ];
    for (bytes, code) in bad {
        assert_eq!(desk.licence(&registered, bytes).await.code(), code);
        assert_eq!(desk.standing(&registered).await, RegistrationState::LicenceMissing);
    }
    // what a camera wrote about itself and the place does not stay
    let exif = [b"Exif\0\0".to_vec(), samples::exif(1)].concat();
    let photo = samples::with_segment(&samples::jpeg(), 0xE1, &exif);
    desk.licence(&registered, photo.clone()).await.json::<Registration>();
    let path = format!("/api/v1/admin/registrations/{}/licence", registered.registration.id);
    let kept = organiser.device().get(&path, Some(&organiser.token())).await;
    assert_eq!(kept.kind, "image/jpeg");
    assert!(!kept.body.windows(4).any(|w| w == b"Exif"), "the metadata is still there");
    assert!(photo.windows(4).any(|w| w == b"Exif"));
    desk.licence(&registered, samples::pdf()).await.json::<Registration>();
    // so many and no more
    let mut last = StatusCode::OK;
    for _ in 0..20 {
        last = desk.licence(&registered, samples::png()).await.status;
    }
    assert_eq!(last, StatusCode::TOO_MANY_REQUESTS);
    // one file is left of all these
    let objects = organiser.state.objects.older(std::time::SystemTime::now(), Duration::ZERO).await.unwrap();
    assert_eq!(objects.len(), 1 + SEEDED_LICENCES);
}

/// Licences of the seed's own registrations.
const SEEDED_LICENCES: usize = 0;

#[tokio::test]
async fn a_registration_opens_with_its_own_token_only() {
    let organiser = Organiser::open().await;
    let (one, two) = (organiser.device(), organiser.device());
    let first: Registered = one.register(&form(&organiser, 1).await).await.json();
    let second: Registered = two.register(&form(&organiser, 2).await).await.json();
    let owner = organiser.desk(&organiser.seeded.employer).await;
    let path = format!("{PATH}/{}", first.registration.id);
    let nowhere = format!("{PATH}/{}", RegistrationId::from_parts(0, &[7; 10]));
    let admin = organiser.token();
    for token in [None, Some("nonsense"), Some(&*second.token), Some(&*owner.token), Some(&*admin)] {
        let (known, unknown) = (two.get(&path, token).await, two.get(&nowhere, token).await);
        assert_eq!(known.code(), ProblemCode::NotSignedIn);
        assert_eq!(known.body, unknown.body, "nothing tells that it exists");
        let licence = two.send("PUT", &format!("{path}/licence"), token, samples::png()).await;
        assert_eq!(licence.code(), ProblemCode::NotSignedIn);
    }
    assert_eq!(one.get(&format!("{PATH}/x"), Some(&first.token)).await.code(), ProblemCode::NotSignedIn);
    // and it opens nothing else
    for path in ["/api/v1/me", "/api/v1/admin/registrations", "/api/v1/employer/members"] {
        assert_eq!(one.get(path, Some(&first.token)).await.code(), ProblemCode::NotSignedIn, "{path}");
    }
}

#[tokio::test]
async fn one_address_registers_only_so_many() {
    let organiser = Organiser::open().await;
    let address = "198.51.100.7".parse().unwrap();
    let mut waited = None;
    for number in 1..40 {
        let answer = organiser.device_at(address).register(&form(&organiser, number).await).await;
        if answer.status != StatusCode::OK {
            waited = Some((number, answer.problem()));
            break;
        }
    }
    let (number, problem) = waited.expect("it is slowed");
    assert_eq!((number, problem.code), (22, ProblemCode::SlowDown));
    // a repeat of one that is there is no new one; a mistake in the form does not count; others go on
    assert_eq!(organiser.device().register(&form(&organiser, 50).await).await.status, StatusCode::OK);
    organiser.clock.advance(problem.retry_after_ms.unwrap());
    let form = form(&organiser, 51).await;
    assert_eq!(organiser.device_at(address).register(&form).await.status, StatusCode::OK);
    for _ in 0..100 {
        let mut wrong = form.clone();
        wrong["uscc"] = json!("x");
        assert_eq!(organiser.device().register(&wrong).await.code(), ProblemCode::UsccBad);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_two_organisers_at_the_same_moment_one_decides() {
    let organiser = Organiser::open().await;
    let token = organiser.token();
    let (one, two, desk) = (organiser.device(), organiser.device(), organiser.device());
    for number in 1..=6 {
        let registered: Registered = desk.register(&form(&organiser, number).await).await.json();
        desk.licence(&registered, samples::png()).await.json::<Registration>();
        let (yes, no) = tokio::join!(
            one.decide(&token, &registered, approve()),
            two.decide(&token, &registered, reject("看不清")),
        );
        let (good, refused) = if yes.status == StatusCode::OK { (yes, no) } else { (no, yes) };
        assert_eq!(refused.code(), ProblemCode::RegistrationOver);
        let state = good.json::<Registration>().state;
        assert_eq!(desk.standing(&registered).await, state);
        // each company is told once, what holds
        let texts = messages(&organiser, number as usize).await;
        assert_eq!(texts.len(), number as usize);
        let refusal = texts.last().unwrap().contains("未通过");
        assert_eq!(refusal, state != RegistrationState::Approved);
    }
    let acts = organiser.state.stores.employers.acts(WallTime(0), 1_000).await.unwrap();
    let decided = acts.iter().filter(|act| {
        act.who == Doer::Organiser
            && (act.action == "registration_approved" || act.action == "registration_rejected")
    });
    assert!(decided.count() >= 6);
}
