//! A new employer: a link opens the app at the registration, the licence goes with it, the organiser approves, and the
//! office writes its stand, a position and a round over midnight.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use miantan_ui::{App, Display, Story};
use serde_json::Value;

use crate::{Arguments, phone};

/// Invented; the credit code's check digit is right, and the seed does not use it.
const NAME: &str = "临江测绘仪器有限公司";
const USCC: &str = "914403001922038216";
const PASSWORD: &str = "Lin-jiang-2026";

/// Registers by a link, is approved, and fills in the office.
pub async fn registers_and_opens(
    story: &mut Story,
    given: &Arguments,
    display: &Display,
    fair: &str,
) -> Result<()> {
    let server = given.backend.replace(':', "%3A").replace('/', "%2F");
    let link = format!("miantan://register?server={server}&fair={fair}");
    let settings = phone(given, display, "newcomer", 420)?.argument(link);
    let app = story.step("newcomer's app is opened by a link", App::start(settings)).await?;
    story.step("newcomer: the registration is there", app.see("register-page").within(20)).await?;
    story.step("newcomer: name", app.type_into("register-name", NAME)).await?;
    story
        .step("newcomer: a code with a wrong digit", app.type_into("register-uscc", "914403001922038217"))
        .await?;
    story.step("it is told while typing", app.see("校验").within(10)).await?;
    story.step("newcomer: the right one", app.type_into("register-uscc", USCC)).await?;
    story.step("newcomer: contact", app.type_into("register-contact", "孙岚")).await?;
    story.step("newcomer: telephone", app.type_into("register-phone", "19900009531")).await?;
    story.step("newcomer: password", app.type_into("register-password", PASSWORD)).await?;
    let licence = given.out.join("papers/licence.png");
    app.screenshot(&licence).await?;
    story
        .step(
            "newcomer: the licence, from the file chooser",
            app.choose_file("register-licence", &licence, "licence.png"),
        )
        .await?;
    story.picture(&app, "register").await?;
    story.step("newcomer: send", app.tap("register-send")).await?;
    story.step("the organiser has it", app.see("registration-check").within(30)).await?;
    story.picture(&app, "registered").await?;
    story.step("organiser: approves", async { approve(given) }).await?;
    story.step("newcomer: look again", app.tap("registration-check")).await?;
    story.step("it is approved", app.see("registration-sign-in").within(20)).await?;
    story.picture(&app, "registration-approved").await?;
    story.step("newcomer: to the sign-in", app.tap("registration-sign-in")).await?;
    story.step("newcomer: USCC", app.type_into("account", USCC)).await?;
    story.step("newcomer: password", app.type_into("password", PASSWORD)).await?;
    story.step("newcomer: sign in", app.tap("sign-in")).await?;
    story.step("newcomer: the office", app.tap("tab-office")).await?;
    story.picture(&app, "office").await?;
    stand(story, &app).await?;
    position(story, &app).await?;
    round(story, &app).await
}

/// The organiser's own command, against the running server.
fn approve(given: &Arguments) -> Result<()> {
    let data = given.out.join("data/server");
    let backend = sibling(&given.app)?;
    let admin = |words: &[&str]| -> Result<String> {
        let output = Command::new(&backend)
            .args(["admin", "--json", "--server", &given.backend, "--data"])
            .arg(&data)
            .args(words)
            .output()
            .with_context(|| format!("cannot run {}", backend.display()))?;
        if !output.status.success() {
            bail!("admin {words:?}: {}", String::from_utf8_lossy(&output.stderr));
        }
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    };
    let waiting: Value = serde_json::from_str(&admin(&["registrations", "--state", "waiting"])?)?;
    let lines = waiting.as_array().or_else(|| waiting["registrations"].as_array());
    let ours = lines.into_iter().flatten().find(|line| line.to_string().contains(USCC));
    let id = ours.and_then(|line| line["id"].as_str()).with_context(|| format!("not in {waiting}"))?;
    admin(&["approve", id]).map(|_| ())
}

/// The backend that was built beside the app.
fn sibling(app: &Path) -> Result<PathBuf> {
    let backend = app.with_file_name("miantan-backend");
    if backend.exists() { Ok(backend) } else { bail!("{} is missing", backend.display()) }
}

async fn stand(story: &mut Story, app: &App) -> Result<()> {
    story.step("office: the stand", app.tap("office-stand")).await?;
    chooses_fair(app).await?;
    story.step("stand: a short name", app.type_into("stand-short", "临江测绘")).await?;
    story.step("stand: leave half typed", app.tap("back")).await?;
    story.step("it asks first", app.see("leave-unsaved").within(10)).await?;
    story.picture(app, "leave-unsaved").await?;
    story.step("stand: keep editing", app.tap("leave-unsaved-no")).await?;
    story.step("stand: introduction", app.type_into("stand-introduction", "做测绘仪器二十年")).await?;
    story.step("stand: save", app.tap("stand-save")).await?;
    story.step("it is saved", app.see("form-done").within(20)).await?;
    story.step("stand: back without a question", app.tap("back")).await
}

/// Where an employer is at one fair only, its page opens at once.
async fn chooses_fair(app: &App) -> Result<()> {
    if app.sees("office-fairs").await? {
        app.tap("线上招聘会").await?;
    }
    Ok(())
}

async fn position(story: &mut Story, app: &App) -> Result<()> {
    story.step("office: positions", app.tap("office-positions")).await?;
    chooses_fair(app).await?;
    story.step("positions: add", app.tap("position-add")).await?;
    story.step("position: save an empty one", app.tap("position-save")).await?;
    story.step("what is missing is said", app.see("见上方红字").within(10)).await?;
    story.step("position: title", app.type_into("position-title", "测绘工程师")).await?;
    story.step("position: salary from", app.type_into("position-from", "7500")).await?;
    story.step("position: salary to", app.type_into("position-to", "8499")).await?;
    story.picture(app, "position-form").await?;
    story.step("position: save", app.tap("position-save")).await?;
    story.step("it stands in the list", app.see("测绘工程师").within(20)).await?;
    story.step("positions: back", app.tap("back")).await
}

async fn round(story: &mut Story, app: &App) -> Result<()> {
    story.step("office: rounds", app.tap("office-rounds")).await?;
    story.step("rounds: add", app.tap("round-add")).await?;
    story.step("round: its name", app.type_into("round-title", "测绘岗位夜场")).await?;
    story.step("round: from eight in the evening", app.fill("round-from", "20:00")).await?;
    story.step("round: until half past two", app.fill("round-to", "02:30")).await?;
    story.step("that is the next day", app.see("次日 02:30 结束").within(10)).await?;
    story.picture(app, "round-form").await?;
    story.step("round: save", app.tap("round-save")).await?;
    story.step("it stands in the list", app.see("测绘岗位夜场").within(20)).await
}
