//! Messages beside the room (R3): whoever was invited in a conversation waits with that conversation, and the recruiter
//! has the same on the sheet of the queue.

use anyhow::{Result, bail};
use miantan_ui::{App, Story};
use serde_json::Value;

use crate::fair::{NAME, first};
use crate::{candidate, told};

/// From 我的面试 into the room, and both sides talk there.
pub async fn shares_the_conversation(
    story: &mut Story,
    app: &App,
    recruiter: &App,
    seed: &Value,
) -> Result<()> {
    story.step("applicant: back from the fair", app.tap("tab-mine")).await?;
    story.step("applicant: my interviews", app.tap("mine-interviews")).await?;
    story.step("the interview is listed", app.see("interview-status").within(20)).await?;
    story.picture(app, "my-interviews").await?;
    let enter = story.step("its room is open", first(app, "[data-test^=interview-enter-]")).await?;
    story.step("applicant: enter", app.tap(&enter)).await?;
    candidate::checks_devices(story, app).await?;
    story.step("room: the conversation is beside it", app.see("notes-open").within(20)).await?;
    story.picture(app, "room-with-conversation").await?;
    story.step("applicant: messages", app.tap("notes-open")).await?;
    story.step("room: the invitation itself is there", app.see("invite-calendar").within(20)).await?;
    story.step("applicant: writes in the room", app.type_into("talk-text", "我已经到了")).await?;
    story.step("applicant: sends it", app.tap("talk-send")).await?;
    story.picture(app, "room-messages").await?;

    story.step("recruiter: back to the list", recruiter.tap("back")).await?;
    story.step("recruiter: the rounds", recruiter.tap("tab-rounds")).await?;
    story.step("recruiter: today's", recruiter.tap(told(seed, "round")?)).await?;
    story.step("queue: the applicant waits in it", recruiter.see(NAME).within(20)).await?;
    story.step("recruiter: the applicant's sheet", recruiter.tap_in(NAME, NAME)).await?;
    story.step("sheet: the conversation is beside it", recruiter.see("notes-open").within(20)).await?;
    story.step("recruiter: messages", recruiter.tap("notes-open")).await?;
    story.step("sheet: what was written in the room", recruiter.see("我已经到了").within(20)).await?;
    story.picture(recruiter, "sheet-messages").await?;
    story.step("Tab stays in the sheet", tab_stays(recruiter)).await?;
    story.step("recruiter: answers there", recruiter.type_into("talk-text", "请稍候，马上轮到您")).await?;
    story.step("recruiter: sends it", recruiter.tap("talk-send")).await?;
    story.step("applicant: reads it in the room", app.see("马上轮到您").within(20)).await?;
    story.step("recruiter: Escape closes the messages", recruiter.key("Escape")).await?;
    story.step("the sheet is still there", recruiter.see("start-interview").within(10)).await?;
    story.step("and the messages are not", recruiter.not_see("talk-text").within(10)).await
}

/// Twenty steps through the controls end where they began: inside.
async fn tab_stays(app: &App) -> Result<()> {
    const WHERE: &str = "document.activeElement?.closest('.sheet')?.dataset.test ?? 'outside'";
    let sheet = app.measure(WHERE).await?;
    for _ in 0..20 {
        app.key("Tab").await?;
        let now = app.measure(WHERE).await?;
        if now != sheet || now == "outside" {
            bail!("Tab went from {sheet} to {now}");
        }
    }
    Ok(())
}
