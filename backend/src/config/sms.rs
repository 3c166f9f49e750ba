//! Settings of text messages: who sends them, with which templates, and how many codes may go out.

use super::{ConfigError, Hidden, Net};
use serde::Deserialize;

/// Who sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SmsVia {
    /// Nobody: messages stay in a file and on a page for the developer.
    Outbox,
    /// A provider's HTTP interface, described by the `http_*` settings.
    Http,
    /// Alibaba Cloud's SendSms.
    Aliyun,
}

/// How the generic sender asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum HttpMethod {
    /// The form goes into the address as its query.
    Get,
    Post,
    Put,
}

/// What the generic sender's body is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HttpFormat {
    Json,
    Form,
}

/// The table `[sms]`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SmsConfig {
    pub via: SmsVia,
    /// Empty: the organiser's name.
    pub signature: String,
    /// `kind=ID` or `kind=ID/param/param`.
    pub templates: Vec<String>,
    pub outbox_keep: usize,
    pub http_url: String,
    pub http_method: HttpMethod,
    /// `Name: value`; may hold the provider's key.
    pub http_headers: Vec<Hidden>,
    pub http_format: HttpFormat,
    /// May hold the provider's key.
    pub http_body: Hidden,
    pub http_success_pointer: String,
    pub http_success_value: String,
    pub http_later_values: Vec<String>,
    pub aliyun_key_id: String,
    pub aliyun_key_secret: Hidden,
    pub aliyun_endpoint: String,
    pub codes_per_number_hour: u32,
    pub codes_per_number_day: u32,
    pub codes_per_address_hour: u32,
    pub shared_networks: Vec<Net>,
    pub codes_per_shared_address_hour: u32,
    pub codes_per_day: u32,
}

impl Default for SmsConfig {
    fn default() -> Self {
        Self {
            via: SmsVia::Outbox,
            signature: String::new(),
            templates: Vec::new(),
            outbox_keep: 500,
            http_url: String::new(),
            http_method: HttpMethod::Post,
            http_headers: Vec::new(),
            http_format: HttpFormat::Json,
            http_body: Hidden::default(),
            http_success_pointer: String::new(),
            http_success_value: String::new(),
            http_later_values: Vec::new(),
            aliyun_key_id: String::new(),
            aliyun_key_secret: Hidden::default(),
            aliyun_endpoint: "https://dysmsapi.aliyuncs.com".into(),
            codes_per_number_hour: 5,
            codes_per_number_day: 10,
            codes_per_address_hour: 20,
            shared_networks: Vec::new(),
            codes_per_shared_address_hour: 2_000,
            codes_per_day: 20_000,
        }
    }
}

impl SmsConfig {
    /// What must be set for the chosen way; templates and bodies are read when the sender is made.
    pub(super) fn check(&self) -> Result<(), ConfigError> {
        let needs = |name: &str| Err(ConfigError::Value(format!("`sms.via` as it is needs `sms.{name}`")));
        match self.via {
            SmsVia::Outbox if self.outbox_keep == 0 => {
                return Err(ConfigError::Value("`sms.outbox_keep` must be above 0".into()));
            }
            SmsVia::Http if self.http_url.is_empty() => return needs("http_url"),
            SmsVia::Http if self.http_body.0.is_empty() => return needs("http_body"),
            SmsVia::Aliyun if self.aliyun_key_id.is_empty() => return needs("aliyun_key_id"),
            SmsVia::Aliyun if self.aliyun_key_secret.0.is_empty() => return needs("aliyun_key_secret"),
            SmsVia::Aliyun if self.templates.is_empty() => return needs("templates"),
            SmsVia::Outbox | SmsVia::Http | SmsVia::Aliyun => {}
        }
        let ceilings = [
            self.codes_per_number_hour,
            self.codes_per_number_day,
            self.codes_per_address_hour,
            self.codes_per_shared_address_hour,
            self.codes_per_day,
        ];
        if ceilings.contains(&0) {
            return Err(ConfigError::Value(
                "`sms.codes_per_…` must be above 0, or nobody can sign in".into(),
            ));
        }
        Ok(())
    }
}
