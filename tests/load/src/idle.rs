//! Devices that are open and wait. They are opened some at a time; then all are left alone for a moment and the
//! server's memory is looked at.

use crate::Place;
use crate::device::Device;
use crate::figures::Figures;
use crate::memory::{resident_kib, settled_kib};
use crate::people::{Candidate, People};
use anyhow::bail;
use futures_util::StreamExt;
use miantan_domain::model::Presence;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::task::JoinHandle;

#[derive(Debug, Clone, clap::Args)]
pub struct Options {
    /// How many devices
    #[arg(long, default_value_t = 1_000)]
    pub devices: usize,
    /// Seconds to stay open before the memory is looked at; with fractions
    #[arg(long, default_value_t = 2.0)]
    pub stay: f64,
}

/// Devices that stay open until this is dropped.
pub(crate) struct Open {
    pub devices: Vec<JoinHandle<()>>,
    /// How long each took from the first packet to its welcome.
    pub times: Vec<Duration>,
    pub took: Duration,
    pub failed: usize,
}

impl Drop for Open {
    fn drop(&mut self) {
        for device in &self.devices {
            device.abort();
        }
    }
}

/// Opens one device for each candidate; `then` is what it does once it is open.
pub(crate) async fn open<F>(
    place: &Place,
    tls: &Arc<rustls::ClientConfig>,
    candidates: &[Candidate],
    presence: Presence,
    mut then: impl FnMut(usize, Device) -> F,
) -> Open
where
    F: Future<Output = ()> + Send + 'static,
{
    let started = Instant::now();
    let opening =
        futures_util::stream::iter(candidates.iter().enumerate().map(|(index, candidate)| async move {
            let began = Instant::now();
            let device = Device::open(&place.server, &candidate.token, tls, presence).await;
            (index, device, began.elapsed())
        }));
    let mut opening = opening.buffer_unordered(place.at_once.max(1));
    let mut open = Open { devices: Vec::new(), times: Vec::new(), took: Duration::ZERO, failed: 0 };
    while let Some((index, device, time)) = opening.next().await {
        match device {
            Ok(device) => {
                open.times.push(time);
                open.devices.push(tokio::spawn(then(index, device)));
            }
            Err(error) => {
                // the first says why; a thousand would say the same
                if open.failed == 0 {
                    eprintln!("a device does not open: {error:#}");
                }
                open.failed += 1;
            }
        }
    }
    open.took = started.elapsed();
    open
}

/// # Errors
/// When no device opens, or the server's memory cannot be read.
pub async fn run(
    place: &Place,
    tls: &Arc<rustls::ClientConfig>,
    people: &People,
    options: &Options,
) -> anyhow::Result<Figures> {
    let before = match place.pid {
        Some(pid) => Some(settled_kib(pid).await?),
        None => None,
    };
    let mut open = open(place, tls, &people.candidates, Presence::Online, |_, device| device.stay()).await;
    if open.devices.is_empty() && options.devices > 0 {
        bail!("no device opened");
    }
    tokio::time::sleep(Duration::from_secs_f64(options.stay.max(0.0))).await;
    let after = place.pid.map(resident_kib).transpose()?;
    let lost = open.devices.iter().filter(|device| device.is_finished()).count();
    let devices = open.devices.len() - lost;
    let (took, failed) = (open.took, open.failed);
    let mut figures = Figures::of("idle", devices, failed + lost, &mut open.times, took);
    if let (Some(before), Some(after)) = (before, after) {
        let each = (after as f64 - before as f64) / devices.max(1) as f64;
        figures = figures
            .with("rss_kib_before", before as f64)
            .with("rss_kib_after", after as f64)
            .with("kib_per_device", each);
    }
    Ok(figures)
}
