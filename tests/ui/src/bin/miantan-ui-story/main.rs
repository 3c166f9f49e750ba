//! The whole story of one interview, played by events on the visible controls of two app processes and compared
//! with what must be on the screen: join, device checks, waiting room, ring, answer, ten seconds of call, the
//! candidate's app killed and started again, hanging up and calling again, outcome, announcement, confirmation.
//!
//! `miantan-ui-story --backend URL --app PATH --seed FILE --out DIR`; `cargo xtask demo --script` starts it.
//! It reads what the seed printed (the things a person would be told by SMS) and nothing else of the backend.

mod candidate;
mod fair;
mod identity;
mod looks;
mod office;
mod paper;
mod recruiter;
mod room;
mod scanner;

use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use miantan_ui::{App, AppSettings, Display, Story};
use serde_json::Value;

/// What the command line said.
struct Arguments {
    backend: String,
    app: PathBuf,
    seed: Value,
    out: PathBuf,
    /// Only this part: `interview`, `fair` or `identity`.
    part: Option<String>,
    /// `--faces required`: without pictures of people the story fails.
    faces_required: bool,
}

fn arguments() -> Result<Arguments> {
    let mut given = std::env::args().skip(1);
    let (mut backend, mut app, mut seed, mut out, mut part) = (None, None, None, None, None);
    let mut faces_required = false;
    while let Some(name) = given.next() {
        let value = given.next().with_context(|| format!("{name} needs a value"))?;
        match name.as_str() {
            "--backend" => backend = Some(value),
            "--app" => app = Some(PathBuf::from(value)),
            "--seed" => seed = Some(value),
            "--out" => out = Some(PathBuf::from(value)),
            "--part" => part = Some(value),
            "--faces" if value == "required" => faces_required = true,
            _ => bail!(
                "unknown argument {name}; usage: --backend URL --app PATH --seed FILE --out DIR [--part interview|fair|identity] [--faces required]"
            ),
        }
    }
    let seed = seed.context("--seed FILE is missing")?;
    let text = std::fs::read_to_string(&seed).with_context(|| format!("cannot read {seed}"))?;
    Ok(Arguments {
        backend: backend.context("--backend URL is missing")?,
        app: app.context("--app PATH is missing")?,
        seed: serde_json::from_str(&text).with_context(|| format!("{seed} is not JSON"))?,
        out: out.context("--out DIR is missing")?,
        part,
        faces_required,
    })
}

/// One of the seed's strings.
fn told<'a>(value: &'a Value, key: &str) -> Result<&'a str> {
    value[key].as_str().with_context(|| format!("the seed says nothing about {key}"))
}

#[tokio::main]
async fn main() -> Result<()> {
    let given = arguments()?;
    let display = match std::env::var("DISPLAY") {
        Ok(name) if !name.is_empty() => Display::existing(name),
        _ => Display::start(840, 900)?,
    };
    let mut story = Story::begin(&given.out)?;
    let part = |name| given.part.as_deref().is_none_or(|part| part == name);
    let mut played = Ok(());
    if part("interview") {
        played = play(&mut story, &given, &display).await;
    }
    if part("fair") && played.is_ok() {
        played = fair_and_talk(&mut story, &given, &display).await;
    }
    if part("identity") && played.is_ok() {
        played = identity::play(&mut story, &given, &display).await;
    }
    println!("\n{}", story.table());
    played
}

/// A phone of this story, with declared synthetic devices.
fn phone(given: &Arguments, display: &Display, name: &str, x: i32) -> Result<AppSettings> {
    let data = given.out.join("data").join(format!("story-{name}"));
    if data.exists() {
        std::fs::remove_dir_all(&data).with_context(|| format!("cannot empty {}", data.display()))?;
    }
    Ok(AppSettings::new(name, &given.app, display)
        .data(&data)
        .out(&given.out)
        .place(390, 844, x, 0)
        // what it saves goes into its own folder
        .env("HOME", std::path::absolute(&data)?)
        .env("MIANTAN_LANG", "zh-CN")
        .env("MIANTAN_THEME", "light")
        .env("MIANTAN_CAMERA", "synthetic")
        .env("MIANTAN_MICROPHONE", "synthetic:tone")
        .env("MIANTAN_SPEAKER", "synthetic:sink")
        .patience(Duration::from_secs(30)))
}

async fn play(story: &mut Story, given: &Arguments, display: &Display) -> Result<()> {
    let seed = &given.seed;
    let all = seed["candidates"].as_array().context("the seed lists no candidates")?;
    let lin = all.iter().find(|c| c["password"].is_string()).context("nobody has a password")?;
    let name = told(lin, "name")?;

    scanner::leads_in(story, given, display, lin).await?;
    let phone = phone(given, display, "candidate", 0)?;
    let desk = self::phone(given, display, "recruiter", 420)?;
    let mut candidate = story.step("candidate's app opens", App::start(phone)).await?;
    candidate::joins(story, &candidate, &given.backend, seed, lin).await?;
    candidate::checks_devices(story, &candidate).await?;
    candidate::waits(story, &candidate, seed).await?;

    let recruiter = story.step("recruiter's app opens", App::start(desk)).await?;
    recruiter::signs_in(story, &recruiter, &given.backend, seed).await?;
    recruiter::opens_sheet(story, &recruiter, seed, name).await?;
    talks(story, &mut candidate, &recruiter, name).await?;
    recruiter::ends_with_outcome(story, &recruiter, name).await?;
    candidate::is_back_in_the_room(story, &candidate).await?;
    recruiter::announces(story, &recruiter, name).await?;
    candidate::confirms(story, &candidate).await?;
    recruiter::sees_confirmation(story, &recruiter, name).await?;
    looks::everything_also_dark_and_english(story, &candidate, &recruiter).await?;
    Ok(())
}

/// The fair and the talk hall, with two fresh phones.
async fn fair_and_talk(story: &mut Story, given: &Arguments, display: &Display) -> Result<()> {
    let (backend, seed) = (&given.backend, &given.seed);
    let outbox = given.out.join("data/server/sms-outbox.jsonl");
    let settings = phone(given, display, "applicant", 0)?;
    let app = story.step("applicant's app opens", App::start(settings)).await?;
    let fair = fair::is_found(story, &app, backend, seed, &outbox).await?;
    fair::applies(story, &app).await?;
    let settings = phone(given, display, "talker", 420)?;
    let recruiter = story.step("recruiter's app opens", App::start(settings)).await?;
    fair::is_talked_with(story, &app, &recruiter, backend, seed).await?;
    let server = backend.replace(':', "%3A").replace('/', "%2F");
    let link = format!("miantan://fair?server={server}&fair={fair}");
    story.step("a link leads the running app to the fair", app.open_link(&link)).await?;
    story.step("the fair is there", app.see("fair-page").within(20)).await?;
    room::shares_the_conversation(story, &app, &recruiter, seed).await?;
    drop(recruiter);
    office::registers_and_opens(story, given, display, &fair).await
}

/// Ring, call, killed app, call again.
async fn talks(story: &mut Story, candidate: &mut App, recruiter: &App, name: &str) -> Result<()> {
    story.step("recruiter rings", recruiter.tap("start-interview")).await?;
    story.step("candidate's phone rings", candidate.see("接听前，对方看不到也听不到您").within(10)).await?;
    story.step("recruiter sees it ring", recruiter.see("对方正在响铃").within(10)).await?;
    story.picture(candidate, "ring-candidate").await?;
    story.picture(recruiter, "ring-recruiter").await?;

    let answered = Instant::now();
    story.step("candidate answers", candidate.tap("answer")).await?;
    story.step("both are connected", both_connected(candidate, recruiter)).await?;
    println!("     answer pressed → both call clocks run: {} ms", answered.elapsed().as_millis());
    story.step("both pictures move", both_move(candidate, recruiter)).await?;
    story.step("ten seconds of call", ten_seconds(recruiter)).await?;
    story.step("a text in the call", text_in_call(candidate, recruiter)).await?;
    story.picture(candidate, "call-candidate").await?;
    story.picture(recruiter, "call-recruiter").await?;
    println!(
        "     memory in the call: candidate {} MiB, recruiter {} MiB (app and its web processes)",
        candidate.memory()? / 1024,
        recruiter.memory()? / 1024
    );

    candidate.kill();
    story
        .step("candidate's app is killed: recruiter sees it", recruiter.see("interrupted").within(20))
        .await?;
    story.picture(recruiter, "interrupted-recruiter").await?;
    story.step("candidate's app starts again", candidate.start_again()).await?;
    story.step("it comes back into the call by itself", both_connected(candidate, recruiter)).await?;
    story.step("pictures move again", both_move(candidate, recruiter)).await?;

    story.step("candidate leaves the call", candidate::leaves(candidate)).await?;
    story.step("recruiter sees that", recruiter.see("考生已离开").within(10)).await?;
    story.picture(recruiter, "left-recruiter").await?;
    story.picture(candidate, "left-candidate").await?;
    story.step("recruiter calls again", recruiter.tap("call-again")).await?;
    story.step("candidate answers again", candidate.tap("answer")).await?;
    story.step("connected again", both_connected(candidate, recruiter)).await?;
    story.step("candidate's name is still on the call", recruiter.see(name).within(5)).await?;
    Ok(())
}

async fn both_connected(candidate: &App, recruiter: &App) -> Result<()> {
    candidate.see("call-timer").within(30).await?;
    recruiter.see("call-timer").within(30).await?;
    candidate.not_see("interrupted").within(30).await?;
    recruiter.not_see("interrupted").within(30).await
}

async fn both_move(candidate: &App, recruiter: &App) -> Result<()> {
    for app in [candidate, recruiter] {
        app.moves("remote-video").await?;
        app.moves("self-video").await?;
    }
    Ok(())
}

/// The call's own clock on the screen is what counts, not this process's patience.
async fn ten_seconds(recruiter: &App) -> Result<()> {
    let seconds = |text: &str| -> Option<u64> {
        let (minutes, seconds) = text.trim().rsplit_once(':')?;
        Some(minutes.trim().parse::<u64>().ok()? * 60 + seconds.trim().parse::<u64>().ok()?)
    };
    let begun = Instant::now();
    loop {
        let shown = recruiter.text_of("call-timer").await?;
        if seconds(&shown).with_context(|| format!("the call's clock shows {shown:?}"))? >= 10 {
            return Ok(());
        }
        if begun.elapsed() > Duration::from_secs(30) {
            bail!("after 30 s the call's clock shows {shown:?}");
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

async fn text_in_call(candidate: &App, recruiter: &App) -> Result<()> {
    recruiter.tap("notes").await?;
    recruiter.type_into("note-text", "请先做一分钟自我介绍").await?;
    recruiter.tap("note-send").await?;
    recruiter.see("请先做一分钟自我介绍").within(10).await?;
    recruiter.tap_in("消息", "sheet-close").await?;
    candidate.tap("notes").await?;
    candidate.see("请先做一分钟自我介绍").within(10).await?;
    candidate.tap_in("消息", "sheet-close").await
}
