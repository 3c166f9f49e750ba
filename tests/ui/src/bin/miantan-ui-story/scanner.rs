//! A phone before whose camera first a foreign QR code is held, then that of an invitation: the code leads in.

use anyhow::{Context, Result};
use miantan_ui::{App, Display, Story, film};
use serde_json::Value;

use crate::{Arguments, phone, told};

/// How long the foreign code is held up, in seconds: longer than the app needs to open and to show what it saw.
const FOREIGN_S: usize = 10;

/// First screen, 扫码, organiser, and the password that this invitation has.
pub async fn leads_in(story: &mut Story, given: &Arguments, display: &Display, lin: &Value) -> Result<()> {
    let (organiser, code) = (told(&given.seed, "organiser")?, told(lin, "code")?);
    let server = given.backend.replace(':', "%3A").replace('/', "%2F");
    let link = format!("miantan://join?server={server}&code={code}");
    let path = std::path::absolute(given.out.join("codes.y4m")).context("no folder to work in")?;
    film::of_codes(&[("WIFI:T:WPA;S:canteen;P:soup-of-the-day;;", FOREIGN_S), (&link, 4)], &path)?;
    let camera = format!("synthetic:film:{}", path.display());
    let phone = phone(given, display, "scanner", 0)?.env("MIANTAN_CAMERA", camera);

    let app = story.step("another phone opens", App::start(phone)).await?;
    story.step("scanner: 扫码", app.tap("scan")).await?;
    story.step("scanner: a foreign code is said so", app.see("这不是面谈的二维码").within(10)).await?;
    story.picture(&app, "scanner").await?;
    story.step("scanner: the picture is live", app.moves("self-video")).await?;
    story.step("scanner: the invitation's code shows the organiser", app.see(organiser).within(30)).await?;
    story.step("scanner: and asks for its password", app.see("join-password").within(10)).await?;
    story.picture(&app, "scanned").await?;
    drop(app);
    std::fs::remove_file(&path).with_context(|| format!("cannot remove {}", path.display()))
}
