//! Settings: a TOML file, `MIANTAN_*` variables over it, command line over both. Every key stands in
//! [`keys::KEYS`] with its meaning; `miantan-backend settings` prints them.
//!
//! Never here: secrets the server makes itself (`secret.key`), and anything about one fair.

mod face;
mod keys;
mod sms;
mod values;

pub use face::FaceConfig;
pub use keys::{KEYS, Key};
pub use sms::{HttpFormat, HttpMethod, SmsConfig, SmsVia};
pub use values::{Hidden, Net, PortRange};

use miantan_domain::signal::MediaPath;
use miantan_domain::time::WallTime;
use serde::Deserialize;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::{Path, PathBuf};

/// Name of the settings file looked for in the data folder when none is named.
pub const CONFIG_FILE: &str = "miantan.toml";

/// Why settings cannot be used. Each message names the key and the remedy.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    #[error("cannot read the settings file {path}: {source}")]
    Read { path: PathBuf, source: std::io::Error },
    #[error("the settings file {path} is wrong: {message}")]
    File { path: PathBuf, message: String },
    #[error("{variable} is wrong: {message}")]
    Variable { variable: String, message: String },
    #[error("unknown variable {0}; `miantan-backend settings` lists them")]
    UnknownVariable(String),
    #[error("settings are wrong: {0}")]
    Value(String),
    #[error(
        "{0} can be reached from other machines, and nothing is encrypted: set `tls_cert` and `tls_key`, \
         or `insecure = true` when a proxy on the way encrypts"
    )]
    PlainOutside(SocketAddr),
    #[error("`tls_cert` and `tls_key` belong together: set both or neither")]
    HalfTls,
}

/// All settings. Defaults make a server for one machine that nobody else can reach.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    pub data: PathBuf,
    pub listen: SocketAddr,
    pub public_url: Option<String>,
    pub tls_cert: Option<PathBuf>,
    pub tls_key: Option<PathBuf>,
    pub insecure: bool,
    pub trusted_proxies: Vec<Net>,
    pub metrics_from: Vec<Net>,
    pub organiser: String,
    pub hotline: String,
    pub calls: MediaPath,
    pub utc_offset_minutes: i32,
    pub session_days: u32,
    pub sign_ins_at_once: usize,
    pub turn: TurnConfig,
    pub sms: SmsConfig,
    pub face: FaceConfig,
    pub policy_file: Option<PathBuf>,
    pub policy_version: u32,
}

/// The embedded relay, or an external one.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TurnConfig {
    pub enabled: bool,
    pub listen: SocketAddr,
    pub public_ip: Option<IpAddr>,
    pub relay_ports: PortRange,
    pub external: Vec<String>,
    pub external_secret: Hidden,
}

impl Default for Config {
    fn default() -> Self {
        let loopback = [IpAddr::V4(Ipv4Addr::LOCALHOST), IpAddr::V6(Ipv6Addr::LOCALHOST)];
        Self {
            data: PathBuf::from("data"),
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 8480)),
            public_url: None,
            tls_cert: None,
            tls_key: None,
            insecure: false,
            trusted_proxies: Vec::new(),
            metrics_from: loopback.map(Net::host).to_vec(),
            organiser: "Miantan".into(),
            hotline: String::new(),
            calls: MediaPath::Direct,
            utc_offset_minutes: 8 * 60,
            session_days: 30,
            sign_ins_at_once: 4,
            turn: TurnConfig::default(),
            sms: SmsConfig::default(),
            face: FaceConfig::default(),
            policy_file: None,
            policy_version: 1,
        }
    }
}

impl Default for TurnConfig {
    fn default() -> Self {
        Self {
            enabled: true,
            listen: SocketAddr::from((Ipv4Addr::UNSPECIFIED, 3478)),
            public_ip: None,
            relay_ports: PortRange { first: 49_152, last: 65_535 },
            external: Vec::new(),
            external_secret: Hidden::default(),
        }
    }
}

/// What the command line says, over everything else.
#[derive(Debug, Clone, Default)]
pub struct Overrides {
    pub config: Option<PathBuf>,
    pub data: Option<PathBuf>,
    pub listen: Option<SocketAddr>,
}

impl Config {
    /// Reads settings for the process: file, variables, command line.
    pub fn load(overrides: &Overrides) -> Result<Self, ConfigError> {
        Self::load_from(overrides, std::env::vars())
    }

    /// As [`Self::load`], with the variables given.
    pub fn load_from(
        overrides: &Overrides,
        variables: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self, ConfigError> {
        let variables = keys::ours(variables)?;
        let named = overrides.config.clone().or_else(|| variables.config.clone());
        let data = overrides.data.clone().or_else(|| variables.data());
        let path = named
            .clone()
            .unwrap_or_else(|| data.clone().unwrap_or_else(|| Self::default().data).join(CONFIG_FILE));
        let mut table = match std::fs::read_to_string(&path) {
            Ok(text) => text.parse::<toml::Table>().map_err(|e| file_error(&path, &e))?,
            Err(e) if e.kind() == std::io::ErrorKind::NotFound && named.is_none() => toml::Table::new(),
            Err(source) => return Err(ConfigError::Read { path, source }),
        };
        // each source is checked by itself, so that the message names the right one
        Self::from_table(table.clone()).map_err(|e| file_error(&path, &e))?;
        variables.put_into(&mut table)?;
        let mut config = Self::from_table(table).map_err(|e| ConfigError::Value(e.to_string()))?;
        if let Some(data) = data {
            config.data = data;
        }
        if let Some(listen) = overrides.listen {
            config.listen = listen;
        }
        config.check()?;
        Ok(config)
    }

    fn from_table(table: toml::Table) -> Result<Self, toml::de::Error> {
        table.try_into()
    }

    /// What must hold between settings.
    pub fn check(&self) -> Result<(), ConfigError> {
        if self.tls_cert.is_some() != self.tls_key.is_some() {
            return Err(ConfigError::HalfTls);
        }
        if !self.listen.ip().is_loopback() && self.tls_cert.is_none() && !self.insecure {
            return Err(ConfigError::PlainOutside(self.listen));
        }
        if self.organiser.trim().is_empty() {
            return Err(ConfigError::Value(
                "`organiser` is empty; the app shows it on its first screen".into(),
            ));
        }
        if self.utc_offset_minutes.abs() > 14 * 60 {
            return Err(ConfigError::Value("`utc_offset_minutes` must be within 14 hours".into()));
        }
        if self.sign_ins_at_once == 0 || self.session_days == 0 {
            return Err(ConfigError::Value("`sign_ins_at_once` and `session_days` must be above 0".into()));
        }
        if !self.turn.external.is_empty() && self.turn.external_secret.0.is_empty() {
            return Err(ConfigError::Value("`turn.external` needs `turn.external_secret`".into()));
        }
        // Nobody would ever see or hear anybody, and no check of a phone's network can tell: it has no relay to try.
        if self.calls == MediaPath::Relay && !self.turn.enabled && self.turn.external.is_empty() {
            return Err(ConfigError::Value(
                "`calls = \"relay\"` needs a relay: `turn.enabled` or `turn.external`".into(),
            ));
        }
        if let Some(url) = &self.public_url {
            check_public_url(url)?;
        }
        if let Some(path) = &self.policy_file {
            let size = std::fs::metadata(path).map_err(|error| {
                ConfigError::Value(format!("`policy_file` {} cannot be read: {error}", path.display()))
            })?;
            if size.len() > crate::http::policy::POLICY_MAX_BYTES {
                return Err(ConfigError::Value("`policy_file` is larger than 256 KiB".into()));
            }
        }
        if self.policy_version == 0 {
            return Err(ConfigError::Value("`policy_version` must be above 0".into()));
        }
        self.face.check()?;
        self.sms.check()
    }

    /// The organiser's day that `now` lies in, in days since 1970-01-01.
    pub fn day(&self, now: WallTime) -> i64 {
        (now.0 + i64::from(self.utc_offset_minutes) * 60_000).div_euclid(86_400_000)
    }

    /// The organiser's day that `now` lies in, as `from..to`.
    pub fn today(&self, now: WallTime) -> (WallTime, WallTime) {
        const DAY_MS: i64 = 86_400_000;
        let offset = i64::from(self.utc_offset_minutes) * 60_000;
        let start = (now.0 + offset).div_euclid(DAY_MS) * DAY_MS - offset;
        (WallTime(start), WallTime(start + DAY_MS))
    }
}

/// Links are made by putting paths behind it.
fn check_public_url(url: &str) -> Result<(), ConfigError> {
    let host = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://")).unwrap_or_default();
    let host = host.strip_suffix('/').unwrap_or(host);
    let good = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | ':' | '[' | ']');
    if host.is_empty() || !host.chars().all(good) {
        return Err(ConfigError::Value(
            "`public_url` must be scheme and host without a path: https://miantan.example.edu.cn".into(),
        ));
    }
    Ok(())
}

fn file_error(path: &Path, error: &toml::de::Error) -> ConfigError {
    // the whole message would quote the line, which may hold a secret
    ConfigError::File { path: path.into(), message: error.message().to_owned() }
}

#[cfg(test)]
mod tests;
