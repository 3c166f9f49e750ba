//! A provider's HTTP interface, described by settings: address, headers, a body with placeholders,
//! and how its answer says yes.

use super::fill::{Form, Values};
use super::wire;
use super::{Receipt, SmsError, SmsKind, SmsMessage, SmsSender, SmsSetupError, parts};
use crate::config::{HttpFormat, HttpMethod, SmsConfig};
use async_trait::async_trait;
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use reqwest::{Client, Method, Url};
use serde_json::Value;
use std::collections::BTreeMap;

/// The generic sender.
pub struct HttpSender {
    client: Client,
    url: Url,
    method: HttpMethod,
    headers: HeaderMap,
    body: Form,
    success: Option<Success>,
    templates: Templates,
    signature: String,
}

/// How a JSON answer of status 2xx says yes.
struct Success {
    pointer: String,
    yes: String,
    later: Vec<String>,
}

impl HttpSender {
    /// Reads the settings. Errors name the key and repeat no value.
    pub fn new(config: &SmsConfig, signature: String) -> Result<Self, SmsSetupError> {
        let url = read_url("http_url", &config.http_url)?;
        if config.http_method == HttpMethod::Get && config.http_format == HttpFormat::Json {
            return Err(SmsSetupError::setting("http_format", "GET takes a form"));
        }
        let body = Form::read(config.http_format, &config.http_body.0)
            .map_err(|message| SmsSetupError::setting("http_body", message))?;
        let mut headers = HeaderMap::new();
        for header in &config.http_headers {
            let bad = || SmsSetupError::setting("http_headers", "write `Name: value`");
            let (name, value) = header.0.split_once(':').ok_or_else(bad)?;
            let name = HeaderName::try_from(name.trim()).map_err(|_| bad())?;
            let mut value = HeaderValue::try_from(value.trim()).map_err(|_| bad())?;
            value.set_sensitive(true);
            headers.append(name, value);
        }
        if config.http_method != HttpMethod::Get {
            headers.entry(CONTENT_TYPE).or_insert(HeaderValue::from_static(body.content_type()));
        }
        let success = match config.http_success_pointer.as_str() {
            "" => None,
            pointer if !pointer.starts_with('/') => {
                return Err(SmsSetupError::setting("http_success_pointer", "begins with /"));
            }
            pointer => Some(Success {
                pointer: pointer.to_owned(),
                yes: config.http_success_value.clone(),
                later: config.http_later_values.clone(),
            }),
        };
        Ok(Self {
            client: wire::client()?,
            url,
            method: config.http_method,
            headers,
            body,
            success,
            templates: Templates::read(&config.templates)?,
            signature,
        })
    }
}

#[async_trait]
impl SmsSender for HttpSender {
    async fn send(&self, message: &SmsMessage) -> Result<Receipt, SmsError> {
        let (template_id, params) = self.templates.of(message);
        let values = Values { message, signature: &self.signature, template_id, params };
        let filled = self.body.fill(&values);
        let mut url = self.url.clone();
        let request = match self.method {
            HttpMethod::Get => {
                let query = match url.query() {
                    Some(own) if !own.is_empty() => format!("{own}&{filled}"),
                    _ => filled,
                };
                url.set_query(Some(&query));
                self.client.request(Method::GET, url)
            }
            HttpMethod::Post => self.client.request(Method::POST, url).body(filled),
            HttpMethod::Put => self.client.request(Method::PUT, url).body(filled),
        };
        let response = wire::ask(request.headers(self.headers.clone())).await?;
        let status = response.status();
        if !status.is_success() {
            let error = wire::refusal(status, response.headers());
            tracing::warn!(status = status.as_u16(), means = error.as_str(), "the SMS provider refuses");
            return Err(error);
        }
        if let Some(success) = &self.success {
            success.judge(&wire::body(response).await?)?;
        }
        Ok(Receipt { id: None, parts: parts(&message.template.text(&self.signature)) })
    }
}

impl Success {
    fn judge(&self, body: &[u8]) -> Result<(), SmsError> {
        // 2xx with a body nobody can read: it may have been sent
        let json: Value = serde_json::from_slice(body).map_err(|_| SmsError::Unanswered)?;
        let says = match json.pointer(&self.pointer) {
            Some(Value::String(text)) => text.clone(),
            Some(value) => value.to_string(),
            None => return Err(SmsError::Unanswered),
        };
        if says == self.yes {
            Ok(())
        } else if self.later.contains(&says) {
            Err(wire::slower())
        } else {
            Err(SmsError::Refused)
        }
    }
}

/// An address that can be asked, without user and password in it.
pub(super) fn read_url(key: &'static str, text: &str) -> Result<Url, SmsSetupError> {
    match Url::parse(text) {
        Ok(url)
            if matches!(url.scheme(), "http" | "https") && url.has_host() && url.username().is_empty() =>
        {
            Ok(url)
        }
        _ => Err(SmsSetupError::setting(key, "write an address like https://sms.example.com/send")),
    }
}

/// The provider's ids of our kinds of message, and the variables each of its templates has.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Templates(BTreeMap<SmsKind, Entry>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Entry {
    id: String,
    /// None: all the message has.
    params: Option<Vec<&'static str>>,
}

impl Templates {
    /// Reads `kind=ID` and `kind=ID/code/minutes`.
    pub fn read(lines: &[String]) -> Result<Self, SmsSetupError> {
        let mut all = BTreeMap::new();
        for line in lines {
            let bad = |message: String| SmsSetupError::setting("templates", message);
            let (kind, rest) = line
                .split_once('=')
                .ok_or_else(|| bad(format!("`{line}`: write kind=ID/variable/variable")))?;
            let kind = SmsKind::named(kind.trim())
                .ok_or_else(|| bad(format!("there is no kind `{}`", kind.trim())))?;
            let mut rest = rest.split('/').map(str::trim);
            let id = rest.next().unwrap_or_default().to_owned();
            if id.is_empty() {
                return Err(bad(format!("`{}` has no id", kind.as_str())));
            }
            let mut params = Vec::new();
            for name in rest {
                let known = super::template::PARAMS.into_iter().find(|known| *known == name);
                params.push(known.ok_or_else(|| bad(format!("there is no variable `{name}`")))?);
            }
            let entry = Entry { id, params: (!params.is_empty()).then_some(params) };
            if all.insert(kind, entry).is_some() {
                return Err(bad(format!("`{}` stands there twice", kind.as_str())));
            }
        }
        Ok(Self(all))
    }

    /// Kinds without a template.
    pub fn missing(&self) -> Vec<SmsKind> {
        SmsKind::ALL.into_iter().filter(|kind| !self.0.contains_key(kind)).collect()
    }

    /// Id (empty: none) and variables for one message.
    pub fn of(&self, message: &SmsMessage) -> (&str, Vec<(&'static str, String)>) {
        let mut params = message.template.params();
        match self.0.get(&message.template.kind()) {
            None => ("", params),
            Some(entry) => {
                if let Some(names) = &entry.params {
                    params.retain(|(name, _)| names.contains(name));
                }
                (&entry.id, params)
            }
        }
    }
}
