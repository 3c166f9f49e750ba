//! Alibaba Cloud's signature V3, `ACS3-HMAC-SHA256`: the pure computation.
//!
//! Source: "V3 request structure and signature" / "V3版本请求体&签名机制",
//! <https://help.aliyun.com/zh/sdk/product-overview/v3-request-structure-and-signature> (English:
//! <https://www.alibabacloud.com/help/en/sdk/product-overview/v3-request-structure-and-signature>,
//! edition of 5 February 2025), read in a stored copy on 24 November 2026. Its section "Fixed
//! parameter values" / "固定参数示例" gives all inputs, the canonical request, its hash and the
//! signature; the test below reproduces each of them.

use super::wire::percent;
use hmac::{Hmac, KeyInit, Mac as _};
use sha2::{Digest, Sha256};
use std::fmt::Write;

/// Name of the algorithm, in the string to sign and in `Authorization`.
pub const ALGORITHM: &str = "ACS3-HMAC-SHA256";

/// A request to sign: RPC style, parameters in the query, no body.
pub struct Call<'a> {
    /// As in the `Host` header; with the port where it is not the scheme's own.
    pub host: &'a str,
    pub action: &'a str,
    pub version: &'a str,
    /// UTC, `2023-10-26T10:22:32Z`; refused by the service when 15 minutes off.
    pub date: &'a str,
    /// Never used before.
    pub nonce: &'a str,
    pub params: &'a [(&'a str, &'a str)],
}

/// What to send: `POST /?{query}` with these headers (and `Host`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signed {
    pub query: String,
    pub headers: [(&'static str, String); 6],
}

impl Call<'_> {
    /// Parameters sorted by name, both sides encoded.
    pub fn query(&self) -> String {
        let mut params: Vec<_> = self.params.to_vec();
        params.sort_unstable();
        let pairs: Vec<String> =
            params.iter().map(|(name, value)| format!("{}={}", percent(name), percent(value))).collect();
        pairs.join("&")
    }

    /// Names of the signed headers and the text that is hashed.
    fn canonical(&self, query: &str) -> (String, String) {
        let body = hex(&Sha256::digest(b""));
        // sorted by name
        let headers = [
            ("host", self.host),
            ("x-acs-action", self.action),
            ("x-acs-content-sha256", body.as_str()),
            ("x-acs-date", self.date),
            ("x-acs-signature-nonce", self.nonce),
            ("x-acs-version", self.version),
        ];
        let names = headers.map(|(name, _)| name).join(";");
        let mut text = format!("POST\n/\n{query}\n");
        for (name, value) in headers {
            // writing to a string cannot fail
            let _ = writeln!(text, "{name}:{}", value.trim());
        }
        let _ = write!(text, "\n{names}\n{body}");
        (names, text)
    }

    /// Signs with an AccessKey.
    pub fn sign(&self, key_id: &str, key_secret: &str) -> Signed {
        let query = self.query();
        let (names, canonical) = self.canonical(&query);
        let to_sign = format!("{ALGORITHM}\n{}", hex(&Sha256::digest(canonical.as_bytes())));
        #[expect(clippy::expect_used, reason = "HMAC takes keys of any length")]
        let mut mac = Hmac::<Sha256>::new_from_slice(key_secret.as_bytes()).expect("any key length");
        mac.update(to_sign.as_bytes());
        let signature = hex(&mac.finalize().into_bytes());
        let authorization =
            format!("{ALGORITHM} Credential={key_id},SignedHeaders={names},Signature={signature}");
        Signed {
            query,
            headers: [
                ("authorization", authorization),
                ("x-acs-action", self.action.to_owned()),
                ("x-acs-content-sha256", hex(&Sha256::digest(b""))),
                ("x-acs-date", self.date.to_owned()),
                ("x-acs-signature-nonce", self.nonce.to_owned()),
                ("x-acs-version", self.version.to_owned()),
            ],
        }
    }
}

/// Lower-case base 16.
pub(super) fn hex(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        // writing to a string cannot fail
        let _ = write!(out, "{byte:02x}");
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    const EXAMPLE: Call<'static> = Call {
        host: "ecs.cn-shanghai.aliyuncs.com",
        action: "RunInstances",
        version: "2014-05-26",
        date: "2023-10-26T10:22:32Z",
        nonce: "3156853299f313e23d1673dc12e1703d",
        // the other way round than in the result, so that sorting is seen
        params: &[
            ("RegionId", "cn-shanghai"),
            ("ImageId", "win2019_1809_x64_dtc_zh-cn_40G_alibase_20230811.vhd"),
        ],
    };

    /// Every step the provider publishes, byte for byte.
    #[test]
    fn the_published_example_is_reproduced() {
        let query = "ImageId=win2019_1809_x64_dtc_zh-cn_40G_alibase_20230811.vhd&RegionId=cn-shanghai";
        assert_eq!(EXAMPLE.query(), query);
        let (names, canonical) = EXAMPLE.canonical(query);
        assert_eq!(
            names,
            "host;x-acs-action;x-acs-content-sha256;x-acs-date;x-acs-signature-nonce;x-acs-version"
        );
        assert_eq!(
            canonical,
            "POST\n\
             /\n\
             ImageId=win2019_1809_x64_dtc_zh-cn_40G_alibase_20230811.vhd&RegionId=cn-shanghai\n\
             host:ecs.cn-shanghai.aliyuncs.com\n\
             x-acs-action:RunInstances\n\
             x-acs-content-sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\n\
             x-acs-date:2023-10-26T10:22:32Z\n\
             x-acs-signature-nonce:3156853299f313e23d1673dc12e1703d\n\
             x-acs-version:2014-05-26\n\
             \n\
             host;x-acs-action;x-acs-content-sha256;x-acs-date;x-acs-signature-nonce;x-acs-version\n\
             e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
        );
        assert_eq!(
            hex(&Sha256::digest(canonical.as_bytes())),
            "7ea06492da5221eba5297e897ce16e55f964061054b7695beedaac1145b1e259"
        );
        let signed = EXAMPLE.sign("YourAccessKeyId", "YourAccessKeySecret");
        assert_eq!(
            signed.headers[0],
            (
                "authorization",
                "ACS3-HMAC-SHA256 Credential=YourAccessKeyId,SignedHeaders=host;x-acs-action;\
                 x-acs-content-sha256;x-acs-date;x-acs-signature-nonce;x-acs-version,\
                 Signature=06563a9e1b43f5dfe96b81484da74bceab24a1d853912eee15083a6f0f3283c0"
                    .to_owned()
            )
        );
    }

    #[test]
    fn every_input_changes_the_signature() {
        let signature = |call: &Call<'_>, secret: &str| call.sign("id", secret).headers[0].1.clone();
        let base = signature(&EXAMPLE, "secret");
        let others = [
            signature(&Call { host: "x", ..EXAMPLE }, "secret"),
            signature(&Call { action: "x", ..EXAMPLE }, "secret"),
            signature(&Call { version: "x", ..EXAMPLE }, "secret"),
            signature(&Call { date: "x", ..EXAMPLE }, "secret"),
            signature(&Call { nonce: "x", ..EXAMPLE }, "secret"),
            signature(&Call { params: &[], ..EXAMPLE }, "secret"),
            signature(&EXAMPLE, "other"),
        ];
        assert!(others.iter().all(|other| *other != base));
    }
}
