//! The face check's part of the story: someone consents and passes in front of the (declared, synthetic) camera; somebody
//! else, a printed photo and a film of the right person do not, each with its reason; then the code by SMS does.
//!
//! The people are pictures beside the project (`shared/faces`, or $MIANTAN_FACES). Where there are none the organiser has
//! no photos either: then the screen has to say so and the SMS way is played, unless they are required, as tests do.

use std::future::ready;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};
use miantan_ui::people::{self, LIN, PRINTED, SOMEBODY_ELSE};
use miantan_ui::{App, Display, Story};
use serde_json::Value;

use crate::fair::code_for;
use crate::{Arguments, told};

/// No nonce asks for the same movement twice in a row.
const FILM: &str = "left,left,left";

pub async fn play(story: &mut Story, given: &Arguments, display: &Display) -> Result<()> {
    let outbox = given.out.join("data/server/sms-outbox.jsonl");
    let (first, second) = (&given.seed["identity"], &given.seed["identity_sms_first"]);
    let Some(faces) = faces(given.faces_required)? else {
        println!("     no pictures of people beside the project: only the SMS way is played");
        let app = opens(story, given, display, "no-faces", 0, None).await?;
        joins(story, &app, &given.backend, first).await?;
        story.step("the screen says why there is no face check", app.see("请用短信验证").within(20)).await?;
        story.picture(&app, "identity-no-face").await?;
        return proves_number(story, &app, first, &outbox).await;
    };
    let [somebody_else, printed, lin] = [SOMEBODY_ELSE, PRINTED, LIN].map(|person| person.in_front(&faces));

    let roles = format!("{somebody_else}|{printed}|{lin};play={FILM}");
    let wrong = opens(story, given, display, "pretender", 420, Some(&roles)).await?;
    joins(story, &wrong, &given.backend, first).await?;
    is_refused(story, &wrong).await?;
    proves_number(story, &wrong, first, &outbox).await?;
    drop(wrong);

    let right = opens(story, given, display, "face", 0, Some(&lin)).await?;
    joins(story, &right, &given.backend, second).await?;
    proves_number_first(story, &right, second, &outbox).await?;
    passes(story, &right).await
}

/// Where the pictures are.
fn faces(required: bool) -> Result<Option<PathBuf>> {
    let folder = people::pictures();
    if folder.is_none() && required {
        bail!("the face story needs shared/faces beside the project, or MIANTAN_FACES");
    }
    Ok(folder)
}

async fn opens(
    story: &mut Story,
    given: &Arguments,
    display: &Display,
    name: &str,
    x: i32,
    actors: Option<&str>,
) -> Result<App> {
    let settings = crate::phone(given, display, name, x)?;
    let settings = match actors {
        Some(actors) => settings.env("MIANTAN_ACTOR", actors),
        None => settings,
    };
    story.step(&format!("{name}: app opens"), App::start(settings)).await
}

async fn joins(story: &mut Story, app: &App, backend: &str, line: &Value) -> Result<()> {
    let who = told(line, "name")?;
    story.step(&format!("{who}: server's address"), app.type_into("server-address", backend)).await?;
    story.step("continue", app.tap("server-go")).await?;
    story.step("the invitation code", app.type_into("code", told(line, "code")?)).await?;
    story.step("enter the room", app.tap("join")).await?;
    story
        .step("what will be asked for, the identity first", app.see("人脸校验或短信验证").within(20))
        .await?;
    story.step("begin", app.tap("check-begin")).await?;
    story.step("asked who it is, both ways offered", app.see("identity-choice").within(20)).await
}

/// Consents where that is asked for, has the models fetched, and sees the live picture in its oval.
async fn to_the_camera(story: &mut Story, app: &App, pictures: bool) -> Result<()> {
    story.step("choose the face check", app.tap("way-face")).await?;
    story.step("what is made, for whom, how long: consent", app.see("consent").within(20)).await?;
    if pictures {
        story.picture(app, "identity-consent").await?;
    }
    story.step("agree", app.tap("consent-yes")).await?;
    story.step("the camera's picture in its oval", app.see("framing").within(90)).await?;
    story.step("it is live", app.moves("self-video")).await?;
    story.step("the simulated camera is named", app.see("模拟摄像头").within(10)).await
}

async fn attempt(story: &mut Story, app: &App) -> Result<()> {
    story.step("开始校验", app.tap("face-start")).await?;
    story.step("one movement at a time", app.see("challenge").within(40)).await
}

/// Somebody else, a print, a film: three attempts, each with its reason.
async fn is_refused(story: &mut Story, app: &App) -> Result<()> {
    story.picture(app, "identity-choice").await?;
    to_the_camera(story, app, false).await?;
    attempt(story, app).await?;
    story.step("somebody else is refused", app.see("reason-OtherPerson").within(60)).await?;
    story.picture(app, "identity-other-person").await?;

    story.step("once more", app.tap("face-again")).await?;
    other_camera(story, app, "spoof_printed_id").await?;
    story.step("开始校验", app.tap("face-start")).await?;
    story.step("a printed photo is refused", app.see("reason-NotLive").within(90)).await?;
    story.picture(app, "identity-printed").await?;

    story.step("once more", app.tap("face-again")).await?;
    other_camera(story, app, "d2").await?;
    story.step("开始校验", app.tap("face-start")).await?;
    story.step("a film of the right person is refused", app.see("not-passed").within(90)).await?;
    let said = app.text_of("not-passed").await?;
    let movement = ["没有看到提示的动作", "动作和提示不一样"].iter().any(|reason| said.contains(reason));
    let judged = if movement { Ok(()) } else { Err(anyhow::anyhow!("the screen says {said:?}")) };
    story.step("because of its movements", ready(judged)).await?;
    story.step("three attempts are used", app.see("三次机会已用完").within(5)).await?;
    let again = app.count("face-again").await?;
    ensure!(again == 0, "a fourth attempt is offered");
    story.picture(app, "identity-attempts-used").await?;
    story.step("the way by SMS", app.tap("way-other-sms")).await
}

/// The camera whose name has this in it.
async fn other_camera(story: &mut Story, app: &App, name: &str) -> Result<()> {
    story.step("the camera's picture again", app.see("framing").within(30)).await?;
    story.step("the list of cameras", app.tap("camera-list")).await?;
    story.step("another camera", app.tap(&format!("Synthetic person {name}"))).await?;
    story.step("it is live", app.moves("self-video")).await
}

/// A code to the number on file; then the device checks go on.
async fn proves_number(story: &mut Story, app: &App, line: &Value, outbox: &Path) -> Result<()> {
    if app.count("sms-way").await? == 0 {
        story.step("choose the way by SMS", app.tap("way-sms")).await?;
    }
    types_code(story, app, line, outbox).await?;
    story.step("the identity is settled: music plays", app.see("正在播放").within(20)).await?;
    Ok(())
}

async fn types_code(story: &mut Story, app: &App, line: &Value, outbox: &Path) -> Result<()> {
    story.step("the masked number, no field for another", app.see("sms-phone").within(20)).await?;
    story.picture(app, "identity-sms").await?;
    story.step("send the code", app.tap("sms-send")).await?;
    story.step("the code is on its way", app.see("code-sent").within(20)).await?;
    let phone = told(line, "phone")?;
    let code = story.step("the message with the code", code_for(outbox, phone)).await?;
    story.step("the code", app.type_into("sms-code", &code)).await?;
    story.picture(app, "identity-sms-code").await?;
    story.step("confirm it", app.tap("sms-check")).await
}

/// The round that wants the number before the face.
async fn proves_number_first(story: &mut Story, app: &App, line: &Value, outbox: &Path) -> Result<()> {
    story
        .step("the number comes first here", app.see("本场面谈要先短信验证，再做人脸校验。").within(20))
        .await?;
    story.step("choose the way by SMS", app.tap("way-sms")).await?;
    types_code(story, app, line, outbox).await?;
    story.step("the number is proved: the face's own consent", app.see("consent").within(20)).await?;
    story.step("back to both ways", app.tap("back")).await?;
    story.step("one of them is done", app.see("way-proved").within(20)).await?;
    story.picture(app, "identity-number-proved").await.map(|_| ()).context("a picture")
}

async fn passes(story: &mut Story, app: &App) -> Result<()> {
    to_the_camera(story, app, true).await?;
    story.picture(app, "identity-framing").await?;
    attempt(story, app).await?;
    story.picture(app, "identity-challenge").await?;
    story.step("the right person passes: music plays", app.see("正在播放").within(60)).await?;
    story.picture(app, "identity-passed").await?;
    Ok(())
}
