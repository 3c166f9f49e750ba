use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use image::RgbImage;
use miantan_domain::model::{Resume, ResumeEntry};
use proptest::prelude::*;

use super::blocks::{CONTENT, PHOTO_HEIGHT, PHOTO_WIDTH, SIDE, TOP};
use super::*;
use crate::objects::sniff::samples;

fn fonts() -> &'static Fonts {
    static FONTS: OnceLock<Fonts> = OnceLock::new();
    FONTS.get_or_init(|| Fonts::find(None).expect("cargo xtask setup test installs fonts-noto-cjk"))
}

fn entry(period: &str, place: &str, what: &str, details: &str) -> ResumeEntry {
    ResumeEntry { period: period.into(), place: place.into(), what: what.into(), details: details.into() }
}

/// A student of software engineering.
fn lin() -> Sheet {
    Sheet {
        name: "林晓𠮷".into(),
        headline: "同济大学 · 软件工程 · 2025 届本科".into(),
        contact: vec!["138 0013 8000".into(), "lin@example.com".into()],
        resume: Resume {
            city: "上海".into(),
            birth_year: 2003,
            objective: "后端开发工程师（Rust / Go）".into(),
            email: "lin@example.com".into(),
            education: vec![entry(
                "2021.09 – 2025.06",
                "同济大学",
                "软件工程，本科",
                "绩点 3.8/4.0，专业排名前 5%。主修课程：操作系统、计算机网络、编译原理、分布式系统、数据库系统概论；毕业设计《面向弱网的实时音视频传输》获评优秀。",
            )],
            experience: vec![
                entry(
                    "2024.07 – 2024.12",
                    "某云计算有限公司",
                    "后端开发实习生",
                    "- 负责招聘大厅排队服务的重构，将叫号延迟从 1.2 秒降到 80 毫秒；\n- 使用 Rust 与 tokio 编写 WebSocket 网关，单机承载 10,000 个连接，并通过 state-of-the-art 的压测方案验证；\n- 参与值班与故障复盘（on-call），编写了 3 份运行手册。",
                ),
                entry("2023.03 – 2024.06", "校学生会技术部", "部长", "带领 8 人完成“迎新小程序”，服务新生 4,000 余人。😀"),
            ],
            skills: ["Rust", "Go", "PostgreSQL", "分布式系统", "英语 CET-6（580 分）", "Linux 运维", "普通话二级甲等"]
                .map(String::from)
                .to_vec(),
            about: "做事认真，喜欢把复杂的问题讲清楚。\n\n业余维护一个开源的弱网模拟工具，在 GitHub 上有 1.2k 个 star。".into(),
            ..Resume::default()
        },
        photo: Some(samples::jpeg()),
        language: Language::Chinese,
    }
}

fn tool(program: &str, arguments: &[&std::ffi::OsStr]) -> String {
    let output = Command::new(program).args(arguments).output();
    let output =
        output.unwrap_or_else(|_| panic!("{program} is missing: cargo xtask setup test installs it"));
    assert!(output.status.success(), "{program}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// Text and number of pages, as another program reads them.
fn read(pdf: &[u8]) -> (String, usize) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("resume.pdf");
    std::fs::write(&path, pdf).unwrap();
    let text = tool("pdftotext", &["-enc".as_ref(), "UTF-8".as_ref(), path.as_ref(), "-".as_ref()]);
    let info = tool("pdfinfo", &[path.as_ref()]);
    let pages = info.lines().find_map(|line| line.strip_prefix("Pages:")).unwrap().trim().parse().unwrap();
    assert!(!info.contains("CreationDate"), "no clock in it");
    (text, pages)
}

/// Without blanks and line ends: where lines end is not what the text says.
fn bare(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace()).collect()
}

/// Every page at 50 dpi, as another program draws it.
fn drawn(pdf: &[u8]) -> Vec<RgbImage> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("resume.pdf");
    std::fs::write(&path, pdf).unwrap();
    tool(
        "pdftoppm",
        &["-r".as_ref(), "50".as_ref(), "-png".as_ref(), path.as_ref(), folder.path().join("page").as_ref()],
    );
    let mut pages: Vec<PathBuf> = std::fs::read_dir(folder.path())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "png"))
        .collect();
    pages.sort();
    pages.iter().map(|path| image::open(path).unwrap().to_rgb8()).collect()
}

/// Share of pixels that are not white.
fn ink(page: &RgbImage) -> f64 {
    page.pixels().filter(|pixel| pixel.0.iter().any(|part| *part < 240)).count() as f64
        / page.pixels().len() as f64
}

#[test]
fn a_chinese_resume_is_readable_by_other_programs() {
    let sheet = lin();
    let pdf = print(&sheet, fonts()).unwrap();
    if let Some(folder) = std::env::var_os("MIANTAN_PAPER_KEEP") {
        std::fs::write(Path::new(&folder).join("lin.pdf"), &pdf).unwrap();
    }
    let (text, pages) = read(&pdf);
    assert_eq!(pages, 1);
    let bare_text = bare(&text);
    let resume = &sheet.resume;
    let mut said =
        vec![&sheet.name, &sheet.headline, &sheet.contact[0], &resume.city, &resume.objective, &resume.about];
    said.extend(
        resume.education.iter().chain(&resume.experience).flat_map(|e| [&e.period, &e.place, &e.what]),
    );
    said.extend(&resume.skills);
    said.push(&resume.education[0].details);
    said.push(&resume.experience[1].details);
    for text in said {
        assert!(bare_text.contains(&bare(text)), "{text} is missing in {bare_text}");
    }
    for line in resume.experience[0].details.lines() {
        let line = bare(line.strip_prefix("- ").unwrap());
        assert!(bare_text.contains(&line), "{line} is missing in {bare_text}");
    }
    assert_eq!(bare_text.matches("lin@example.com").count(), 1, "an address known twice stands once");
    assert!(pdf.len() < 200_000, "only the glyphs in use are embedded: {} bytes", pdf.len());
    let share = ink(&drawn(&pdf)[0]);
    assert!((0.03..0.4).contains(&share), "something, but not everything, is printed: {share}");
}

#[test]
fn the_same_sheet_gives_the_same_bytes() {
    assert_eq!(print(&lin(), fonts()).unwrap(), print(&lin(), fonts()).unwrap());
}

#[test]
fn empty_sections_are_left_out() {
    let sheet = Sheet {
        name: "王芳".into(),
        resume: Resume {
            skills: vec![" ".into(), "驾驶".into()], about: " \n ".into(), ..Resume::default()
        },
        ..Sheet::default()
    };
    let (text, _) = read(&print(&sheet, fonts()).unwrap());
    assert_eq!(bare(&text), "王芳技能特长驾驶");
    let (text, pages) = read(&print(&Sheet::default(), fonts()).unwrap());
    assert_eq!((bare(&text).as_str(), pages), ("简历简历内容还没有填写。", 1));
    let english = Sheet { language: Language::English, ..lin() };
    let (text, _) = read(&print(&english, fonts()).unwrap());
    assert!(text.contains("Education") && text.contains("Born 2003"), "{text}");
}

#[test]
fn long_texts_turn_pages_and_lose_nothing() {
    let paragraph =
        "在弱网环境下保持通话：先降低分辨率，再降低帧率，最后只保留声音；每一步都告诉用户发生了什么。"
            .repeat(12);
    let mut sheet = lin();
    sheet.resume.experience = (1..=24)
        .map(|n| {
            entry(
                "2020.01 – 2021.01",
                &format!("第{n}家公司"),
                "工程师",
                &format!("项目编号{n}。{paragraph}"),
            )
        })
        .collect();
    let pdf = print(&sheet, fonts()).unwrap();
    if let Some(folder) = std::env::var_os("MIANTAN_PAPER_KEEP") {
        std::fs::write(Path::new(&folder).join("long.pdf"), &pdf).unwrap();
    }
    let (text, pages) = read(&pdf);
    assert!((8..20).contains(&pages), "{pages}");
    // A form feed ends each page.
    let sheets: Vec<String> = text.split('\u{C}').map(bare).collect();
    for (number, page) in (1..=pages).zip(&sheets) {
        assert!(page.contains(&format!("第{number}页·共{pages}页")), "{page}");
        if number > 1 {
            assert!(page.starts_with(&bare(&format!("{}·{}", sheet.name, sheet.headline))), "{page}");
        }
    }
    let whole = sheets.concat();
    assert_eq!(whole.matches("只保留声音").count() + broken_by_a_page(&sheets, "只保留声音"), 24 * 12);
    for n in 1..=24 {
        let title = whole.find(&format!("第{n}家公司")).unwrap();
        assert!(whole[title..].contains(&format!("项目编号{n}。")), "{n}");
        // A title never ends a page.
        assert!(
            !sheets
                .iter()
                .any(|page| page.contains(&format!("第{n}家公司"))
                    && !page.contains(&format!("项目编号{n}。")))
        );
    }
}

/// How often `what` is cut by a page's end, with a header between its halves.
fn broken_by_a_page(sheets: &[String], what: &str) -> usize {
    let foot = |page: &String| page.rfind("第").map_or(page.clone(), |at| page[..at].to_owned());
    sheets
        .windows(2)
        .filter(|pair| {
            what.char_indices().skip(1).any(|(at, _)| {
                foot(&pair[0]).ends_with(&what[..at]) && pair[1].contains(&format!("本科{}", &what[at..]))
            })
        })
        .count()
}

#[test]
fn no_line_begins_with_a_closing_mark() {
    let mut sheet = lin();
    sheet.resume.about = "我们，他们。你们；（甲）、“乙”！《丙》？丁：".repeat(80);
    let (text, _) = read(&print(&sheet, fonts()).unwrap());
    let lines: Vec<&str> = text.lines().filter(|line| !line.is_empty()).collect();
    assert!(lines.len() > 20);
    for line in lines {
        assert!(!line.starts_with(['，', '。', '；', '）', '、', '”', '！', '》', '？', '：']), "{line}");
        assert!(!line.ends_with(['（', '“', '《']), "{line}");
    }
}

#[test]
fn rare_characters_stay_in_the_text() {
    // Extension B, an emoji family, Uyghur, Tibetan, a letter nobody has (private use), combining accents.
    let about = "𠮷野家，𪚥；👨‍👩‍👧‍👦🎉；ئۇيغۇر；བོད་；\u{E123}；e\u{301}；ａｂｃ；①②③；☎★";
    let sheet = Sheet {
        name: "𠮷".into(),
        resume: Resume { about: about.into(), ..Resume::default() },
        ..Sheet::default()
    };
    let pdf = print(&sheet, fonts()).unwrap();
    if let Some(folder) = std::env::var_os("MIANTAN_PAPER_KEEP") {
        std::fs::write(Path::new(&folder).join("rare.pdf"), &pdf).unwrap();
    }
    let (text, _) = read(&pdf);
    for said in ["𠮷野家", "𪚥", "🎉", "①②③", "☎★"] {
        assert!(bare(&text).contains(said), "{said} is missing in {text}");
    }
    assert!(!text.contains('\u{FFFD}'), "{text}");
}

#[test]
fn hostile_texts_are_printed_as_texts() {
    let nasty = "a\u{0}b\u{202E}c\u{7}d<script>(\\)&#x41;\u{FEFF}%PDF\tend";
    let mut sheet = lin();
    sheet.name = format!("{nasty}{}", "名".repeat(400));
    sheet.headline = "x".repeat(5_000);
    sheet.contact = vec![nasty.into(); 30];
    sheet.resume.skills = vec!["长".repeat(300), nasty.into()];
    sheet.resume.education =
        vec![entry(&"2020".repeat(60), &"地".repeat(150), "", ""), entry("", "", "", "")];
    sheet.photo = Some(b"MZ no picture".to_vec());
    let (text, _) = read(&print(&sheet, fonts()).unwrap());
    assert!(bare(&text).contains("abcd<script>(\\)&#x41;%PDFend"), "{text}");
}

#[test]
fn endless_texts_end_with_a_word_about_it() {
    let mut sheet = lin();
    let details = "字\n".repeat(1_000);
    sheet.resume.experience = vec![entry("2020", "公司", "工程师", &details); 30];
    let (text, pages) = read(&print(&sheet, fonts()).unwrap());
    assert_eq!(pages, MAX_PAGES);
    assert_eq!(bare(&text).matches(Language::Chinese.words().cut).count(), 1);
}

#[test]
fn a_missing_or_wrong_typeface_names_the_remedy() {
    let nowhere = [Path::new("/nowhere/NotoSansCJK-Regular.ttc")];
    let error = Fonts::find_in(None, &nowhere, &[]).err().unwrap().to_string();
    assert!(error.contains("fonts-noto-cjk") && error.contains("/nowhere/"), "{error}");
    let error = Fonts::find(Some(Path::new("/nowhere/x.ttf"))).err().unwrap().to_string();
    assert!(error.contains("/nowhere/x.ttf"), "{error}");
    let folder = tempfile::tempdir().unwrap();
    let fake = folder.path().join("fake.ttf");
    std::fs::write(&fake, b"no font").unwrap();
    assert!(matches!(Fonts::find(Some(&fake)), Err(PaperError::BadFont { .. })));
}

#[test]
fn one_face_alone_serves() {
    let places = [
        "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc",
        "/usr/share/fonts/noto-cjk/NotoSansCJK-Regular.ttc",
    ];
    let installed = places.iter().map(Path::new).find(|path| path.is_file()).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let alone = folder.path().join("NotoSansCJK-Regular.ttc");
    std::fs::copy(installed, &alone).unwrap();
    let fonts = Fonts::find_in(Some(&alone), &[], &[]).unwrap();
    let (text, _) = read(&print(&lin(), &fonts).unwrap());
    assert!(bare(&text).contains("林晓𠮷"), "without a bold face: {text}");
    assert!(
        bare(&text).contains("4,000余人。😀"),
        "without an emoji face the character stays in the text: {text}"
    );
}

#[test]
fn the_photo_stands_upright() {
    // Turned by EXIF: red, the left half of the pixels, is the top of the picture.
    let exif = [b"Exif\0\0".to_vec(), samples::exif(6)].concat();
    let sheet = Sheet { photo: Some(samples::with_segment(&samples::jpeg(), 0xE1, &exif)), ..lin() };
    let pdf = print(&sheet, fonts()).unwrap();
    let page = &drawn(&pdf)[0];
    // At 50 dpi; the photo's middle, a fifth from its top and from its bottom.
    let at = |share: f32| {
        let (x, y) = (SIDE + CONTENT - PHOTO_WIDTH / 2.0, TOP + PHOTO_HEIGHT * share);
        page.get_pixel((x * 50.0 / 72.0) as u32, (y * 50.0 / 72.0) as u32).0
    };
    let (top, bottom) = (at(0.2), at(0.8));
    assert!(top[0] > 150 && top[2] < 100, "red on top: {top:?}");
    assert!(bottom[2] > 150 && bottom[0] < 100, "blue below: {bottom:?}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn no_text_makes_it_panic(texts in proptest::collection::vec(any::<String>(), 9), latin in "[ -~\n]{0,200}", wide in "[。，（）“”—…一-龥\u{1F600}-\u{1F64F}\u{200D}\u{FE0F}\u{600}-\u{6FF}\u{900}-\u{97F}]{0,200}") {
        let [name, headline, contact, period, place, what, details, skill, about] = <[String; 9]>::try_from(texts).unwrap();
        let resume = Resume {
            city: latin.clone(),
            objective: wide.clone(),
            education: vec![entry(&period, &place, &what, &details), entry(&wide, &latin, &wide, &latin)],
            skills: vec![skill, latin, wide],
            about,
            ..Resume::default()
        };
        let sheet = Sheet { name, headline, contact: vec![contact], resume, ..Sheet::default() };
        prop_assert!(print(&sheet, fonts()).unwrap().starts_with(b"%PDF-"));
    }
}

#[tokio::test]
async fn the_press_prints_the_same() {
    let press = Press::new(Fonts::find(None).unwrap(), 1);
    let (one, two) = tokio::join!(press.print(lin()), press.print(lin()));
    assert_eq!(one.unwrap(), two.unwrap());
}
