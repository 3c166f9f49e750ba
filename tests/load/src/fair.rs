//! Visitors of a fair: its page as the browser and as the app gets it, or searches, so many times a second. What is
//! timed is one request from just before it is sent until its last byte is there.
//!
//! Requests are sent by the clock, not when the last was answered, so that a slow server cannot make its own work
//! lighter; by how much we ourselves were behind the clock is a figure of its own (`late_ms_p99`).

use crate::Place;
use crate::figures::{Figures, ms, percentile};
use anyhow::{Context, bail};
use miantan_domain::model::{FairCard, StandCard};
use miantan_domain::wire::rest::{DEVICE_HEADER, FAIR_PAGE_LIMIT, Page};
use rand::RngExt;
use std::sync::Arc;
use std::time::{Duration, Instant};

#[derive(Debug, Clone, clap::Args)]
pub struct Options {
    /// What they ask for
    #[arg(long, value_enum, default_value = "page")]
    pub what: What,
    /// Requests a second, all visitors together
    #[arg(long, default_value_t = 300.0)]
    pub rate: f64,
    /// How long, in seconds; with fractions
    #[arg(long, default_value_t = 10.0)]
    pub seconds: f64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum What {
    /// The web page, the app's page and its first stands, in turn
    Page,
    /// Searches in the app, of one to eight characters
    Search,
}

/// Frequent, rare and absent; Chinese and Latin; the lengths an index may find hard.
const SEARCHES: [&str; 16] = [
    "工",
    "师",
    "P",
    "a",
    "工程",
    "开发",
    "云帆",
    "PH",
    "工程师",
    "php",
    "Java开发",
    "前端开发",
    "股份有限公司",
    "射频工程师",
    "没有这个词",
    "青禾云帆软件",
];
/// A request that takes longer is lost.
const REQUEST_LIMIT: Duration = Duration::from_secs(10);

/// # Errors
/// When there is no fair, or nothing is answered at all.
pub async fn run(
    place: &Place,
    tls: &Arc<rustls::ClientConfig>,
    options: &Options,
) -> anyhow::Result<Figures> {
    if options.rate.is_nan() || options.rate <= 0.0 {
        bail!("--rate must be above 0");
    }
    let http = reqwest::Client::builder()
        .tls_backend_preconfigured(tls.as_ref().clone())
        .timeout(REQUEST_LIMIT)
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .build()?;
    let server = place.server.trim_end_matches('/').to_owned();
    let fairs: Page<FairCard> =
        http.get(format!("{server}/api/v1/fairs")).send().await?.error_for_status()?.json().await?;
    let fair = fairs.items.first().context("the server has no fair")?;
    // what is asked later must be there: an empty page would be quick
    let stands = format!("{server}/api/v1/fairs/{}/stands", fair.id);
    let first: Page<StandCard> = http.get(&stands).send().await?.error_for_status()?.json().await?;
    if (first.items.len() as u64) < fair.employers.min(u64::from(FAIR_PAGE_LIMIT)) {
        bail!("the fair's first stands are not all there");
    }
    let urls: Vec<String> = match options.what {
        What::Page => {
            vec![format!("{server}/fairs/{}", fair.id), format!("{server}/api/v1/fairs/{}", fair.id), stands]
        }
        What::Search => SEARCHES.iter().map(|text| format!("{stands}?q={}", encoded(text))).collect(),
    };

    let count = (options.rate * options.seconds.max(0.0)).round() as usize;
    let began = Instant::now();
    let mut late = Vec::with_capacity(count);
    let mut answers = tokio::task::JoinSet::new();
    for n in 0..count {
        let due = began + Duration::from_secs_f64(n as f64 / options.rate);
        if due > Instant::now() {
            tokio::time::sleep_until(due.into()).await;
        }
        late.push(Instant::now().saturating_duration_since(due));
        // each from a visitor of its own, so that views are counted as on the day
        let device = uuid_of(rand::rng().random());
        let request = http.get(&urls[n % urls.len()]).header(DEVICE_HEADER, device);
        answers.spawn(async move {
            let asked = Instant::now();
            let answer = request.send().await.and_then(reqwest::Response::error_for_status).ok()?;
            answer.bytes().await.ok()?;
            Some(asked.elapsed())
        });
    }
    let (mut times, mut errors) = (Vec::with_capacity(count), 0);
    while let Some(answer) = answers.join_next().await {
        match answer {
            Ok(Some(time)) => times.push(time),
            Ok(None) | Err(_) => errors += 1,
        }
    }
    if times.is_empty() {
        bail!("nothing was answered");
    }
    late.sort_unstable();
    let took = began.elapsed();
    Ok(Figures::of("fair", 0, errors, &mut times, took)
        .with("positions", fair.positions as f64)
        .with("late_ms_p99", ms(percentile(&late, 99))))
}

/// A text as part of a query string.
fn encoded(text: &str) -> String {
    text.bytes().fold(String::new(), |path, byte| format!("{path}%{byte:02X}"))
}

/// Bytes in the form of an id.
fn uuid_of(bytes: [u8; 16]) -> String {
    let hex = bytes.iter().fold(String::new(), |hex, byte| format!("{hex}{byte:02x}"));
    format!("{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..])
}
