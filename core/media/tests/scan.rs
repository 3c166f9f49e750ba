//! The scanner: codes as they are held up to a camera, and everything that is none.

mod common;

use std::io::Write as _;
use std::path::Path;
use std::time::Instant;

use common::*;
use miantan_media::camera::CameraChoice;
use miantan_media::scan::texts_in;
use miantan_media::{CameraScan, MediaProblem, ScanNews, Screen, View};
use qrcode::{Color, EcLevel, QrCode};
use tokio::sync::mpsc::UnboundedReceiver;

const LINK: &str = "miantan://join?server=https%3A%2F%2Fhall.example.edu.cn&code=ABC-DEF-GHJ";

/// A grey picture, painted by a function of the place.
struct Paper {
    width: u32,
    height: u32,
    luma: Vec<u8>,
}

impl Paper {
    fn painted(width: u32, height: u32, sample: impl Fn(f64, f64) -> u8) -> Self {
        let luma = (0..height)
            .flat_map(|y| (0..width).map(move |x| (f64::from(x) + 0.5, f64::from(y) + 0.5)))
            .map(|(x, y)| sample(x, y))
            .collect();
        Self { width, height, luma }
    }

    fn texts(&self) -> Vec<String> {
        texts_in(self.width, self.height, &self.luma)
    }
}

/// A code on a card with the quiet zone the standard asks for (four modules).
struct Card {
    code: QrCode,
    dark: u8,
    light: u8,
}

impl Card {
    fn saying(text: &str) -> Self {
        let code = QrCode::with_error_correction_level(text, EcLevel::M).expect("short enough");
        Self { code, dark: 20, light: 230 }
    }

    /// The shade at a place on the card, whose sides are 1; `None` beside it.
    fn at(&self, u: f64, v: f64) -> Option<u8> {
        let modules = self.code.width();
        let of = |place: f64| (place * (modules + 8) as f64).floor() - 4.0;
        let on = |place: f64| (0.0..1.0).contains(&place);
        let inside = |module: f64| (0.0..modules as f64).contains(&module);
        let (column, row) = (of(u), of(v));
        let is_dark =
            inside(column) && inside(row) && self.code[(column as usize, row as usize)] == Color::Dark;
        (on(u) && on(v)).then_some(if is_dark { self.dark } else { self.light })
    }

    /// Held before a grey wall: centre and side in samples, turned clockwise by degrees, its upper edge leaning
    /// back by `tilt` (0: flat; 0.3: the far edge looks a quarter shorter). Each sample is the mean of 3×3 places.
    fn held(&self, size: (u32, u32), centre: (f64, f64), side: f64, degrees: f64, tilt: f64) -> Paper {
        let (sin, cos) = degrees.to_radians().sin_cos();
        Paper::painted(size.0, size.1, |x, y| {
            let mut sum = 0_u32;
            for (dx, dy) in (0..9).map(|n| (f64::from(n % 3) / 3.0 - 0.333, f64::from(n / 3) / 3.0 - 0.333)) {
                let (x, y) = (x + dx - centre.0, y + dy - centre.1);
                let (u, v) = ((x * cos + y * sin) / side, (y * cos - x * sin) / side);
                let depth = 1.0 - tilt * v;
                sum += u32::from(self.at(u / depth + 0.5, v / depth + 0.5).unwrap_or(120));
            }
            (sum / 9) as u8
        })
    }
}

const HD: (u32, u32) = (1280, 720);
const SMALL: (u32, u32) = (640, 360);

#[test]
fn a_code_is_read_however_it_is_held() {
    let card = Card::saying(LINK);
    let middle = (320.0, 180.0);
    for degrees in [0.0, 15.0, 45.0, 90.0, 133.0, 180.0, 270.0, 340.0] {
        assert_eq!(card.held(SMALL, middle, 230.0, degrees, 0.0).texts(), [LINK], "turned by {degrees}");
    }
    for tilt in [0.15, 0.3, -0.3] {
        for degrees in [0.0, 30.0, 90.0] {
            let paper = card.held(SMALL, middle, 250.0, degrees, tilt);
            assert_eq!(paper.texts(), [LINK], "tilted by {tilt}, turned by {degrees}");
        }
    }
}

#[test]
fn a_small_code_is_read_wherever_it_is() {
    let card = Card::saying(LINK);
    let modules = (card.code.width() + 8) as f64;
    // Three samples a module in the middle, where the frame on screen asks for it: nearly every look reads it, and a
    // hand is never so still that the next look is the same.
    let read = (0..12).filter(|&n| {
        let (degrees, off) = (f64::from(n) * 7.3, f64::from(n) * 0.31);
        let texts = card.held(HD, (600.0 + off, 350.0 - off), 3.0 * modules, degrees, 0.0).texts();
        assert!(texts.is_empty() || texts == [LINK], "{texts:?}");
        !texts.is_empty()
    });
    assert!(read.count() >= 10);
    for centre in [(120.0, 110.0), (1150.0, 120.0), (120.0, 600.0), (1140.3, 600.7)] {
        assert_eq!(card.held(HD, centre, 4.5 * modules, 4.0, 0.0).texts(), [LINK], "at {centre:?}");
    }
}

#[test]
fn light_codes_on_dark_ground_are_read() {
    let card = Card { dark: 225, light: 25, ..Card::saying(LINK) };
    for degrees in [0.0, 30.0, 180.0] {
        assert_eq!(card.held(SMALL, (320.0, 180.0), 240.0, degrees, 0.1).texts(), [LINK], "{degrees}");
    }
}

#[test]
fn faint_and_unevenly_lit_codes_are_read() {
    let faint = Card { dark: 95, light: 150, ..Card::saying(LINK) };
    assert_eq!(faint.held(SMALL, (320.0, 180.0), 240.0, 10.0, 0.0).texts(), [LINK]);
    let mut lit = Card::saying(LINK).held(SMALL, (320.0, 180.0), 240.0, 10.0, 0.0);
    for (at, sample) in lit.luma.iter_mut().enumerate() {
        // from a third of the light on the left to all of it on the right
        *sample = (f64::from(*sample) * (0.33 + 0.67 * (at % 640) as f64 / 640.0)) as u8;
    }
    assert_eq!(lit.texts(), [LINK]);
}

#[test]
fn a_noisy_picture_is_read() {
    let mut paper = Card::saying(LINK).held(HD, (640.0, 360.0), 420.0, 7.0, 0.1);
    let mut dice = Dice(7);
    for sample in &mut paper.luma {
        *sample = (i32::from(*sample) + (dice.roll() % 61) as i32 - 30).clamp(0, 255) as u8;
    }
    assert_eq!(paper.texts(), [LINK]);
}

#[test]
fn chinese_long_and_empty_texts() {
    let long = format!("https://hall.example.edu.cn/join/{}", "A".repeat(400));
    for text in ["江南大学就业指导中心", "https://hall.example.edu.cn", long.as_str()] {
        assert_eq!(Card::saying(text).held(HD, (640.0, 360.0), 640.0, 3.0, 0.0).texts(), [text]);
    }
    assert!(Card::saying("").held(SMALL, (320.0, 180.0), 240.0, 0.0, 0.0).texts().is_empty());
}

#[test]
fn a_text_in_another_encoding_is_a_text_all_the_same() {
    // "面谈" in GBK: a code of somebody else, which the person should be told of
    let code = QrCode::with_error_correction_level([0xc3, 0xe6, 0xcc, 0xb8], EcLevel::M).unwrap();
    let card = Card { code, dark: 20, light: 230 };
    let texts = card.held(SMALL, (320.0, 180.0), 240.0, 0.0, 0.0).texts();
    assert_eq!(texts.len(), 1);
    assert!(texts[0].contains('\u{fffd}'));
}

#[test]
fn of_two_codes_the_one_in_the_middle_comes_first() {
    let (ours, other) = (Card::saying(LINK), Card::saying("https://example.org/menu"));
    for (near, far, first, second) in
        [(&ours, &other, LINK, "https://example.org/menu"), (&other, &ours, "https://example.org/menu", LINK)]
    {
        let left = near.held(HD, (560.0, 360.0), 300.0, 5.0, 0.0);
        let right = far.held(HD, (1060.0, 360.0), 300.0, -8.0, 0.0);
        let both = Paper::painted(HD.0, HD.1, |x, y| {
            let at = y as usize * HD.0 as usize + x as usize;
            if x < 780.0 { left.luma[at] } else { right.luma[at] }
        });
        assert_eq!(both.texts(), [first, second]);
    }
}

#[test]
fn the_same_code_twice_is_one_text() {
    let card = Card::saying(LINK);
    let (left, right) =
        (card.held(HD, (320.0, 360.0), 300.0, 0.0, 0.0), card.held(HD, (960.0, 360.0), 300.0, 90.0, 0.0));
    let both = Paper::painted(HD.0, HD.1, |x, y| {
        let at = y as usize * HD.0 as usize + x as usize;
        if x < 640.0 { left.luma[at] } else { right.luma[at] }
    });
    assert_eq!(both.texts(), [LINK]);
}

/// A generator of the same numbers each time (xorshift).
struct Dice(u32);

impl Dice {
    fn roll(&mut self) -> u32 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 17;
        self.0 ^= self.0 << 5;
        self.0
    }
}

#[test]
fn pictures_without_a_code_say_nothing() {
    for shade in [0, 16, 128, 255] {
        assert!(Paper::painted(640, 360, |_, _| shade).texts().is_empty(), "{shade}");
    }
    assert!(Paper::painted(640, 360, |x, _| (x * 255.0 / 640.0) as u8).texts().is_empty());
    let board =
        Paper::painted(
            640,
            360,
            |x, y| if (x as u32 / 7 + y as u32 / 7).is_multiple_of(2) { 10 } else { 240 },
        );
    assert!(board.texts().is_empty());
    // three eyes of a code with nothing between them
    let eyes = Card::saying(LINK);
    let modules = eyes.code.width() as f64 + 8.0;
    let paper = eyes.held(SMALL, (320.0, 180.0), 240.0, 0.0, 0.0);
    let blank = Paper::painted(640, 360, |x, y| {
        let (u, v) = ((x - 200.0) / 240.0 * modules - 4.0, (y - 60.0) / 240.0 * modules - 4.0);
        let far = modules - 8.0 - 8.0;
        let eye = (u < 8.0 && (v < 8.0 || v > far)) || (u > far && v < 8.0);
        if eye { paper.luma[y as usize * 640 + x as usize] } else { 120 }
    });
    assert!(blank.texts().is_empty());
}

#[test]
fn garbage_says_nothing_and_breaks_nothing() {
    let mut dice = Dice(20_261_124);
    for round in 0..40 {
        let (width, height) = (1 + dice.roll() % 200, 1 + dice.roll() % 200);
        let block = 1 + dice.roll() % 5;
        let columns = width.div_ceil(block);
        let shades: Vec<u8> = (0..columns * height.div_ceil(block))
            .map(|_| if dice.roll().is_multiple_of(2) { 0 } else { 255 })
            .collect();
        let paper = Paper::painted(width, height, |x, y| {
            shades[(y as u32 / block * columns + x as u32 / block) as usize]
        });
        assert!(paper.texts().is_empty(), "round {round}: {width}×{height}");
    }
}

#[test]
fn a_damaged_code_is_read_or_not_but_never_wrongly() {
    let paper = Card::saying(LINK).held(SMALL, (320.0, 180.0), 260.0, 5.0, 0.0);
    let mut dice = Dice(3);
    for _ in 0..30 {
        let mut luma = paper.luma.clone();
        let (left, top) = (200 + dice.roll() % 220, 60 + dice.roll() % 220);
        let (w, h) = (4 + dice.roll() % 90, 4 + dice.roll() % 90);
        for y in top..(top + h).min(360) {
            for x in left..(left + w).min(640) {
                luma[(y * 640 + x) as usize] = (dice.roll() % 256) as u8;
            }
        }
        let texts = texts_in(640, 360, &luma);
        assert!(texts.iter().all(|text| text == LINK), "{texts:?}");
    }
}

#[test]
fn odd_tiny_and_short_pictures() {
    for (width, height) in [(0, 0), (1, 1), (2, 2), (1, 4096), (21, 21), (22, 23), (4095, 21)] {
        assert!(texts_in(width, height, &vec![200; (width * height) as usize]).is_empty());
    }
    assert!(texts_in(640, 360, &[0; 100]).is_empty());
    assert!(texts_in(u32::MAX, u32::MAX, &[0; 100]).is_empty());
    assert_eq!(Card::saying(LINK).held((641, 359), (320.0, 180.0), 240.0, 5.0, 0.0).texts(), [LINK]);
}

/// A film of these pictures, each for so many of the 30 in a second.
fn film(papers: &[(&Paper, usize)]) -> tempfile::NamedTempFile {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    let (width, height) = (papers[0].0.width, papers[0].0.height);
    writeln!(file, "YUV4MPEG2 W{width} H{height} F30:1 Ip A1:1 C420jpeg").unwrap();
    for (paper, times) in papers {
        let chroma = vec![128; (width * height / 2) as usize];
        for _ in 0..*times {
            file.write_all(b"FRAME\n").unwrap();
            file.write_all(&paper.luma).unwrap();
            file.write_all(&chroma).unwrap();
        }
    }
    file.flush().unwrap();
    file
}

async fn next(news: &mut UnboundedReceiver<ScanNews>, what: &str) -> ScanNews {
    within(what, news.recv()).await.unwrap_or_else(|| panic!("ended before: {what}"))
}

fn scan(film: &Path, screen: &Screen) -> (CameraScan, UnboundedReceiver<ScanNews>) {
    CameraScan::start(CameraChoice::Y4m(film.to_owned()), screen.clone()).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_held_up_to_the_camera_is_found_and_told_once() {
    let screen = Screen::start().await.unwrap();
    let mut page = Page::open(&screen).await;
    let paper = Card::saying(LINK).held(SMALL, (320.0, 180.0), 240.0, 8.0, 0.1);
    let film = film(&[(&paper, 1)]);
    let (scan, mut news) = scan(film.path(), &screen);
    assert_eq!(next(&mut news, "a picture").await, ScanNews::Live);
    assert_eq!(next(&mut news, "the code").await, ScanNews::Found(LINK.to_owned()));
    // the picture is live meanwhile, and nothing is told a second time: the next news is the missing camera
    for _ in 0..60 {
        page.draw_until("a live picture", View::Own, |frame| (frame.width == 640).then_some(())).await;
    }
    scan.switch(CameraChoice::Device("999".to_owned()));
    assert_eq!(next(&mut news, "no camera").await, ScanNews::Problem(MediaProblem::NoCamera));
    within("the view is emptied", async { while page.draw(View::Own).await.is_some() {} }).await;
    scan.switch(CameraChoice::Device(format!("synthetic:film:{}", film.path().display())));
    let mut after = vec![next(&mut news, "it comes back").await];
    while after.last() != Some(&ScanNews::Live) {
        // `Gone` may come first: the camera was away for longer than a code is remembered
        after.push(next(&mut news, "it comes back").await);
    }
    drop(scan);
    within("the camera is off", async { while page.draw(View::Own).await.is_some() {} }).await;
    within("the news end", async { while news.recv().await.is_some() {} }).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_that_goes_away_is_told_gone_and_told_again() {
    let screen = Screen::start().await.unwrap();
    let card = Card::saying(LINK).held(SMALL, (320.0, 180.0), 240.0, 0.0, 0.0);
    let wall = Paper::painted(640, 360, |_, _| 120);
    let film = film(&[(&card, 30), (&wall, 90)]);
    let (_scan, mut news) = scan(film.path(), &screen);
    assert_eq!(next(&mut news, "a picture").await, ScanNews::Live);
    for _ in 0..2 {
        assert_eq!(next(&mut news, "the code").await, ScanNews::Found(LINK.to_owned()));
        assert_eq!(next(&mut news, "no code").await, ScanNews::Gone);
    }
}

/// A wall of eyes is slow to look at; the picture must not notice.
#[tokio::test(flavor = "multi_thread")]
async fn a_hard_picture_does_not_stall_the_preview() {
    let eyes = Card::saying(LINK);
    let modules = eyes.code.width() as f64 + 8.0;
    let wall = Paper::painted(HD.0, HD.1, |x, y| {
        let place = |at: f64| (at % 45.0) / 5.0 + 3.0;
        eyes.at(place(x) / modules, place(y) / modules).unwrap_or(230)
    });
    let film = film(&[(&wall, 1)]);
    let screen = Screen::start().await.unwrap();
    let mut page = Page::open(&screen).await;
    let (scan, mut news) = scan(film.path(), &screen);
    assert_eq!(next(&mut news, "a picture").await, ScanNews::Live);
    let began = Instant::now();
    assert!(wall.texts().is_empty());
    let look = began.elapsed();
    let mut drawn = 0_u32;
    let began = Instant::now();
    while began.elapsed() < look || drawn < 3 {
        page.draw_until("a live picture", View::Own, |_| Some(())).await;
        drawn += 1;
    }
    // While looks of this length went on in its own thread, pictures came all the time.
    assert!(drawn >= 3 && u128::from(drawn) * 400 >= look.as_millis(), "{drawn} pictures in {look:?}");
    drop(scan);
    within("the news end", async { while news.recv().await.is_some() {} }).await;
}
