//! The driver against a real window (`examples/playground.rs`): what it must press, and above all what it must
//! refuse. Every test has its own display and its own app process.
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result};
use miantan_ui::{App, AppSettings, Display, Refused, Story};

/// Long enough to be sure that nothing changes.
const SHORT: Duration = Duration::from_secs(1);

/// The playground, which cargo builds beside the tests.
fn playground() -> PathBuf {
    let here = std::env::current_exe().expect("a test has a path");
    let program =
        here.parent().and_then(|deps| deps.parent()).expect("target/debug").join("examples/playground");
    assert!(program.exists(), "{} is missing: cargo build -p miantan-ui --examples", program.display());
    program
}

fn settings(name: &str, display: &Display) -> AppSettings {
    let data = std::env::temp_dir().join(format!("miantan-ui-{}-{name}", std::process::id()));
    let _ = std::fs::remove_dir_all(&data);
    AppSettings::new(name, playground(), display).data(&data).patience(Duration::from_secs(20))
}

async fn open(name: &str) -> Result<App> {
    let display = Display::start(400, 860)?;
    App::start(settings(name, &display)).await
}

/// Presses and expects a refusal; returns it with the whole message.
async fn refused(app: &App, name: &str) -> Result<(Refused, String)> {
    let error = app.tap(name).await.err().with_context(|| format!("{name} was pressed"))?;
    let refusal = error.downcast_ref::<Refused>().cloned().context("no refusal")?;
    Ok((refusal, format!("{error:#}")))
}

#[tokio::test]
async fn a_press_is_a_real_event_and_the_page_answers() -> Result<()> {
    let app = open("press").await?;
    assert!(app.real_events(), "Xvfb gives real events");
    app.tap("进入面谈房间").await?;
    app.see("等候中 1").await?;
    app.tap("进入面谈房间").await?;
    assert_eq!(app.text_of("waiting").await?, "等候中 2");
    Ok(())
}

#[tokio::test]
async fn keys_and_chinese_text_arrive_whole_and_replace_what_was_there() -> Result<()> {
    let app = open("type").await?;
    app.type_into("邀请码", "abcd-EFGH-2345").await?;
    app.type_into("备注", "请带身份证").await?;
    app.see("收到：abcd-EFGH-2345|请带身份证").await?;
    app.type_into("邀请码", "ZZ").await?;
    app.see("收到：ZZ|请带身份证").await?;
    app.type_into("邀请码", "").await?;
    app.see("收到：|请带身份证").await?;
    Ok(())
}

#[tokio::test]
async fn what_no_person_could_press_is_refused() -> Result<()> {
    let mut app = open("refuse").await?;
    app.set_patience(SHORT);
    assert!(matches!(refused(&app, "不能按").await?.0, Refused::Disabled(_)));
    assert!(matches!(refused(&app, "藏起来的").await?.0, Refused::Hidden(_)));
    assert!(matches!(refused(&app, "看不见的").await?.0, Refused::Hidden(_)));
    let (refusal, message) = refused(&app, "没有这个").await?;
    assert!(matches!(refusal, Refused::Absent(_)));
    assert!(message.contains("进入面谈房间"), "the message tells what is on the screen: {message}");
    let (refusal, _) = refused(&app, "被盖住的").await?;
    assert_eq!(refusal, Refused::Covered("<div cover>".to_owned()));
    // Nothing of this reached the page.
    assert!(!app.sees("等候中").await?);
    Ok(())
}

#[tokio::test]
async fn a_control_that_becomes_free_is_pressed_then() -> Result<()> {
    let app = open("later").await?;
    assert!(!app.sees("来了").await?);
    app.tap("等一会儿").await?;
    app.tap("被盖住的").await?;
    app.see("等候中 100").await?;
    app.see("来了").await?;
    Ok(())
}

#[tokio::test]
async fn a_control_below_the_window_is_scrolled_to() -> Result<()> {
    let app = open("scroll").await?;
    app.tap("最下面").await?;
    app.see("到底了").await?;
    app.see("第 1 次启动").await?;
    Ok(())
}

#[tokio::test]
async fn a_control_that_pulses_can_be_pressed_as_a_ringing_phone_needs() -> Result<()> {
    let app = open("pulse").await?;
    app.tap("跳动的").await?;
    app.see("等候中 1000").await?;
    assert!(app.memory()? > 10_000, "an app with a web view takes more than 10 MiB");
    Ok(())
}

#[tokio::test]
async fn choices_are_made_and_wrong_ones_are_listed() -> Result<()> {
    let app = open("choose").await?;
    app.choose("设备", "扬声器二").await?;
    app.tap("我同意").await?;
    app.see("选了 two true").await?;
    let error = app.choose("设备", "扬声器九").await.expect_err("no such option");
    assert!(format!("{error:#}").contains("扬声器一, 扬声器二"), "{error:#}");
    Ok(())
}

#[tokio::test]
async fn a_file_is_chosen_in_the_systems_own_window() -> Result<()> {
    let app = open("file").await?;
    let file = std::env::temp_dir().join(format!("miantan-ui-{}-letter.txt", std::process::id()));
    std::fs::write(&file, "hello")?;
    app.choose_file("选择文件", &file, "letter.txt hello").await?;
    std::fs::remove_file(file)?;
    Ok(())
}

#[tokio::test]
async fn fields_with_a_picker_of_the_system_are_filled_and_nonsense_is_told() -> Result<()> {
    let app = open("fill").await?;
    app.fill("day", "2026-11-30").await?;
    app.see("那天：2026-11-30").await?;
    let error = app.fill("day", "yesterday").await.expect_err("no such day");
    assert!(format!("{error:#}").contains("takes no"), "{error:#}");
    Ok(())
}

#[tokio::test]
async fn what_is_not_seen_is_told_with_what_is_there_instead() -> Result<()> {
    let app = open("see").await?;
    let error = app.see("面试已结束").within(1).await.expect_err("it is not there");
    let text = format!("{error:#}");
    for part in ["see", "面试已结束", "nowhere", "进入面谈房间", "see-failed-1.png"] {
        assert!(text.contains(part), "{part} is missing in: {text}");
    }
    let error = app.see("藏起来的").within(1).await.expect_err("it is not drawn");
    assert!(format!("{error:#}").contains("nowhere"), "{error:#}");
    let error = app.see("被盖住的").within(1).await.expect_err("it is covered");
    assert!(format!("{error:#}").contains("covered by <div cover>"), "{error:#}");
    let error = app.not_see("进入面谈房间").within(1).await.expect_err("it is there");
    assert!(format!("{error:#}").contains("still sees"), "{error:#}");
    app.not_see("面试已结束").await?;
    Ok(())
}

#[tokio::test]
async fn a_live_picture_moves_and_a_still_one_does_not() -> Result<()> {
    let mut app = open("picture").await?;
    app.see("画面 5").await?;
    app.moves("picture").await?;
    app.moves("gl").await?;
    app.set_patience(SHORT);
    let error = app.moves("starts").await.expect_err("text stands still");
    assert!(format!("{error:#}").contains("stands still"), "{error:#}");
    Ok(())
}

#[tokio::test]
async fn a_killed_app_starts_again_with_its_data() -> Result<()> {
    let mut app = open("kill").await?;
    app.see("第 1 次启动").await?;
    let first = app.process_id().context("it runs")?;
    app.kill();
    assert!(app.tap("进入面谈房间").await.is_err());
    assert!(!std::path::Path::new(&format!("/proc/{first}")).exists(), "the process is gone");
    app.start_again().await?;
    app.see("第 2 次启动").await?;
    assert_ne!(app.process_id(), Some(first));
    Ok(())
}

#[tokio::test]
async fn two_people_share_a_display_and_work_at_the_same_time() -> Result<()> {
    let display = Display::start(800, 860)?;
    let (lin, wang) = tokio::try_join!(
        App::start(settings("lin", &display)),
        App::start(settings("wang", &display).place(390, 844, 400, 0)),
    )?;
    tokio::try_join!(lin.type_into("邀请码", "lin-1"), wang.type_into("邀请码", "wang-2"))?;
    lin.tap("进入面谈房间").await?;
    wang.see("收到：wang-2|").await?;
    lin.see("收到：lin-1|").await?;
    lin.see("等候中 1").await?;
    assert!(!wang.sees("等候中").await?);
    Ok(())
}

#[tokio::test]
async fn a_story_leaves_times_and_numbered_pictures() -> Result<()> {
    let app = open("story").await?;
    let out = std::env::temp_dir().join(format!("miantan-ui-story-{}", std::process::id()));
    let mut story = Story::begin(&out)?;
    story.step("林晓进入面谈房间", app.tap("进入面谈房间")).await?;
    let first = story.picture(&app, "room").await?;
    app.resize(360, 640).await?;
    let second = story.picture(&app, "small").await?;
    assert_eq!(first, out.join("01-room.png"));
    let failed: Result<()> = story.step("这一步不成", async { anyhow::bail!("no") }).await;
    assert!(format!("{:#}", failed.expect_err("it fails")).contains("step 2 failed: 这一步不成"));
    assert_eq!(png_size(&std::fs::read(&first)?), (390, 844));
    assert_eq!(png_size(&std::fs::read(&second)?), (360, 640));
    assert!(story.table().contains("林晓进入面谈房间"));
    std::fs::remove_dir_all(out)?;
    Ok(())
}

/// Width and height from a PNG's header.
fn png_size(png: &[u8]) -> (u32, u32) {
    assert_eq!(&png[..8], b"\x89PNG\r\n\x1a\n");
    let number = |at: usize| u32::from_be_bytes([png[at], png[at + 1], png[at + 2], png[at + 3]]);
    (number(16), number(20))
}

#[tokio::test]
async fn small_controls_are_found() -> Result<()> {
    let app = open("small").await?;
    let small = app.small_targets(44.0).await?;
    assert!(small.iter().any(|target| target.name == "小"), "{small:?}");
    assert!(!small.iter().any(|target| target.name == "进入面谈房间"), "{small:?}");
    Ok(())
}

#[tokio::test]
async fn an_app_that_dies_says_how() -> Result<()> {
    let display = Display::start(400, 860)?;
    let broken = AppSettings::new("broken", "/bin/false", &display);
    let error = App::start(broken).await.expect_err("it ends at once");
    assert!(format!("{error:#}").contains("ended with code 1"), "{error:#}");
    Ok(())
}
