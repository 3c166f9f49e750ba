//! Alibaba Cloud SMS: `SendSms` of `dysmsapi`, version 2017-05-25, signed as in [`super::acs3`].
//!
//! Sources: operation, <https://help.aliyun.com/document_detail/55284.html>; error codes,
//! <https://help.aliyun.com/document_detail/101346.html> (both read in stored copies on
//! 24 November 2026). The operation is not idempotent: a message asked for twice is sent twice.
//! The service refuses addresses (`https://…`) in some variables: write the address into the template's
//! own words and leave `link` out of `sms.templates`.

use super::acs3::Call;
use super::fill::params_json;
use super::http::{Templates, read_url};
use super::{Receipt, SmsError, SmsMessage, SmsSender, SmsSetupError, acs3, parts, wire};
use crate::clock::Clock;
use crate::config::{Hidden, SmsConfig};
use crate::secrets;
use async_trait::async_trait;
use miantan_domain::time::WallTime;
use reqwest::{Client, Url};
use serde::Deserialize;
use time::OffsetDateTime;
use time::macros::format_description;

const ACTION: &str = "SendSms";
const VERSION: &str = "2017-05-25";
/// The provider lets one number have one code a minute; asked sooner, it answers so.
const NUMBER_LIMIT_MS: u64 = 60_000;
/// The organiser's own ceiling for a day or a month is reached; somebody may lift it.
const ACCOUNT_LIMIT_MS: u64 = 3_600_000;

/// The sender.
pub struct AliyunSender {
    client: Client,
    endpoint: Url,
    host: String,
    key_id: String,
    key_secret: Hidden,
    templates: Templates,
    signature: String,
    clock: Clock,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Answer {
    code: String,
    biz_id: Option<String>,
}

impl AliyunSender {
    pub fn new(config: &SmsConfig, signature: String, clock: Clock) -> Result<Self, SmsSetupError> {
        let mut endpoint = read_url("aliyun_endpoint", &config.aliyun_endpoint)?;
        endpoint.set_path("/");
        let host = match (endpoint.host_str(), endpoint.port()) {
            (Some(host), None) => host.to_owned(),
            (Some(host), Some(port)) => format!("{host}:{port}"),
            (None, _) => return Err(SmsSetupError::setting("aliyun_endpoint", "has no host")),
        };
        let templates = Templates::read(&config.templates)?;
        for kind in templates.missing() {
            tracing::warn!(
                kind = kind.as_str(),
                "`sms.templates` has no id for this kind; it cannot be sent"
            );
        }
        Ok(Self {
            client: wire::client()?,
            endpoint,
            host,
            key_id: config.aliyun_key_id.clone(),
            key_secret: config.aliyun_key_secret.clone(),
            templates,
            signature,
            clock,
        })
    }
}

#[async_trait]
impl SmsSender for AliyunSender {
    async fn send(&self, message: &SmsMessage) -> Result<Receipt, SmsError> {
        let (template, params) = self.templates.of(message);
        if template.is_empty() {
            // the settings can be mended, so the message is not lost
            return Err(SmsError::Down);
        }
        let date = iso_date(self.clock.wall()).ok_or(SmsError::Down)?;
        let nonce = acs3::hex(&secrets::random::<16>());
        let params = params_json(&params);
        let call = Call {
            host: &self.host,
            action: ACTION,
            version: VERSION,
            date: &date,
            nonce: &nonce,
            params: &[
                ("PhoneNumbers", message.to.digits()),
                ("SignName", &self.signature),
                ("TemplateCode", template),
                ("TemplateParam", &params),
            ],
        };
        let signed = call.sign(&self.key_id, &self.key_secret.0);
        let mut url = self.endpoint.clone();
        url.set_query(Some(&signed.query));
        let mut request = self.client.post(url).header("accept", "application/json");
        for (name, value) in signed.headers {
            request = request.header(name, value);
        }
        let response = wire::ask(request).await?;
        let status = response.status();
        let by_status = wire::refusal(status, response.headers());
        let body = wire::body(response).await?;
        let answer: Answer = match serde_json::from_slice(&body) {
            Ok(answer) => answer,
            Err(_) if status.is_success() => return Err(SmsError::Unanswered),
            Err(_) => return Err(by_status),
        };
        if status.is_success() && answer.code == "OK" {
            let parts = parts(&message.template.text(&self.signature));
            return Ok(Receipt { id: answer.biz_id, parts });
        }
        let error = meaning(&answer.code);
        tracing::warn!(code = plain(&answer.code), means = error.as_str(), "Alibaba Cloud refuses a message");
        Err(error)
    }
}

/// What an error code means for this message.
fn meaning(code: &str) -> SmsError {
    match code {
        "isv.BUSINESS_LIMIT_CONTROL" => SmsError::Slower { retry_after_ms: NUMBER_LIMIT_MS },
        "isv.DAY_LIMIT_CONTROL" | "isv.MONTH_LIMIT_CONTROL" => {
            SmsError::Slower { retry_after_ms: ACCOUNT_LIMIT_MS }
        }
        code if code.starts_with("Throttling") => wire::slower(),
        // about the account, not the message: once it is in order, the message can go
        "isv.AMOUNT_NOT_ENOUGH"
        | "isv.OUT_OF_SERVICE"
        | "isv.PRODUCT_UN_SUBSCRIPT"
        | "isv.PRODUCT_UNSUBSCRIBE"
        | "isv.ACCOUNT_NOT_EXISTS"
        | "isv.ACCOUNT_ABNORMAL"
        | "isv.DENY_IP_RANGE" => SmsError::Down,
        // a number, a text, a template that is not accepted
        code if code.starts_with("isv.") => SmsError::Refused,
        // isp.*, InvalidAccessKeyId.*, SignatureDoesNotMatch, ServiceUnavailable …
        _ => SmsError::Down,
    }
}

/// A code fit for the log: a provider's text could hold anything.
fn plain(code: &str) -> &str {
    let fits = code.len() <= 64 && code.bytes().all(|b| b.is_ascii_alphabetic() || b"._-".contains(&b));
    if fits { code } else { "(unreadable)" }
}

/// `2023-10-26T10:22:32Z`; None beyond the years a date can name.
fn iso_date(now: WallTime) -> Option<String> {
    let format = format_description!("[year]-[month]-[day]T[hour]:[minute]:[second]Z");
    OffsetDateTime::from_unix_timestamp(now.0.div_euclid(1_000)).ok()?.format(format).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_mean_what_they_should() {
        for (code, means) in [
            ("isv.MOBILE_NUMBER_ILLEGAL", SmsError::Refused),
            ("isv.TEMPLATE_MISSING_PARAMETERS", SmsError::Refused),
            ("isv.BLACK_KEY_CONTROL_LIMIT", SmsError::Refused),
            ("isv.BUSINESS_LIMIT_CONTROL", SmsError::Slower { retry_after_ms: 60_000 }),
            ("isv.AMOUNT_NOT_ENOUGH", SmsError::Down),
            ("isp.SYSTEM_ERROR", SmsError::Down),
            ("SignatureDoesNotMatch", SmsError::Down),
            ("Throttling.User", wire::slower()),
        ] {
            assert_eq!(meaning(code), means, "{code}");
        }
        assert_eq!(plain("isv.OUT_OF_SERVICE"), "isv.OUT_OF_SERVICE");
        assert_eq!(plain("13800138000"), "(unreadable)");
    }

    #[test]
    fn dates_are_utc() {
        assert_eq!(iso_date(WallTime(1_698_315_752_999)).as_deref(), Some("2023-10-26T10:22:32Z"));
        assert_eq!(iso_date(WallTime(i64::MAX)), None);
    }
}
