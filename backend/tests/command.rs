//! The program as an operator starts it.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

fn program(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_miantan-backend"));
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("MIANTAN_")) {
        command.env_remove(name);
    }
    command.args(arguments);
    command
}

fn run(arguments: &[&str]) -> Output {
    program(arguments).output().unwrap()
}

struct Serving {
    process: Child,
    address: String,
}

/// A test that fails must not leave a server behind.
impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Serving {
    /// Starts a server on a free port and waits for its line.
    fn start(data: &Path) -> Self {
        let process = program(&["serve", "--data", data.to_str().unwrap(), "--listen", "127.0.0.1:0"])
            .env("MIANTAN_TURN_LISTEN", "127.0.0.1:0")
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut serving = Self { process, address: String::new() };
        let mut line = String::new();
        BufReader::new(serving.process.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let line: serde_json::Value = serde_json::from_str(&line).unwrap();
        line["address"].as_str().unwrap().clone_into(&mut serving.address);
        assert_eq!(line["listening"], format!("http://{}", serving.address));
        serving
    }

    fn get(&self, path: &str) -> String {
        let mut socket = TcpStream::connect(&self.address).unwrap();
        write!(socket, "GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").unwrap();
        let mut text = String::new();
        socket.read_to_string(&mut text).unwrap();
        text
    }

    fn stop(mut self) -> bool {
        let told = Command::new("kill").arg(self.process.id().to_string()).status().unwrap();
        assert!(told.success());
        self.process.wait().unwrap().success()
    }
}

#[test]
fn an_organiser_seeds_serves_and_stops() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    let folder = data.to_str().unwrap();
    let seeded = run(&["seed", "--data", folder, "--json"]);
    assert!(seeded.status.success(), "{}", String::from_utf8_lossy(&seeded.stderr));
    let seeded: serde_json::Value = serde_json::from_slice(&seeded.stdout).unwrap();
    assert_eq!(seeded["candidates"].as_array().unwrap().len(), 8);
    assert_eq!(seeded["employer"]["member"], serde_json::Value::Null);
    for field in ["used", "expired", "too_early", "cancelled"] {
        assert!(seeded["bad_codes"][field].is_string(), "{field}");
    }

    let server = Serving::start(&data);
    let info = server.get("/api/v1/server");
    assert!(info.starts_with("HTTP/1.1 200"), "{info}");
    assert!(info.contains(seeded["organiser"].as_str().unwrap()), "{info}");
    assert!(info.contains(seeded["hotline"].as_str().unwrap()), "{info}");
    assert!(server.get("/readyz").ends_with("ready\n"));

    // neither a second server nor a new seed touches a folder in use
    let second = run(&["serve", "--data", folder, "--listen", "127.0.0.1:0"]);
    assert!(!second.status.success());
    assert!(String::from_utf8_lossy(&second.stderr).contains("in use"));
    let fresh = run(&["seed", "--data", folder, "--fresh"]);
    assert!(!fresh.status.success());

    assert!(server.stop(), "a stop on request is no failure");
    let again = run(&["seed", "--data", folder]);
    assert!(!again.status.success());
    assert!(String::from_utf8_lossy(&again.stderr).contains("--fresh"));
    assert!(run(&["seed", "--data", folder, "--fresh"]).status.success());
}

#[test]
fn an_unsafe_address_is_refused_with_the_remedy() {
    let dir = tempfile::tempdir().unwrap();
    let refused = run(&["serve", "--data", dir.path().to_str().unwrap(), "--listen", "0.0.0.0:0"]);
    assert!(!refused.status.success());
    let text = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(text.contains("tls_cert") && text.contains("insecure"), "{text}");
}

#[test]
fn every_setting_is_printed() {
    let printed = String::from_utf8(run(&["settings"]).stdout).unwrap();
    for name in ["MIANTAN_DATA", "MIANTAN_PUBLIC_IP", "MIANTAN_HOTLINE"] {
        assert!(printed.contains(name), "{name}");
    }
}

/// The organiser at a terminal, with the server running.
#[test]
fn an_organiser_decides_from_the_command_line() {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().to_str().unwrap().to_owned();
    let seeded = run(&["seed", "--data", &folder, "--json"]);
    let seeded: serde_json::Value = serde_json::from_slice(&seeded.stdout).unwrap();
    let waiting = seeded["registrations"]["waiting"].as_str().unwrap();
    let server = Serving::start(dir.path());
    let url = format!("http://{}", server.address);
    let admin = |arguments: &[&str]| {
        let all = [&["admin", "--data", &folder, "--server", &url], arguments].concat();
        let output = run(&all);
        let error = String::from_utf8(output.stderr).unwrap();
        (output.status.success(), String::from_utf8(output.stdout).unwrap(), error)
    };
    let good = |arguments: &[&str]| {
        let (good, out, error) = admin(arguments);
        assert!(good, "{arguments:?}: {error}");
        out
    };
    let json = |arguments: &[&str]| -> serde_json::Value {
        serde_json::from_str(&good(&[arguments, &["--json"]].concat())).unwrap()
    };

    let listed = good(&["registrations", "--state", "waiting"]);
    assert!(listed.contains(waiting) && listed.contains("松间流水软件有限公司"), "{listed}");
    assert_eq!(json(&["registrations"]).as_array().unwrap().len(), 2);
    let picture = dir.path().join("licence.jpg");
    good(&["licence", waiting, "--to", picture.to_str().unwrap()]);
    assert!(std::fs::read(&picture).unwrap().starts_with(&[0xFF, 0xD8, 0xFF]));
    let (again, _, error) = admin(&["licence", waiting, "--to", picture.to_str().unwrap()]);
    assert!(!again && error.contains("already"), "{error}");

    assert_eq!(json(&["approve", waiting])["state"], "approved");
    assert!(good(&["approve", waiting]).contains("approved"), "twice is no error");
    let (refused, _, error) = admin(&["reject", waiting, "--reason", "反悔"]);
    assert!(!refused && error.contains("registration_over"), "{error}");
    assert!(good(&["sms"]).contains("松间流水软件有限公司"));

    let fair = [
        "fair",
        "put",
        "--title",
        "秋季招聘会",
        "--starts",
        "2026-11-24 09:00",
        "--ends",
        "2026-11-26 18:00",
    ];
    let made = json(&fair);
    assert_eq!(made["card"]["title"], "秋季招聘会");
    let id = made["card"]["id"].as_str().unwrap();
    let changed = json(&[&fair[..], &["--id", id, "--city", "青禾市"]].concat());
    assert_eq!(
        (changed["card"]["id"].as_str(), changed["card"]["city"].as_str()),
        (Some(id), Some("青禾市"))
    );
    assert!(good(&["fair", "list"]).contains("2026-11-24 09:00"));
    let app = dir.path().join("miantan.apk");
    std::fs::write(&app, vec![7; 100_000]).unwrap();
    let build = json(&["build", "put", "--system", "android", "--version", "1.0", app.to_str().unwrap()]);
    assert_eq!((build["size"].as_u64(), build["file"].as_str()), (Some(100_000), Some("miantan.apk")));
    good(&["reports"]);

    // the photo of the one who is compared
    let (phone, lin) =
        (seeded["identity"]["phone"].as_str().unwrap(), seeded["identity"]["id"].as_str().unwrap());
    let photo = picture.to_str().unwrap();
    assert!(good(&["photo", "--phone", phone, photo]).contains(lin));
    good(&["photo", "--candidate", lin, photo]);
    good(&["photo", "--candidate", lin, "--remove"]);
    let (nobody, _, error) = admin(&["photo", "--phone", "13900009999", photo]);
    assert!(!nobody && error.contains("nobody"), "{error}");

    // another folder's token opens nothing, and the message says what to do
    let other = tempfile::tempdir().unwrap();
    let elsewhere = ["admin", "--data", other.path().to_str().unwrap(), "--server", &url, "registrations"];
    let none = run(&elsewhere);
    assert!(!none.status.success());
    assert!(String::from_utf8_lossy(&none.stderr).contains("--data"));
    assert!(run(&["seed", "--data", other.path().to_str().unwrap()]).status.success());
    let wrong = run(&elsewhere);
    assert!(!wrong.status.success());
    assert!(String::from_utf8_lossy(&wrong.stderr).contains("not_signed_in"));
    assert!(server.stop());
    let (there, _, error) = admin(&["registrations"]);
    assert!(!there && error.contains("does the server run there?"), "{error}");
}

/// The pictures that come with the sources, and thresholds an organiser set.
#[test]
fn an_organiser_checks_the_thresholds_on_own_pictures() {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let found = [workspace.join("../shared/faces/people"), workspace.join("../../shared/faces/people")];
    let folder = found.into_iter().find(|path| path.is_dir()).expect("shared/faces is beside the sources");
    let dir = tempfile::tempdir().unwrap();
    let (svg, settings) = (dir.path().join("det.svg"), dir.path().join("miantan.toml"));
    std::fs::write(&settings, "[face]\nsame = 0.5\n").unwrap();
    let (svg, settings) = (svg.to_str().unwrap(), settings.to_str().unwrap());
    let output = run(&["face-report", folder.to_str().unwrap(), "--svg", svg, "--config", settings]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains("FMR") && text.contains("FNMR") && text.contains("0.5"), "{text}");
    assert!(std::fs::read_to_string(svg).unwrap().starts_with("<svg"));
    std::fs::write(settings, "[face]\nsmae = 0.5\n").unwrap();
    let wrong = run(&["face-report", folder.to_str().unwrap(), "--config", settings]);
    assert!(!wrong.status.success() && String::from_utf8_lossy(&wrong.stderr).contains("smae"));
    let none = run(&["face-report", dir.path().to_str().unwrap()]);
    assert!(!none.status.success() && String::from_utf8_lossy(&none.stderr).contains("lin_1.jpg"));
}
