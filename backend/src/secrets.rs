//! Passwords, codes, tokens: how they are made, and the only forms in which they are stored.
//!
//! Passwords are kept as argon2id hashes. Codes, tokens and network addresses are kept as
//! HMAC-SHA256 under a key that lies beside the database, not in it (`secret.key`, mode 0600): a
//! stolen database alone opens nothing. Nothing here is ever logged.

use argon2::password_hash::phc::PasswordHash;
use argon2::{Argon2, PasswordHasher, PasswordVerifier};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac as _};
use miantan_domain::code::InviteCode;
use miantan_domain::ids::{FairId, InvitationId, RegistrationId};
use miantan_domain::model::Nonce;
use rand::RngExt;
use sha2::Sha256;
use std::fs;
use std::io::Write;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use subtle::ConstantTimeEq;

use crate::sms::Phone;
use crate::store::{KnownPhone, Mac};

/// Name of the key file in the data folder.
pub const KEY_FILE: &str = "secret.key";
/// Random bytes in a session token.
const TOKEN_BYTES: usize = 32;
/// Longest password tried, in bytes: a hash of megabytes would be a way to keep the server busy.
pub const PASSWORD_MAX_BYTES: usize = 1024;

/// Why the key cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SecretsError {
    #[error("cannot use the key file {path}: {source}")]
    File { path: PathBuf, source: std::io::Error },
    #[error("the key file {0} is not 32 bytes long; restore it from the backup of the data folder")]
    Damaged(PathBuf),
    #[error("the key file {0} may be read by others; run `chmod 600` on it")]
    OpenToOthers(PathBuf),
    #[error("a password cannot be hashed: {0}")]
    Hash(String),
    #[error(transparent)]
    Organiser(#[from] crate::organiser::TokenError),
}

/// The server's key and what is done with it.
pub struct Secrets {
    key: [u8; 32],
    /// A hash no password opens, so that an unknown account costs as much as a known one.
    nobody: String,
    /// Of the organiser's token.
    organiser: Mac,
    /// Password hashes computed to check a password.
    checks: AtomicU64,
}

impl Secrets {
    /// Reads the key of a data folder, or makes it.
    pub fn open(data: &Path) -> Result<Self, SecretsError> {
        let path = data.join(KEY_FILE);
        let key = match read_key(&path)? {
            Some(key) => key,
            None => make_key(&path)?,
        };
        let mut secrets = Self::with_key(key)?;
        secrets.organiser = secrets.organisers(&crate::organiser::open(data)?);
        Ok(secrets)
    }

    /// From a key, for tests and for a key kept elsewhere. No token opens what is the organiser's.
    pub fn with_key(key: [u8; 32]) -> Result<Self, SecretsError> {
        let nobody = hash_password(&URL_SAFE_NO_PAD.encode(random::<TOKEN_BYTES>()))?;
        Ok(Self { key, nobody, organiser: random(), checks: AtomicU64::new(0) })
    }

    /// Whether this is the organiser's token. Takes as long for one that is nearly right.
    pub fn organiser_opens(&self, token: &str) -> bool {
        same(&self.organisers(token), &self.organiser)
    }

    fn organisers(&self, token: &str) -> Mac {
        self.mac("organiser", token.as_bytes())
    }

    /// The token that opens one registration: the same each time, so that whoever repeats a request gets
    /// the answer that was lost.
    pub fn registration_token(&self, registration: RegistrationId) -> String {
        URL_SAFE_NO_PAD.encode(self.mac("registration", registration.0.as_bytes()))
    }

    /// A code that belongs to an invitation sent in a conversation: the same each time, so that a
    /// message that must be sent again later says the same, and no code lies in the database. `number`:
    /// which of them, should one be another invitation's already.
    pub fn invitation_code(&self, invitation: InvitationId, number: u32) -> InviteCode {
        let mut value = invitation.0.as_bytes().to_vec();
        value.extend_from_slice(&number.to_be_bytes());
        let mac = self.mac("invitation", &value);
        let mut bits = [0; 8];
        bits.copy_from_slice(&mac[..8]);
        InviteCode::from_random(u64::from_be_bytes(bits))
    }

    /// The stored form of an invitation code.
    pub fn code(&self, code: &InviteCode) -> Mac {
        self.mac("code", code.as_str().as_bytes())
    }

    /// The stored form of a session token.
    pub fn token(&self, token: &str) -> Mac {
        self.mac("token", token.as_bytes())
    }

    /// The stored form of a network address. IPv6 counts by its /64: one household or campus net has
    /// 2⁶⁴ addresses of its own.
    pub fn address(&self, address: IpAddr) -> Mac {
        match address.to_canonical() {
            IpAddr::V4(v4) => self.mac("address", &v4.octets()),
            IpAddr::V6(v6) => self.mac("address", &v6.octets()[..8]),
        }
    }

    /// The stored form of somebody who looks at a fair's page, another one for each fair.
    pub fn onlooker(&self, fair: FairId, kind: u8, name: &[u8]) -> Mac {
        let mut value = fair.0.as_bytes().to_vec();
        value.push(kind);
        value.extend_from_slice(name);
        self.mac("onlooker", &value)
    }

    /// A number in the form in which candidates are looked for by it.
    pub fn phone(&self, phone: &Phone) -> KnownPhone {
        KnownPhone { phone: phone.clone(), key: self.mac("phone", phone.digits().as_bytes()) }
    }

    /// Key of the stored forms of numbers and codes ([`crate::sms::verify::Seal`]).
    pub fn sms_key(&self) -> [u8; 32] {
        self.mac("sms", b"")
    }

    /// Secret key that the frames of one face attempt are sealed for. It follows from the nonce, so that no restart
    /// loses it and the database does not hold it.
    pub fn frames_secret(&self, nonce: &Nonce) -> [u8; 32] {
        self.mac("frames", nonce.bytes())
    }

    /// Key of the time-limited TURN credentials.
    pub fn turn_secret(&self) -> [u8; 32] {
        self.mac("turn", b"")
    }

    /// Whether the password opens the hash. Without a hash (unknown account) the same work is done
    /// for nothing. Takes tens of milliseconds: call it on a blocking thread.
    pub fn password_opens(&self, password: &str, hash: Option<&str>) -> bool {
        let known = hash.is_some() && password.len() <= PASSWORD_MAX_BYTES;
        let text = hash.unwrap_or(&self.nobody);
        let tried = &password.as_bytes()[..password.len().min(PASSWORD_MAX_BYTES)];
        let opens = PasswordHash::new(text).is_ok_and(|hash| {
            self.checks.fetch_add(1, Ordering::Relaxed);
            Argon2::default().verify_password(tried, &hash).is_ok()
        });
        known & opens
    }

    /// How many password hashes were computed to check a password.
    pub fn checks(&self) -> u64 {
        self.checks.load(Ordering::Relaxed)
    }

    fn mac(&self, purpose: &str, value: &[u8]) -> Mac {
        #[expect(clippy::expect_used, reason = "HMAC takes keys of any length")]
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.key).expect("any key length");
        mac.update(purpose.as_bytes());
        mac.update(&[0]);
        mac.update(value);
        mac.finalize().into_bytes().into()
    }
}

/// Compares without telling by its duration where the first difference is.
pub fn same(a: &Mac, b: &Mac) -> bool {
    a.ct_eq(b).into()
}

/// PHC string of a password's argon2id hash (RFC 9106; parameters: the crate's default, OWASP's
/// 19 MiB, 2 passes, 1 lane).
pub fn hash_password(password: &str) -> Result<String, SecretsError> {
    let hash: argon2::password_hash::phc::PasswordHash = Argon2::default()
        .hash_password(password.as_bytes())
        .map_err(|e| SecretsError::Hash(e.to_string()))?;
    Ok(hash.to_string())
}

/// A new session token: 256 random bits, URL-safe.
pub fn new_token() -> String {
    URL_SAFE_NO_PAD.encode(random::<TOKEN_BYTES>())
}

/// A new invitation code: 45 random bits.
pub fn new_code() -> InviteCode {
    InviteCode::from_random(rand::rng().random())
}

/// Bytes of the system-seeded generator.
pub fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    rand::rng().fill(&mut bytes[..]);
    bytes
}

fn read_key(path: &Path) -> Result<Option<[u8; 32]>, SecretsError> {
    let bytes = match fs::read(path) {
        Ok(bytes) => bytes,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(source) => return Err(SecretsError::File { path: path.into(), source }),
    };
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = fs::metadata(path)
            .map_err(|source| SecretsError::File { path: path.into(), source })?
            .permissions();
        if mode.mode() & 0o077 != 0 {
            return Err(SecretsError::OpenToOthers(path.into()));
        }
    }
    bytes.try_into().map(Some).map_err(|_| SecretsError::Damaged(path.into()))
}

fn make_key(path: &Path) -> Result<[u8; 32], SecretsError> {
    let fail = |source| SecretsError::File { path: path.into(), source };
    let key = random::<32>();
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    let mut file = options.open(path).map_err(fail)?;
    file.write_all(&key).and_then(|()| file.sync_all()).map_err(fail)?;
    Ok(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_is_made_once_and_only_for_its_owner() {
        let dir = tempfile::tempdir().unwrap();
        let first = Secrets::open(dir.path()).unwrap();
        let again = Secrets::open(dir.path()).unwrap();
        assert_eq!(first.token("abc"), again.token("abc"));
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let path = dir.path().join(KEY_FILE);
            assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
            fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
            assert!(matches!(Secrets::open(dir.path()), Err(SecretsError::OpenToOthers(_))));
        }
    }

    #[test]
    fn a_damaged_key_is_never_replaced() {
        let dir = tempfile::tempdir().unwrap();
        Secrets::open(dir.path()).unwrap();
        fs::write(dir.path().join(KEY_FILE), b"short").unwrap();
        assert!(matches!(Secrets::open(dir.path()), Err(SecretsError::Damaged(_))));
    }

    #[test]
    fn passwords_open_only_their_own_hash() {
        let secrets = Secrets::with_key([7; 32]).unwrap();
        let hash = hash_password("面谈2026").unwrap();
        assert!(hash.starts_with("$argon2id$"), "{hash}");
        assert!(secrets.password_opens("面谈2026", Some(&hash)));
        assert!(!secrets.password_opens("面谈2025", Some(&hash)));
        assert!(!secrets.password_opens("面谈2026", None));
        assert!(!secrets.password_opens(&"x".repeat(2_000_000), Some(&hash)));
    }

    /// An unknown account costs one hash with the same parameters.
    #[test]
    fn an_unknown_account_costs_the_same_work() {
        let secrets = Secrets::with_key([7; 32]).unwrap();
        let hash = hash_password("x").unwrap();
        let parameters = |text: &str| text.rsplitn(3, '$').nth(2).unwrap().to_owned();
        assert_eq!(parameters(&secrets.nobody), parameters(&hash));
        for known in [Some(hash.as_str()), None] {
            let before = secrets.checks();
            secrets.password_opens("wrong", known);
            assert_eq!(secrets.checks(), before + 1);
        }
    }

    #[test]
    fn the_same_text_has_another_mac_for_each_purpose_and_key() {
        let one = Secrets::with_key([1; 32]).unwrap();
        let two = Secrets::with_key([2; 32]).unwrap();
        let code = InviteCode::parse("ABC-DEF-GHJ").unwrap();
        assert!(!same(&one.code(&code), &one.token(code.as_str())));
        assert!(!same(&one.code(&code), &two.code(&code)));
        assert!(same(&one.code(&code), &one.code(&InviteCode::parse("abc def ghj").unwrap())));
    }

    #[test]
    fn ipv6_counts_by_its_network() {
        let secrets = Secrets::with_key([1; 32]).unwrap();
        let mac = |text: &str| secrets.address(text.parse().unwrap());
        assert_eq!(mac("2001:db8:1:2::1"), mac("2001:db8:1:2:ffff::9"));
        assert_ne!(mac("2001:db8:1:2::1"), mac("2001:db8:1:3::1"));
        assert_eq!(mac("::ffff:192.0.2.7"), mac("192.0.2.7"));
        assert_ne!(mac("192.0.2.7"), mac("192.0.2.8"));
    }
}
