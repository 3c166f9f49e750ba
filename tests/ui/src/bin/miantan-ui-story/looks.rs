//! The same screens in English, dark, small and with large text: nothing may be cut off or too small to hit.

use anyhow::{Result, bail};
use miantan_ui::{App, Story};

pub async fn everything_also_dark_and_english(
    story: &mut Story,
    candidate: &App,
    recruiter: &App,
) -> Result<()> {
    for app in [candidate, recruiter] {
        let who = app.name().to_owned();
        story.step(&format!("{who}: settings"), app.tap("settings")).await?;
        story.picture(app, &format!("settings-{who}")).await?;
        story.step(&format!("{who}: English"), app.tap("set-lang-en")).await?;
        story.step(&format!("{who}: dark"), app.tap("set-theme-dark")).await?;
        story.step(&format!("{who}: close settings"), app.tap("sheet-close")).await?;
        story.picture(app, &format!("dark-english-{who}")).await?;
        story.step(&format!("{who}: small window"), app.resize(360, 640)).await?;
        story.picture(app, &format!("small-{who}")).await?;
        story.step(&format!("{who}: everything is large enough for a finger"), fingers(app)).await?;
    }
    Ok(())
}

async fn fingers(app: &App) -> Result<()> {
    let small = app.small_targets(43.5).await?;
    if small.is_empty() { Ok(()) } else { bail!("too small to hit: {small:?}") }
}
