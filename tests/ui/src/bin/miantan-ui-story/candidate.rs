//! The candidate's half of the story.

use anyhow::{Result, bail};
use miantan_ui::{App, Story};
use serde_json::Value;

use crate::told;

/// First screen, invitation code, password.
pub async fn joins(story: &mut Story, app: &App, backend: &str, seed: &Value, lin: &Value) -> Result<()> {
    let (organiser, code, password) = (told(seed, "organiser")?, told(lin, "code")?, told(lin, "password")?);
    story.step("first screen", app.see("server-address").within(30)).await?;
    story.picture(app, "first-screen").await?;
    story.step("server's address", app.type_into("server-address", backend)).await?;
    story.step("continue", app.tap("server-go")).await?;
    story.step("the organiser's name is shown", app.see(organiser).within(10)).await?;

    story.step("a wrong code", app.type_into("code", "ABCDEFGHJ")).await?;
    story.step("enter", app.tap("join")).await?;
    story.step("is told to be wrong", app.see("邀请码不对").within(10)).await?;
    story.picture(app, "wrong-code").await?;

    story.step("the invitation code", app.type_into("code", code)).await?;
    story.step("enter the room", app.tap("join")).await?;
    story.step("password asked for", app.see("join-password").within(10)).await?;
    story.picture(app, "password").await?;
    story.step("the password", app.type_into("join-password", password)).await?;
    story.step("enter with it", app.tap("join")).await?;
    story.step("device checks begin", app.see("check-begin").within(10)).await
}

/// Speaker, microphone, camera: each really plays, records and shows.
pub async fn checks_devices(story: &mut Story, app: &App) -> Result<()> {
    story.picture(app, "checks-begin").await?;
    story.step("begin the checks", app.tap("check-begin")).await?;
    story.step("music plays", app.see("正在播放").within(10)).await?;
    story.picture(app, "speaker").await?;
    story.step("cannot hear: hints and hotline", app.tap("check-no")).await?;
    story.step("the hotline is shown", app.see("hotline").within(5)).await?;
    story.picture(app, "speaker-hints").await?;
    story.step("try again", app.tap("check-retry")).await?;
    story.step("music plays again", app.see("正在播放").within(10)).await?;
    story.step("can hear", app.tap("check-yes")).await?;

    story.step("record", app.tap("record")).await?;
    story.step("recording", app.see("正在录音").within(10)).await?;
    story.step("the tone of −20 dBFS reads −20 dBFS", tone_is_right(app)).await?;
    story.picture(app, "microphone").await?;
    story.step("stop", app.tap("record")).await?;
    story.step("play it back", app.tap("play")).await?;
    story.step("heard back", app.see("声音清晰吗").within(15)).await?;
    story.step("can hear oneself", app.tap("check-yes")).await?;

    story.step("camera is live", app.moves("self-video")).await?;
    story.picture(app, "camera").await?;
    story.step("can see", app.tap("check-yes")).await
}

/// Within 1 dB of what the synthetic microphone makes.
async fn tone_is_right(app: &App) -> Result<()> {
    let begun = std::time::Instant::now();
    loop {
        let shown = app.text_of("level-dbfs").await?;
        let level: f32 = shown.trim_end_matches("dBFS").trim().replace('−', "-").parse().unwrap_or(f32::NAN);
        if (level + 20.0).abs() <= 1.0 {
            return Ok(());
        }
        if begun.elapsed().as_secs() > 5 {
            bail!("the level meter shows {shown:?}");
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
}

/// The waiting room with name, flow and place.
pub async fn waits(story: &mut Story, app: &App, seed: &Value) -> Result<()> {
    story.step("waiting room: round's name", app.see(told(seed, "round")?).within(15)).await?;
    story.step("waiting room: place", app.see("place").within(10)).await?;
    story.step("waiting room: flow with the stage", app.see("flow").within(5)).await?;
    story.picture(app, "waiting-room").await?;
    Ok(())
}

pub async fn leaves(app: &App) -> Result<()> {
    app.tap("end").await?;
    app.tap("end-yes").await?;
    app.see("call-ended").within(10).await
}

pub async fn is_back_in_the_room(story: &mut Story, app: &App) -> Result<()> {
    story.step("candidate sees that it is over", app.see("面试已结束").within(10)).await?;
    story.step("candidate goes back to the room", app.tap("call-close")).await?;
    story.step("and waits for the result", app.see("面试已完成").within(10)).await
}

/// 确认面谈结果.
pub async fn confirms(story: &mut Story, app: &App) -> Result<()> {
    story.step("the result is on the phone", app.see("outcome").within(10)).await?;
    story.step("it says suitable", app.see("合适").within(5)).await?;
    story.picture(app, "outcome").await?;
    story.step("确认面谈结果", app.tap("confirm")).await?;
    story.picture(app, "confirm-sheet").await?;
    story.step("confirm", app.tap("confirm-send")).await?;
    story.step("confirmed", app.see("已确认面谈结果").within(10)).await?;
    story.picture(app, "confirmed").await?;
    Ok(())
}
