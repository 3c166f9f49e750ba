//! Pages as answers: what they say, where they lead, and that nothing in them can do anything.

use crate::http::builds;
use crate::http::tests::{NOW, Organiser};
use axum::body::Body;
use axum::http::{HeaderMap, StatusCode};
use miantan_domain::ids::{FairId, PositionId};
use miantan_domain::model::{PositionEdit, Salary};
use miantan_domain::wire::rest::{FairEdit, StandEdit, System};

/// In every field that people write.
const MARKUP: &str =
    "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>&amp;{{7*7}}</title></textarea>";
const WECHAT: &str = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) MicroMessenger/8.0.50";

async fn page(organiser: &Organiser, path: &str, headers: &[(&str, &str)]) -> (HeaderMap, String) {
    let (status, headers, body) = organiser.ask("GET", path, headers).await;
    let text = String::from_utf8(body).unwrap();
    assert_eq!(status, StatusCode::OK, "{path}: {text}");
    (headers, text)
}

async fn html(organiser: &Organiser, path: &str) -> String {
    page(organiser, path, &[]).await.1
}

async fn the_fair(organiser: &Organiser) -> FairId {
    organiser.state.stores.fairs.fairs().await.unwrap()[0].id
}

/// Every path that pages lead to, from `/` on; and each page's text.
async fn crawl(organiser: &Organiser, start: &[&str]) -> Vec<(String, String)> {
    let mut waiting: Vec<String> = start.iter().map(|&path| path.to_owned()).collect();
    let mut seen = std::collections::BTreeMap::new();
    while let Some(path) = waiting.pop() {
        if seen.contains_key(&path) || seen.len() > 3_000 {
            continue;
        }
        let (status, headers, body) = organiser.ask("GET", &path, &[]).await;
        assert_eq!(status, StatusCode::OK, "{path}");
        let is_page = headers["content-type"].to_str().unwrap().starts_with("text/html");
        let text = if is_page { String::from_utf8(body).unwrap() } else { String::new() };
        for part in text.split(" href=\"").chain(text.split(" src=\"")).skip(1) {
            let link = part.split('"').next().unwrap().replace("&amp;", "&");
            let link = link.split('#').next().unwrap().to_owned();
            if link.starts_with('/') {
                waiting.push(link);
            }
        }
        seen.insert(path, text);
    }
    seen.into_iter().collect()
}

#[tokio::test]
async fn the_fairs_page_says_what_the_manuals_says() {
    let organiser = Organiser::open_with(|config| {
        config.public_url = Some("https://mt.example.cn".into());
        config.organiser = "青禾市就业中心".into();
        config.hotline = "400-000-0000".into();
    })
    .await;
    let fair = the_fair(&organiser).await;
    let (headers, text) = page(&organiser, &format!("/fairs/{fair}"), &[]).await;
    for said in [
        "参会企业",
        "可投递职位",
        "关注人次",
        "浏览 397 次",
        "二维码与分享",
        "招聘会类型",
        "网络招聘会",
        "举办时间",
        "举办城市",
        "青禾市 - 云汀区",
        "举办地址",
        "线上互联网招聘大厅",
        "单位报名参加",
        "招聘会简介",
        "展开详情",
        "参展企业",
        "搜索",
        "重置",
        "洽谈面试大厅",
        "投递简历",
        "查看该公司全部职位",
        "7500-8499",
        "1500以下",
        "<strong>12</strong>",
        "<strong>269</strong>",
        "<strong>397</strong>",
        "400-000-0000",
        "青禾市就业中心",
    ] {
        assert!(text.contains(said), "{said}");
    }
    // previews read absolute links
    for meta in [
        format!("<meta property=\"og:url\" content=\"https://mt.example.cn/fairs/{fair}\">"),
        "<meta property=\"og:title\" content=\"2027届毕业生".into(),
        "<meta property=\"og:image\" content=\"https://mt.example.cn/web/preview.png\">".into(),
        "<meta property=\"og:site_name\" content=\"青禾市就业中心\">".into(),
    ] {
        assert!(text.contains(&meta), "{meta}");
    }
    assert_eq!(headers["content-type"], "text/html; charset=utf-8");
    let policy = headers["content-security-policy"].to_str().unwrap();
    assert!(
        policy.starts_with("default-src 'none'") && !policy.contains("unsafe") && !policy.contains("script")
    );
    assert_eq!(headers["referrer-policy"], "no-referrer");
    assert!(!headers.contains_key("set-cookie"));
    // the same page again is not sent again
    let tag = headers["etag"].to_str().unwrap();
    let (status, _, body) = organiser
        .ask("GET", &format!("/fairs/{fair}"), &[("if-none-match", &format!("\"x\", W/{tag}"))])
        .await;
    assert_eq!((status, body.len()), (StatusCode::NOT_MODIFIED, 0));
}

#[tokio::test]
async fn every_link_leads_somewhere_and_no_page_needs_a_script() {
    let organiser = Organiser::open().await;
    let fair = the_fair(&organiser).await;
    builds::keep(&organiser.state, System::Android, "1.0", "a.apk", Body::from("build")).await.unwrap();
    let search = format!("/fairs/{fair}?q=php");
    let pages = crawl(&organiser, &["/", &search, "/i/ABC-DEF-GHJ", "/join/none"]).await;
    assert!(pages.len() > 300, "{}", pages.len());
    let find = |prefix: &str| pages.iter().filter(|(path, _)| path.starts_with(prefix)).count();
    assert_eq!(find("/positions/"), 269);
    assert!(find("/open/position/") > 40 && find("/open/stand/") == 12 && find("/open/hall/") == 1);
    assert!(pages.iter().any(|(path, _)| path == "/api/v1/builds/android"));
    for (path, text) in pages.iter().filter(|(_, text)| !text.is_empty()) {
        assert!(text.ends_with("</body></html>"), "{path}");
        for never in ["<script", "javascript:", " style=\"", " onclick", "<iframe", "http-equiv"] {
            assert!(!text.contains(never), "{never} in {path}");
        }
    }
}

#[tokio::test]
async fn further_stands_are_a_page_away_and_a_search_stays_one() {
    let organiser = Organiser::open().await;
    let fairs = &organiser.state.stores.fairs;
    let first = the_fair(&organiser).await;
    let fair = FairId::from_parts(9, &[9; 10]);
    let head = fairs.fair(first).await.unwrap().unwrap();
    let edit = FairEdit {
        title: "大会".into(),
        kind: head.kind,
        starts: head.starts,
        ends: head.ends,
        city: head.city,
        district: head.district,
        venue: head.venue,
        introduction: head.introduction,
    };
    fairs.put_fair(fair, edit).await.unwrap();
    let employers: Vec<_> = (0..45_u8)
        .map(|k| crate::store::NewEmployer {
            id: miantan_domain::ids::EmployerId::from_parts(k.into(), &[k; 10]),
            uscc: format!("91310199MA9Z{k:05}A"),
            name: format!("大会第{k}公司"),
            approved: true,
            members: Vec::new(),
        })
        .collect();
    let ids: Vec<_> = employers.iter().map(|employer| employer.id).collect();
    let import = crate::store::Import { now: NOW, employers, ..crate::store::Import::default() };
    fairs.import(import).await.unwrap();
    for id in ids {
        fairs.add_exhibitor(fair, id).await.unwrap();
    }
    for search in ["", "%E5%A4%A7%E4%BC%9A"] {
        let mut names = Vec::new();
        let mut path = format!("/fairs/{fair}?q={search}");
        for page in 0.. {
            let text = html(&organiser, &path).await;
            names.extend(text.split("<h3>").skip(1).map(|part| part.split('<').next().unwrap().to_owned()));
            assert_eq!(text.contains("回到第一页"), page > 0);
            let Some(link) = text.split("<a ").find(|part| part.contains("下一页")) else { break };
            path = link.split("href=\"").nth(1).unwrap().split('"').next().unwrap().replace("&amp;", "&");
            path.truncate(path.find('#').unwrap());
        }
        assert_eq!(names.len(), 45, "{search}");
        assert_eq!(names[44], "大会第44公司");
    }
    for bad in ["after=x", "q=a&q=b"] {
        let (status, headers, _) = organiser.ask("GET", &format!("/fairs/{fair}?{bad}"), &[]).await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{bad}");
        assert!(headers.contains_key("content-security-policy"));
    }
}

#[tokio::test]
async fn markup_in_every_field_is_text() {
    let organiser = Organiser::open_with(|config| {
        config.organiser = MARKUP.into();
        config.hotline = MARKUP.into();
    })
    .await;
    let fairs = &organiser.state.stores.fairs;
    let fair = the_fair(&organiser).await;
    let head = fairs.fair(fair).await.unwrap().unwrap();
    let text = || MARKUP.to_owned();
    let edit = FairEdit {
        title: text(),
        kind: text(),
        starts: head.starts,
        ends: head.ends,
        city: text(),
        district: text(),
        venue: text(),
        introduction: format!("{MARKUP}\n{MARKUP}\n\n{MARKUP}\n\n{MARKUP}"),
    };
    fairs.put_fair(fair, edit).await.unwrap();
    let query = crate::store::StandQuery { fair, search: None, after: None, limit: 1 };
    let employer = fairs.stands(query).await.unwrap().unwrap().items[0].employer;
    fairs.put_stand(fair, employer, StandEdit { short: text(), introduction: text() }).await.unwrap();
    let position = PositionId::from_parts(1, &[1; 10]);
    let edit = PositionEdit {
        title: text(),
        salary: Salary::default(),
        city: text(),
        openings: 1,
        description: text(),
        requirements: text(),
        open: true,
    };
    fairs.put_position(fair, employer, position, edit, NOW).await.unwrap();
    let search: String = MARKUP.bytes().fold(String::new(), |path, byte| format!("{path}%{byte:02X}"));
    for path in [
        "/".into(),
        format!("/fairs/{fair}"),
        format!("/fairs/{fair}?q={search}"),
        format!("/fairs/{fair}/qr.svg"),
        format!("/fairs/{fair}/employers/{employer}"),
        format!("/positions/{position}"),
        format!("/open/position/{position}"),
        format!("/open/stand/{fair}/{employer}"),
        format!("/open/register/{fair}"),
        format!("/i/{search}"),
        "/download".into(),
        "/policy".into(),
    ] {
        let text = html(&organiser, &path).await;
        for alive in ["<script", "<img src=x", "</textarea>", "onerror=alert(2)>&amp;{"] {
            assert!(!text.contains(alive), "{alive} in {path}");
        }
        assert_eq!(text.matches("</title>").count(), usize::from(!path.ends_with("/qr.svg")), "{path}");
    }
    // a host that is no host does not get into links
    let (_, text) = page(&organiser, &format!("/fairs/{fair}"), &[("host", "x\"><script>")]).await;
    assert!(!text.contains("<script"));
    let (_, text) = page(&organiser, &format!("/fairs/{fair}"), &[("host", "fair.example.cn:81")]).await;
    assert!(text.contains(&format!("content=\"http://fair.example.cn:81/fairs/{fair}\"")));
}

#[tokio::test]
async fn links_into_the_app_are_those_the_app_reads() {
    let organiser =
        Organiser::open_with(|config| config.public_url = Some("https://mt.example.cn".into())).await;
    let fair = the_fair(&organiser).await;
    let server = "server=https%3A%2F%2Fmt.example.cn";
    for (page, link) in [
        (format!("/open/fair/{fair}"), format!("miantan://fair?{server}&amp;fair={fair}")),
        (format!("/open/hall/{fair}"), format!("miantan://hall?{server}&amp;fair={fair}")),
        (format!("/open/register/{fair}"), format!("miantan://register?{server}&amp;fair={fair}")),
        ("/i/abcdefghj".into(), format!("miantan://join?{server}&amp;code=ABC-DEF-GHJ")),
        ("/join/ABC-DEF-GHJ".into(), format!("miantan://join?{server}&amp;code=ABC-DEF-GHJ")),
    ] {
        let text = html(&organiser, &page).await;
        assert!(text.contains(&format!("href=\"{link}\"")), "{link} in {page}");
        assert!(text.contains("href=\"/download\""), "{page} has a way for those without the app");
        assert!(!text.contains("MicroMessenger") && !text.contains("在浏览器打开"));
        let (_, inside) = self::page(&organiser, &page, &[("user-agent", WECHAT)]).await;
        assert!(inside.contains("在浏览器打开"), "{page} inside WeChat");
    }
}

#[tokio::test]
async fn an_invitations_page_keeps_its_code_to_itself_and_tries_none() {
    let organiser = Organiser::open().await;
    let good = &organiser.seeded.candidates[0].code;
    let before = organiser.state.secrets.checks();
    let (headers, known) = page(&organiser, &format!("/i/{good}"), &[]).await;
    assert_eq!(headers["cache-control"], "no-store");
    assert!(!headers.contains_key("etag"));
    assert!(known.contains(good) && known.contains("noindex") && !known.contains("og:url"));
    // a code that nobody has gives the same page
    let other = html(&organiser, "/i/ZZZ-ZZZ-ZZZ").await;
    let blank = |text: &str, code: &str| {
        let (head, tail) = text.split_once("<svg xmlns").unwrap();
        format!("{head}{}", tail.split_once("</svg>").unwrap().1).replace(code, "CODE")
    };
    assert_eq!(blank(&known, good), blank(&other, "ZZZ-ZZZ-ZZZ"));
    assert_eq!(organiser.state.secrets.checks(), before);
    let broken = html(&organiser, "/i/ABC-DE").await;
    assert!(broken.contains("链接不完整") && !broken.contains("miantan://"));
}

#[tokio::test]
async fn downloads_say_what_there_is() {
    let organiser = Organiser::open_with(|config| config.hotline = "400-000-0000".into()).await;
    let nothing = html(&organiser, "/download").await;
    assert!(nothing.contains("还没有可以下载的安装包") && nothing.contains("tel:400-000-0000"));
    for (system, version) in [(System::Android, "1.2.3"), (System::Windows, "1.2.4")] {
        builds::keep(&organiser.state, system, version, "m.bin", Body::from(version)).await.unwrap();
    }
    let windows = [("user-agent", "Mozilla/5.0 (Windows NT 10.0; Win64; x64)")];
    let (_, text) = page(&organiser, "/download", &windows).await;
    let (first, second) = (text.find("1.2.4").unwrap(), text.find("1.2.3").unwrap());
    assert!(first < second, "the visitor's own system comes first");
    for build in organiser.state.stores.fairs.builds().await.unwrap() {
        assert!(text.contains(&build.sha256));
        assert!(text.contains(&format!("href=\"/api/v1/builds/{}\"", build.system.as_str())));
        assert!(text.contains(&format!("src=\"/download/{}/qr.svg\"", build.system.as_str())));
    }
    assert!(!text.contains("macOS"), "no card for a system without a build");
    let (_, inside) = page(&organiser, "/download", &[("user-agent", WECHAT)]).await;
    assert!(inside.contains("在浏览器打开"));
}

#[tokio::test]
async fn what_is_not_there_is_a_page_for_people_and_a_problem_for_programs() {
    let organiser = Organiser::open().await;
    let nobody = uuid::Uuid::nil();
    for path in [
        format!("/fairs/{nobody}"),
        "/fairs/1".into(),
        format!("/fairs/{nobody}/qr.svg"),
        format!("/fairs/{nobody}/employers/{nobody}"),
        format!("/positions/{nobody}"),
        format!("/open/hall/{nobody}"),
        "/download/beos/qr.svg".into(),
        "/web/../secret.key".into(),
        "/web/other.css".into(),
    ] {
        let (status, headers, body) = organiser.ask("GET", &path, &[("accept", "text/html")]).await;
        assert_eq!(status, StatusCode::NOT_FOUND, "{path}");
        assert!(headers.contains_key("content-security-policy"), "{path}");
        assert!(String::from_utf8(body).unwrap().contains("没有这个页面"), "{path}");
    }
    let (status, headers, _) = organiser.ask("GET", "/nowhere", &[("accept", "*/*")]).await;
    assert_eq!(status, StatusCode::NOT_FOUND);
    assert_eq!(headers["content-type"], "application/problem+json");
    let (_, headers, _) = organiser.ask("GET", "/api/v1/nowhere", &[("accept", "text/html")]).await;
    assert_eq!(headers["content-type"], "application/problem+json");
}

#[tokio::test]
async fn a_view_of_the_page_counts_once_for_a_browser() {
    let organiser = Organiser::open().await;
    let fair = the_fair(&organiser).await;
    let path = format!("/fairs/{fair}");
    for agent in ["Mozilla/5.0 A", "Mozilla/5.0 A", "Mozilla/5.0 B", "Baiduspider/2.0"] {
        page(&organiser, &path, &[("user-agent", agent)]).await;
    }
    organiser.state.stores.fairs.write_views().await.unwrap();
    assert_eq!(organiser.state.stores.fairs.fair(fair).await.unwrap().unwrap().views, 399);
    assert!(html(&organiser, &path).await.contains("浏览 399 次"));
}
