//! A window that shows any screens of the app side by side, from hand-made snapshots: for looking at them in every
//! language, theme and size. It has no session; what is pressed is only printed.
//!
//! Each line on stdin is one picture: `NAME,NAME… [lang=en] [theme=light,dark] [text=200] [size=360x640]`. When it is
//! drawn, `drawn` is printed. Style sheets are read from disk for each, so that they can be changed meanwhile.

mod fairs;
mod fixtures;
mod identity;
mod mine;
mod people;
mod talk;

use dioxus::prelude::*;
use miantan_mobile::app::{Current, Frame};
use miantan_mobile::bridge::{Wiring, use_wired};
use miantan_mobile::i18n::Lang;
use miantan_mobile::parts::use_local_pictures;
use miantan_mobile::prefs::{Prefs, PrefsFile, Theme};
use miantan_mobile::window::{Place, config};
use miantan_mobile::{page, screens};
use std::io::BufRead;
use std::sync::Arc;
use tokio::sync::{mpsc, watch};

#[derive(Debug, Clone, PartialEq)]
struct Shot {
    names: Vec<String>,
    lang: Lang,
    themes: Vec<Theme>,
    text: u16,
    size: (f64, f64),
    number: u64,
}

impl Shot {
    fn parse(line: &str, number: u64) -> Option<Self> {
        let mut words = line.split_whitespace();
        let names = words.next()?.split(',').map(str::to_owned).collect();
        let mut shot = Self {
            names,
            lang: Lang::Zh,
            themes: vec![Theme::Light],
            text: 100,
            size: (390.0, 844.0),
            number,
        };
        for word in words {
            match word.split_once('=')? {
                ("lang", "en") => shot.lang = Lang::En,
                ("theme", names) => shot.themes = names.split(',').filter_map(Theme::from_name).collect(),
                ("text", percent) => shot.text = percent.parse().ok()?,
                ("size", size) => {
                    let place = Place::parse(size)?;
                    shot.size = (place.width, place.height);
                }
                _ => {}
            }
        }
        Some(shot)
    }
}

fn main() {
    let place = std::env::var("MIANTAN_WINDOW").ok().and_then(|text| Place::parse(&text)).unwrap_or(Place {
        width: 1560.0,
        height: 844.0,
        at: Some((0.0, 0.0)),
    });
    let config = config("gallery", page::with_styles(""), place, None);
    LaunchBuilder::desktop().with_cfg(config).launch(Gallery);
}

fn styles() -> String {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../assets/styles");
    page::STYLES
        .map(|(name, built_in)| {
            std::fs::read_to_string(format!("{folder}/{name}.css")).unwrap_or_else(|_| built_in.to_owned())
        })
        .concat()
}

#[component]
fn Gallery() -> Element {
    use_local_pictures();
    let mut shot = use_signal(|| None::<Shot>);
    use_future(move || async move {
        let (send, mut lines) = mpsc::unbounded_channel();
        std::thread::spawn(move || {
            for line in std::io::stdin().lock().lines().map_while(Result::ok) {
                if send.send(line).is_err() {
                    break;
                }
            }
        });
        let mut number = 0;
        while let Some(line) = lines.recv().await {
            number += 1;
            if let Some(next) = Shot::parse(&line, number) {
                shot.set(Some(next));
                let mut drawn = document::eval(
                    "requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(() => dioxus.send(1), 900)))",
                );
                let _ = drawn.recv::<i32>().await;
                println!("drawn");
            }
        }
    });
    let css = use_memo(move || {
        shot.read();
        styles()
    });
    let Some(shot) = shot() else { return rsx! {} };
    rsx! {
        style { "{css}" }
        style { ".phones{{display:flex;height:100%}} .phone{{position:relative;overflow:hidden;flex:none;outline:1px solid #8883}} .phone .app{{height:100%}}" }
        div { class: "phones",
            for (at , name) in shot.names.iter().enumerate() {
                Phone {
                    key: "{shot.number}-{at}",
                    name: name.clone(),
                    prefs: Prefs { lang: shot.lang, theme: shot.themes[at % shot.themes.len()], text: shot.text },
                    size: shot.size,
                }
            }
        }
    }
}

#[component]
fn Phone(name: String, prefs: Prefs, size: (f64, f64)) -> Element {
    let (screen, extra) = name.split_once('+').unwrap_or((name.as_str(), ""));
    let hook = name.clone();
    let wiring = use_hook(|| {
        let (sender, views) = watch::channel(Arc::new(fixtures::view(screen)));
        // The app's session outlives its window; so does this one.
        std::mem::forget(sender);
        Wiring {
            views,
            wishes: Arc::new(move |wish| {
                println!("{hook}: {wish:?}");
            }),
            prefs,
            prefs_file: PrefsFile::default(),
            demo_devices: extra == "demo",
            server: String::new(),
            called: watch::channel(0).1,
        }
    });
    let hall = use_wired(&wiring);
    let (width, height) = size;
    let press = match extra {
        "" | "demo" => None,
        test => Some(test.to_owned()),
    };
    let place = name.clone();
    use_effect(move || {
        if let Some(tests) = press.clone() {
            // One after another, each when it is there.
            let tests = tests.split('+').map(|test| format!("'{test}'")).collect::<Vec<_>>().join(",");
            let script = format!(
                "for (const test of [{tests}]) {{
                    for (let n = 0; n < 40; n += 1) {{
                        await new Promise((on) => setTimeout(on, 60));
                        const found = document.querySelector(`[data-phone=\"{place}\"] [data-test=\"${{test}}\"]`);
                        if (found) {{ found.click(); break; }}
                    }}
                }}"
            );
            document::eval(&script);
        }
    });
    let _ = (hall, screens::ServerScreen);
    rsx! {
        div { class: "phone", "data-phone": "{name}", style: "width:{width}px;height:{height}px",
            Frame { Current {} }
        }
    }
}
