//! The one HTML page the app lives in. Everything is inside it: style, the script that draws the pictures, the
//! policy that forbids all other origins.

/// The window's title.
pub const TITLE: &str = "面谈";

/// Style sheets in their order; kept apart so that each stays short.
pub const STYLES: [(&str, &str); 14] = [
    ("tokens", include_str!("../../assets/styles/tokens.css")),
    ("base", include_str!("../../assets/styles/base.css")),
    ("parts", include_str!("../../assets/styles/parts.css")),
    ("entrance", include_str!("../../assets/styles/entrance.css")),
    ("scan", include_str!("../../assets/styles/scan.css")),
    ("identity", include_str!("../../assets/styles/identity.css")),
    ("room", include_str!("../../assets/styles/room.css")),
    ("call", include_str!("../../assets/styles/call.css")),
    ("tabs", include_str!("../../assets/styles/tabs.css")),
    ("talk", include_str!("../../assets/styles/talk.css")),
    ("fair", include_str!("../../assets/styles/fair.css")),
    ("mine", include_str!("../../assets/styles/mine.css")),
    ("office", include_str!("../../assets/styles/office.css")),
    ("large", include_str!("../../assets/styles/large.css")),
];

/// What the page may load and reach: itself, and sockets on this device. Dioxus runs its edits over
/// `ws://127.0.0.1` and its events over the page's own scheme (`dioxus:`, on Android `https://dioxus.index.html`);
/// its `eval` needs `'unsafe-eval'`.
pub const POLICY: &str = "default-src 'none'; script-src 'unsafe-inline' 'unsafe-eval'; \
    style-src 'unsafe-inline' dioxus:; img-src dioxus: https://dioxus.index.html data: blob:; \
    media-src dioxus: blob:; font-src dioxus:; \
    connect-src dioxus: https://dioxus.index.html ws://127.0.0.1:*; base-uri 'none'; form-action 'none'";

/// The page.
pub fn index() -> String {
    with_styles(&STYLES.map(|(_, style)| style).concat())
}

/// The page with other styles (the gallery reads them from disk).
pub fn with_styles(styles: &str) -> String {
    let script = miantan_media::screen::PAGE_SCRIPT;
    format!(
        r#"<!DOCTYPE html>
<html lang="zh-CN">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover">
<meta name="color-scheme" content="light dark">
<meta name="format-detection" content="telephone=no">
<meta http-equiv="Content-Security-Policy" content="{POLICY}">
<title>{TITLE}</title>
<style>{styles}</style>
<script>{script}</script>
</head>
<body><div id="main"></div></body>
</html>
"#
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_comes_from_elsewhere() {
        let page = index();
        let remote = page.matches("http://").count() + page.matches("https://").count();
        let allowed = POLICY.matches("https://dioxus.index.html").count();
        // the names of SVG and other XML kinds are no addresses
        let names = page.matches("http://www.w3.org/").count();
        assert_eq!(remote, allowed + names);
        assert!(!page.contains("@import"));
    }

    #[test]
    fn the_policy_names_only_this_device() {
        assert!(POLICY.starts_with("default-src 'none'"));
        for part in POLICY.split(&[' ', ';'][..]).filter(|part| part.contains("://")) {
            assert!(part == "https://dioxus.index.html" || part == "ws://127.0.0.1:*", "{part}");
        }
    }

    #[test]
    fn style_sheets_cannot_end_the_style_element() {
        for (name, style) in STYLES {
            assert!(!style.contains("</"), "{name}");
            assert_eq!(style.matches('{').count(), style.matches('}').count(), "{name}");
        }
    }
}
