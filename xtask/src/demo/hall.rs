//! The demo's backend: seeded, started on a free port, ready. It ends when it is dropped.
use std::fs::File;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::sh::{self, Background};

/// A debug build on a busy machine is up within this.
const UP: Duration = Duration::from_mins(1);

/// A running backend with seeded data.
pub struct Hall {
    pub server: Background,
    pub url: String,
    pub seed: Value,
    pub seed_file: PathBuf,
    pub log: PathBuf,
}

impl Hall {
    /// Fills a fresh data folder (unless `keep`), starts the backend on a free port and waits until it is ready.
    pub fn open(backend: &Path, out: &Path, keep: bool) -> Result<Self> {
        let data = out.join("data");
        let seed_file = out.join("seed.json");
        if !(keep && seed_file.exists()) {
            if data.exists() {
                std::fs::remove_dir_all(&data)?;
            }
            std::fs::create_dir_all(&data)?;
            let mut seed = sh::command(backend, &["seed", "--json", "--data"]);
            seed.arg(data.join("server"));
            if let Some(photos) = photos(out)? {
                seed.arg("--photos").arg(photos);
            }
            std::fs::write(&seed_file, sh::output(&mut seed)?)?;
        }
        let seed = serde_json::from_str(&std::fs::read_to_string(&seed_file)?)
            .context("`miantan-backend seed` did not print JSON")?;
        let log = out.join("backend.log");
        let mut command = sh::command(backend, &["serve", "--listen", "127.0.0.1:0", "--data"]);
        command.arg(data.join("server")).stdout(Stdio::piped()).stderr(File::create(&log)?);
        // the demo's cameras are synthetic: what they show is recorded as simulated
        command.env("MIANTAN_FACE_SIMULATED", "true");
        let (server, url) = started(&mut command, &log)?;
        println!("demo: the backend listens at {url}");
        Ok(Self { server, url, seed, seed_file, log })
    }
}

/// Photos for the organiser's file of the exam rounds' candidates, in their order, from the pictures beside the project
/// (or $MIANTAN_FACES): numbered, so that the seed gives each to another person. `None`: there are no pictures, and the
/// demo shows the way by SMS.
fn photos(out: &Path) -> Result<Option<PathBuf>> {
    let beside = sh::root().parent().map(|folder| folder.join("shared/faces"));
    let folder = std::env::var_os("MIANTAN_FACES").map(PathBuf::from).or(beside);
    let Some(people) = folder.map(|folder| folder.join("people")).filter(|folder| folder.is_dir()) else {
        return Ok(None);
    };
    let photos = out.join("data/photos");
    std::fs::create_dir_all(&photos)?;
    // the exam's candidate and the one who proves the number first are played by the person of d1 and d2 (tests/ui)
    for (number, picture) in ["d1.jpg", "b1.jpg", "d1.jpg", "c1.jpg"].iter().enumerate() {
        let from = people.join(picture);
        std::fs::copy(&from, photos.join(format!("{}.jpg", number + 1)))
            .with_context(|| format!("cannot copy {}", from.display()))?;
    }
    Ok(Some(photos))
}

/// Starts `miantan-backend serve` and waits until it is ready; its standard output must be piped. Returns its address
/// as well.
///
/// # Errors
/// When it ends, or is not ready in time; the message names the log.
pub fn started(command: &mut Command, log: &Path) -> Result<(Background, String)> {
    let mut server = Background::start("backend", command)?;
    let url = listening(&mut server, log)?;
    let deadline = Instant::now() + UP;
    while !ready(&url) {
        if server.ended().is_some() || Instant::now() > deadline {
            bail!("the backend does not become ready; its log: {}", log.display());
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    Ok((server, url))
}

/// Reads `{"listening":"http://127.0.0.1:PORT"}` and keeps reading, so that the backend never waits for us.
fn listening(server: &mut Background, log: &Path) -> Result<String> {
    let output = server.child.stdout.take().context("a backend without output")?;
    let (sender, receiver) = mpsc::channel();
    let mut copy = File::options().append(true).open(log)?;
    std::thread::spawn(move || {
        for line in BufReader::new(output).lines().map_while(Result::ok) {
            let _ = match url_in(&line) {
                Some(url) => sender.send(url).map_err(|_| ()),
                None => writeln!(copy, "{line}").map_err(|_| ()),
            };
        }
    });
    receiver
        .recv_timeout(UP)
        .map_err(|_| anyhow::anyhow!("the backend never told its address; its log: {}", log.display()))
}

fn url_in(line: &str) -> Option<String> {
    let value: Value = serde_json::from_str(line).ok()?;
    value["listening"].as_str().map(str::to_owned)
}

/// Whether `/readyz` answers 200.
fn ready(url: &str) -> bool {
    let Some(host) = url.strip_prefix("http://") else { return false };
    let host = host.trim_end_matches('/');
    let Ok(mut stream) = TcpStream::connect(host) else { return false };
    let _ = stream.set_read_timeout(Some(Duration::from_secs(5)));
    // in one piece: a server that answers before the rest has come would reset the connection
    let request = format!("GET /readyz HTTP/1.0\r\nHost: {host}\r\n\r\n");
    if stream.write_all(request.as_bytes()).is_err() {
        return false;
    }
    let mut head = [0; 12];
    stream.read_exact(&mut head).is_ok() && head.ends_with(b" 200")
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use super::*;

    #[test]
    fn the_address_is_found_in_the_output() {
        assert_eq!(
            url_in(r#"{"listening":"http://127.0.0.1:4711"}"#).as_deref(),
            Some("http://127.0.0.1:4711")
        );
        assert_eq!(url_in("INFO listening on 127.0.0.1"), None);
    }

    #[test]
    fn ready_is_what_readyz_says() {
        for (answer, expected) in
            [("HTTP/1.1 200 OK\r\n\r\nok", true), ("HTTP/1.1 503 Busy\r\n\r\n", false), ("", false)]
        {
            let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
            let url = format!("http://{}", listener.local_addr().expect("an address"));
            let server = std::thread::spawn(move || {
                let (mut stream, _) = listener.accept().expect("a visitor");
                // the whole request: closing on unread bytes would reset the connection under the answer
                let mut request = Vec::new();
                while !request.ends_with(b"\r\n\r\n") {
                    let mut byte = [0];
                    stream.read_exact(&mut byte).expect("a request");
                    request.extend(byte);
                }
                assert!(request.starts_with(b"GET /readyz "));
                stream.write_all(answer.as_bytes()).expect("an answer");
            });
            assert_eq!(ready(&url), expected, "{answer}");
            server.join().expect("the server is content");
        }
        assert!(!ready("http://127.0.0.1:1"));
        assert!(!ready("ftp://x"));
    }
}
