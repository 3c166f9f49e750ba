//! The project's own commands: `cargo xtask COMMAND`. It builds, checks, installs and plays; it contains nothing of
//! the product and no other crate depends on it.
use clap::{Parser, Subcommand};

mod api;
mod bench;
mod build;
mod demo;
mod onnxruntime;
mod phones;
mod setup;
mod sh;
mod test;
mod tidy;
mod workspace;

#[derive(Debug, Parser)]
#[command(name = "cargo xtask", about = "Builds, checks and shows Miantan", version)]
struct Line {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Installs the system packages that something needs (Debian, Ubuntu)
    Setup(setup::Options),
    /// Builds everything and opens a candidate and a recruiter side by side on a seeded server
    Demo(demo::Options),
    /// Runs every check and test, or the named stages
    Test(test::Options),
    /// Measures the release build and compares with what was promised
    Bench(bench::Options),
    /// Type-checks the phone side for Android and iOS
    Phones(phones::Options),
    /// Checks the rules of ARCHITECTURE.md that no compiler knows
    Tidy,
}

fn main() -> std::process::ExitCode {
    let done = match Line::parse().command {
        Command::Setup(options) => setup::run(&options),
        Command::Demo(options) => demo::run(&options),
        Command::Test(options) => test::run(&options),
        Command::Bench(options) => bench::run(&options),
        Command::Phones(options) => phones::run(&options),
        Command::Tidy => tidy::run(),
    };
    match done {
        Ok(()) => std::process::ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("\nerror: {error:#}");
            std::process::ExitCode::FAILURE
        }
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_command_line_is_sound() {
        use clap::CommandFactory as _;
        super::Line::command().debug_assert();
    }
}
