//! Every setting by name: its variable, its kind, its meaning.

use super::ConfigError;
use std::path::PathBuf;
use toml::{Table, Value};

/// How a variable's text becomes a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Text,
    Flag,
    Number,
    /// With a point: 0.43.
    Decimal,
    /// Separated by commas.
    List,
}

/// One setting.
#[derive(Debug, Clone, Copy)]
pub struct Key {
    /// In the file; `turn.x` is `x` in the table `[turn]`.
    pub path: &'static str,
    pub variable: &'static str,
    pub kind: Kind,
    /// As in the file; empty: not set.
    pub default: &'static str,
    pub meaning: &'static str,
}

/// Names the settings file itself.
const CONFIG_VARIABLE: &str = "MIANTAN_CONFIG";
/// Read elsewhere.
const OTHERS: &[&str] = &["MIANTAN_LOG"];

macro_rules! keys {
    ($($path:literal $variable:literal $kind:ident = $default:literal $meaning:literal;)*) => {
        /// All settings.
        pub const KEYS: &[Key] = &[$(Key {
            path: $path, variable: $variable, kind: Kind::$kind, default: $default, meaning: $meaning,
        },)*];
    };
}

keys! {
    "data" "MIANTAN_DATA" Text = "data"
        "Folder of the database, the key and the objects. Back it up as a whole.";
    "listen" "MIANTAN_LISTEN" Text = "127.0.0.1:8480"
        "Address and port of the server. Port 0 takes any free one.";
    "public_url" "MIANTAN_PUBLIC_URL" Text = ""
        "How apps reach the server, for links and QR codes: https://miantan.example.edu.cn";
    "tls_cert" "MIANTAN_TLS_CERT" Text = ""
        "PEM file of the certificate chain. With it and `tls_key` the server speaks HTTPS only.";
    "tls_key" "MIANTAN_TLS_KEY" Text = ""
        "PEM file of the certificate's private key.";
    "insecure" "MIANTAN_INSECURE" Flag = "false"
        "Allow plain HTTP on an address other machines can reach (a proxy on the way encrypts).";
    "trusted_proxies" "MIANTAN_TRUSTED_PROXIES" List = "[]"
        "Networks of reverse proxies whose X-Forwarded-For is believed: [\"10.0.0.0/8\"].";
    "metrics_from" "MIANTAN_METRICS_FROM" List = "[\"127.0.0.1\", \"::1\"]"
        "Networks that may read /metrics.";
    "organiser" "MIANTAN_ORGANISER" Text = "Miantan"
        "The organiser's name, shown on top of the app.";
    "hotline" "MIANTAN_HOTLINE" Text = ""
        "Support telephone, shown wherever a check fails.";
    "calls" "MIANTAN_CALLS" Text = "direct"
        "direct: media goes straight between the devices where it can, and each sees the other's address. relay: through TURN only.";
    "utc_offset_minutes" "MIANTAN_UTC_OFFSET_MINUTES" Number = "480"
        "The organiser's time zone, which decides what \"today\" is.";
    "session_days" "MIANTAN_SESSION_DAYS" Number = "30"
        "Days a sign-in lasts.";
    "sign_ins_at_once" "MIANTAN_SIGN_INS_AT_ONCE" Number = "4"
        "Passwords checked at the same moment. Each takes 19 MiB and a core for tens of milliseconds.";
    "turn.enabled" "MIANTAN_TURN" Flag = "true"
        "Run the embedded TURN relay.";
    "turn.listen" "MIANTAN_TURN_LISTEN" Text = "0.0.0.0:3478"
        "UDP address and port of the relay. Port 0 takes any free one.";
    "turn.public_ip" "MIANTAN_PUBLIC_IP" Text = ""
        "Address under which devices reach the relay. Needed behind NAT.";
    "turn.relay_ports" "MIANTAN_RELAY_PORTS" Text = "49152-65535"
        "UDP ports the relay hands out; open them in the firewall.";
    "turn.external" "MIANTAN_TURN_EXTERNAL" List = "[]"
        "URLs of an external relay (coturn) used instead: [\"turn:turn.example.org:3478?transport=udp\"].";
    "turn.external_secret" "MIANTAN_TURN_EXTERNAL_SECRET" Text = ""
        "The external relay's static-auth-secret.";
    "policy_file" "MIANTAN_POLICY_FILE" Text = ""
        "Plain text of the terms and privacy policy. Not set: the text that comes with the program.";
    "policy_version" "MIANTAN_POLICY_VERSION" Number = "1"
        "Raise it when the policy's meaning changes: everybody is asked again.";
    "sms.via" "MIANTAN_SMS" Text = "outbox"
        "Who sends text messages. outbox: nobody, they stay in sms-outbox.jsonl for the developer. http: the interface described by sms.http_*. aliyun: Alibaba Cloud's SendSms.";
    "sms.signature" "MIANTAN_SMS_SIGNATURE" Text = ""
        "The name in 【】 in front of each message, as registered with the provider. Empty: the organiser's name.";
    "sms.templates" "MIANTAN_SMS_TEMPLATES" List = "[]"
        "The provider's template for each kind of message: [\"sign_in_code=SMS_1/code/minutes\"]; after a slash the variables that template has, without a slash all. Kinds: sign_in_code, identity_code, invitation, invitation_password, reminder, withdrawal, your_turn, password_reset, approval, rejection.";
    "sms.outbox_keep" "MIANTAN_SMS_OUTBOX_KEEP" Number = "500"
        "Messages the developer's outbox keeps.";
    "sms.http_url" "MIANTAN_SMS_HTTP_URL" Text = ""
        "The provider's address.";
    "sms.http_method" "MIANTAN_SMS_HTTP_METHOD" Text = "POST"
        "POST or PUT; GET puts a form into the address.";
    "sms.http_headers" "MIANTAN_SMS_HTTP_HEADERS" List = "[]"
        "Headers to send: [\"Authorization: Bearer …\"].";
    "sms.http_format" "MIANTAN_SMS_HTTP_FORMAT" Text = "json"
        "json or form: what sms.http_body is.";
    "sms.http_body" "MIANTAN_SMS_HTTP_BODY" Text = ""
        "The request with placeholders in its values: {\"mobile\": \"{to}\", \"content\": \"{text}\"} or mobile={to}&content={text}, written without any encoding. Placeholders: {to} {to_e164} {text} {signature} {kind} {template_id} {params} and each of the message's variables, {code} {minutes} {employer} {round} {when} {password} {link} {reason}.";
    "sms.http_success_pointer" "MIANTAN_SMS_HTTP_SUCCESS_POINTER" Text = ""
        "Where a JSON answer says whether the message was taken (RFC 6901): /code. Empty: a status of 2xx is enough.";
    "sms.http_success_value" "MIANTAN_SMS_HTTP_SUCCESS_VALUE" Text = ""
        "The value there that means yes: 0.";
    "sms.http_later_values" "MIANTAN_SMS_HTTP_LATER_VALUES" List = "[]"
        "The values there that mean: try again later. Any other value is a refusal for good.";
    "sms.aliyun_key_id" "MIANTAN_SMS_ALIYUN_KEY_ID" Text = ""
        "AccessKey ID of a RAM user that may only send messages.";
    "sms.aliyun_key_secret" "MIANTAN_SMS_ALIYUN_KEY_SECRET" Text = ""
        "Its AccessKey secret.";
    "sms.aliyun_endpoint" "MIANTAN_SMS_ALIYUN_ENDPOINT" Text = "https://dysmsapi.aliyuncs.com"
        "Address of the service.";
    "sms.codes_per_number_hour" "MIANTAN_SMS_CODES_PER_NUMBER_HOUR" Number = "5"
        "Codes one telephone number gets in an hour.";
    "sms.codes_per_number_day" "MIANTAN_SMS_CODES_PER_NUMBER_DAY" Number = "10"
        "Codes one telephone number gets in a day.";
    "sms.codes_per_address_hour" "MIANTAN_SMS_CODES_PER_ADDRESS_HOUR" Number = "20"
        "Codes asked for from one network address in an hour.";
    "sms.shared_networks" "MIANTAN_SMS_SHARED_NETWORKS" List = "[]"
        "Networks whose addresses many people share, such as a campus: [\"203.0.113.0/24\"].";
    "sms.codes_per_shared_address_hour" "MIANTAN_SMS_CODES_PER_SHARED_ADDRESS_HOUR" Number = "2000"
        "Codes asked for from one address of a shared network in an hour.";
    "sms.codes_per_day" "MIANTAN_SMS_CODES_PER_DAY" Number = "20000"
        "Codes in a day, all together: what a flood can cost at most.";
    "face.enabled" "MIANTAN_FACE" Flag = "true"
        "Offer the face check where a round asks for the identity and the candidate's photo is there. Without it only the SMS way is left.";
    "face.models" "MIANTAN_MODELS" Text = ""
        "Folder of the face check's models (assets/models.toml names them). Not set: models in the data folder, else shared/models beside the sources.";
    "face.onnxruntime" "MIANTAN_ONNXRUNTIME" Text = ""
        "ONNX Runtime's shared library or its folder. Not set: looked for beside the program and where `cargo xtask setup` puts it.";
    "face.checkers" "MIANTAN_FACE_CHECKERS" Number = "1"
        "Threads that look at pictures. Each makes some 20 reference templates a second.";
    "face.attempts" "MIANTAN_FACE_ATTEMPTS" Number = "3"
        "Face attempts a candidate has in a round.";
    "face.same" "MIANTAN_FACE_SAME" Decimal = "0.43"
        "Cosine from which on two faces are one person. `miantan-backend face-report` shows what it does with people of your own.";
    "face.different" "MIANTAN_FACE_DIFFERENT" Decimal = "0.33"
        "Cosine under which they are two; between, nobody can tell.";
    "face.live" "MIANTAN_FACE_LIVE" Decimal = "0.5"
        "Median liveness from which on an attempt passes.";
    "face.live_doubt" "MIANTAN_FACE_LIVE_DOUBT" Decimal = "0.2"
        "Median liveness under which the recruiter is warned as well.";
    "face.frames" "MIANTAN_FACE_FRAMES" Number = "5"
        "Good camera pictures an attempt needs.";
    "face.people_max" "MIANTAN_FACE_PEOPLE_MAX" Number = "99999"
        "People whose photos may be held for comparing. From 100,000 on Chinese law asks for a filing.";
    "face.frames_days" "MIANTAN_FACE_FRAMES_DAYS" Number = "7"
        "Days for which pictures that candidates agreed to send are kept, sealed.";
    "face.simulated" "MIANTAN_FACE_SIMULATED" Flag = "false"
        "Let attempts of apps with a synthetic camera pass, as simulated. For demos and tests only.";
}

/// The variables that are ours, checked for names nobody knows.
pub(super) struct Variables {
    pub config: Option<PathBuf>,
    set: Vec<(&'static Key, String)>,
}

pub(super) fn ours(all: impl IntoIterator<Item = (String, String)>) -> Result<Variables, ConfigError> {
    let mut variables = Variables { config: None, set: Vec::new() };
    for (name, text) in all {
        if !name.starts_with("MIANTAN_") || OTHERS.contains(&name.as_str()) {
            continue;
        }
        if name == CONFIG_VARIABLE {
            variables.config = Some(text.into());
        } else if let Some(key) = KEYS.iter().find(|key| key.variable == name) {
            variables.set.push((key, text));
        } else {
            // a slip in a name must not silently leave a default in force
            return Err(ConfigError::UnknownVariable(name));
        }
    }
    Ok(variables)
}

impl Variables {
    pub fn data(&self) -> Option<PathBuf> {
        self.set.iter().find(|(key, _)| key.path == "data").map(|(_, text)| text.into())
    }

    /// Lays the variables over a file's table.
    pub fn put_into(&self, table: &mut Table) -> Result<(), ConfigError> {
        for (key, text) in &self.set {
            let value = key.value(text)?;
            match key.path.split_once('.') {
                None => {
                    table.insert(key.path.to_owned(), value);
                }
                Some((group, path)) => {
                    let inner = table.entry(group).or_insert_with(|| Value::Table(Table::new()));
                    if let Value::Table(inner) = inner {
                        inner.insert(path.to_owned(), value);
                    }
                }
            }
        }
        Ok(())
    }
}

impl Key {
    fn value(&self, text: &str) -> Result<Value, ConfigError> {
        let bad =
            |message: &str| ConfigError::Variable { variable: self.variable.into(), message: message.into() };
        match self.kind {
            Kind::Text => Ok(Value::String(text.to_owned())),
            Kind::Flag => match text {
                "1" | "true" | "yes" | "on" => Ok(Value::Boolean(true)),
                "0" | "false" | "no" | "off" | "" => Ok(Value::Boolean(false)),
                _ => Err(bad("write true or false")),
            },
            Kind::Number => text.trim().parse().map(Value::Integer).map_err(|_| bad("write a whole number")),
            Kind::Decimal => match text.trim().parse::<f64>() {
                Ok(number) if number.is_finite() => Ok(Value::Float(number)),
                Ok(_) | Err(_) => Err(bad("write a number like 0.43")),
            },
            Kind::List => {
                let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
                Ok(Value::Array(parts.map(|part| Value::String(part.to_owned())).collect()))
            }
        }
    }
}
