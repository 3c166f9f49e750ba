//! Writes a page that shows the synthetic camera through the frame server, and prints once a second how
//! many pictures that page has drawn. Any WebView that opens the page under one of the app's origins
//! (`dioxus://index.html/`) will do:
//! `cargo run -p miantan-media --features synthetic --example screen_probe PAGE.html [SECONDS]`.

use std::time::Duration;

use anyhow::Context as _;
use miantan_media::camera::CameraChoice;
use miantan_media::screen::PAGE_SCRIPT;
use miantan_media::{CameraPreview, Screen};

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let page = arguments.next().context("name the file the page goes into")?;
    let seconds: u32 = arguments.next().map_or(Ok(10), |seconds| seconds.parse())?;

    let screen = Screen::start().await?;
    let url = screen.address().url;
    std::fs::write(
        page,
        format!(
            "<!doctype html><meta charset=utf-8><body style=\"margin:0;background:#444\">\
             <canvas data-view=own style=\"width:100%\"></canvas>\
             <script>{PAGE_SCRIPT}</script><script>miantanScreen.connect(\"{url}\")</script>"
        ),
    )?;
    let _preview = CameraPreview::start(CameraChoice::Synthetic, screen.clone())?;
    let drawn = screen.drawn();
    let mut before = 0;
    for second in 1..=seconds {
        tokio::time::sleep(Duration::from_secs(1)).await;
        let now = drawn.borrow().own;
        println!("second {second}: {} drawn", now - before);
        before = now;
    }
    Ok(())
}
