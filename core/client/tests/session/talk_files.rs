//! Pictures and files, and the recruiter's list.

use crate::desk::{Desk, talk_id};
use crate::device::*;
use crate::hall::*;
use crate::talk::*;
use miantan_client::Intent;
use miantan_client::intent::TalkIntent;
use miantan_client::view::*;
use miantan_domain::ids::*;
use miantan_domain::model::*;
use miantan_domain::wire::ProblemCode;
use miantan_domain::wire::live::ServerFrame;
use std::sync::Arc;

/// A PDF of this many bytes.
fn pdf(size: usize) -> Arc<[u8]> {
    let mut bytes = b"%PDF-1.7\n".to_vec();
    bytes.resize(size, b'x');
    bytes.into()
}

fn send_pdf(size: usize) -> Intent {
    Intent::Talk(TalkIntent::SendFile { name: "../成绩单.pdf".into(), bytes: pdf(size) })
}

fn file_state(view: &AppView) -> Option<&SendState> {
    items(view).iter().find(|item| matches!(item.body, ItemBody::File { .. })).map(|item| &item.state)
}

const PART: u64 = 256 * 1024;

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_goes_on_where_the_server_is_after_a_lost_network_and_after_a_kill() {
    let (hall, mut phone, id) = lin_in_talk().await;
    hall.desk(|desk| desk.parts_left = Some(2));
    phone.wants(send_pdf(1_200_000));
    phone.wants(say("见附件"));
    // Two of five parts, then the network is gone, and then the app.
    phone.sees("two parts", |view| file_state(view) == Some(&SendState::Uploading { percent: 43 })).await;
    assert_eq!(states(&phone.view(), "见附件"), [&SendState::Waiting], "it keeps its place");
    phone.killed().await;
    hall.desk(|desk| desk.parts_left = Some(1));
    phone.start().await;
    phone.wants(open(id));
    phone.sees("three parts", |view| file_state(view) == Some(&SendState::Uploading { percent: 65 })).await;
    hall.desk(|desk| desk.parts_left = None);
    hall.cuts();
    phone.sees("sent", |view| file_state(view) == Some(&SendState::Sent)).await;
    phone.sees("the word behind it", |view| states(view, "见附件") == [&SendState::Sent]).await;
    let (parts, uploads) = hall.desk(|desk| {
        let uploads: Vec<_> = desk.uploads.values().map(|u| (u.new.clone(), u.bytes.clone())).collect();
        (desk.parts.clone(), uploads)
    });
    let offsets: Vec<u64> = parts.iter().map(|(_, offset)| *offset).collect();
    assert_eq!(offsets, [0, PART, 2 * PART, 3 * PART, 4 * PART], "no part twice");
    assert_eq!(uploads.len(), 1);
    assert_eq!(uploads[0].1, pdf(1_200_000).to_vec());
    assert_eq!(uploads[0].0.conversation, Some(id));
    let kinds: Vec<_> = hall.desk(|desk| {
        desk.talks[&id].entries.iter().map(|entry| matches!(entry.body, EntryBody::File { .. })).collect()
    });
    assert_eq!(kinds, [false, true, false], "the file first, then the word");
}

#[tokio::test(flavor = "multi_thread")]
async fn files_that_cannot_be_sent_are_refused_before_anything_is_kept() {
    let (hall, phone, _) = lin_in_talk().await;
    let refused = async |intent: TalkIntent, code: ProblemCode| {
        phone.wants(Intent::Talk(intent));
        let refused = |view: &AppView| {
            let of = |n: &Notice| matches!(&n.what, NoticeWhat::Refused(problem) if problem.code == code);
            view.notices.iter().any(of)
        };
        let view = phone.sees("refused", refused).await;
        assert_eq!(items(&view).len(), 1, "no line for it");
        phone.wants(Intent::DismissNotice(view.notices.last().unwrap().id));
        phone.sees("dismissed", |view| view.notices.is_empty()).await;
    };
    let file = |bytes: Arc<[u8]>| TalkIntent::SendFile { name: "x.pdf".into(), bytes };
    refused(file(pdf(21 * 1024 * 1024)), ProblemCode::FileTooLarge).await;
    refused(file(Arc::from(&b"MZ\x90\0"[..])), ProblemCode::FileTypeRefused).await;
    refused(file(Arc::from(&b""[..])), ProblemCode::FileBroken).await;
    let image = |bytes: Vec<u8>| TalkIntent::SendImage { name: "x.png".into(), bytes: bytes.into() };
    refused(image(b"<svg onload=alert(1)>".to_vec()), ProblemCode::FileTypeRefused).await;
    refused(image(huge_png()), ProblemCode::FileTooLarge).await;
    assert!(hall.desk(|desk| desk.uploads.is_empty()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_the_server_refuses_waits_for_the_person_and_holds_nobody_up() {
    let (hall, phone, id) = lin_in_talk().await;
    hall.desk(|desk| desk.refuses_files = Some(ProblemCode::FileTypeRefused));
    phone.wants(send_pdf(1_000));
    phone.wants(say("见附件"));
    let failed = |view: &AppView, code: ProblemCode| matches!(file_state(view), Some(SendState::Failed(problem)) if problem.code == code);
    let refused = |view: &AppView| failed(view, ProblemCode::FileTypeRefused);
    let view = phone.sees("failed", |v| refused(v) && states(v, "见附件") == [&SendState::Sent]).await;
    let file = items(&view).iter().find(|item| matches!(item.body, ItemBody::File { .. })).unwrap().id;
    hall.desk(|desk| desk.refuses_files = Some(ProblemCode::FileBroken));
    phone.wants(Intent::RetryChange(file));
    phone.sees("tried and failed again", |view| failed(view, ProblemCode::FileBroken)).await;
    hall.desk(|desk| desk.refuses_files = None);
    phone.wants(Intent::RetryChange(file));
    phone.sees("sent", |view| file_state(view) == Some(&SendState::Sent)).await;
    hall.desk(|desk| desk.refuses_files = Some(ProblemCode::FileTypeRefused));
    phone.wants(send_pdf(2_000));
    let last = |view: &AppView| items(view).last().cloned().unwrap();
    let view = phone.sees("failed", |v| matches!(last(v).state, SendState::Failed(_))).await;
    phone.wants(Intent::DeleteChange(last(&view).id));
    phone.sees("deleted", |view| last(view).seq == 3).await;
    assert_eq!(hall.desk(|desk| desk.talks[&id].entries.len()), 3);
    let kept = files_of(&phone).len();
    assert_eq!(kept, 1, "what was deleted is gone from the device");
}

/// Names of the files that the app keeps.
fn files_of(phone: &Phone) -> Vec<String> {
    let folders = std::fs::read_dir(phone.folder.path().join("files")).unwrap();
    let files = folders.flat_map(|folder| std::fs::read_dir(folder.unwrap().path()).unwrap());
    files.map(|file| file.unwrap().file_name().into_string().unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_picture_whose_app_was_killed_arrives_once_or_says_that_it_was_lost() {
    let (hall, mut phone, id) = lin_in_talk().await;
    let mut dice = 3_u64;
    for _ in 0..40 {
        let bytes = small_jpeg().into();
        phone.wants(Intent::Talk(TalkIntent::SendImage { name: "b.jpg".into(), bytes }));
        dice = dice.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        for _ in 0..(dice >> 33) % 3_000 {
            tokio::task::yield_now().await;
        }
        phone.killed().await;
        phone.start().await;
        phone.wants(open(id));
        phone.sees("open again", |view| opened(view, id)).await;
    }
    let settled = |view: &AppView| {
        let own = items(view).iter().filter(|item| matches!(item.body, ItemBody::Image(_)));
        own.clone().all(|item| match &item.state {
            SendState::Sent => true,
            SendState::Failed(problem) => problem.code == ProblemCode::FileUnknown,
            _ => false,
        }) && items(view).len() > 1
    };
    let view = phone.sees("settled", settled).await;
    let said: Vec<_> = hall.desk(|desk| desk.talks[&id].entries.iter().skip(1).map(|e| e.id).collect());
    let shown: Vec<_> = items(&view).iter().skip(1).filter(|i| i.seq > 0).map(|i| i.id).collect();
    assert_eq!(said, shown);
    assert_eq!(said.iter().collect::<std::collections::BTreeSet<_>>().len(), said.len(), "none twice");
    assert!(!said.is_empty(), "some arrived");
}

/// The head of a PNG of 30,000 × 30,000 pixels.
fn huge_png() -> Vec<u8> {
    let mut png = b"\x89PNG\r\n\x1a\n".to_vec();
    let mut chunk = |kind: &[u8], data: &[u8]| {
        png.extend((data.len() as u32).to_be_bytes());
        let body = [kind, data].concat();
        png.extend(&body);
        png.extend(crc(&body).to_be_bytes());
    };
    let side = 30_000_u32.to_be_bytes();
    chunk(b"IHDR", &[&side[..], &side, &[8, 6, 0, 0, 0]].concat());
    chunk(b"IDAT", &[0x78, 0x9c, 0x03, 0, 0, 0, 0, 1]);
    chunk(b"IEND", &[]);
    png
}

/// CRC-32 of PNG (ISO 3309), bit by bit.
fn crc(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |c, _| if c & 1 == 1 { 0xedb8_8320 ^ (c >> 1) } else { c >> 1 })
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_picture_is_shown_at_once_and_thumbnails_come_by_themselves() {
    let (hall, phone, id) = lin_in_talk().await;
    let jpeg = small_jpeg();
    let object = ObjectId(uuid(0x0b));
    hall.desk(|desk| {
        let new = serde_json::json!({
            "id": object, "file_use": "chat_image", "name": "a.jpg", "size": jpeg.len(), "sha256": ""
        });
        desk.begin_upload(serde_json::from_value(new).unwrap()).unwrap();
        desk.part(object, 0, &jpeg).unwrap();
        desk.parts.clear();
    });
    hall.desk_says(move |desk| desk.they_show(id, object));
    let picture = |view: &AppView| {
        items(view).iter().find_map(|item| match &item.body {
            ItemBody::Image(picture) if picture.object == object => Some(picture.clone()),
            _ => None,
        })
    };
    let view = phone.sees("its thumbnail", |v| picture(v).is_some_and(|p| p.thumb.is_some())).await;
    assert!(picture(&view).unwrap().thumb.unwrap().starts_with(phone.folder.path()));
    phone.wants(Intent::Talk(TalkIntent::OpenPicture(object)));
    phone.sees("the whole", |v| picture(v).is_some_and(|p| p.full.is_some())).await;
    phone.wants(Intent::Talk(TalkIntent::SendImage { name: "b.jpg".into(), bytes: jpeg.into() }));
    let own = |view: &AppView| {
        items(view)
            .iter()
            .find(|i| i.from == Side::Candidate && matches!(i.body, ItemBody::Image(_)))
            .cloned()
    };
    let view = phone.sees("sent", |v| own(v).is_some_and(|item| item.state == SendState::Sent)).await;
    let Some(ItemBody::Image(sent)) = own(&view).map(|item| item.body) else { panic!("a picture") };
    assert_eq!((sent.width, sent.height), (48, 32));
    assert!(sent.thumb.is_some() && sent.full.is_some(), "its own copy is shown");
    assert_eq!(hall.desk(|desk| desk.thumbs), 1, "nothing is fetched that is here");
    phone.wants(Intent::Talk(TalkIntent::Download { object, name: "../../x/照片.jpg".into() }));
    let saved = |view: &AppView| {
        view.notices.iter().find_map(|n| match &n.what {
            NoticeWhat::Saved { path, .. } => Some(path.clone()),
            _ => None,
        })
    };
    let view = phone.sees("saved", |view| saved(view).is_some()).await;
    let path = saved(&view).unwrap();
    assert_eq!(path.parent().unwrap(), phone.folder.path().join("found-here"));
    phone.wants(Intent::SignOut);
    phone.sees("signed out", |view| matches!(view.who, WhoView::SignedOut { .. })).await;
    let left: Vec<_> = std::fs::read_dir(phone.folder.path().join("files")).unwrap().collect();
    assert!(left.is_empty(), "no picture stays: {left:?}");
    assert!(path.exists(), "what the person saved is theirs");
}

/// 48 × 32.
fn small_jpeg() -> Vec<u8> {
    let mut bytes = Vec::new();
    let picture = image::RgbImage::from_fn(48, 32, |x, y| image::Rgb([x as u8 * 4, y as u8 * 8, 90]));
    picture.write_with_encoder(image::codecs::jpeg::JpegEncoder::new(&mut bytes)).unwrap();
    bytes
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_of_ten_thousand_comes_page_by_page_and_the_newest_is_on_top() {
    let hall = Hall::open().await;
    let mut desk = Desk::of(Side::Recruiter);
    for n in 0..10_000 {
        desk.begin(n, &format!("考生 {n}"));
    }
    hall.has_desk(desk);
    let mut phone = Phone::of_wang(&hall).await;
    let heads = |view: &AppView| view.talk.list.heads.len();
    let view = phone.sees("a page", |view| heads(view) == 50).await;
    assert_eq!(view.talk.list.counts.all, 10_000);
    assert_eq!(view.talk.list.heads[0].candidate_name, "考生 9999");
    let mut loaded = 50;
    while loaded < 10_000 {
        phone.wants(Intent::Talk(TalkIntent::More));
        let view = phone.sees("more", |view| heads(view) > loaded && !view.talk.list.loading).await;
        loaded = heads(&view);
        if loaded == 500 {
            break;
        }
    }
    let view = phone.view();
    let newest: Vec<_> = view.talk.list.heads.iter().map(|head| head.last.as_ref().unwrap().at).collect();
    assert!(newest.is_sorted_by(|a, b| a > b), "the newest entry first");
    assert!(view.talk.list.more);
    // Someone far below what is loaded writes.
    hall.desk_says(move |desk| desk.they_say(talk_id(3), "您好"));
    let view = phone.sees("on top", |v| v.talk.list.heads[0].candidate_name == "考生 3").await;
    assert_eq!(heads(&view), 501);
    // A mark shows at once, and falls back when it is refused.
    hall.desk(|desk| desk.silent = true);
    let mark = Mark::Qualified;
    phone.wants(Intent::Talk(TalkIntent::Mark { conversation: talk_id(3), mark }));
    phone.sees("marked", |view| view.talk.list.heads[0].mark == mark).await;
    hall.desk(|desk| (desk.silent, desk.refuses) = (false, Some(ProblemCode::NotAllowed)));
    hall.cuts();
    phone.sees("as before", |view| view.talk.list.heads[0].mark == Mark::Unmarked).await;
    hall.desk(|desk| desk.refuses = None);
    phone.wants(Intent::Talk(TalkIntent::Mark { conversation: talk_id(3), mark }));
    let filter = TalkFilter { mark: Some(mark), ..TalkFilter::default() };
    phone.wants(Intent::Talk(TalkIntent::Filter(filter)));
    phone.sees("one", |view| heads(view) == 1 && !view.talk.list.loading).await;
    // Offline, filters look at what is on the device.
    phone.killed().await;
    hall.rejects(ProblemCode::Offline);
    phone.start().await;
    assert_eq!(heads(&phone.view()), 50, "at once");
    let filter = TalkFilter { text: "考生 9998".into(), ..TalkFilter::default() };
    phone.wants(Intent::Talk(TalkIntent::Filter(filter)));
    let view = phone.sees("one by name", |view| heads(view) == 1).await;
    assert_eq!(view.talk.list.heads[0].candidate_name, "考生 9998");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_to_an_invitation_shows_at_once() {
    let (hall, phone, id) = lin_in_talk().await;
    let invitation = InvitationId(uuid(6));
    hall.desk_says(move |desk| {
        desk.invite(id, 6, InvitationStatus::Sent);
        ServerFrame::Head(Box::new(desk.head(id)))
    });
    let status = |view: &AppView| {
        let head = &view.talk.open.as_ref()?.head;
        head.invitations.first().map(|card| card.status.clone())
    };
    phone.sees("the card", |view| status(view) == Some(InvitationStatus::Sent)).await;
    hall.desk(|desk| desk.silent = true);
    phone.wants(Intent::Talk(TalkIntent::Accept { conversation: id, invitation, revision: 1 }));
    let view = phone.sees("accepted", |view| status(view) == Some(InvitationStatus::Accepted)).await;
    let last = items(&view).last().unwrap();
    assert_eq!(last.body, ItemBody::InvitationMoved(InvitationStatus::Accepted));
    assert_eq!(last.seq, 0);
}
