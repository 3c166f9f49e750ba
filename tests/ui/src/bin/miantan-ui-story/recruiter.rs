//! The recruiter's half of the story.

use anyhow::Result;
use miantan_ui::{App, Story};
use serde_json::Value;

use crate::told;

pub async fn signs_in(story: &mut Story, app: &App, backend: &str, seed: &Value) -> Result<()> {
    let employer = &seed["employer"];
    story.step("recruiter: server's address", app.type_into("server-address", backend)).await?;
    story.step("recruiter: continue", app.tap("server-go")).await?;
    story.step("recruiter: employer's entrance", app.tap("employer")).await?;
    story.step("recruiter: USCC", app.type_into("account", told(employer, "uscc")?)).await?;
    story.step("recruiter: a wrong password", app.type_into("password", "not-this-one")).await?;
    story.step("recruiter: sign in", app.tap("sign-in")).await?;
    story
        .step("recruiter: refused without saying what was wrong", app.see("账号或密码不对").within(10))
        .await?;
    story.picture(app, "sign-in-refused").await?;
    story.step("recruiter: the right one", app.type_into("password", told(employer, "password")?)).await?;
    story.step("recruiter: sign in again", app.tap("sign-in")).await?;
    story.step("recruiter: today's round", app.see(told(seed, "round")?).within(15)).await?;
    story.picture(app, "rounds").await?;
    story.step("recruiter: open it", app.tap(told(seed, "round")?)).await
}

/// Queue, then the candidate's sheet.
pub async fn opens_sheet(story: &mut Story, app: &App, seed: &Value, name: &str) -> Result<()> {
    story.step("queue is live and shows the candidate", app.see(name).within(15)).await?;
    story.step("ready for video", app.see("可以视频").within(15)).await?;
    let _ = seed;
    story.picture(app, "queue").await?;
    story.step("candidate's sheet", app.tap_in(name, name)).await?;
    story.step("résumé and device checks are there", app.see("device-check").within(10)).await?;
    story.step("résumé", app.see("resume").within(10)).await?;
    story.picture(app, "candidate-sheet").await?;
    Ok(())
}

pub async fn ends_with_outcome(story: &mut Story, app: &App, name: &str) -> Result<()> {
    story.step("end…", app.tap("end")).await?;
    story.step("mark: 合适", app.tap_in("结束与", "outcome-suitable")).await?;
    story.picture(app, "end-sheet").await?;
    story.step("end the interview", app.tap("end-yes")).await?;
    story.step("it is over", app.see("面试已结束").within(10)).await?;
    story.step("the candidate's name is on it", app.see(name).within(5)).await?;
    story.picture(app, "after-call").await?;
    story.step("back to the queue", app.tap("call-close")).await
}

pub async fn announces(story: &mut Story, app: &App, name: &str) -> Result<()> {
    story.step("stage sheet", app.tap("stage-open")).await?;
    story.step("announcement stage…", app.tap("stage-next")).await?;
    story.picture(app, "stage-confirm").await?;
    story.step("…confirmed", app.tap("stage-confirm-yes")).await?;
    story.step("stage is announcement", app.see("公布结果").within(10)).await?;
    story.step("announce…", app.tap("announce-open")).await?;
    story.step("the candidate is on the list", app.see(name).within(5)).await?;
    story.picture(app, "announce-sheet").await?;
    story.step("announce one", app.tap("announce")).await?;
    story.step("…confirmed, since it cannot be taken back", app.tap("announce-confirm-yes")).await
}

pub async fn sees_confirmation(story: &mut Story, app: &App, name: &str) -> Result<()> {
    story.step("done part of the queue", app.tap("part-done")).await?;
    story.step("the candidate is in it", app.see(name).within(10)).await?;
    story.step("with the confirmation", app.see("考生已确认").within(10)).await?;
    story.picture(app, "confirmed-recruiter").await?;
    Ok(())
}
