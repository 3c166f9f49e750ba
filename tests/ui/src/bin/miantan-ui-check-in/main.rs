//! Measures a whole check-in in the app's real window, by a person who does everything right: from the moment the field for
//! the invitation code stands on the screen until the waiting room does. Identity by face, then speaker, microphone,
//! camera and network, as the round asks for them. Prints one line of JSON: `{"check_in_s": n, "human_s": n, "preview_fps": n,
//! "steps": [[name, seconds], …]}`; `human_s` is what was assumed of the person and is part of `check_in_s`; the pictures
//! drawn are counted while the framing guide is on the screen and faces are looked at.
//!
//! `miantan-ui-check-in --backend URL --app PATH --seed FILE --out DIR`
//!
//! One run for each seed: a candidate checks in once. The camera is the declared synthetic one with a picture of the
//! person whose photo the organiser has; it follows the movements that are asked for, about a second each. Never here:
//! judging whether the time is good enough.

mod probe;

use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use miantan_ui::people::{LIN, pictures};
use miantan_ui::{App, AppSettings, Arguments, Display};
use serde_json::{Value, json};

/// What a person is assumed to take. There is no measurement of ours behind these: they stand here to be judged.
mod human {
    use std::time::Duration;

    /// Sees what is asked and presses.
    pub const PRESS: Duration = Duration::from_secs(1);
    /// Types nine characters that stand in a message.
    pub const CODE: Duration = Duration::from_secs(6);
    /// Reads what is made of the face, for whom and how long.
    pub const CONSENT: Duration = Duration::from_secs(8);
    /// Looks at a list of what will come.
    pub const LIST: Duration = Duration::from_secs(2);
    /// Hears that it is music.
    pub const LISTEN: Duration = Duration::from_secs(2);
    /// Says a sentence.
    pub const SPEAK: Duration = Duration::from_secs(3);
    /// Sees oneself.
    pub const LOOK: Duration = Duration::from_secs(1);
}

/// A screen that takes longer than this has failed.
const PATIENCE: Duration = Duration::from_mins(1);

struct Given {
    backend: String,
    app: String,
    seed: Value,
    out: String,
}

fn given() -> Result<Given> {
    let mut given = Arguments::read(std::env::args().skip(1))?;
    let all = Given {
        backend: given.take("--backend")?,
        app: given.take("--app")?,
        seed: given.json("--seed")?,
        out: given.take("--out")?,
    };
    given.end()?;
    Ok(all)
}

/// The person at the phone, with a clock.
struct Person<'a> {
    app: &'a App,
    steps: Vec<(&'static str, f64)>,
    since: Instant,
    human: Duration,
    /// Of the framing guide.
    preview_fps: Option<f64>,
}

impl Person<'_> {
    async fn takes(&mut self, time: Duration) {
        self.human += time;
        tokio::time::sleep(time).await;
    }

    async fn presses(&mut self, name: &str) -> Result<()> {
        self.takes(human::PRESS).await;
        self.app.tap(name).await
    }

    /// This much of the way is done.
    fn step(&mut self, name: &'static str) {
        self.steps.push((name, self.since.elapsed().as_secs_f64()));
        self.since = Instant::now();
    }

    async fn joins(&mut self, code: &str) -> Result<()> {
        self.takes(human::CODE).await;
        self.app.type_into("code", code).await?;
        self.presses("join").await?;
        self.app.see("check-begin").within(20).await?;
        self.step("code");
        self.takes(human::LIST).await;
        self.presses("check-begin").await
    }

    async fn proves_identity(&mut self) -> Result<()> {
        self.app.see("identity-choice").within(20).await?;
        self.presses("way-face").await?;
        self.app.see("consent").within(20).await?;
        self.takes(human::CONSENT).await;
        self.presses("consent-yes").await?;
        self.step("consent");
        self.app.see("framing").within(60).await?;
        self.step("models");
        self.app.measure(probe::COUNT).await?;
        self.presses("face-start").await?;
        self.app.see("challenge").within(40).await?;
        self.preview_fps = self.app.measure(probe::PREVIEW_FPS).await?.as_f64();
        self.step("framing");
        self.app.see("正在播放").within(60).await?;
        self.step("challenge");
        Ok(())
    }

    async fn checks_devices(&mut self) -> Result<()> {
        self.takes(human::LISTEN).await;
        self.presses("check-yes").await?;
        self.step("speaker");
        self.presses("record").await?;
        self.app.see("正在录音").within(10).await?;
        self.takes(human::SPEAK).await;
        self.presses("record").await?;
        self.presses("play").await?;
        self.app.see("声音清晰吗").within(15).await?;
        self.presses("check-yes").await?;
        self.step("microphone");
        self.app.moves("self-video").await?;
        self.takes(human::LOOK).await;
        self.presses("check-yes").await?;
        self.step("camera");
        self.app.see("place").within(30).await?;
        self.step("network");
        Ok(())
    }
}

#[tokio::main]
async fn main() -> Result<()> {
    let given = given()?;
    let pictures =
        pictures().context("the face check needs shared/faces beside the project, or MIANTAN_FACES")?;
    let line = &given.seed["identity"];
    let code =
        line["code"].as_str().context("the seed has no candidate whose round asks for the identity")?;
    let display = Display::start(400, 860)?;
    let data = std::path::absolute(&given.out)?.join("data-check-in");
    ensure!(!data.exists(), "{} is there: a check-in begins on a new phone", data.display());
    let settings = AppSettings::new("check-in", &given.app, &display)
        .data(&data)
        .out(&given.out)
        .env("HOME", &data)
        .env("MIANTAN_LANG", "zh-CN")
        .env("MIANTAN_THEME", "light")
        .env("MIANTAN_CAMERA", "synthetic")
        .env("MIANTAN_MICROPHONE", "synthetic:tone")
        .env("MIANTAN_SPEAKER", "synthetic:sink")
        .env("MIANTAN_ACTOR", LIN.in_front(&pictures))
        .patience(PATIENCE);
    let app = App::start(settings).await?;
    app.type_into("server-address", &given.backend).await?;
    app.tap("server-go").await?;
    app.see("code").within(20).await?;

    let began = Instant::now();
    let mut person =
        Person { app: &app, steps: Vec::new(), since: began, human: Duration::ZERO, preview_fps: None };
    person.joins(code).await?;
    person.proves_identity().await?;
    person.checks_devices().await?;
    let (took, human) = (began.elapsed().as_secs_f64(), person.human.as_secs_f64());
    app.screenshot(format!("{}/waiting-room.png", given.out)).await?;
    let figures = json!({
        "check_in_s": took, "human_s": human, "preview_fps": person.preview_fps, "steps": person.steps,
    });
    println!("{figures}");
    Ok(())
}
