//! The organiser's token: a file in the data folder that only the server's user may read. Whoever can read it
//! acts for the organiser, over the API or with `miantan-backend admin`.
//!
//! The server keeps an HMAC of it in memory and reads the file only at its start: to have a new token, delete
//! the file and start the server again.

use crate::secrets;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

/// Name of the file in the data folder.
pub const TOKEN_FILE: &str = "admin.token";
/// A token shorter than this, in characters, was not made here.
const TOKEN_MIN: usize = 32;

/// Why there is no token. No message holds it.
#[derive(Debug, thiserror::Error)]
pub enum TokenError {
    #[error("cannot use the organiser's token in {path}: {source}")]
    File { path: PathBuf, source: std::io::Error },
    #[error(
        "there is no organiser's token in {0}; start the server once, or name its data folder with --data"
    )]
    Missing(PathBuf),
    #[error("the organiser's token in {0} is damaged; delete the file and start the server again")]
    Damaged(PathBuf),
    #[error("the organiser's token in {0} may be read by others; run `chmod 600` on it")]
    OpenToOthers(PathBuf),
}

/// The token of a data folder; made when there is none.
pub fn open(data: &Path) -> Result<String, TokenError> {
    match read(data) {
        Err(TokenError::Missing(path)) => make(&path),
        read => read,
    }
}

/// The token of a data folder.
pub fn read(data: &Path) -> Result<String, TokenError> {
    let path = data.join(TOKEN_FILE);
    let text = match fs::read_to_string(&path) {
        Ok(text) => text,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Err(TokenError::Missing(path)),
        Err(e) if e.kind() == std::io::ErrorKind::InvalidData => return Err(TokenError::Damaged(path)),
        Err(source) => return Err(TokenError::File { path, source }),
    };
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let fail = |source| TokenError::File { path: path.clone(), source };
        if fs::metadata(&path).map_err(fail)?.permissions().mode() & 0o077 != 0 {
            return Err(TokenError::OpenToOthers(path));
        }
    }
    let token = text.trim();
    let whole = token.len() >= TOKEN_MIN && token.bytes().all(|b| b.is_ascii_graphic());
    if whole { Ok(token.to_owned()) } else { Err(TokenError::Damaged(path)) }
}

fn make(path: &Path) -> Result<String, TokenError> {
    let fail = |source| TokenError::File { path: path.into(), source };
    let token = secrets::new_token();
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    let mut file = options.open(path).map_err(fail)?;
    writeln!(file, "{token}").and_then(|()| file.sync_all()).map_err(fail)?;
    Ok(token)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secrets::Secrets;

    #[test]
    fn the_token_is_made_once_and_only_for_its_owner() {
        let dir = tempfile::tempdir().unwrap();
        assert!(matches!(read(dir.path()), Err(TokenError::Missing(_))));
        let token = open(dir.path()).unwrap();
        assert_eq!(open(dir.path()).unwrap(), token);
        assert_eq!(read(dir.path()).unwrap(), token);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let path = dir.path().join(TOKEN_FILE);
            assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
            fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
            assert!(matches!(open(dir.path()), Err(TokenError::OpenToOthers(_))));
        }
    }

    #[test]
    fn a_damaged_token_opens_nothing_and_is_not_replaced() {
        for broken in
            [&b""[..], b"\n", b"short", b"\xff\xfe\xff\xfe\xff\xfe", b"with space in the middle of the token"]
        {
            let dir = tempfile::tempdir().unwrap();
            let path = dir.path().join(TOKEN_FILE);
            open(dir.path()).unwrap();
            fs::write(&path, broken).unwrap();
            assert!(matches!(open(dir.path()), Err(TokenError::Damaged(_))), "{broken:?}");
            assert_eq!(fs::read(&path).unwrap(), broken);
        }
    }

    #[test]
    fn only_this_token_is_the_organisers() {
        let dir = tempfile::tempdir().unwrap();
        let secrets = Secrets::open(dir.path()).unwrap();
        let token = read(dir.path()).unwrap();
        assert!(secrets.organiser_opens(&token));
        for other in ["", &token[1..], &format!("{token}x"), &token.to_lowercase()] {
            assert!(!secrets.organiser_opens(other));
        }
        // a session's token is none, whatever its text
        assert!(!Secrets::with_key([7; 32]).unwrap().organiser_opens(&token));
    }
}
