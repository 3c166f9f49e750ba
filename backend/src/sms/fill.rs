//! A provider's request with placeholders: JSON or form.
//!
//! The template is taken apart once, and values are put into the parts before they are written down
//! as JSON or as a form. So no value can end a string or add a field, whatever it holds.

use super::SmsMessage;
use super::template::PARAMS;
use super::wire::percent;
use crate::config::HttpFormat;
use serde_json::Value;

/// Placeholders beside the message's own variables.
const OWN: [&str; 7] = ["to", "to_e164", "text", "signature", "kind", "template_id", "params"];

/// A text between which placeholders stand.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Gaps(Vec<Piece>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    Text(String),
    Gap(String),
}

/// A request's body before its values are in.
#[derive(Clone)]
pub enum Form {
    Json(Value),
    /// Names and values.
    Pairs(Vec<(String, String)>),
}

/// What goes into the gaps.
pub struct Values<'a> {
    pub message: &'a SmsMessage,
    pub signature: &'a str,
    /// The provider's id of this kind of message; empty where it has none.
    pub template_id: &'a str,
    /// The variables that template has.
    pub params: Vec<(&'static str, String)>,
}

impl Form {
    /// Takes a template apart. The error says what is wrong with it and repeats none of its text.
    pub fn read(format: HttpFormat, text: &str) -> Result<Self, String> {
        match format {
            HttpFormat::Json => {
                let json: Value = serde_json::from_str(text)
                    .map_err(|e| format!("no JSON at line {}, column {}", e.line(), e.column()))?;
                check_json(&json)?;
                Ok(Self::Json(json))
            }
            HttpFormat::Form => {
                let mut pairs = Vec::new();
                for pair in text.split('&').filter(|pair| !pair.is_empty()) {
                    let (name, value) =
                        pair.split_once('=').ok_or("write name=value, joined by &, without encoding")?;
                    Gaps::read(value)?;
                    pairs.push((name.trim().to_owned(), value.trim().to_owned()));
                }
                Ok(Self::Pairs(pairs))
            }
        }
    }

    /// Puts the values in.
    pub fn fill(&self, values: &Values<'_>) -> String {
        match self {
            Self::Json(json) => fill_json(json, values).to_string(),
            Self::Pairs(pairs) => {
                let mut out = String::new();
                for (name, value) in pairs {
                    if !out.is_empty() {
                        out.push('&');
                    }
                    out.push_str(&percent(name));
                    out.push('=');
                    out.push_str(&percent(&fill(value, values)));
                }
                out
            }
        }
    }

    /// As the body's `Content-Type`.
    pub const fn content_type(&self) -> &'static str {
        match self {
            Self::Json(_) => "application/json",
            Self::Pairs(_) => "application/x-www-form-urlencoded",
        }
    }
}

impl Values<'_> {
    fn get(&self, name: &str) -> String {
        match name {
            "to" => self.message.to.digits().to_owned(),
            "to_e164" => self.message.to.e164(),
            "text" => self.message.template.text(self.signature),
            "signature" => self.signature.to_owned(),
            "kind" => self.message.template.kind().as_str().to_owned(),
            "template_id" => self.template_id.to_owned(),
            "params" => params_json(&self.params),
            // empty where this message has no such variable
            name => {
                self.params.iter().find(|(known, _)| *known == name).map_or(String::new(), |(_, v)| v.clone())
            }
        }
    }
}

/// The variables as one JSON object of strings.
pub fn params_json(params: &[(&'static str, String)]) -> String {
    let object: serde_json::Map<String, Value> =
        params.iter().map(|(name, value)| ((*name).to_owned(), Value::String(value.clone()))).collect();
    Value::Object(object).to_string()
}

fn check_json(json: &Value) -> Result<(), String> {
    match json {
        Value::String(text) => Gaps::read(text).map(|_| ()),
        Value::Array(items) => items.iter().try_for_each(check_json),
        Value::Object(fields) => fields.values().try_for_each(check_json),
        Value::Null | Value::Bool(_) | Value::Number(_) => Ok(()),
    }
}

fn fill_json(json: &Value, values: &Values<'_>) -> Value {
    match json {
        Value::String(text) => Value::String(fill(text, values)),
        Value::Array(items) => Value::Array(items.iter().map(|item| fill_json(item, values)).collect()),
        Value::Object(fields) => Value::Object(
            fields.iter().map(|(name, value)| (name.clone(), fill_json(value, values))).collect(),
        ),
        Value::Null | Value::Bool(_) | Value::Number(_) => json.clone(),
    }
}

fn fill(text: &str, values: &Values<'_>) -> String {
    // read once when the settings were; what could not be read is left as it is
    let Ok(Gaps(pieces)) = Gaps::read(text) else { return text.to_owned() };
    pieces
        .into_iter()
        .map(|piece| match piece {
            Piece::Text(text) => text,
            Piece::Gap(name) => values.get(&name),
        })
        .collect()
}

impl Gaps {
    /// `{name}` is a gap when the name is of small letters, digits and `_`; other braces are text.
    fn read(text: &str) -> Result<Self, String> {
        let mut pieces = Vec::new();
        let mut rest = text;
        let mut plain = String::new();
        while let Some(open) = rest.find('{') {
            let (before, after) = (&rest[..open], &rest[open + 1..]);
            plain.push_str(before);
            let name = after.split_once('}').map_or("", |(name, _)| name);
            let is_name = !name.is_empty()
                && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
            if is_name {
                if !OWN.contains(&name) && !PARAMS.contains(&name) {
                    return Err(format!("nothing is called {{{name}}}"));
                }
                pieces.push(Piece::Text(std::mem::take(&mut plain)));
                pieces.push(Piece::Gap(name.to_owned()));
                rest = &after[name.len() + 1..];
            } else {
                plain.push('{');
                rest = after;
            }
        }
        plain.push_str(rest);
        pieces.push(Piece::Text(plain));
        Ok(Self(pieces))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sms::{Phone, SmsTemplate};
    use proptest::prelude::*;

    fn message(reason: &str) -> SmsMessage {
        SmsMessage {
            to: Phone::parse("13800138000").unwrap(),
            template: SmsTemplate::Approval {
                employer: "云图".into(),
                approved: false,
                reason: reason.into(),
            },
        }
    }

    fn filled(format: HttpFormat, template: &str, message: &SmsMessage) -> String {
        let params = message.template.params();
        let values = Values { message, signature: "人才中心", template_id: "T1", params };
        Form::read(format, template).unwrap().fill(&values)
    }

    #[test]
    fn json_values_cannot_break_out() {
        let message = message("\",\"admin\":true,\"x\":\"\\ {to} {code}");
        let body = filled(
            HttpFormat::Json,
            r#"{"mobile":"{to}","all":["{to_e164}",1],"text":"{text}","deep":{"r":"R:{reason}","none":"{code}"},"p":"{params}"}"#,
            &message,
        );
        let json: Value = serde_json::from_str(&body).unwrap();
        let fields: Vec<&String> = json.as_object().unwrap().keys().collect();
        assert_eq!(fields, ["all", "deep", "mobile", "p", "text"]);
        assert_eq!(json["mobile"], "13800138000");
        assert_eq!(json["all"], serde_json::json!(["+8613800138000", 1]));
        // a value is not read again for placeholders
        assert_eq!(json["deep"]["r"], "R:\",\"admin\":true,\"x\":\"\\ {to} {code}");
        assert_eq!(json["deep"]["none"], "");
        let params: Value = serde_json::from_str(json["p"].as_str().unwrap()).unwrap();
        assert_eq!(params["employer"], "云图");
    }

    #[test]
    fn form_values_cannot_break_out() {
        let message = message("a&admin=1+ %20=#");
        let body =
            filled(HttpFormat::Form, "mobile={to}&key=k/=+&reason={reason}&sign={signature}", &message);
        let url = reqwest::Url::parse(&format!("http://h/?{body}")).unwrap();
        let pairs: Vec<(String, String)> = url.query_pairs().into_owned().collect();
        let of = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        assert_eq!(
            pairs,
            [
                of("mobile", "13800138000"),
                of("key", "k/=+"),
                of("reason", "a&admin=1+ %20=#"),
                of("sign", "人才中心")
            ]
        );
    }

    #[test]
    fn a_slip_in_a_template_is_named_without_its_text() {
        let says = |format, text: &str, word: &str| {
            let message = Form::read(format, text).err().unwrap();
            assert!(message.contains(word) && !message.contains("hunter2"), "{message}");
        };
        says(HttpFormat::Json, r#"{"key":"hunter2","to":{to}}"#, "column");
        says(HttpFormat::Json, r#"{"key":"hunter2","to":"{phone}"}"#, "{phone}");
        says(HttpFormat::Form, "key=hunter2&to={mobile}", "{mobile}");
        says(HttpFormat::Form, "hunter2", "name=value");
        // braces of other kinds are text
        assert!(Form::read(HttpFormat::Json, r#"{"a":"{A} {} { {to}"}"#).is_ok());
    }

    proptest! {
        #[test]
        fn whatever_a_reason_holds_the_fields_stay_two(reason in "\\PC{0,40}") {
            let message = message(&reason);
            let clean = message.template.params().pop().unwrap().1;
            let json: Value =
                serde_json::from_str(&filled(HttpFormat::Json, r#"{"a":"{reason}","b":"2"}"#, &message)).unwrap();
            prop_assert_eq!(json.as_object().unwrap().len(), 2);
            prop_assert_eq!(json["a"].as_str().unwrap(), clean.as_str());
            let form = filled(HttpFormat::Form, "a={reason}&b=2", &message);
            let url = reqwest::Url::parse(&format!("http://h/?{form}")).unwrap();
            let pairs: Vec<_> = url.query_pairs().collect();
            prop_assert_eq!(pairs.len(), 2);
            prop_assert_eq!(pairs[0].1.as_ref(), clean.as_str());
        }
    }
}
