//! Running other programs: shown before they run, checked after, killed when we leave. It never goes through a shell.
use std::ffi::OsStr;
use std::io::IsTerminal as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

/// The workspace's folder.
pub fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here).to_path_buf()
}

/// A command that runs in the workspace's folder.
pub fn command(program: impl AsRef<OsStr>, arguments: &[&str]) -> Command {
    let mut command = Command::new(program);
    command.args(arguments).current_dir(root());
    command
}

/// `cargo ARGUMENTS`, with the cargo that runs us.
pub fn cargo(arguments: &[&str]) -> Command {
    command(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()), arguments)
}

/// Prints the command, runs it with our own output, and fails when it fails.
pub fn run(command: &mut Command) -> Result<()> {
    let line = shown(command);
    println!("$ {line}");
    let status = command.status().with_context(|| format!("cannot run {line}"))?;
    if !status.success() {
        bail!("{line}: {status}");
    }
    Ok(())
}

/// What a command prints; fails with its complaint when it fails.
pub fn output(command: &mut Command) -> Result<String> {
    let line = shown(command);
    let output = command.stdin(Stdio::null()).output().with_context(|| format!("cannot run {line}"))?;
    if !output.status.success() {
        bail!("{line}: {}\n{}", output.status, String::from_utf8_lossy(&output.stderr).trim());
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Whether a program is on the PATH.
pub fn exists(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|folder| folder.join(program).is_file())
}

/// Nobody is there to answer a question: `CI=true`, or input or output is no terminal.
pub fn unattended() -> bool {
    let ci = std::env::var("CI").is_ok_and(|value| !value.is_empty() && value != "false" && value != "0");
    ci || !std::io::stdin().is_terminal() || !std::io::stdout().is_terminal()
}

/// Asks a question on the terminal; an empty answer is yes.
pub fn agreed(question: &str) -> Result<bool> {
    use std::io::Write as _;
    print!("{question} [Y/n] ");
    std::io::stdout().flush()?;
    let mut answer = String::new();
    std::io::stdin().read_line(&mut answer)?;
    Ok(matches!(answer.trim().to_lowercase().as_str(), "" | "y" | "yes" | "j" | "是" | "好"))
}

/// The command as a person would type it, without the path of the program.
pub fn shown(command: &Command) -> String {
    let program =
        Path::new(command.get_program()).file_name().unwrap_or_default().to_string_lossy().into_owned();
    let mut line = program;
    for argument in command.get_args() {
        let argument = argument.to_string_lossy();
        let quote = if argument.contains([' ', '"']) || argument.is_empty() { "'" } else { "" };
        line.extend([" ", quote, &argument, quote]);
    }
    line
}

/// A program that runs beside us and ends with us.
#[derive(Debug)]
pub struct Background {
    pub name: &'static str,
    pub child: Child,
}

impl Background {
    /// Starts it in our own process group, so that Ctrl-C on the terminal reaches it too.
    pub fn start(name: &'static str, command: &mut Command) -> Result<Self> {
        let child = command
            .stdin(Stdio::null())
            .spawn()
            .with_context(|| format!("cannot start {}", shown(command)))?;
        Ok(Self { name, child })
    }

    /// How it ended, or `None` while it runs.
    pub fn ended(&mut self) -> Option<std::process::ExitStatus> {
        self.child.try_wait().ok().flatten()
    }

    /// SIGTERM, and SIGKILL when it is still there after five seconds.
    pub fn stop(&mut self) {
        if self.ended().is_some() {
            return;
        }
        let _ = Command::new("kill").arg(self.child.id().to_string()).stderr(Stdio::null()).status();
        let deadline = Instant::now() + Duration::from_secs(5);
        while self.ended().is_none() && Instant::now() < deadline {
            std::thread::sleep(Duration::from_millis(20));
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Background {
    fn drop(&mut self) {
        self.stop();
    }
}

/// "1 min 5 s", "7.3 s"
pub fn time(took: Duration) -> String {
    let seconds = took.as_secs();
    if seconds >= 60 {
        format!("{} min {} s", seconds / 60, seconds % 60)
    } else {
        format!("{:.1} s", took.as_secs_f64())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_shown_as_typed() {
        assert_eq!(shown(&command("/usr/bin/cargo", &["test", "a b", ""])), "cargo test 'a b' ''");
    }

    #[test]
    fn a_failing_command_fails_with_its_complaint() {
        assert!(run(&mut command("false", &[])).is_err());
        let error = output(&mut command("sh", &["-c", "echo too bad >&2; exit 3"])).expect_err("it fails");
        assert!(format!("{error:#}").contains("too bad"), "{error:#}");
        assert_eq!(output(&mut command("echo", &["hello"])).expect("it runs"), "hello\n");
    }

    #[test]
    fn times_are_short() {
        assert_eq!(time(Duration::from_millis(7_340)), "7.3 s");
        assert_eq!(time(Duration::from_secs(65)), "1 min 5 s");
    }

    #[test]
    fn what_runs_beside_us_ends_with_us() {
        let sleeper = Background::start("sleeper", &mut command("sleep", &["600"])).expect("it starts");
        let folder = format!("/proc/{}", sleeper.child.id());
        assert!(Path::new(&folder).exists());
        drop(sleeper);
        assert!(!Path::new(&folder).exists());
    }
}
