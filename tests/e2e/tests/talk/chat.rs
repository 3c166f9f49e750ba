//! They talk (T2): words, marks of what arrived and was read, pictures, files.

use miantan_client::Intent;
use miantan_client::intent::TalkIntent;
use miantan_client::view::*;
use miantan_domain::ids::*;
use miantan_domain::wire::ProblemCode;
use miantan_e2e::{Applicant, Hall, Recruiter, samples, seen, talk};

/// Lin has applied; Wang is at the desk. Nobody has opened the conversation yet.
async fn lin_and_wang(hall: &Hall) -> (Applicant, Recruiter, ConversationId) {
    let lin = hall.newcomer("13900139002").await;
    let talk = lin.applies_to_the_first_employer(hall, "林晓青").await;
    let wang = hall.recruiter_at_the_desk().await;
    wang.sees("lin in the list", |v| v.talk.list.heads.iter().any(|head| head.id == talk)).await;
    (lin, wang, talk)
}

#[tokio::test(flavor = "multi_thread")]
async fn words_arrive_are_counted_and_are_read() {
    let hall = Hall::open().await;
    let (lin, wang, talk) = lin_and_wang(&hall).await;
    lin.opens_talk(talk).await;
    lin.says("您好，我对这个职位很感兴趣。");
    // on wang's device, not read
    lin.knows("您好，我对这个职位很感兴趣。", &SendState::Delivered).await;
    // the application and the words
    let view = wang.sees("two unread", |v| v.talk.unread == 2).await;
    assert_eq!(view.talk.list.counts.unread, 1);
    wang.opens_talk(talk).await;
    wang.hears("您好，我对这个职位很感兴趣。").await;
    wang.reads_all();
    wang.sees("nothing unread", |v| v.talk.unread == 0).await;
    lin.knows("您好，我对这个职位很感兴趣。", &SendState::Read).await;

    wang.talk(TalkIntent::Typing);
    lin.sees("wang is typing", |v| seen::conversation(v).is_some_and(|c| c.typing)).await;
    wang.says("请问您什么时候方便面谈？");
    let heard = lin.hears("请问您什么时候方便面谈？").await;
    assert_eq!(heard.by, "王敏");
    assert!(!seen::conversation(&lin.view()).unwrap().typing, "what was typed is here");
    lin.reads_all();
    wang.knows("请问您什么时候方便面谈？", &SendState::Read).await;

    // with the conversation closed they are counted
    lin.talk(TalkIntent::Close);
    for text in ["上午可以吗？", "下午也行。"] {
        wang.says(text);
        wang.knows(text, &SendState::Delivered).await;
    }
    lin.sees("two unread", |v| v.talk.unread == 2).await;
    lin.opens_talk(talk).await;
    lin.hears("下午也行。").await;
    lin.reads_all();
    lin.sees("nothing unread", |v| v.talk.unread == 0).await;
    wang.knows("下午也行。", &SendState::Read).await;

    // found again in one's own messages
    lin.talk(TalkIntent::Search("下午".into()));
    let found = |v: &AppView| seen::conversation(v)?.search.as_ref().map(|search| search.hits.len());
    lin.sees("one hit", |v| found(v) == Some(1)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_photo_comes_without_its_place_and_a_file_as_it_was() {
    let hall = Hall::open().await;
    let (lin, wang, talk) = lin_and_wang(&hall).await;
    lin.opens_talk(talk).await;
    wang.opens_talk(talk).await;

    let taken = samples::photo();
    assert!(samples::holds(&taken, b"Exif") && samples::holds(&taken, samples::PLACE));
    lin.talk(TalkIntent::SendImage { name: "IMG_0001.jpg".into(), bytes: taken.into() });
    let thumb = |item: &TalkItem| matches!(&item.body, ItemBody::Image(p) if p.thumb.is_some());
    let item = wang.sees_item("a picture", |item| item.seq > 0 && thumb(item)).await;
    let ItemBody::Image(picture) = &item.body else { panic!("no picture") };
    assert_eq!((picture.width, picture.height, &picture.full), (640, 480, &None));
    let small = talk::read(picture.thumb.as_ref().unwrap());
    assert!(image::load_from_memory(&small).unwrap().width() <= 320);
    wang.talk(TalkIntent::OpenPicture(picture.object));
    let full = |item: &TalkItem| matches!(&item.body, ItemBody::Image(p) if p.full.is_some());
    let item = wang.sees_item("the whole picture", full).await;
    let ItemBody::Image(picture) = &item.body else { panic!("no picture") };
    let whole = talk::read(picture.full.as_ref().unwrap());
    let decoded = image::load_from_memory(&whole).unwrap();
    assert_eq!((decoded.width(), decoded.height()), (640, 480));
    for bytes in [&small, &whole] {
        assert!(!samples::holds(bytes, b"Exif") && !samples::holds(bytes, samples::PLACE));
    }

    // longer than one part of an upload
    let file = samples::pdf(700_000);
    let name = "作品集/../2027.pdf";
    lin.talk(TalkIntent::SendFile { name: name.into(), bytes: file.clone().into() });
    let item = wang.sees_item("a file", |item| matches!(item.body, ItemBody::File { .. })).await;
    let ItemBody::File { object, name, size } = item.body else { panic!("no file") };
    assert_eq!(size, file.len() as u64);
    assert!(!name.contains('/') && name.rsplit('.').next() == Some("pdf"), "{name}");
    let (_, got) = wang.finds_saved(TalkIntent::Download { object, name }).await;
    assert!(got == file, "byte for byte");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_called_pdf_is_refused_and_half_a_pdf_can_be_deleted() {
    let hall = Hall::open().await;
    let (lin, wang, talk) = lin_and_wang(&hall).await;
    lin.opens_talk(talk).await;
    wang.opens_talk(talk).await;
    let before = seen::items(&lin.view()).len();

    // by its first bytes, on the device already
    lin.talk(TalkIntent::SendFile { name: "简历.pdf".into(), bytes: samples::program().into() });
    lin.sees("refused in words", |v| seen::was_refused(v, ProblemCode::FileTypeRefused)).await;
    assert_eq!(seen::items(&lin.view()).len(), before, "nothing stands in the conversation");

    // by its end, on the server
    lin.talk(TalkIntent::SendFile { name: "简历.pdf".into(), bytes: samples::half_a_pdf().into() });
    let failed = |item: &TalkItem| matches!(item.state, SendState::Failed(_));
    let item = lin.sees_item("it failed", failed).await;
    let SendState::Failed(problem) = &item.state else { panic!("not failed") };
    assert_eq!(problem.code, ProblemCode::FileBroken);
    lin.wants(Intent::DeleteChange(item.id));
    lin.sees("deleted", |v| seen::items(v).len() == before).await;

    // what comes after it is not held up, and the other side never saw any of it
    lin.says("文件稍后再发。");
    wang.hears("文件稍后再发。").await;
    assert!(seen::items(&wang.view()).iter().all(|item| !matches!(item.body, ItemBody::File { .. })));
}
