//! Measures the talk hall's list in the app's real window: how long it takes from the press on its tab until rows stand
//! there, and how evenly frames come while ten thousand rows are flung. Prints one line of JSON, a list of numbers for
//! each metric.
//!
//! `miantan-ui-list --backend URL --app PATH --seed FILE --out DIR --rows N --runs N`
//!
//! Presses are X events. Scrolling is the page's own, so many pixels each frame as a strong fling has: what is measured
//! is what a frame costs, not how fast a wheel turns. Never here: judging whether a figure is good enough.
mod probe;

use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use miantan_ui::{App, AppSettings, Arguments, Display};
use serde_json::{Value, json};

/// A release build on a busy machine has drawn, loaded or scrolled within this.
const PATIENCE: Duration = Duration::from_mins(1);
/// Ten thousand rows come in pages of fifty.
const ALL_LOADED: Duration = Duration::from_mins(5);

struct Given {
    backend: String,
    app: String,
    seed: Value,
    out: String,
    rows: u64,
    runs: u64,
}

fn given() -> Result<Given> {
    let mut given = Arguments::read(std::env::args().skip(1))?;
    let all = Given {
        backend: given.take("--backend")?,
        app: given.take("--app")?,
        seed: given.json("--seed")?,
        out: given.take("--out")?,
        rows: given.number("--rows")?,
        runs: given.number("--runs")?,
    };
    given.end()?;
    Ok(all)
}

#[tokio::main]
async fn main() -> Result<()> {
    let given = given()?;
    let display = Display::start(400, 860)?;
    let settings = AppSettings::new("talker", &given.app, &display)
        .data(format!("{}/data-talker", given.out))
        .out(&given.out)
        .env("MIANTAN_LANG", "zh-CN")
        .env("MIANTAN_THEME", "light")
        .patience(PATIENCE);
    let app = App::start(settings).await?;
    signs_in(&app, &given).await?;
    let first = opened(&app).await?;
    load_all(&app, given.rows).await?;
    app.screenshot(format!("{}/list.png", given.out)).await?;
    let (mut open, mut frames, mut rows, mut blank) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for run in 0..given.runs {
        app.tap("tab-rounds").await?;
        app.not_see("talk-list").await?;
        open.push(opened(&app).await?);
        let flung = fling(&app, run, given.runs).await?;
        frames.push(p95(flung.intervals)?);
        rows.push(flung.rows);
        blank.push(flung.blank);
    }
    app.screenshot(format!("{}/list-flung.png", given.out)).await?;
    let figures = json!({
        "list_first_open_ms": [first], "list_open_ms": open, "list_frame_ms_p95": frames, "list_rows": rows,
        "list_blank_percent": blank,
    });
    println!("{figures}");
    Ok(())
}

async fn signs_in(app: &App, given: &Given) -> Result<()> {
    let employer = &given.seed["employer"];
    let told =
        |key: &str| employer[key].as_str().with_context(|| format!("the seed's employer has no {key}"));
    app.type_into("server-address", &given.backend).await?;
    app.tap("server-go").await?;
    app.tap("employer").await?;
    app.type_into("account", told("uscc")?).await?;
    app.type_into("password", told("password")?).await?;
    app.tap("sign-in").await?;
    app.see("tab-talks").await
}

/// From the press on the list's tab until rows were drawn, in milliseconds.
async fn opened(app: &App) -> Result<f64> {
    app.measure(probe::UNTIL_ROWS).await?;
    app.tap("tab-talks").await?;
    let opened = until(app, PATIENCE, "window.__miantanList.opened", Value::is_number).await?;
    opened.as_f64().context("a time")
}

/// Goes to the end of the list again and again until it has so many rows.
async fn load_all(app: &App, rows: u64) -> Result<()> {
    let enough = |count: &Value| count.as_u64().is_some_and(|count| count >= rows);
    until(app, ALL_LOADED, probe::TO_THE_END, enough).await.map(|_| ())
}

struct Flung {
    /// Between two frames, in milliseconds.
    intervals: Vec<f64>,
    /// Most rows in the page at once.
    rows: f64,
    /// Frames in which no row stood in the middle of the list, of a hundred.
    blank: f64,
}

async fn fling(app: &App, run: u64, runs: u64) -> Result<Flung> {
    app.measure(&probe::fling(run, runs)).await?;
    let flung = until(app, PATIENCE, "window.__miantanList.flung", |flung| !flung.is_null()).await?;
    let number = |key: &str| flung[key].as_f64().with_context(|| format!("no {key} in {flung}"));
    let intervals = flung["intervals"].as_array().context("intervals")?;
    Ok(Flung {
        intervals: intervals.iter().filter_map(Value::as_f64).collect(),
        rows: number("rows")?,
        blank: number("blank")?,
    })
}

/// Asks the page until it gives what is wanted.
async fn until(app: &App, limit: Duration, what: &str, wanted: impl Fn(&Value) -> bool) -> Result<Value> {
    let began = Instant::now();
    loop {
        let found = app.measure(what).await?;
        if wanted(&found) {
            return Ok(found);
        }
        if began.elapsed() > limit {
            bail!("after {} s the page still says {found} to {what:.60}…", limit.as_secs());
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// The value that 95 of 100 do not exceed.
fn p95(mut values: Vec<f64>) -> Result<f64> {
    values.sort_by(f64::total_cmp);
    let at = (values.len() * 95).div_ceil(100).saturating_sub(1);
    values.get(at).copied().context("no frames were drawn")
}

#[cfg(test)]
mod tests {
    use super::p95;

    #[test]
    fn five_of_a_hundred_may_be_slower() {
        let values = |slow: usize| (0..100).map(|n| if n < slow { 90.0 } else { 16.0 }).collect();
        assert!((p95(values(5)).expect("frames") - 16.0).abs() < 1e-9);
        assert!((p95(values(6)).expect("frames") - 90.0).abs() < 1e-9);
        assert!(p95(Vec::new()).is_err());
    }
}
