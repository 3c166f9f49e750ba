//! The résumé editor: on the device at once, on the server a second later, or when there is a network.

use crate::account::*;
use crate::desk::Desk;
use crate::device::*;
use crate::hall::*;
use miantan_client::intent::AccountIntent;
use miantan_client::view::*;
use miantan_domain::ids::*;
use miantan_domain::model::*;
use miantan_domain::time::WallTime;
use miantan_domain::wire::ProblemCode;
use miantan_domain::wire::rest::*;
use std::sync::Arc;

fn doc(version: u64, headline: &str) -> ResumeDoc {
    ResumeDoc { version, name: "林晓青".into(), headline: headline.into(), ..ResumeDoc::default() }
}

fn edits(phone: &Phone, headline: &str) {
    wants(phone, AccountIntent::EditResume(Box::new(doc(0, headline))));
}

fn editor(view: &AppView) -> &ResumeEditView {
    &account(view).expect("an account").mine.resume
}

fn shows(headline: &'static str, saved: SaveState) -> impl Fn(&AppView) -> bool {
    move |view| {
        let editor = editor(view);
        editor.doc.as_ref().is_some_and(|doc| doc.headline == headline) && editor.saved == saved
    }
}

/// With version 4 from the server in the editor.
async fn editing(hall: &Hall) -> Phone {
    let phone = of_account(hall).await;
    hall.counter().says("GET /me/resume", &doc(4, "青禾大学"));
    wants(&phone, AccountIntent::LoadResume);
    phone.sees("the résumé", shows("青禾大学", SaveState::Saved)).await;
    phone
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_typed_is_saved_with_the_version_it_was_made_from() {
    let hall = Hall::open().await;
    let phone = editing(&hall).await;
    hall.counter().says("PUT /me/resume", &doc(5, "青禾大学 计算机"));
    edits(&phone, "青禾大学 计");
    edits(&phone, "青禾大学 计算机");
    phone.sees("on the device", shows("青禾大学 计算机", SaveState::OnDevice)).await;
    phone.sees("saved", shows("青禾大学 计算机", SaveState::Saved)).await;
    let asked = hall.counter().asked("PUT /me/resume");
    assert_eq!(asked.len(), 1, "one save for all keys");
    assert_eq!(asked[0].read::<ResumeDoc>(), doc(4, "青禾大学 计算机"));
    // the next one stands on that
    hall.counter().says("PUT /me/resume", &doc(6, "青禾大学 软件"));
    edits(&phone, "青禾大学 软件");
    assert_eq!(hall.counter().hears("PUT /me/resume", 2).await.read::<ResumeDoc>().version, 5);
    phone.sees("saved", shows("青禾大学 软件", SaveState::Saved)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_typed_offline_survives_a_kill_and_is_saved_later() {
    let hall = Hall::open().await;
    let mut phone = editing(&hall).await;
    hall.counter().gone(true);
    edits(&phone, "离线写的");
    hall.counter().hears("PUT /me/resume", 1).await;
    phone.sees("on the device", shows("离线写的", SaveState::OnDevice)).await;
    phone.killed().await;
    phone.start().await;
    assert!(
        shows("离线写的", SaveState::OnDevice)(&phone.view())
            || editor(&phone.view()).saved == SaveState::Saving
    );
    assert_eq!(editor(&phone.view()).doc.as_ref().unwrap().headline, "离线写的");
    hall.counter().says("PUT /me/resume", &doc(5, "离线写的"));
    hall.counter().gone(false);
    phone.sees("saved", shows("离线写的", SaveState::Saved)).await;
    let last = hall.counter().asked("PUT /me/resume").pop().unwrap();
    assert_eq!(last.read::<ResumeDoc>().version, 4);
}

/// Someone else has written version 7.
async fn in_conflict(hall: &Hall) -> Phone {
    let phone = editing(hall).await;
    hall.counter().says("GET /me/resume", &doc(7, "另一台手机"));
    hall.counter().refuses("PUT /me/resume", ProblemCode::ResumeChanged);
    edits(&phone, "这台手机");
    phone
        .sees("both", shows("这台手机", SaveState::Conflict { theirs: Box::new(doc(7, "另一台手机")) }))
        .await;
    phone
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_versions_the_person_keeps_their_own() {
    let hall = Hall::open().await;
    let phone = in_conflict(&hall).await;
    // typing goes on meanwhile, and nothing is sent
    edits(&phone, "这台手机!");
    hall.counter().says("PUT /me/resume", &doc(8, "这台手机!"));
    wants(&phone, AccountIntent::ResumeKeepMine);
    phone.sees("own", shows("这台手机!", SaveState::Saved)).await;
    assert_eq!(hall.counter().hears("PUT /me/resume", 2).await.read::<ResumeDoc>(), doc(7, "这台手机!"));
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_versions_the_person_takes_the_other() {
    let hall = Hall::open().await;
    let mut phone = in_conflict(&hall).await;
    wants(&phone, AccountIntent::ResumeTakeTheirs);
    phone.sees("theirs", shows("另一台手机", SaveState::Saved)).await;
    phone.killed().await;
    hall.counter().gone(true);
    phone.start().await;
    assert!(shows("另一台手机", SaveState::Saved)(&phone.view()));
    assert_eq!(hall.counter().asked("PUT /me/resume").len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_save_whose_answer_was_lost_is_no_conflict() {
    let hall = Hall::open().await;
    let phone = editing(&hall).await;
    hall.counter().says("GET /me/resume", &doc(5, "已经保存"));
    hall.counter().refuses("PUT /me/resume", ProblemCode::TimedOut);
    edits(&phone, "已经保存");
    hall.counter().hears("PUT /me/resume", 1).await;
    hall.counter().refuses("PUT /me/resume", ProblemCode::ResumeChanged);
    phone.sees("saved", shows("已经保存", SaveState::Saved)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_server_never_takes_says_why() {
    let hall = Hall::open().await;
    let phone = editing(&hall).await;
    hall.counter().refuses("PUT /me/resume", ProblemCode::ResumeTooLong);
    edits(&phone, "很长");
    phone.sees("too long", shows("很长", SaveState::Failed(ProblemCode::ResumeTooLong.into()))).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_server_tidies_does_not_jump_under_the_fingers() {
    let hall = Hall::open().await;
    let phone = editing(&hall).await;
    hall.counter().says("PUT /me/resume", &doc(5, "会 Rust"));
    edits(&phone, "会 Rust ");
    phone.sees("as typed", shows("会 Rust ", SaveState::Saved)).await;
    // the same in an answer that was lost is no conflict either
    hall.counter().says("GET /me/resume", &doc(6, "会 Rust 和"));
    hall.counter().refuses("PUT /me/resume", ProblemCode::ResumeChanged);
    edits(&phone, "会 Rust 和 ");
    phone.sees("saved", |view| editor(view).doc.as_ref().is_some_and(|doc| doc.version == 6)).await;
    assert_eq!(editor(&phone.view()).saved, SaveState::Saved);
}

fn jpeg() -> Arc<[u8]> {
    let mut bytes = std::io::Cursor::new(Vec::new());
    image::RgbImage::from_fn(64, 48, |x, y| image::Rgb([x as u8, y as u8, 9]))
        .write_to(&mut bytes, image::ImageFormat::Jpeg)
        .unwrap();
    bytes.into_inner().into()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_photo_is_uploaded_after_a_kill_and_stands_in_the_resume() {
    let hall = Hall::open().await;
    hall.has_desk(Desk::of(Side::Candidate));
    let mut phone = editing(&hall).await;
    hall.desk(|desk| desk.unreachable = true);
    wants(&phone, AccountIntent::SetPhoto { name: "我.jpg".into(), bytes: jpeg() });
    phone.sees("on its way", |view| account(view).unwrap().mine.uploading == Some(0)).await;
    // kept before it is tried
    let kept = |phone: &Phone| {
        let folder = phone.folder.path().join("files");
        walk(&folder).iter().any(|path| path.extension().is_some_and(|e| e == "jpg"))
    };
    phone.sees("kept", |_| kept(&phone)).await;
    phone.wants(miantan_client::Intent::RefreshDevices);
    phone.sees("stored", |_| stored_uploads(&phone) == 1).await;
    phone.killed().await;
    phone.start().await;
    hall.counter().says("PUT /me/resume", &doc(5, "青禾大学"));
    hall.desk(|desk| desk.unreachable = false);
    let asked = hall.counter().hears("PUT /me/resume", 1).await.read::<ResumeDoc>();
    let photo = asked.resume.photo.expect("the photo");
    let mut saved = doc(5, "青禾大学");
    saved.resume.photo = Some(photo);
    assert_eq!(asked, ResumeDoc { version: 4, ..saved });
    let (new, whole) = hall.desk(|desk| {
        let upload = &desk.uploads[&photo];
        (upload.new.clone(), upload.bytes.len() as u64 == upload.new.size)
    });
    assert!(whole && new.file_use == FileUse::Photo && !new.name.contains('我'));
    let view = phone.sees("the picture", |view| editor(view).photo.is_some()).await;
    assert!(editor(&view).photo.as_ref().unwrap().is_file());
    assert_eq!(account(&view).unwrap().mine.uploading, None);
}

fn stored_uploads(phone: &Phone) -> i64 {
    let file = phone.folder.path().join("miantan.sqlite3");
    let db = rusqlite::Connection::open(file).unwrap();
    db.query_row("SELECT COUNT(*) FROM upload", [], |row| row.get(0)).unwrap()
}

fn walk(folder: &std::path::Path) -> Vec<std::path::PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries.flat_map(|e| if e.path().is_dir() { walk(&e.path()) } else { vec![e.path()] }).collect()
}

fn attachment(n: u128) -> AttachmentResume {
    AttachmentResume { object: ObjectId(uuid(n)), name: "简历.pdf".into(), size: 9, at: WallTime(NOON) }
}

fn attachments(view: &AppView) -> usize {
    match &account(view).unwrap().mine.attachments {
        Some(Loadable::Ready(list)) => list.len(),
        Some(Loadable::Loading | Loadable::Failed(_)) | None => 0,
    }
}

fn form_is(form: OfficeForm) -> impl Fn(&AppView) -> bool {
    move |view| account(view).unwrap().mine.form == form
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_goes_up_in_parts_and_is_listed() {
    let hall = Hall::open().await;
    hall.has_desk(Desk::of(Side::Candidate));
    let phone = of_account(&hall).await;
    hall.counter().says("GET /me/attachments", &Vec::<AttachmentResume>::new());
    wants(&phone, AccountIntent::LoadAttachments);
    let mut pdf = b"%PDF-1.7".to_vec();
    pdf.resize(PART_MAX_BYTES * 2 + 100, 7);
    hall.counter().says("POST /me/attachments", &vec![attachment(1)]);
    // the network goes after the first part
    hall.desk(|desk| desk.parts_left = Some(1));
    let bytes: Arc<[u8]> = pdf.into();
    wants(&phone, AccountIntent::AddAttachment { name: "../简历.pdf".into(), bytes: bytes.clone() });
    phone.sees("half way", |view| account(view).unwrap().mine.uploading == Some(49)).await;
    hall.desk(|desk| desk.parts_left = None);
    phone.sees("listed", |view| attachments(view) == 1 && form_is(OfficeForm::Done)(view)).await;
    let added = hall.counter().asked("POST /me/attachments")[0].read::<AttachmentAdd>();
    hall.desk(|desk| {
        let upload = &desk.uploads[&added.object];
        assert_eq!((upload.new.file_use, upload.new.name.as_str()), (FileUse::Resume, "_简历.pdf"));
        assert_eq!(upload.bytes.as_slice(), &bytes[..]);
        let offsets: Vec<u64> = desk.parts.iter().map(|(_, offset)| *offset).collect();
        assert_eq!(offsets, [0, PART_MAX_BYTES as u64, 2 * PART_MAX_BYTES as u64], "no part twice");
    });
    assert!(walk(&phone.folder.path().join("files")).is_empty(), "the copy is not needed any more");
    hall.counter().says(&format!("DELETE /me/attachments/{}", attachment(1).object), &());
    hall.counter().says("GET /me/attachments", &Vec::<AttachmentResume>::new());
    wants(&phone, AccountIntent::RemoveAttachment(attachment(1).object));
    phone.sees("gone", |view| attachments(view) == 0).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_file_too_many_is_not_tried_for_ever() {
    let hall = Hall::open().await;
    hall.has_desk(Desk::of(Side::Candidate));
    let phone = of_account(&hall).await;
    hall.counter().refuses("POST /me/attachments", ProblemCode::TooMany);
    let bytes: Arc<[u8]> = b"%PDF-1.7 x".as_slice().into();
    wants(&phone, AccountIntent::AddAttachment { name: "a.pdf".into(), bytes });
    phone.sees("full", form_is(OfficeForm::Failed(ProblemCode::TooMany.into()))).await;
    assert_eq!(account(&phone.view()).unwrap().mine.uploading, None);
    assert_eq!(stored_uploads(&phone), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn files_that_cannot_be_resumes_are_refused_here() {
    let hall = Hall::open().await;
    let phone = of_account(&hall).await;
    for (bytes, code) in [
        (b"MZ\x90\x00".to_vec(), ProblemCode::FileTypeRefused),
        (Vec::new(), ProblemCode::FileBroken),
        ([b"%PDF-".to_vec(), vec![0; FILE_MAX_BYTES as usize]].concat(), ProblemCode::FileTooLarge),
    ] {
        wants(&phone, AccountIntent::AddAttachment { name: "a.pdf".into(), bytes: bytes.into() });
        phone.sees(code.as_str(), form_is(OfficeForm::Failed(code.into()))).await;
    }
    let bytes: Arc<[u8]> = b"no picture".as_slice().into();
    wants(&phone, AccountIntent::SetPhoto { name: "a.png".into(), bytes });
    phone.sees("no photo", form_is(OfficeForm::Failed(ProblemCode::FileTypeRefused.into()))).await;
}
