//! `miantan-backend admin …`: the organiser's commands. They speak to the running server's API with the token
//! from its data folder; nothing here opens the database.

mod api;
mod photo;
mod print;

use crate::config::{Config, Overrides};
use crate::secrets;
use anyhow::{Context, bail};
use api::Api;
use clap::{Args, Subcommand, ValueEnum};
use miantan_domain::ids::{FairId, RegistrationId};
use miantan_domain::model::{FairCard, FairPage, Registration};
use miantan_domain::time::WallTime;
use miantan_domain::wire::rest::{Build, Decide, FairEdit, Page, ReportLine, System};
use reqwest::Method;
use serde_json::Value;
use std::io::Write;
use std::path::{Path, PathBuf};
use time::macros::format_description;
use time::{PrimitiveDateTime, UtcOffset};

/// Where the server is, and what is to be done there.
#[derive(Args)]
pub struct Arguments {
    /// Data folder of the server, for the token [default: data]
    #[arg(long, global = true)]
    data: Option<PathBuf>,
    /// Settings file [default: miantan.toml in the data folder]
    #[arg(long, global = true)]
    config: Option<PathBuf>,
    /// The server, like https://miantan.example.edu.cn [default: where the settings say it listens]
    #[arg(long, global = true)]
    server: Option<String>,
    /// Print JSON
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// List registrations of employers, oldest first.
    Registrations {
        /// Only those that stand so
        #[arg(long, value_enum)]
        state: Option<Standing>,
    },
    /// Save a registration's licence picture.
    Licence {
        id: RegistrationId,
        /// File to write
        #[arg(long)]
        to: PathBuf,
    },
    /// Let an employer in.
    Approve { id: RegistrationId },
    /// Turn an employer down; the contact reads the reason.
    Reject {
        id: RegistrationId,
        #[arg(long)]
        reason: String,
    },
    /// Fairs.
    #[command(subcommand)]
    Fair(FairCommand),
    /// The app's builds for download.
    #[command(subcommand)]
    Build(BuildCommand),
    /// Give a candidate the photo for the face check, or take it away.
    Photo(photo::Photo),
    /// What people reported.
    Reports,
    /// The development outbox of text messages, newest first.
    Sms,
}

#[derive(Clone, Copy, ValueEnum)]
#[value(rename_all = "snake_case")]
enum Standing {
    LicenceMissing,
    Waiting,
    Approved,
    Rejected,
}

#[derive(Subcommand)]
enum FairCommand {
    /// List fairs, newest first.
    List,
    /// Make a fair, or change one that is named by --id. A change is whole: what is not given is empty.
    Put(Box<FairText>),
}

#[derive(Args)]
struct FairText {
    /// The fair to change
    #[arg(long)]
    id: Option<FairId>,
    #[arg(long)]
    title: String,
    /// 网络招聘会 …
    #[arg(long, default_value = "网络招聘会")]
    kind: String,
    /// Local time of the server's settings, like "2026-11-24 09:00"
    #[arg(long)]
    starts: String,
    #[arg(long)]
    ends: String,
    #[arg(long, default_value = "")]
    city: String,
    #[arg(long, default_value = "")]
    district: String,
    #[arg(long, default_value = "")]
    venue: String,
    #[arg(long, default_value = "", conflicts_with = "introduction_file")]
    introduction: String,
    /// A text file with the introduction
    #[arg(long)]
    introduction_file: Option<PathBuf>,
}

impl FairText {
    /// The fair's id, a new one where none is named, and its texts.
    fn read(self, offset_minutes: i32) -> anyhow::Result<(FairId, FairEdit)> {
        let introduction = match self.introduction_file {
            Some(path) => {
                std::fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?
            }
            None => self.introduction,
        };
        let edit = FairEdit {
            title: self.title,
            kind: self.kind,
            starts: local(&self.starts, offset_minutes)?,
            ends: local(&self.ends, offset_minutes)?,
            city: self.city,
            district: self.district,
            venue: self.venue,
            introduction,
        };
        let now = crate::clock::Clock::system().wall();
        Ok((self.id.unwrap_or_else(|| FairId::from_parts(now.0 as u64, &secrets::random())), edit))
    }
}

#[derive(Subcommand)]
enum BuildCommand {
    /// Upload a build; it takes the place of the system's one before.
    Put {
        /// android, ios, windows, macos or linux
        #[arg(long, value_parser = system)]
        system: System,
        #[arg(long)]
        version: String,
        file: PathBuf,
    },
}

fn system(text: &str) -> Result<System, String> {
    let known = System::ALL.into_iter().find(|system| system.as_str() == text);
    known.ok_or_else(|| "android, ios, windows, macos or linux".to_owned())
}

/// A local time as Unix ms.
fn local(text: &str, offset_minutes: i32) -> anyhow::Result<WallTime> {
    let form = format_description!("[year]-[month]-[day] [hour]:[minute]");
    let time = PrimitiveDateTime::parse(text, form)
        .with_context(|| format!("{text:?} is no time like \"2026-11-24 09:00\""))?;
    let offset = UtcOffset::from_whole_seconds(offset_minutes * 60)?;
    Ok(WallTime(time.assume_offset(offset).unix_timestamp() * 1_000))
}

/// Does it and prints what came of it.
///
/// # Errors
/// With what to do about it: no token, no server, or the server's refusal.
pub async fn run(arguments: Arguments, out: &mut impl Write) -> anyhow::Result<()> {
    let Arguments { data, config, server, json, command } = arguments;
    let config = Config::load(&Overrides { config, data, listen: None })?;
    let token = crate::organiser::read(&config.data)?;
    let api = Api::new(&config, server, token)?;
    let printer = Printer { json, offset_minutes: config.utc_offset_minutes };
    match command {
        Command::Registrations { state } => {
            let state = state.and_then(|state| state.to_possible_value());
            let query = state.as_ref().map(|state| ("state", state.get_name()));
            let answer = api.ask(Method::GET, &["admin", "registrations"], query, None).await?;
            printer.show::<Vec<Registration>>(out, &answer, |out, list, offset| {
                print::registrations(out, list, offset)
            })
        }
        Command::Licence { id, to } => {
            let bytes = api.file(&["admin", "registrations", &id.to_string(), "licence"]).await?;
            save(&to, &bytes)?;
            writeln!(out, "{}", to.display())?;
            Ok(())
        }
        Command::Approve { id } => decide(&api, &printer, out, id, Decide::Approve).await,
        Command::Reject { id, reason } => decide(&api, &printer, out, id, Decide::Reject { reason }).await,
        Command::Fair(FairCommand::List) => {
            let answer = api.ask(Method::GET, &["fairs"], Some(("limit", "100")), None).await?;
            printer.show::<Page<FairCard>>(out, &answer, print::fairs)
        }
        Command::Fair(FairCommand::Put(text)) => {
            let (id, edit) = text.read(config.utc_offset_minutes)?;
            let body = serde_json::to_vec(&edit)?;
            let answer = api.ask(Method::PUT, &["admin", "fairs", &id.to_string()], None, Some(body)).await?;
            printer.show::<FairPage>(out, &answer, print::fair)
        }
        Command::Build(BuildCommand::Put { system, version, file }) => {
            let name = file.file_name().and_then(|name| name.to_str());
            let name = name.with_context(|| format!("{} has no readable name", file.display()))?;
            let bytes =
                tokio::fs::read(&file).await.with_context(|| format!("cannot read {}", file.display()))?;
            let answer = api.build(system, &version, name, bytes).await?;
            printer.show::<Build>(out, &answer, print::build)
        }
        Command::Photo(photo) => photo::run(&api, photo, out).await,
        Command::Reports => {
            let answer = api.ask(Method::GET, &["admin", "reports"], None, None).await?;
            printer
                .show::<Vec<ReportLine>>(out, &answer, |out, list, offset| print::reports(out, list, offset))
        }
        Command::Sms => {
            let answer = api.ask(Method::GET, &["admin", "sms"], None, None).await?;
            printer.show::<Vec<crate::sms::outbox::Outgoing>>(out, &answer, |out, list, offset| {
                print::sms(out, list, offset)
            })
        }
    }
}

async fn decide(
    api: &Api,
    printer: &Printer,
    out: &mut impl Write,
    id: RegistrationId,
    decide: Decide,
) -> anyhow::Result<()> {
    let body = serde_json::to_vec(&decide)?;
    let path = ["admin", "registrations", &id.to_string(), "decide"];
    let answer = api.ask(Method::POST, &path, None, Some(body)).await?;
    printer.show::<Registration>(out, &answer, |out, registration, offset| {
        print::registrations(out, std::slice::from_ref(registration), offset)
    })
}

/// A licence is personal data: only this user may read the file, and no other file is lost to it.
fn save(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    let mut file = match options.open(path) {
        Ok(file) => file,
        Err(e) if e.kind() == std::io::ErrorKind::AlreadyExists => {
            bail!("{} is there already", path.display())
        }
        Err(e) => return Err(e).with_context(|| format!("cannot write {}", path.display())),
    };
    file.write_all(bytes).with_context(|| format!("cannot write {}", path.display()))
}

/// How answers are shown.
struct Printer {
    json: bool,
    offset_minutes: i32,
}

impl Printer {
    fn show<T: serde::de::DeserializeOwned>(
        &self,
        out: &mut dyn Write,
        answer: &[u8],
        readable: impl FnOnce(&mut dyn Write, &T, i32) -> std::io::Result<()>,
    ) -> anyhow::Result<()> {
        let unknown = "the server's answer is not understood; is it the same version?";
        if self.json {
            let value: Value = serde_json::from_slice(answer).context(unknown)?;
            writeln!(out, "{}", serde_json::to_string_pretty(&value)?)?;
        } else {
            let value: T = serde_json::from_slice(answer).context(unknown)?;
            readable(out, &value, self.offset_minutes)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_the_organisers() {
        assert_eq!(local("1970-01-01 08:00", 480).unwrap(), WallTime(0));
        assert_eq!(local("2026-11-24 09:00", 480).unwrap(), WallTime(1_795_482_000_000));
        for bad in ["", "2026-11-24", "24.11.2026 09:00", "2026-13-01 00:00", "2026-11-24 09:00:00"] {
            assert!(local(bad, 480).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_saved_licence_overwrites_nothing_and_is_for_one_user() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("licence.png");
        save(&path, b"one").unwrap();
        assert!(save(&path, b"two").unwrap_err().to_string().contains("already"));
        assert_eq!(std::fs::read(&path).unwrap(), b"one");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        }
    }
}
