//! `miantan-backend`: the command line. Everything it does is in the library.

use anyhow::Context;
use clap::{Parser, Subcommand};
use miantan_backend::clock::Clock;
use miantan_backend::config::{Config, KEYS, Overrides};
use miantan_backend::{admin, faces, live, seed, server};
use std::io::{IsTerminal, Write};
use std::net::SocketAddr;
use std::path::PathBuf;

/// Miantan's backend: a video interview hall for online job fairs and recruitment exams.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run the server until SIGINT or SIGTERM. Prints one JSON line with its address once it listens.
    Serve {
        /// Settings file [default: miantan.toml in the data folder]
        #[arg(long)]
        config: Option<PathBuf>,
        /// Data folder [default: data]
        #[arg(long)]
        data: Option<PathBuf>,
        /// Address and port [default: 127.0.0.1:8480]
        #[arg(long)]
        listen: Option<SocketAddr>,
    },
    /// Make a sample fair with today's rounds in an empty data folder, and print what to type.
    Seed {
        /// Data folder
        #[arg(long, default_value = "data", env = "MIANTAN_DATA")]
        data: PathBuf,
        /// Delete the database that is there
        #[arg(long)]
        fresh: bool,
        /// Print JSON
        #[arg(long)]
        json: bool,
        /// Invite so many more candidates to the main round
        #[arg(long, default_value_t = 0)]
        candidates: usize,
        /// So many employers instead of twelve
        #[arg(long, default_value_t = 12, value_parser = employers)]
        employers: usize,
        /// So many positions for each employer instead of the sample's 269 in all
        #[arg(long, default_value_t = 0)]
        positions: usize,
        /// Open so many conversations between the main round's candidates and the employers
        #[arg(long, default_value_t = 0)]
        conversations: usize,
        /// Say so many things in these conversations
        #[arg(long, default_value_t = 0)]
        messages: usize,
        /// Give candidates reference photos from this folder, by name or one person after the other
        #[arg(long)]
        photos: Option<PathBuf>,
    },
    /// What the organiser does: registrations, fairs, builds. Speaks to the running server.
    Admin(admin::Arguments),
    /// Compare the faces of a folder with each other and print how often the thresholds are wrong: one folder for each
    /// person, or files like a1.jpg, a2.jpg, b1.jpg.
    FaceReport {
        folder: PathBuf,
        /// Write the curve of both errors as an SVG picture
        #[arg(long)]
        svg: Option<PathBuf>,
        /// Settings file, for the thresholds [default: miantan.toml in the data folder]
        #[arg(long)]
        config: Option<PathBuf>,
    },
    /// Print every setting with its variable, default and meaning.
    Settings,
}

fn main() -> anyhow::Result<()> {
    let filter = tracing_subscriber::EnvFilter::try_from_env("MIANTAN_LOG")
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("info"));
    let colours = std::io::stderr().is_terminal();
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_ansi(colours).init();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    match Arguments::parse().command {
        Command::Serve { config, data, listen } => {
            let config = Config::load(&Overrides { config, data, listen })?;
            runtime.block_on(serve(config))
        }
        Command::Seed {
            data,
            fresh,
            json,
            candidates,
            employers,
            positions,
            conversations,
            messages,
            photos,
        } => {
            let scale = seed::Scale { candidates, employers, positions, conversations, messages };
            runtime.block_on(plant(data, fresh, json, scale, photos))
        }
        Command::FaceReport { folder, svg, config } => {
            let config = Config::load(&Overrides { config, ..Overrides::default() })?;
            faces::report(&config, &folder, svg.as_deref(), &mut std::io::stdout())
        }
        Command::Admin(arguments) => runtime.block_on(admin::run(arguments, &mut std::io::stdout())),
        Command::Settings => settings(),
    }
}

async fn serve(config: Config) -> anyhow::Result<()> {
    std::fs::create_dir_all(&config.data)
        .with_context(|| format!("cannot make the data folder {}", config.data.display()))?;
    live::descriptors::raise();
    let server = server::start(config).await?;
    let asked_to_stop = server::until_signal()?;
    let line = serde_json::json!({ "listening": server.url(), "address": server.address() });
    writeln!(std::io::stdout(), "{line}")?;
    asked_to_stop.await;
    server.stop().await
}

/// The number of employers, within what the seed can make.
fn employers(text: &str) -> Result<usize, String> {
    let count: usize = text.parse().map_err(|_| "not a number".to_owned())?;
    let most = seed::EMPLOYERS_MAX;
    if (12..=most).contains(&count) { Ok(count) } else { Err(format!("from 12 to {most}")) }
}

async fn plant(
    data: PathBuf,
    fresh: bool,
    json: bool,
    scale: seed::Scale,
    photos: Option<PathBuf>,
) -> anyhow::Result<()> {
    let now = Clock::system().wall();
    let mut seeded = seed::run_scaled(&data, fresh, now, scale).await?;
    if let Some(folder) = photos {
        seed::photos(&data, &folder, now, &mut seeded).await?;
    }
    let mut out = std::io::stdout();
    if json {
        writeln!(out, "{}", serde_json::to_string_pretty(&seeded)?)?;
        return Ok(());
    }
    writeln!(out, "{} · {}\n", seeded.organiser, seeded.round)?;
    writeln!(out, "用人单位登录 / employer sign-in")?;
    for line in &seeded.employers {
        let member = line.member.as_deref().map(|name| format!("  成员 {name}")).unwrap_or_default();
        writeln!(out, "  {}  {}  {}{member}", line.uscc, line.password, line.name)?;
    }
    writeln!(out, "\n面谈邀请码 / invitation codes")?;
    let exams = [&seeded.identity, &seeded.identity_verified, &seeded.identity_sms_first];
    let others = seeded.both.iter().skip(1).chain([&seeded.second]).chain(exams);
    for line in seeded.candidates.iter().chain(&seeded.both[..1]).chain(others) {
        let password = line.password.as_deref().map(|text| format!("  密码 {text}")).unwrap_or_default();
        writeln!(out, "  {}  {}  {}{password}", line.code, line.name, line.round)?;
    }
    if !seeded.photos.is_empty() {
        writeln!(out, "\n证件照 / reference photos")?;
    }
    for line in &seeded.photos {
        writeln!(out, "  {}  {}", line.file, line.name)?;
    }
    Ok(())
}

fn settings() -> anyhow::Result<()> {
    let mut out = std::io::stdout();
    for key in KEYS {
        let default = if key.default.is_empty() { "not set" } else { key.default };
        writeln!(out, "{}  ({})  [{default}]\n    {}\n", key.path, key.variable, key.meaning)?;
    }
    Ok(())
}
