//! What people do on the pages, and what the pages must keep on every screen.

use crate::browser::Browser;
use crate::organiser::Organiser;
use axum::body::Body;
use miantan_backend::http::builds;
use miantan_domain::wire::rest::System;
use serde_json::json;

/// Width, height, dark: phones, a small one, a desk, and a phone at 200 %.
const SCREENS: [(u32, u32, bool); 6] = [
    (390, 844, false),
    (390, 844, true),
    (360, 640, false),
    (1280, 800, false),
    (1280, 800, true),
    (195, 422, false),
];

/// Finds an element by what it says.
fn saying(selector: &str, text: &str) -> String {
    format!(
        "[...document.querySelectorAll({})].find(e => e.textContent.includes({}))",
        json!(selector),
        json!(text)
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn every_page_fits_every_screen_and_breaks_no_rule() {
    let organiser = Organiser::open().await;
    let state = organiser.server().state();
    for system in [System::Android, System::Linux] {
        builds::keep(state, system, "1.0.0", "面谈.bin", Body::from("build")).await.unwrap();
    }
    let fair = organiser.fair().await;
    let mut browser = Browser::open().await;
    browser.go(&organiser.url(&fair)).await;
    let link = |selector: &str| format!("document.querySelector({}).getAttribute('href')", json!(selector));
    let mut paths =
        vec!["/".to_owned(), fair.clone(), format!("{fair}?q=php"), format!("{fair}?q=没有这个词")];
    for selector in [
        ".stand-head",
        ".position .what",
        ".position .button",
        ".hero .actions a:nth-child(2)",
        ".hero .actions a:nth-child(3)",
    ] {
        paths.push(browser.value(&link(selector)).await.as_str().unwrap().to_owned());
    }
    paths.push(format!("/i/{}", organiser.seeded.candidates[0].code));
    paths.extend(["/i/broken", "/download", "/policy"].map(str::to_owned));
    for (width, height, dark) in SCREENS {
        browser.screen(width, height, dark).await;
        for path in &paths {
            browser.go(&organiser.url(path)).await;
            let at = format!("{path} at {width}x{height}{}", if dark { " dark" } else { "" });
            assert_eq!(browser.complaints, Vec::<String>::new(), "{at}");
            // nothing to scroll sideways for
            let wide = browser.value("document.documentElement.scrollWidth").await;
            assert!(wide.as_u64().unwrap() <= u64::from(width), "{at} is {wide} wide");
            let outside = browser
                .value(
                    "[...document.querySelectorAll('main *, header *, footer *')].filter(e => {
                        const r = e.getBoundingClientRect();
                        return r.width > 1 && r.height > 1 && (r.left < -1 || r.right > innerWidth + 1);
                    }).map(e => e.outerHTML.slice(0, 120))",
                )
                .await;
            assert_eq!(outside, json!([]), "{at}");
            // fingers find them
            let small = browser
                .value(
                    "[...document.querySelectorAll('.button, .pill, summary, input, .more, .back a, .position .what')]
                        .filter(e => e.getBoundingClientRect().height < 43.5).map(e => e.outerHTML.slice(0, 120))",
                )
                .await;
            // on the narrowest screen a position's line grows with its text instead
            if width > 200 {
                assert_eq!(small, json!([]), "{at}");
            }
            let ground = browser.value("getComputedStyle(document.body).backgroundColor").await;
            let expected = if dark { "rgb(14, 15, 18)" } else { "rgb(245, 245, 242)" };
            assert_eq!(ground, expected, "{at}: the style sheet applies");
            assert!(browser.text().await.contains(&organiser.seeded.organiser), "{at}");
            // names for those who listen
            let nameless = browser
                .value(
                    "[...document.querySelectorAll('a, button, input, img')].filter(e =>
                        !(e.textContent.trim() || e.getAttribute('aria-label') || e.hasAttribute('alt')
                          || (e.labels && e.labels.length))).map(e => e.outerHTML)",
                )
                .await;
            assert_eq!(nameless, json!([]), "{at}");
        }
    }
}

/// What the test above relies on.
#[tokio::test(flavor = "multi_thread")]
async fn a_broken_rule_would_be_noticed() {
    let organiser = Organiser::open().await;
    let mut browser = Browser::open().await;
    browser.screen(390, 844, false).await;
    for harm in [
        "document.body.setAttribute('style', 'width: 900px')",
        "document.body.insertAdjacentHTML('beforeend', '<img src=\"http://127.0.0.1:9/x.png\" alt=\"\">')",
    ] {
        browser.go(&organiser.url("/")).await;
        browser.complaints.clear();
        browser.value(&format!("void ({harm})")).await;
        browser.complained().await;
        assert!(
            browser.complaints[0].contains("Content Security Policy"),
            "{harm}: {:?}",
            browser.complaints
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_visitor_searches_resets_and_goes_down_to_a_position() {
    let organiser = Organiser::open().await;
    let mut browser = Browser::open().await;
    browser.screen(390, 844, false).await;
    browser.go(&organiser.url("/")).await;
    browser.follow("document.querySelector('.fair-card')").await;
    let all = browser.value("document.querySelectorAll('.stand').length").await;
    assert_eq!(all, 12);
    // the rest of the introduction is folded away, and unfolds without script
    let folded = "document.querySelector('.fold p').checkVisibility()";
    assert_eq!(browser.value(folded).await, false);
    browser.press("document.querySelector('.fold summary')").await;
    assert_eq!(browser.value(folded).await, true);

    browser.press("document.querySelector('#q')").await;
    browser.type_and_enter("ＰＨＰ").await;
    assert!(browser.value("location.hash").await == "#stands");
    assert!(browser.text().await.contains("与“ＰＨＰ”有关"));
    let titles =
        browser.value("[...document.querySelectorAll('.position .title')].map(e => e.textContent)").await;
    let titles = titles.as_array().unwrap().clone();
    assert!(!titles.is_empty() && titles.iter().all(|title| title == "PHP工程师"), "{titles:?}");
    browser.follow(&saying("a.button", "重置")).await;
    assert_eq!(browser.value("document.querySelectorAll('.stand').length").await, 12);

    browser.follow(&saying(".more", "查看该公司全部职位")).await;
    assert_eq!(browser.value("document.querySelectorAll('.position').length").await, 23);
    browser.follow("document.querySelector('.position .what')").await;
    assert!(browser.text().await.contains("任职要求"));
    browser.follow(&saying("a.button", "投递简历")).await;
    let app = browser.value("document.querySelector('a.button.primary').href").await;
    assert!(app.as_str().unwrap().starts_with("miantan://position?server=http"), "{app}");
    browser.follow(&saying("a.button", "下载 App")).await;
    assert!(browser.text().await.contains("还没有可以下载的安装包"));
    assert_eq!(browser.complaints, Vec::<String>::new());
}

/// Read from the screen by another implementation, as a phone's camera would.
#[tokio::test(flavor = "multi_thread")]
async fn codes_on_the_screen_lead_to_what_they_show() {
    let organiser = Organiser::open().await;
    let fair = organiser.fair().await;
    let code = &organiser.seeded.candidates[0].code;
    let mut browser = Browser::open().await;
    for dark in [false, true] {
        browser.screen(1280, 900, dark).await;
        for (path, leads_to) in [
            (format!("{fair}/qr.svg"), organiser.url(&fair)),
            (format!("/i/{code}"), organiser.url(&format!("/join/{code}"))),
        ] {
            browser.go(&organiser.url(&path)).await;
            let picture = image::load_from_memory(&browser.picture().await).unwrap().to_luma8();
            let (width, height) = picture.dimensions();
            let mut scan =
                rqrr::PreparedImage::prepare_from_greyscale(width as usize, height as usize, |x, y| {
                    picture.get_pixel(x as u32, y as u32).0[0]
                });
            let found: Vec<String> =
                scan.detect_grids().iter().filter_map(|grid| Some(grid.decode().ok()?.1)).collect();
            assert_eq!(found, [leads_to], "{path}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn inside_wechat_the_way_out_is_said() {
    let organiser = Organiser::open().await;
    let mut browser = Browser::open().await;
    browser.screen(390, 844, false).await;
    let invitation = organiser.url(&format!("/i/{}", organiser.seeded.candidates[0].code));
    browser.go(&invitation).await;
    assert!(!browser.text().await.contains("在浏览器打开"));
    browser.agent("Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 MicroMessenger/8.0.50").await;
    for path in [invitation.clone(), organiser.url("/download")] {
        browser.go(&path).await;
        assert!(browser.text().await.contains("在浏览器打开"), "{path}");
    }
    // it covers nothing: the page's own buttons can still be pressed
    browser.go(&invitation).await;
    browser.follow(&saying("a.button", "下载 App")).await;
    assert!(browser.value("location.pathname").await == "/download");
}
