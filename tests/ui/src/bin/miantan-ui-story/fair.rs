//! The fair's part of the story: someone finds a position, signs in by phone, writes a résumé, applies, talks with
//! the recruiter, is invited and accepts.

use std::future::ready;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use miantan_ui::{App, Story};
use serde_json::Value;

use crate::{paper, told};

/// An invented number, of the kind the seed uses.
const PHONE: &str = "19900009527";
pub const NAME: &str = "周可";

/// From the first screen to a signed-in person who was about to apply.
pub async fn is_found(
    story: &mut Story,
    app: &App,
    backend: &str,
    seed: &Value,
    outbox: &Path,
) -> Result<String> {
    let employer = told(&seed["employer"], "name")?;
    story.step("applicant: server's address", app.type_into("server-address", backend)).await?;
    story.step("applicant: continue", app.tap("server-go")).await?;
    story.step("applicant: look at the fairs, signed out", app.tap("fairs")).await?;
    story.step("the fair is listed", app.see("线上招聘会").within(20)).await?;
    story.picture(app, "fairs").await?;
    story.step("applicant: open it", app.tap("线上招聘会")).await?;
    story.step("fair: its counts", app.see("count-positions").within(20)).await?;
    let positions = app.text_of("count-positions").await?;
    story.step("fair: 269 positions", ready(same(&positions, "269"))).await?;
    story.picture(app, "fair").await?;
    story.step("applicant: share", app.tap("share")).await?;
    let fair = story.step("the fair's link", fair_of(app)).await?;
    story.step("applicant: copy it", app.tap("copy-link")).await?;
    story.step("it says that it is copied", app.see("已复制").within(10)).await?;
    story.picture(app, "share").await?;
    story.step("applicant: close", app.tap("sheet-close")).await?;
    story.step("applicant: search the employer", app.type_into("fair-search", employer)).await?;
    story.step("applicant: search", app.tap("fair-find")).await?;
    story.step("fair: the employer is found", app.see("查看该公司全部职位").within(20)).await?;
    story.step("applicant: all its positions", app.tap("查看该公司全部职位")).await?;
    story.step("stand: the employer's name", app.see(employer).within(20)).await?;
    story.picture(app, "stand").await?;
    let apply =
        story.step("stand: the first position", first(app, ".stand-page [data-test^=apply-]")).await?;
    story.step("applicant: apply, signed out", app.tap(&apply)).await?;
    signs_in(story, app, outbox).await?;
    Ok(fair)
}

/// Rows of the talk list, without their menus.
const ROW: &str = "[data-test=talk-list] [data-test^=talk-]:not([data-test^=talk-mark])";

/// The name of the first control that this selector finds: rows are named by their ids.
pub async fn first(app: &App, selector: &str) -> Result<String> {
    let id = app.measure(&format!("document.querySelector({selector:?})?.dataset.test")).await?;
    Ok(id.as_str().with_context(|| format!("{selector} on the screen"))?.to_owned())
}

async fn signs_in(story: &mut Story, app: &App, outbox: &Path) -> Result<()> {
    story.step("applicant: asked for a phone number", app.see("phone-page").within(20)).await?;
    story.step("applicant: phone number", app.type_into("phone", PHONE)).await?;
    story.step("applicant: agrees to the policy", app.tap("agree")).await?;
    story.step("applicant: ask for a code", app.tap("ask-code")).await?;
    story.step("the code is on its way", app.see("code-sent").within(20)).await?;
    let code = story.step("the message with the code", code_for(outbox, PHONE)).await?;
    story.step("applicant: the code", app.type_into("sms-code", &code)).await?;
    story.picture(app, "phone-sign-in").await?;
    story.step("applicant: sign in", app.tap("phone-sign-in")).await?;
    story.step("applicant: asked who they are", app.see("profile-page").within(20)).await?;
    story.step("applicant: name", app.type_into("profile-name", NAME)).await?;
    story.step("applicant: year of birth", app.choose("birth-year", "2003")).await?;
    story.step("applicant: month of birth", app.choose("birth-month", "5")).await?;
    story.step("applicant: go on", app.tap("profile-save")).await
}

/// Résumé, application, first words.
pub async fn applies(story: &mut Story, app: &App) -> Result<()> {
    story.step("applicant: the application waits for a résumé", app.see("apply-sheet").within(20)).await?;
    story.step("applicant: write one", app.tap("apply-fill")).await?;
    story.step("résumé: basics", app.tap("part-basics")).await?;
    story.step("résumé: what is looked for", app.type_into("resume-objective", "前端开发工程师")).await?;
    story.step("résumé: saved by itself", app.see("已保存").within(20)).await?;
    story.picture(app, "resume-basics").await?;
    story.step("résumé: back", app.tap("back")).await?;
    story.step("résumé: back again", app.tap("back")).await?;
    story.step("applicant: the fair again", app.tap("tab-fairs")).await?;
    story.step("the application is still there", app.see("apply-sheet").within(10)).await?;
    story.step("applicant: with the online résumé", app.tap("apply-online")).await?;
    story.picture(app, "apply").await?;
    story.step("applicant: send", app.tap("apply-send")).await?;
    story.step("it is sent", app.see("已投递").within(20)).await?;
    let paper = story.out().join("papers/resume.pdf");
    paper::pdf(&paper, "Zhou Ke, surveyor")?;
    let next = first(app, ".stand-page [data-test^=apply-]:not([disabled])").await?;
    story.step("applicant: another position", app.tap(&next)).await?;
    story.step("the sheet is there", app.see("apply-sheet").within(10)).await?;
    story
        .step(
            "applicant: a PDF, from the file chooser",
            app.choose_file("apply-upload", &paper, "resume.pdf"),
        )
        .await?;
    let file = first(app, "[data-test^=apply-file-]").await?;
    story.step("applicant: with it", app.tap(&file)).await?;
    story.picture(app, "apply-with-file").await?;
    story.step("applicant: send that too", app.tap("apply-send")).await?;
    story.step("the sheet is gone", app.not_see("apply-sheet").within(20)).await?;
    story.step("applicant: conversations", app.tap("tab-talks")).await
}

/// The recruiter finds the applicant, both talk, an interview is agreed.
pub async fn is_talked_with(
    story: &mut Story,
    app: &App,
    recruiter: &App,
    backend: &str,
    seed: &Value,
) -> Result<()> {
    let employer = told(&seed["employer"], "name")?;
    let password = told(&seed["employer"], "password")?;
    story.step("recruiter: server's address", recruiter.type_into("server-address", backend)).await?;
    story.step("recruiter: continue", recruiter.tap("server-go")).await?;
    story.step("recruiter: employer's entrance", recruiter.tap("employer")).await?;
    story.step("recruiter: USCC", recruiter.type_into("account", told(&seed["employer"], "uscc")?)).await?;
    story.step("recruiter: password", recruiter.type_into("password", password)).await?;
    story.step("recruiter: sign in", recruiter.tap("sign-in")).await?;
    story.step("recruiter: talk hall", recruiter.tap("tab-talks")).await?;
    story.step("recruiter: the applicant is there", recruiter.see(NAME).within(20)).await?;
    story.picture(recruiter, "talk-hall").await?;
    let row = first(recruiter, ROW).await?;
    story.step("recruiter: opens the conversation", recruiter.tap(&row)).await?;
    story.step("recruiter: the résumé", recruiter.tap("talk-resume")).await?;
    story.step("what is looked for stands in it", recruiter.see("前端开发工程师").within(20)).await?;
    story.picture(recruiter, "talk-resume").await?;
    story.step("the PDF that was sent is listed", recruiter.see("resume.pdf").within(10)).await?;
    story.step("recruiter: save it as a PDF", recruiter.tap("resume-pdf")).await?;
    story.step("recruiter: told that it is saved", recruiter.see("已保存").within(20)).await?;
    story.picture(recruiter, "resume-saved").await?;
    put_away(story, recruiter, "recruiter: that is read").await?;
    let kept = story.step("the file is there", paper::saved(&downloads(story, "talker"), "pdf")).await?;
    let text = story.step("another program reads it", ready(paper::text_of_pdf(&kept))).await?;
    story.step("its Chinese is whole", ready(paper::holds(&text, "前端开发工程师"))).await?;
    story.step("recruiter: close it", recruiter.tap("sheet-close")).await?;
    story
        .step("recruiter: writes", recruiter.type_into("talk-text", "您好，看了您的简历，想约您面谈"))
        .await?;
    story.step("recruiter: sends", recruiter.tap("talk-send")).await?;

    story.step("applicant: the employer is in the list", app.see(employer).within(20)).await?;
    let row = first(app, ROW).await?;
    story.step("applicant: opens the conversation", app.tap(&row)).await?;
    story.step("applicant: reads it", app.see("想约您面谈").within(20)).await?;
    story.step("recruiter: sees it is read", reads(recruiter)).await?;
    story.step("applicant: answers", app.type_into("talk-text", "好的，谢谢！")).await?;
    story.step("applicant: sends", app.tap("talk-send")).await?;
    story.step("recruiter: has the answer", recruiter.see("好的，谢谢！").within(20)).await?;
    story.picture(app, "conversation").await?;
    sends_a_picture(story, app, recruiter).await?;

    story.step("recruiter: invite…", recruiter.tap("talk-invite")).await?;
    let (day, clock) = soon(recruiter).await?;
    story.step("recruiter: today", recruiter.fill("invite-date", &day)).await?;
    story.step("recruiter: in 25 minutes", recruiter.fill("invite-time", &clock)).await?;
    story.step("recruiter: half an hour", recruiter.tap("length-30")).await?;
    story.picture(recruiter, "invite").await?;
    story.step("recruiter: sends the invitation", recruiter.tap("invite-send")).await?;
    story.step("applicant: is invited", app.see("invite-accept").within(20)).await?;
    story.picture(app, "invited").await?;
    story.step("applicant: accepts", app.tap("invite-accept")).await?;
    story.step("applicant: reminded, as it begins soon", app.see("将在半小时内开始").within(20)).await?;
    story.picture(app, "reminded").await?;
    put_away(story, app, "applicant: the reminder is read").await?;
    story.step("recruiter: sees it is accepted", recruiter.see("已接受").within(20)).await?;
    story.picture(recruiter, "accepted").await?;
    story.step("applicant: into the calendar", app.tap("invite-calendar")).await?;
    let kept =
        story.step("the calendar file is there", paper::saved(&downloads(story, "applicant"), "ics")).await?;
    story.picture(app, "calendar-saved").await?;
    story.step("applicant: what went well goes by itself", app.not_see("notice").within(20)).await?;
    let text = std::fs::read_to_string(&kept)?;
    let begins = format!("{}T{}00", day.replace('-', ""), clock.replace(':', ""));
    story.step("it is one", ready(paper::holds(&text, "BEGIN:VEVENT"))).await?;
    println!("     {} begins at {begins} local time", kept.display());
    Ok(())
}

/// Where this story's phone saves what is downloaded: it has a home of its own.
fn downloads(story: &Story, name: &str) -> PathBuf {
    story.out().join("data").join(format!("story-{name}")).join("downloads")
}

/// The notice over the screen is closed.
async fn put_away(story: &mut Story, app: &App, told: &str) -> Result<()> {
    let close = first(app, "[data-test^=notice-close-]").await?;
    story.step(told, app.tap(&close)).await?;
    story.step("it is gone", app.not_see("notice").within(10)).await
}

/// A picture from the album, on both screens.
async fn sends_a_picture(story: &mut Story, app: &App, recruiter: &App) -> Result<()> {
    let picture = story.out().join("papers/work.png");
    app.screenshot(&picture).await?;
    story.step("applicant: attach", app.tap("talk-attach")).await?;
    story
        .step(
            "applicant: a picture, from the file chooser",
            app.choose_file("talk-album", &picture, "talk-picture"),
        )
        .await?;
    story.step("recruiter: has it as well", recruiter.see("talk-picture").within(20)).await?;
    story.step("recruiter: its thumbnail is loaded", shown(recruiter, "talk-picture")).await?;
    story.step("recruiter: opens it", recruiter.tap("talk-picture")).await?;
    story.step("recruiter: the whole picture", shown(recruiter, "viewer")).await?;
    story.picture(recruiter, "picture-open").await?;
    story.step("recruiter: Escape closes it", recruiter.key("Escape")).await?;
    story.step("it is closed", recruiter.not_see("viewer").within(10)).await
}

/// An image inside the element with this id has pixels.
async fn shown(app: &App, id: &str) -> Result<()> {
    let begun = Instant::now();
    let looked = format!("(document.querySelector('[data-test={id}] img')?.naturalWidth ?? 0) > 0");
    while app.measure(&looked).await? != Value::Bool(true) {
        if begun.elapsed() > Duration::from_secs(20) {
            bail!("no picture is loaded in {id}");
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    Ok(())
}

/// Day and time in 25 minutes, where the app is.
async fn soon(app: &App) -> Result<(String, String)> {
    const SOON: &str = "(() => { const at = new Date(Date.now() + 25 * 60000); const two = (n) => String(n).padStart(2, '0');
        return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())} ${two(at.getHours())}:${two(at.getMinutes())}`; })()";
    let at = app.measure(SOON).await?;
    let (day, clock) = at.as_str().and_then(|at| at.split_once(' ')).context("a day and a time")?;
    Ok((day.to_owned(), clock.to_owned()))
}

/// The link to the fair that is open, as the page's own share link names it.
pub async fn fair_of(app: &App) -> Result<String> {
    let link = app.text_of("share-link").await?;
    let id = link.trim().rsplit('/').next().filter(|id| id.len() == 36);
    id.map(str::to_owned).with_context(|| format!("{link:?} ends with no fair"))
}

fn same(shown: &str, wanted: &str) -> Result<()> {
    if shown.trim() == wanted { Ok(()) } else { bail!("{shown:?} instead of {wanted:?}") }
}

/// The newest own message says so by its mark.
async fn reads(app: &App) -> Result<()> {
    let begun = Instant::now();
    loop {
        let state =
            app.measure("document.querySelector('[data-test=talk-state][data-state=read]') !== null").await?;
        if state == Value::Bool(true) {
            return Ok(());
        }
        if begun.elapsed() > Duration::from_secs(20) {
            bail!("no message is marked as read");
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

/// The code in the newest message to this number, as a person would read it.
pub async fn code_for(outbox: &Path, phone: &str) -> Result<String> {
    let begun = Instant::now();
    loop {
        let lines = std::fs::read_to_string(outbox).unwrap_or_default();
        let newest = lines.lines().rev().filter_map(|line| serde_json::from_str::<Value>(line).ok());
        for message in newest {
            let digits = |text: &str| {
                let runs = text.split(|c: char| !c.is_ascii_digit());
                runs.into_iter().find(|run| run.len() == 6).map(str::to_owned)
            };
            if message["to"].as_str().is_some_and(|to| to.ends_with(phone)) {
                return message["text"]
                    .as_str()
                    .and_then(digits)
                    .context("a message with a code of six digits");
            }
        }
        if begun.elapsed() > Duration::from_secs(20) {
            bail!("no message came to {phone}; the outbox is {}", outbox.display());
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}
