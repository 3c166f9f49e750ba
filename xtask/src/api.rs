//! The REST interface fuzzed by schemathesis against the description that it gives of itself, as each kind of
//! person in turn: nobody, a candidate, a recruiter, the organiser.
//!
//! schemathesis comes from PyPI, pinned, into `target/tools`; the backend is a seeded one of its own. Operations
//! that would end the session they are tried with are left out and named in [`LEFT_OUT`].

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};

use crate::build::{self, Program};
use crate::demo::hall::Hall;
use crate::sh;

/// Change it together with a look at its release notes.
const VERSION: &str = "4.32.5";
/// Seconds for each kind of person.
const SECONDS: &str = "30";
/// Ends the session in use, or is no request and answer.
const LEFT_OUT: [&str; 3] = ["post_sign_out", "put_employer_password", "get_live"];
const CHECKS: &str =
    "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance";

/// # Errors
/// When something is answered that is not described, or not at all.
pub fn fuzz(programs: &[Program]) -> Result<()> {
    let tool = tool()?;
    let out = sh::root().join("target/api");
    std::fs::create_dir_all(&out)?;
    let hall = Hall::open(build::binary(programs, "miantan-backend", "miantan-backend")?, &out, false)?;
    let mut broken = Vec::new();
    for (who, token) in people(&hall)? {
        println!("\n--- as {who}");
        if run(&tool, &hall.url, token.as_deref(), &out).is_err() {
            broken.push(who);
        }
    }
    if broken.is_empty() {
        Ok(())
    } else {
        bail!("as {}; the backend's log: {}", broken.join(", "), hall.log.display())
    }
}

/// The program, installed if it is not there.
fn tool() -> Result<PathBuf> {
    let folder = sh::root().join(format!("target/tools/schemathesis-{VERSION}"));
    let program = folder.join("bin/schemathesis");
    // Written last, so that a broken installation is made anew.
    let mark = folder.join("complete");
    if mark.exists() {
        return Ok(program);
    }
    let _ = std::fs::remove_dir_all(&folder);
    println!("installing schemathesis {VERSION} into {}", folder.display());
    sh::run(sh::command("python3", &["-m", "venv"]).arg(&folder)).context("python3-venv is needed")?;
    let package = format!("schemathesis=={VERSION}");
    let pip = folder.join("bin/pip");
    sh::run(&mut sh::command(&pip, &["install", "--quiet", "--disable-pip-version-check", &package]))?;
    std::fs::write(&mark, VERSION)?;
    Ok(program)
}

fn people(hall: &Hall) -> Result<Vec<(&'static str, Option<String>)>> {
    let seed = &hall.seed;
    let device = "0190a3c0-0000-7000-8000-00000000f001";
    let join = json!({
        "code": seed["candidates"][0]["code"],
        "password": seed["candidates"][0]["password"],
        "device": device,
    });
    let sign_in = json!({
        "account": seed["employer"]["uscc"],
        "password": seed["employer"]["password"],
        "member": seed["employer"]["member"],
        "device": device,
    });
    let organiser = std::fs::read_to_string(hall.log.with_file_name("data").join("server/admin.token"))?
        .trim()
        .to_owned();
    Ok(vec![
        ("nobody", None),
        ("a candidate", Some(token(&hall.url, "/api/v1/join", &join)?)),
        ("a recruiter", Some(token(&hall.url, "/api/v1/employer/sign-in", &sign_in)?)),
        ("the organiser", Some(organiser)),
    ])
}

fn run(tool: &Path, url: &str, token: Option<&str>, out: &Path) -> Result<()> {
    let location = format!("{url}/openapi.json");
    let mut command = sh::command(
        tool,
        &["run", &location, "--checks", CHECKS, "--max-time", SECONDS, "--phases", "coverage,fuzzing"],
    );
    // Deterministic data, and no file of examples in the checkout.
    command.args(["--seed", "20261124", "--warnings", "off", "--no-color", "--max-failures", "20"]);
    for id in LEFT_OUT {
        command.args(["--exclude-operation-id", id]);
    }
    if let Some(token) = token {
        command.arg("--header").arg(format!("Authorization: Bearer {token}"));
    }
    sh::run(command.current_dir(out))
}

/// The token that a sign-in answers with.
fn token(url: &str, path: &str, body: &Value) -> Result<String> {
    let address = url.strip_prefix("http://").context("the demo's backend is plain HTTP")?;
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(Duration::from_secs(20)))?;
    let body = body.to_string();
    write!(
        stream,
        "POST {path} HTTP/1.1\r\nHost: {address}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\
         Connection: close\r\n\r\n{body}",
        body.len()
    )?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    let (head, body) = answer.split_once("\r\n\r\n").context("an HTTP answer")?;
    if !head.starts_with("HTTP/1.1 200") {
        bail!("{path} answered {}", head.lines().next().unwrap_or_default());
    }
    let answer: Value = serde_json::from_str(body).context("the answer is JSON")?;
    Ok(answer["token"].as_str().context("an answer with a token")?.to_owned())
}
