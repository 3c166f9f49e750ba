use super::*;
use std::collections::BTreeSet;
use std::fmt::Write;

fn load(file: Option<&str>, variables: &[(&str, &str)]) -> Result<Config, ConfigError> {
    let dir = tempfile::tempdir().unwrap();
    if let Some(text) = file {
        std::fs::write(dir.path().join(CONFIG_FILE), text).unwrap();
    }
    let overrides = Overrides { data: Some(dir.path().into()), ..Overrides::default() };
    let variables = variables.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned()));
    Config::load_from(&overrides, variables).map(|config| Config { data: Config::default().data, ..config })
}

#[test]
fn without_a_file_the_defaults_hold() {
    assert_eq!(load(None, &[]).unwrap(), Config::default());
}

#[test]
fn variables_go_over_the_file() {
    let file = "organiser = \"青禾市人才中心\"\nhotline = \"000\"\n[turn]\nrelay_ports = \"50000-50100\"\n";
    let config = load(
        Some(file),
        &[
            ("MIANTAN_HOTLINE", "111"),
            ("MIANTAN_PUBLIC_IP", "192.0.2.1"),
            ("MIANTAN_TURN", "off"),
            ("MIANTAN_CALLS", "direct"),
            ("MIANTAN_TRUSTED_PROXIES", "10.0.0.0/8, 192.0.2.9"),
            ("MIANTAN_SESSION_DAYS", "7"),
            ("PATH", "/bin"),
        ],
    )
    .unwrap();
    assert_eq!(config.organiser, "青禾市人才中心");
    assert_eq!(config.hotline, "111");
    assert_eq!(config.turn.relay_ports, PortRange { first: 50_000, last: 50_100 });
    assert_eq!(config.turn.public_ip, Some("192.0.2.1".parse().unwrap()));
    assert!(!config.turn.enabled);
    assert_eq!(config.calls, MediaPath::Direct);
    assert_eq!(config.session_days, 7);
    assert_eq!(config.trusted_proxies.len(), 2);
}

#[test]
fn slips_are_named() {
    let says = |file: Option<&str>, variables: &[(&str, &str)], word: &str| {
        let message = load(file, variables).unwrap_err().to_string();
        assert!(message.contains(word), "{message}");
    };
    says(Some("organizer = \"x\""), &[], "organizer");
    says(Some("listen = \"nowhere\""), &[], "miantan.toml");
    says(None, &[("MIANTAN_LISTENN", "x")], "MIANTAN_LISTENN");
    says(None, &[("MIANTAN_INSECURE", "maybe")], "MIANTAN_INSECURE");
    says(None, &[("MIANTAN_RELAY_PORTS", "9-1")], "9-1");
    says(None, &[("MIANTAN_TLS_CERT", "cert.pem")], "tls_key");
    says(None, &[("MIANTAN_LISTEN", "0.0.0.0:8480")], "insecure");
    says(None, &[("MIANTAN_TURN_EXTERNAL", "turn:a:1")], "external_secret");
    says(None, &[("MIANTAN_CALLS", "relay"), ("MIANTAN_TURN", "off")], "turn.enabled");
    assert!(load(None, &[("MIANTAN_LISTEN", "0.0.0.0:8480"), ("MIANTAN_INSECURE", "true")]).is_ok());
}

#[test]
fn a_named_file_must_be_there() {
    let overrides = Overrides { config: Some("/nowhere/miantan.toml".into()), ..Overrides::default() };
    assert!(matches!(Config::load_from(&overrides, []), Err(ConfigError::Read { .. })));
}

/// The list of keys is the documentation: it must name every field, with the default it really has.
#[test]
fn every_key_is_documented_with_its_default() {
    let mut text = String::new();
    for key in KEYS.iter().filter(|key| !key.default.is_empty()) {
        let bare = matches!(key.default, "true" | "false") || key.default.parse::<f64>().is_ok();
        let quoted = if bare || key.default.starts_with('[') {
            key.default.into()
        } else {
            format!("{:?}", key.default)
        };
        writeln!(text, "{} = {quoted}", key.path).unwrap();
    }
    let config: Config = text.parse::<toml::Table>().unwrap().try_into().unwrap();
    assert_eq!(config, Config::default());
    // an unknown key makes serde list those it knows
    let fields = |text: &str, group: &str| -> BTreeSet<String> {
        let message =
            text.parse::<toml::Table>().unwrap().try_into::<Config>().unwrap_err().message().to_owned();
        let (_, list) = message.split_once("expected one of ").unwrap();
        list.split(", ").map(|name| format!("{group}{}", name.trim().trim_matches('`'))).collect()
    };
    let mut all = fields("nonsense = 1", "");
    all.extend(fields("turn.nonsense = 1", "turn."));
    all.remove("turn");
    all.extend(fields("sms.nonsense = 1", "sms."));
    all.remove("sms");
    all.extend(fields("face.nonsense = 1", "face."));
    all.remove("face");
    assert_eq!(all, KEYS.iter().map(|key| key.path.to_owned()).collect());
}

#[test]
fn secrets_do_not_show() {
    let config =
        load(None, &[("MIANTAN_TURN_EXTERNAL", "turn:a:1"), ("MIANTAN_TURN_EXTERNAL_SECRET", "hunter2")]);
    assert!(!format!("{:?}", config.unwrap()).contains("hunter2"));
    let config = load(
        None,
        &[
            ("MIANTAN_SMS_ALIYUN_KEY_SECRET", "hunter2"),
            ("MIANTAN_SMS_HTTP_HEADERS", "Authorization: hunter2"),
            ("MIANTAN_SMS_HTTP_BODY", "key=hunter2"),
        ],
    );
    assert!(!format!("{:?}", config.unwrap()).contains("hunter2"));
}

#[test]
fn a_way_to_send_messages_needs_its_settings() {
    for (via, word) in [("http", "http_url"), ("aliyun", "aliyun_key_id"), ("pigeon", "outbox")] {
        let message = load(None, &[("MIANTAN_SMS", via)]).unwrap_err().to_string();
        assert!(message.contains(word), "{message}");
    }
    assert!(load(None, &[("MIANTAN_SMS_CODES_PER_DAY", "0")]).is_err());
    let set = [
        ("MIANTAN_SMS", "http"),
        ("MIANTAN_SMS_HTTP_URL", "https://sms.example"),
        ("MIANTAN_SMS_HTTP_BODY", "{}"),
    ];
    assert_eq!(load(None, &set).unwrap().sms.via, SmsVia::Http);
}

#[test]
fn thresholds_are_named_rightly_and_fit_together() {
    for (file, word) in [
        ("[face]\nsmae = 0.5", "smae"),
        ("[face]\nsame_person = 0.5", "same_person"),
        ("[face]\nlive_dout = 0.1", "live_dout"),
        ("[face]\nsame = \"0.5\"", "miantan.toml"),
        ("[face]\nsame = nan", "face.same"),
        ("[face]\nsame = 0.3", "face.different"),
        ("[face]\nlive_doubt = 0.6", "face.live"),
        ("[face]\nlive = 50", "face.live"),
        ("[face]\nattempts = 0", "face.attempts"),
        ("[face]\nframes_days = 0", "face.frames_days"),
    ] {
        let message = load(Some(file), &[]).unwrap_err().to_string();
        assert!(message.contains(word), "{file}: {message}");
    }
    for (variable, text, word) in [
        ("MIANTAN_FACE_SMAE", "0.5", "MIANTAN_FACE_SMAE"),
        ("MIANTAN_FACE_SAME", "half", "MIANTAN_FACE_SAME"),
        ("MIANTAN_FACE_SAME", "inf", "MIANTAN_FACE_SAME"),
        ("MIANTAN_FACE_SAME", "0.2", "face.different"),
    ] {
        let message = load(None, &[(variable, text)]).unwrap_err().to_string();
        assert!(message.contains(word), "{variable}={text}: {message}");
    }
    let config =
        load(Some("[face]\nsame = 0.5"), &[("MIANTAN_FACE_LIVE", "0.6"), ("MIANTAN_MODELS", "/m")]).unwrap();
    let thresholds = config.face.thresholds();
    assert_eq!((thresholds.same, thresholds.live, thresholds.frames), (0.5, 0.6, 5));
    assert_eq!(config.face.models, Some("/m".into()));
}

#[test]
fn networks_contain_what_they_should() {
    let inside = |net: &str, address: &str| net.parse::<Net>().unwrap().contains(address.parse().unwrap());
    assert!(inside("10.0.0.0/8", "10.9.8.7"));
    assert!(inside("10.0.0.0/8", "::ffff:10.9.8.7"));
    assert!(!inside("10.0.0.0/8", "11.0.0.1"));
    assert!(inside("0.0.0.0/0", "203.0.113.5"));
    assert!(inside("2001:db8::/32", "2001:db8:5::1"));
    assert!(!inside("2001:db8::/32", "2001:db9::1"));
    assert!(!inside("192.0.2.1", "192.0.2.2"));
    for bad in ["", "10.0.0.0/33", "x/8", "10.0.0.0/", "10.0.0/8"] {
        assert!(bad.parse::<Net>().is_err(), "{bad}");
    }
}

#[test]
fn today_is_the_organisers_day() {
    let config = Config::default();
    // 2026-03-20 00:30 in Shanghai is still the 19th in UTC
    let now = WallTime(1_773_937_800_000);
    let (from, to) = config.today(now);
    assert_eq!(from, WallTime(1_773_936_000_000));
    assert_eq!(to.since(from), 86_400_000);
}

#[test]
fn links_and_policy_must_be_usable() {
    for good in ["https://miantan.example.edu.cn", "http://127.0.0.1:8480/", "https://[2001:db8::1]:8443"] {
        assert!(load(None, &[("MIANTAN_PUBLIC_URL", good)]).is_ok(), "{good}");
    }
    for bad in [
        "miantan.example.cn",
        "https://",
        "ftp://a.cn",
        "https://a.cn/miantan",
        "https://a.cn?x",
        "https://a\"b",
    ] {
        let message = load(None, &[("MIANTAN_PUBLIC_URL", bad)]).unwrap_err().to_string();
        assert!(message.contains("public_url"), "{message}");
    }
    let message = load(None, &[("MIANTAN_POLICY_FILE", "/nowhere/policy.txt")]).unwrap_err().to_string();
    assert!(message.contains("policy_file"), "{message}");
    assert!(load(None, &[("MIANTAN_POLICY_VERSION", "0")]).is_err());
}
