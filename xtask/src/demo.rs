//! Shows the product: a backend with seeded data, and a candidate and a recruiter side by side; or the whole story
//! played by events on their windows. Everything lives under `target/demo`; nothing of the machine's own is touched.
use std::fs::File;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use clap::Args;
use serde_json::Value;

use crate::build::{self, FEATURES, Program};
use crate::setup::{self, Goal};
use crate::sh::{self, Background};

pub mod hall;

use hall::Hall;

#[derive(Debug, Args)]
pub struct Options {
    /// Install missing packages without asking
    #[arg(long)]
    yes: bool,
    /// Play the whole story by itself and check every step
    #[arg(long)]
    script: bool,
    /// Go on with the data of the last demo instead of fresh data
    #[arg(long, conflicts_with = "script")]
    keep: bool,
    /// Use this machine's camera, microphone and speaker instead of the declared synthetic ones
    #[arg(long, conflicts_with = "script")]
    real_devices: bool,
    /// End after so many seconds instead of when the windows are closed
    #[arg(long)]
    seconds: Option<u64>,
}

pub fn run(options: &Options) -> Result<()> {
    let started = Instant::now();
    setup::prepare(Goal::Demo, options.yes)?;
    // the whole workspace's set of features, so that the demo and the tests build nothing twice
    let programs = build::build(&[&["--workspace", "--bins"], &FEATURES[..]].concat())?;
    println!("demo: built after {}", sh::time(started.elapsed()));
    if options.script {
        return play(&programs, Faces::IfThere);
    }
    let limit = options.seconds.map(|seconds| Instant::now() + Duration::from_secs(seconds));
    show(&programs, &out(), options, || limit.is_some_and(|limit| Instant::now() > limit))
}

/// Whether the story may be played without pictures of people beside the project.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Faces {
    /// Without them only the way by SMS is played.
    IfThere,
    /// Without them it fails.
    Required,
}

/// The story, played through the windows of two app processes.
///
/// # Errors
/// When a step of it fails.
pub fn play(programs: &[Program], faces: Faces) -> Result<()> {
    play_in(programs, &out(), faces)
}

fn play_in(programs: &[Program], out: &Path, faces: Faces) -> Result<()> {
    let story = build::binary(programs, "miantan-ui", "miantan-ui-story")?;
    let app = build::binary(programs, "miantan-mobile", "miantan-mobile")?;
    remove_pictures(out)?;
    let hall = Hall::open(build::binary(programs, "miantan-backend", "miantan-backend")?, out, false)?;
    let mut command = sh::command(story, &["--backend", &hall.url]);
    command.arg("--app").arg(app).arg("--seed").arg(&hall.seed_file).arg("--out").arg(out);
    if faces == Faces::Required {
        command.args(["--faces", "required"]);
    }
    let played = sh::run(&mut command);
    if played.is_err() {
        println!("the backend's log: {}", hall.log.display());
    }
    played.context("the story failed at the step above")?;
    println!("pictures: {}", out.display());
    Ok(())
}

/// Two windows side by side until both are closed or it is `over`.
fn show(programs: &[Program], out: &Path, options: &Options, over: impl Fn() -> bool) -> Result<()> {
    let hall = Hall::open(build::binary(programs, "miantan-backend", "miantan-backend")?, out, options.keep)?;
    let app = build::binary(programs, "miantan-mobile", "miantan-mobile")?;
    let (display, server) = display()?;
    let mut windows = Vec::new();
    for (name, x) in [("candidate", 20), ("recruiter", 430)] {
        let data = out.join("data").join(name);
        std::fs::create_dir_all(&data)?;
        let log = File::create(out.join(format!("{name}.log")))?;
        let mut command = Command::new(app);
        command
            .current_dir(sh::root())
            .env("CARGO_MANIFEST_DIR", sh::root().join("mobile"))
            .env("DISPLAY", &display)
            .env("MIANTAN_APP_DATA", &data)
            .env("MIANTAN_SERVER", &hall.url)
            .env("MIANTAN_WINDOW", format!("390x844+{x}+20"))
            .stdout(log.try_clone()?)
            .stderr(log);
        if !options.real_devices {
            // two apps cannot share one camera, and two microphones in one room feed back
            command
                .env("MIANTAN_CAMERA", "synthetic")
                .env("MIANTAN_MICROPHONE", "synthetic:tone")
                .env("MIANTAN_SPEAKER", "synthetic:sink");
        }
        if server.is_some() {
            command.env("WEBKIT_DISABLE_COMPOSITING_MODE", "1").env("WEBKIT_DISABLE_DMABUF_RENDERER", "1");
        }
        windows.push(Background::start(name, &mut command)?);
    }
    println!("\nThe hall is open at {} (its log: {})", hall.url, hall.log.display());
    print!("{}", what_to_type(&hall.seed));
    if server.is_some() {
        println!("\nA picture of both windows, new every few seconds: {}", out.join("windows.png").display());
    }
    println!("\nClose both windows or press Ctrl-C to end.");
    let _ = std::io::stdout().flush();
    let mut looked = Instant::now();
    wait(&mut windows, hall, out, || {
        let over = over();
        if over || server.is_some() && looked.elapsed() > Duration::from_secs(5) {
            looked = Instant::now();
            picture(&display, out);
        }
        over
    })
}

/// Until both windows are closed, the backend ends, or it is `over`.
fn wait(
    windows: &mut Vec<Background>,
    mut hall: Hall,
    out: &Path,
    mut over: impl FnMut() -> bool,
) -> Result<()> {
    while !windows.is_empty() {
        if let Some(status) = hall.server.ended() {
            bail!("the backend ended ({status}); its log: {}", hall.log.display());
        }
        for window in windows.iter_mut() {
            if let Some(status) = window.ended() {
                println!("the {}'s window is closed ({status})", window.name);
                if !status.success() {
                    bail!("the {}'s app failed; its log: {}/{}.log", window.name, out.display(), window.name);
                }
            }
        }
        windows.retain_mut(|window| window.ended().is_none());
        if over() {
            windows.clear();
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    Ok(())
}

fn out() -> PathBuf {
    sh::root().join("target/demo")
}

/// Pictures of an older run would pass for those of this one.
fn remove_pictures(out: &Path) -> Result<()> {
    std::fs::create_dir_all(out)?;
    for entry in std::fs::read_dir(out)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "png") {
            std::fs::remove_file(path)?;
        }
    }
    Ok(())
}

/// The whole display as a picture, where the tools for it are there.
fn picture(display: &str, out: &Path) {
    let file = out.join("windows.png");
    let Ok(mut xwd) =
        Command::new("xwd").args(["-root", "-silent", "-display", display]).stdout(Stdio::piped()).spawn()
    else {
        return;
    };
    if let Some(picture) = xwd.stdout.take() {
        let _ = Command::new("convert").arg("xwd:-").arg(&file).stdin(picture).stderr(Stdio::null()).status();
    }
    let _ = xwd.wait();
}

/// The person's display, or an Xvfb of our own where there is none.
fn display() -> Result<(String, Option<Background>)> {
    if let Ok(display) = std::env::var("DISPLAY")
        && !display.is_empty()
    {
        return Ok((display, None));
    }
    let arguments = ["-displayfd", "1", "-screen", "0", "840x884x24", "-nolisten", "tcp", "-noreset"];
    let mut server = Background::start(
        "Xvfb",
        sh::command("Xvfb", &arguments).stdout(Stdio::piped()).stderr(Stdio::null()),
    )?;
    let mut number = String::new();
    BufReader::new(server.child.stdout.take().context("Xvfb without output")?).read_line(&mut number)?;
    if number.trim().is_empty() {
        bail!("Xvfb did not start");
    }
    let display = format!(":{}", number.trim());
    println!(
        "There is no display here: the windows open on Xvfb {display} (look at it: x11vnc -display {display})"
    );
    Ok((display, Some(server)))
}

/// What the seed made, as two lists of things to type.
fn what_to_type(seed: &Value) -> String {
    use std::fmt::Write as _;
    let text = |value: &Value| match value {
        Value::String(text) => text.clone(),
        Value::Null => "—".to_owned(),
        other => other.to_string(),
    };
    let employer = &seed["employer"];
    let mut lines = String::from("\nRecruiter 用人单位 (right window):\n");
    for (label, key) in [
        ("company 单位", "name"),
        ("USCC 统一社会信用代码", "uscc"),
        ("password 密码", "password"),
        ("member 成员", "member"),
    ] {
        if !employer[key].is_null() {
            let _ = writeln!(lines, "  {label}: {}", text(&employer[key]));
        }
    }
    let _ = writeln!(lines, "Candidate 求职者 (left window), round {}:", text(&seed["round"]));
    for candidate in seed["candidates"].as_array().into_iter().flatten() {
        let (name, code) = (text(&candidate["name"]), text(&candidate["code"]));
        let password = text(&candidate["password"]);
        let _ = writeln!(lines, "  {name}: code 邀请码 {code}, password 密码 {password}");
    }
    lines
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;
    use std::net::TcpListener;

    use serde_json::json;

    use super::*;

    #[test]
    fn the_seed_is_told_in_words() {
        let seed = json!({
            "employer": { "uscc": "91350100M000100Y43", "name": "明海科技", "password": "pw-1", "member": "王招聘" },
            "candidates": [{ "name": "林晓", "code": "ABCD-EFGH", "password": null }], "round": "上午场",
        });
        let text = what_to_type(&seed);
        for part in
            ["91350100M000100Y43", "明海科技", "pw-1", "王招聘", "林晓", "ABCD-EFGH", "上午场", "密码 —"]
        {
            assert!(text.contains(part), "{part} is missing in {text}");
        }
    }

    fn options(keep: bool) -> Options {
        Options { yes: true, script: false, keep, real_devices: false, seconds: None }
    }

    /// Written by another process: a file that this one has open for writing, while a test beside it starts a child,
    /// is busy in that child for a moment and cannot be run ("text file busy").
    fn script(path: &Path, text: &str) -> PathBuf {
        let mut child = Command::new("sh")
            .args(["-c", "cat > \"$0\" && chmod 755 \"$0\""])
            .arg(path)
            .stdin(Stdio::piped())
            .spawn()
            .expect("a shell");
        let mut input = child.stdin.take().expect("its input");
        write!(input, "#!/bin/sh\n{text}\n").expect("it reads");
        drop(input);
        assert!(child.wait().expect("it ends").success());
        path.to_owned()
    }

    /// Stand-ins for the three programs: this tests our half of their contract, what they are given and what is
    /// made of how they end.
    fn programs(folder: &Path, seed: &str, serve: &str, story: &str) -> Vec<Program> {
        let script = |name: &str, text: &str| script(&folder.join(name), text);
        let program = |package: &str, name: &str, path: PathBuf| Program {
            package: package.into(),
            name: name.into(),
            folder: folder.into(),
            path,
            test: false,
        };
        let backend = format!("case $1 in seed) {seed};; serve) {serve};; esac");
        vec![
            program("miantan-backend", "miantan-backend", script("backend", &backend)),
            program("miantan-mobile", "miantan-mobile", script("app", "exit 0")),
            program("miantan-ui", "miantan-ui-story", script("story", story)),
        ]
    }

    /// Answers every request with 200 and returns the shell commands of a backend that offers this address.
    fn serving(folder: &Path) -> (u16, String) {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("an address").port();
        std::thread::spawn(move || {
            for mut stream in listener.incoming().flatten() {
                let _ = stream.read(&mut [0; 200]).and_then(|_| stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n"));
            }
        });
        let told = format!("'{{\"listening\":\"http://127.0.0.1:{port}\"}}'");
        (port, format!("echo $$ > {}/pid; echo {told}; exec sleep 600", folder.display()))
    }

    fn is_gone(pid_file: &Path) -> bool {
        let pid = std::fs::read_to_string(pid_file).expect("it ran");
        !Path::new("/proc").join(pid.trim()).exists()
    }

    #[test]
    fn two_windows_get_their_own_data_and_everything_ends_with_the_demo() {
        let folder = folder("show");
        let (port, serve) = serving(&folder);
        let mut programs = programs(&folder, r#"echo '{"round":"R","candidates":[]}'"#, &serve, "exit 0");
        let app = "env > $MIANTAN_APP_DATA/env; echo $$ > $MIANTAN_APP_DATA/pid; exec sleep 600";
        script(&folder.join("app"), app);
        let told = |name: &str| {
            std::fs::read_to_string(folder.join("data").join(name).join("pid"))
                .is_ok_and(|pid| pid.ends_with('\n'))
        };
        let both = || told("candidate") && told("recruiter");
        show(&programs, &folder, &options(false), both).expect("it is shown");
        for (name, place) in [("candidate", "390x844+20+20"), ("recruiter", "390x844+430+20")] {
            let data = folder.join("data").join(name);
            let env = std::fs::read_to_string(data.join("env")).expect("the app ran");
            for line in [
                format!("MIANTAN_APP_DATA={}", data.display()),
                format!("MIANTAN_SERVER=http://127.0.0.1:{port}"),
                format!("MIANTAN_WINDOW={place}"),
                "MIANTAN_CAMERA=synthetic".to_owned(),
            ] {
                assert!(env.lines().any(|found| found == line), "{line} is missing in {env}");
            }
            assert!(is_gone(&data.join("pid")), "the {name}'s app was stopped");
        }
        assert!(is_gone(&folder.join("pid")), "the backend was stopped");
        // The data is kept when that is wanted, and fresh otherwise.
        show(&programs, &folder, &options(true), || true).expect("it is shown again");
        assert!(folder.join("data/candidate/env").exists());
        programs[1].path = PathBuf::from("/bin/false");
        let error = show(&programs, &folder, &options(false), || false).expect_err("the app fails");
        assert!(error.to_string().contains("app failed"), "{error:#}");
        assert!(!folder.join("data/candidate/env").exists());
        std::fs::remove_dir_all(folder).expect("it is there");
    }

    fn folder(name: &str) -> PathBuf {
        let folder = std::env::temp_dir().join(format!("miantan-demo-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&folder).expect("writable");
        folder
    }

    #[test]
    fn the_story_gets_the_hall_and_its_failure_is_ours() {
        let folder = folder("play");
        let (port, serve) = serving(&folder);
        let seed = r#"echo '{"round":"R","candidates":[]}'"#;
        let story = format!("echo \"$@\" > {}/given; exit 0", folder.display());
        std::fs::write(folder.join("99-old.png"), "old").expect("writable");
        play_in(&programs(&folder, seed, &serve, &story), &folder, Faces::IfThere)
            .expect("the story is played");
        let given = std::fs::read_to_string(folder.join("given")).expect("the story ran");
        let expected = format!(
            "--backend http://127.0.0.1:{port} --app {0}/app --seed {0}/seed.json --out {0}\n",
            folder.display()
        );
        assert_eq!(given, expected);
        assert_eq!(
            std::fs::read_to_string(folder.join("seed.json")).expect("kept"),
            "{\"round\":\"R\",\"candidates\":[]}\n"
        );
        assert!(!folder.join("99-old.png").exists(), "an old picture is not taken for a new one");
        assert!(is_gone(&folder.join("pid")), "the backend was stopped");
        let error = play_in(&programs(&folder, seed, &serve, "exit 3"), &folder, Faces::IfThere)
            .expect_err("the story fails");
        assert!(format!("{error:#}").contains("the story failed"), "{error:#}");
        std::fs::remove_dir_all(folder).expect("it is there");
    }

    #[test]
    fn a_backend_that_says_nothing_or_nonsense_is_told() {
        let folder = folder("dead");
        let error = play_in(&programs(&folder, "echo '{}'", "exit 0", "exit 0"), &folder, Faces::IfThere)
            .expect_err("no address");
        assert!(format!("{error:#}").contains("never told its address"), "{error:#}");
        let error = play_in(&programs(&folder, "echo no", "exit 0", "exit 0"), &folder, Faces::IfThere)
            .expect_err("no seed");
        assert!(format!("{error:#}").contains("did not print JSON"), "{error:#}");
        std::fs::remove_dir_all(folder).expect("it is there");
    }
}
