//! Files people send: parts that resume, what is refused, and who may read what.

use super::people::*;
use super::*;
use crate::objects::sniff::samples;
use crate::store::{Party, TalkQuery};
use miantan_domain::ids::*;
use miantan_domain::model::*;
use miantan_domain::wire::rest::{FileUse, Upload};

/// A PDF of so many bytes.
fn long_pdf(bytes: usize) -> Vec<u8> {
    let mut pdf = samples::pdf();
    let tail = pdf.split_off(pdf.len() - 6);
    pdf.push(b'\n');
    while pdf.len() < bytes {
        pdf.extend_from_slice(b"% padding that any reader skips, as ISO 32000 wants of comments\n");
    }
    pdf.push(b'\n');
    pdf.extend_from_slice(&tail);
    pdf
}

#[tokio::test]
async fn a_file_comes_in_parts_and_is_read_as_it_was_sent() {
    let organiser = Organiser::open().await;
    let person = organiser.person(STRANGER).await;
    let me = person.caller();
    let parcel = Parcel::new(FileUse::Resume, "../../etc/我的\u{202e}简历\u{7}.PDF.exe", long_pdf(600_000));
    let first: Upload = me.send("POST", "/objects", &parcel.promise()).await.json();
    assert_eq!((first.offset, first.done), (0, None));
    let half = 256 * 1024;
    let went: Upload = me.part(parcel.id, 0, &parcel.bytes[..half]).await.json();
    assert_eq!(went.offset, half as u64);
    // the answer got lost: the same part again is no error, and neither is the promise
    assert_eq!(me.part(parcel.id, 0, &parcel.bytes[..half]).await.json::<Upload>().offset, half as u64);
    assert_eq!(me.send("POST", "/objects", &parcel.promise()).await.json::<Upload>().offset, half as u64);
    assert_eq!(me.get(&format!("/objects/{}/upload", parcel.id)).await.json::<Upload>().offset, half as u64);
    // out of order
    let gap = me.part(parcel.id, half + 1, &parcel.bytes[half + 1..half + 9]).await;
    assert_eq!(gap.code(), ProblemCode::UploadOffset);
    // other bytes than the first time
    assert_eq!(me.part(parcel.id, 0, b"%PDF-9").await.code(), ProblemCode::FileBroken);
    // not finished yet: nobody reads it, not even its sender
    assert_eq!(me.get(&format!("/objects/{}", parcel.id)).await.code(), ProblemCode::FileUnknown);
    let done = me.uploaded(&parcel).await;
    assert_eq!((done.name.as_str(), done.media_type.as_str()), ("我的简历.pdf", "application/pdf"));
    assert_eq!(done.size, parcel.bytes.len() as u64);
    // said again after it is done
    assert_eq!(me.part(parcel.id, 0, &parcel.bytes[..10]).await.json::<Upload>().done.unwrap(), done);

    let read = me.get(&format!("/objects/{}", parcel.id)).await;
    assert_eq!(read.status, StatusCode::OK);
    assert_eq!(read.body, parcel.bytes);
    assert_eq!(read.kind, "application/pdf");
    let header = |name: &str| read.headers.get(name).unwrap().to_str().unwrap().to_owned();
    assert!(header("content-disposition").starts_with("attachment; "));
    assert_eq!(header("x-content-type-options"), "nosniff");
    assert_eq!(header("content-length"), parcel.bytes.len().to_string());
    let path = format!("/api/v1/objects/{}", parcel.id);
    let bearer = format!("Bearer {}", person.token);
    let ask = async |name: &'static str, value: &str| {
        organiser.ask("GET", &path, &[("authorization", &bearer), (name, value)]).await
    };
    let (status, headers, body) = ask("range", "bytes=200000-").await;
    assert_eq!((status, body.as_slice()), (StatusCode::PARTIAL_CONTENT, &parcel.bytes[200_000..]));
    let sent = format!("bytes 200000-{}/{}", parcel.bytes.len() - 1, parcel.bytes.len());
    assert_eq!(headers["content-range"], sent);
    assert_eq!(ask("range", "bytes=99999999-").await.0, StatusCode::RANGE_NOT_SATISFIABLE);
    let tag = header("etag");
    assert_eq!(ask("if-none-match", &tag).await.0, StatusCode::NOT_MODIFIED);
    let thumb = me.get(&format!("/objects/{}?size=thumb", parcel.id)).await;
    assert_eq!(thumb.code(), ProblemCode::FileUnknown, "a PDF has none");
}

#[tokio::test]
async fn pictures_lose_what_they_tell_and_have_a_thumbnail() {
    let organiser = Organiser::open().await;
    let person = organiser.person(STRANGER).await;
    let me = person.caller();
    let secret = b"taken at home";
    let picture = samples::with_segment(&samples::jpeg(), 0xFE, secret);
    let parcel = Parcel::new(FileUse::Photo, "IMG_1.jpg", picture);
    let done = me.uploaded(&parcel).await;
    assert_eq!(done.media_type, "image/jpeg");
    assert!(done.width > 0 && done.height > 0);
    let read = me.get(&format!("/objects/{}", parcel.id)).await;
    assert!(!read.body.windows(secret.len()).any(|part| part == secret));
    assert_eq!(read.body.len() as u64, done.size);
    assert!(read.headers["content-disposition"].to_str().unwrap().starts_with("inline; "));
    let thumb = me.get(&format!("/objects/{}?size=thumb", parcel.id)).await;
    assert_eq!((thumb.status, thumb.kind.as_str()), (StatusCode::OK, "image/jpeg"));
    assert!(image::load_from_memory(&thumb.body).unwrap().width() <= 320);
    assert_eq!(me.get(&format!("/objects/{}?size=huge", parcel.id)).await.code(), ProblemCode::Malformed);
}

#[tokio::test]
async fn what_harms_is_refused_with_its_reason_and_nothing_of_it_stays() {
    let organiser = Organiser::open().await;
    let person = organiser.person(STRANGER).await;
    let me = person.caller();
    let exe = [b"MZ\x90\0".as_slice(), &[0; 4_000]].concat();
    let svg = br#"<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>"#.to_vec();
    let bomb = samples::docx(&[("word/media/image1.bin", vec![0; 200_000_000].as_slice())]);
    assert!(bomb.len() < 1_000_000, "it is small until it is opened");
    let refused = [
        (FileUse::Resume, "简历.pdf", exe, ProblemCode::FileTypeRefused),
        (FileUse::Photo, "me.png", svg.clone(), ProblemCode::FileTypeRefused),
        (FileUse::Resume, "me.svg", svg, ProblemCode::FileTypeRefused),
        (FileUse::Photo, "me.png", samples::huge_png(30_000, 30_000), ProblemCode::FileTooLarge),
        (FileUse::Resume, "简历.docx", bomb, ProblemCode::FileBroken),
        (FileUse::Photo, "me.jpg", samples::pdf(), ProblemCode::FileTypeRefused),
        (FileUse::Resume, "cut.png", samples::png()[..60].to_vec(), ProblemCode::FileBroken),
    ];
    for (file_use, name, bytes, code) in refused {
        let parcel = Parcel::new(file_use, name, bytes);
        assert_eq!(me.uploads(&parcel).await.code(), code, "{name}");
        // and again, whoever asks how far it is
        assert_eq!(me.get(&format!("/objects/{}/upload", parcel.id)).await.code(), code, "{name}");
        assert_eq!(me.send("POST", "/objects", &parcel.promise()).await.code(), code, "{name}");
        assert_eq!(me.get(&format!("/objects/{}", parcel.id)).await.code(), ProblemCode::FileUnknown);
        let body = json!({ "object": parcel.id });
        assert_eq!(person.send("POST", "/me/attachments", &body).await.code(), ProblemCode::FileUnknown);
    }
    let far = std::time::SystemTime::now() + std::time::Duration::from_hours(24 * 365);
    let left = organiser.state.objects.older(far, std::time::Duration::ZERO).await.unwrap();
    // the sample fair's licences are in no object store of a test
    assert_eq!(left, Vec::<uuid::Uuid>::new());
}

#[tokio::test]
async fn promises_that_cannot_be_kept_are_not_taken() {
    let organiser = Organiser::open().await;
    let person = organiser.person(STRANGER).await;
    let [owner, ..] = organiser.three().await;
    let me = person.caller();
    let good = Parcel::new(FileUse::Resume, "a.pdf", samples::pdf()).promise();
    let with = |key: &str, value: Value| {
        let mut promise = good.clone();
        promise["id"] = json!(uuid());
        promise[key] = value;
        promise
    };
    for (promise, code) in [
        (with("size", json!(21 * 1024 * 1024)), ProblemCode::FileTooLarge),
        (with("size", json!(u64::MAX)), ProblemCode::FileTooLarge),
        (with("size", json!(0)), ProblemCode::FileBroken),
        (with("size", json!(-1)), ProblemCode::Malformed),
        (with("sha256", json!("abc")), ProblemCode::Malformed),
        (with("sha256", json!("Z".repeat(64))), ProblemCode::Malformed),
        (with("file_use", json!("licence")), ProblemCode::NotAllowed),
        (with("file_use", json!("build")), ProblemCode::Malformed),
        (with("file_use", json!("chat_file")), ProblemCode::Malformed),
        (with("conversation", json!(uuid())), ProblemCode::Malformed),
        (with("name", json!("x".repeat(100_000))), ProblemCode::TooLarge),
    ] {
        assert_eq!(me.send("POST", "/objects", &promise).await.code(), code, "{promise}");
    }
    let mut chat = with("file_use", json!("chat_file"));
    chat["conversation"] = json!(uuid());
    assert_eq!(me.send("POST", "/objects", &chat).await.code(), ProblemCode::NotFound);
    assert_eq!(owner.send("POST", "/objects", &good).await.code(), ProblemCode::NotAllowed);
    // more than one part may have, and more than was promised
    let parcel = Parcel::new(FileUse::Resume, "a.pdf", long_pdf(300_000));
    me.send("POST", "/objects", &parcel.promise()).await;
    assert_eq!(me.part(parcel.id, 0, &parcel.bytes[..=256 * 1024]).await.code(), ProblemCode::TooLarge);
    assert_eq!(me.part(parcel.id, 0, &parcel.bytes).await.code(), ProblemCode::TooLarge);
    assert_eq!(me.part(parcel.id, 0, b"").await.code(), ProblemCode::Malformed);
    let small = Parcel::new(FileUse::Resume, "a.pdf", samples::pdf());
    me.send("POST", "/objects", &small.promise()).await;
    assert_eq!(me.part(small.id, 0, &vec![0; 50_000]).await.code(), ProblemCode::FileTooLarge);
    // other bytes of the promised length
    let mut other = small.bytes.clone();
    other[20] ^= 1;
    assert_eq!(me.part(small.id, 0, &other).await.code(), ProblemCode::FileBroken);
    // the id is somebody else's: it is as unknown as one nobody has
    let stranger = organiser.person("13900002222").await;
    for id in [small.id, ObjectId(uuid())] {
        assert_eq!(stranger.caller().part(id, 0, b"x").await.code(), ProblemCode::FileUnknown);
        let upload = stranger.get(&format!("/objects/{id}/upload")).await;
        assert_eq!(upload.code(), ProblemCode::FileUnknown);
    }
    assert_eq!(stranger.send("POST", "/objects", &small.promise()).await.code(), ProblemCode::FileUnknown);
    assert_eq!(stranger.get("/objects/../../etc/passwd").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_day_has_its_measure() {
    let organiser = Organiser::open().await;
    let person = organiser.person(STRANGER).await;
    let promise = async || {
        let mut promise = Parcel::new(FileUse::Resume, "a.pdf", samples::pdf()).promise();
        promise["size"] = json!(20 * 1024 * 1024);
        person.send("POST", "/objects", &promise).await
    };
    for _ in 0..10 {
        assert_eq!(promise().await.status, StatusCode::OK);
    }
    let full = promise().await.problem();
    assert_eq!(full.code, ProblemCode::TooMany);
    organiser.clock.advance(full.retry_after_ms.unwrap() + 1_000);
    assert_eq!(promise().await.status, StatusCode::OK);
}

#[tokio::test]
async fn only_those_it_was_meant_for_read_a_file() {
    let organiser = Organiser::open().await;
    let line = &organiser.seeded.candidates[0];
    let lin = organiser.person(&line.phone).await;
    let stranger = organiser.person(STRANGER).await;
    let [owner, other, _] = organiser.three().await;
    let talk = organiser.conversation(owner.employer(), lin.id()).await;
    let elsewhere = organiser.conversation(other.employer(), lin.id()).await;
    let parcel =
        Parcel { conversation: Some(talk), ..Parcel::new(FileUse::ChatFile, "作品.pdf", samples::pdf()) };
    let info = lin.caller().uploaded(&parcel).await;
    let path = format!("/objects/{}", parcel.id);
    // not said yet
    assert_eq!(owner.get(&path).await.code(), ProblemCode::FileUnknown);
    // in another conversation it cannot be said, nor by anybody else
    let said = organiser.says(&lin.me, elsewhere, file_said(&info)).await;
    assert_eq!(said, Err(ProblemCode::FileUnknown));
    assert_eq!(organiser.says(&owner.me, talk, file_said(&info)).await, Err(ProblemCode::FileUnknown));
    // quoting its id in words opens nothing
    let quoted = format!(r#"{{"entry":"file","object":"{}"}}"#, parcel.id);
    organiser.says(&lin.me, talk, text(&quoted)).await.unwrap();
    assert_eq!(owner.get(&path).await.code(), ProblemCode::FileUnknown);
    organiser.says(&lin.me, talk, file_said(&info)).await.unwrap();
    assert_eq!(owner.get(&path).await.body, parcel.bytes);
    assert_eq!(lin.get(&path).await.status, StatusCode::OK);
    for answer in [other.get(&path).await, stranger.get(&path).await] {
        assert_eq!(answer.code(), ProblemCode::FileUnknown);
        assert_eq!(answer.body, other.get(&format!("/objects/{}", uuid())).await.body, "not a hint");
    }
    assert_eq!(
        organiser.device().get(&format!("/api/v1{path}"), None).await.code(),
        ProblemCode::NotSignedIn
    );
    let audit = organiser.refused(&other).await;
    assert!(audit.iter().any(|(action, code)| action == "objects/{object}" && code == "file_unknown"));
    // a recruiter's file is the candidate's to read
    let reply =
        Parcel { conversation: Some(talk), ..Parcel::new(FileUse::ChatImage, "图.png", samples::png()) };
    let info = owner.caller().uploaded(&reply).await;
    let saying = Saying::Image { object: info.id, width: info.width, height: info.height };
    let command = miantan_domain::wire::live::TalkCommand::Say { saying };
    organiser.says(&owner.me, talk, command).await.unwrap();
    assert_eq!(lin.get(&format!("/objects/{}?size=thumb", reply.id)).await.status, StatusCode::OK);
    assert_eq!(
        stranger.get(&format!("/objects/{}?size=thumb", reply.id)).await.code(),
        ProblemCode::FileUnknown
    );
}

#[tokio::test]
async fn a_photo_and_an_attachment_are_for_the_employers_they_went_to() {
    let organiser = Organiser::open().await;
    let lin = organiser.person(STRANGER).await;
    lin.introduces("林晓青").await;
    let photo = Parcel::new(FileUse::Photo, "me.jpg", samples::jpeg());
    lin.caller().uploaded(&photo).await;
    let paper = Parcel::new(FileUse::Resume, "简历.pdf", samples::pdf());
    let other_paper = Parcel::new(FileUse::Resume, "旧简历.docx", samples::docx(&[]));
    for parcel in [&paper, &other_paper] {
        lin.caller().uploaded(parcel).await;
        let list: Vec<AttachmentResume> =
            lin.send("POST", "/me/attachments", &json!({ "object": parcel.id })).await.json();
        assert!(list.iter().any(|file| file.object == parcel.id));
    }
    let doc = json!({ "version": 0, "name": "林晓青", "headline": "", "resume": {
        "photo": photo.id, "skills": ["Rust"] } });
    lin.send("PUT", "/me/resume", &doc).await.json::<ResumeDoc>();
    let [owner, other, _] = organiser.three().await;
    let positions = organiser.positions_of(owner.employer());
    organiser.applies(&lin, positions[0], ResumeChoice::Online).await.unwrap();
    organiser.applies(&lin, positions[1], ResumeChoice::Attachment { object: paper.id }).await.unwrap();
    let path = |id: ObjectId| format!("/objects/{id}");
    for id in [photo.id, paper.id] {
        assert_eq!(owner.get(&path(id)).await.status, StatusCode::OK);
        assert_eq!(other.get(&path(id)).await.code(), ProblemCode::FileUnknown);
    }
    // kept, but sent to nobody
    assert_eq!(owner.get(&path(other_paper.id)).await.code(), ProblemCode::FileUnknown);
    // out of one's own list it stays with the application
    let gone = lin.send("DELETE", &format!("/me/attachments/{}", paper.id), &json!({})).await;
    assert_eq!(gone.status, StatusCode::NO_CONTENT);
    assert_eq!(owner.get(&path(paper.id)).await.status, StatusCode::OK);
    organiser.clock.advance(10 * 86_400_000);
    crate::retention::enforce(&organiser.state).await.unwrap();
    assert_eq!(owner.get(&path(paper.id)).await.status, StatusCode::OK);
    // the consent taken back: the online résumé and its photo are shown no more
    let change = json!({ "purpose": "resume_to_employers", "version": 1, "given": false });
    lin.send("POST", "/me/consents", &change).await;
    assert_eq!(owner.get(&path(photo.id)).await.code(), ProblemCode::FileUnknown);
    assert_eq!(owner.get(&path(paper.id)).await.status, StatusCode::OK);
    let list = organiser
        .state
        .stores
        .talks
        .list(Party::Candidate(lin.id()), TalkQuery { limit: 10, ..TalkQuery::default() });
    let talk = list.await.unwrap().items[0].id;
    let view: Value = owner.get(&format!("/talks/{talk}/resume")).await.json();
    assert_eq!(view.get("resume"), None);
    assert_eq!(view["attachments"][0]["object"], json!(paper.id));
}

#[tokio::test]
async fn files_nobody_needs_go_and_others_stay() {
    let organiser = Organiser::open().await;
    let person = organiser.person(STRANGER).await;
    let me = person.caller();
    let half = Parcel::new(FileUse::Resume, "half.pdf", long_pdf(300_000));
    me.send("POST", "/objects", &half.promise()).await;
    me.part(half.id, 0, &half.bytes[..1_000]).await;
    let loose = Parcel::new(FileUse::Resume, "loose.pdf", samples::pdf());
    let kept = Parcel::new(FileUse::Resume, "kept.pdf", samples::pdf());
    let photo = Parcel::new(FileUse::Photo, "me.png", samples::png());
    for parcel in [&loose, &kept, &photo] {
        me.uploaded(parcel).await;
    }
    person.send("POST", "/me/attachments", &json!({ "object": kept.id })).await;
    let doc = json!({ "version": 0, "name": "", "headline": "", "resume": { "photo": photo.id } });
    person.send("PUT", "/me/resume", &doc).await.json::<ResumeDoc>();
    let there = async |parcel: &Parcel| me.get(&format!("/objects/{}/upload", parcel.id)).await.status;
    organiser.clock.advance(71 * 3_600_000);
    crate::retention::enforce(&organiser.state).await.unwrap();
    for parcel in [&half, &loose, &kept, &photo] {
        assert_eq!(there(parcel).await, StatusCode::OK, "{}", parcel.name);
    }
    organiser.clock.advance(98 * 3_600_000);
    crate::retention::enforce(&organiser.state).await.unwrap();
    for (parcel, status) in [
        (&half, StatusCode::NOT_FOUND),
        (&loose, StatusCode::NOT_FOUND),
        (&kept, StatusCode::OK),
        (&photo, StatusCode::OK),
    ] {
        assert_eq!(there(parcel).await, status, "{}", parcel.name);
    }
    for parcel in [&kept, &photo] {
        assert_eq!(me.get(&format!("/objects/{}", parcel.id)).await.status, StatusCode::OK);
    }
}

/// The server is killed in the middle of an upload, and between the last byte and the look at it.
#[tokio::test]
async fn an_upload_goes_on_after_a_restart() {
    let organiser = Organiser::open().await;
    let person = organiser.person(STRANGER).await;
    let parcel = Parcel::new(FileUse::Resume, "a.pdf", long_pdf(400_000));
    let half = 256 * 1024;
    person.caller().send("POST", "/objects", &parcel.promise()).await;
    person.caller().part(parcel.id, 0, &parcel.bytes[..half]).await;
    let (token, device) = (person.token.clone(), person.device.id);
    drop(person);
    let organiser = organiser.restarted().await;
    let again = Device { organiser: &organiser, id: device, address: IpAddr::from([203, 0, 113, 9]) };
    let me = Caller { device: &again, token: &token };
    let stands: Upload = me.get(&format!("/objects/{}/upload", parcel.id)).await.json();
    assert_eq!(stands.offset, half as u64);
    // all bytes are here, but nobody looked at them
    let row = organiser.state.stores.files.file(parcel.id).await.unwrap().unwrap();
    organiser.state.objects.append(row.bytes, half as u64, parcel.bytes[half..].to_vec()).await.unwrap();
    organiser.state.objects.finish(row.bytes).await.unwrap();
    let organiser_again = organiser.restarted().await;
    let again = Device { organiser: &organiser_again, id: device, address: IpAddr::from([203, 0, 113, 9]) };
    let me = Caller { device: &again, token: &token };
    let done: Upload = me.get(&format!("/objects/{}/upload", parcel.id)).await.json();
    assert_eq!(done.done.unwrap().size, parcel.bytes.len() as u64);
    assert_eq!(me.get(&format!("/objects/{}", parcel.id)).await.body, parcel.bytes);
}
