//! Pictures on this device, shown by the page. The page asks for `/local/…`; only paths that the session handed out in
//! a snapshot have such an address, and only pictures are given out. Nothing else of the device can be read this way.

use dioxus::desktop::use_asset_handler;
use dioxus::desktop::wry::RequestAsyncResponder;
use dioxus::desktop::wry::http::Response;
use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::Path;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

/// The first part of the addresses.
const NAME: &str = "local";
/// Largest picture shown, in bytes: what may be sent, and something over.
const MOST_BYTES: u64 = 24 * 1024 * 1024;

type Known = BTreeMap<u64, Arc<Path>>;

fn known() -> &'static Mutex<Known> {
    static KNOWN: LazyLock<Mutex<Known>> = LazyLock::new(Mutex::default);
    &KNOWN
}

/// The address under which the page finds this picture.
pub fn local_picture(path: &Arc<Path>) -> String {
    let mut hasher = DefaultHasher::new();
    path.hash(&mut hasher);
    let key = hasher.finish();
    known().lock().unwrap_or_else(PoisonError::into_inner).entry(key).or_insert_with(|| path.clone());
    format!("/{NAME}/{key:016x}")
}

/// The path of such an address.
fn path_of(uri: &str) -> Option<Arc<Path>> {
    let key = uri.strip_prefix('/')?.strip_prefix(NAME)?.strip_prefix('/')?;
    let key = u64::from_str_radix(key, 16).ok()?;
    known().lock().unwrap_or_else(PoisonError::into_inner).get(&key).cloned()
}

/// What the bytes are, by their first ones.
fn kind(bytes: &[u8]) -> Option<&'static str> {
    match bytes {
        [0x89, b'P', b'N', b'G', ..] => Some("image/png"),
        [0xFF, 0xD8, 0xFF, ..] => Some("image/jpeg"),
        _ => None,
    }
}

fn answer(path: Option<Arc<Path>>) -> Response<Vec<u8>> {
    let picture = path.and_then(|path| {
        let small = std::fs::metadata(&path).is_ok_and(|of| of.len() <= MOST_BYTES);
        let bytes = if small { std::fs::read(&path).ok()? } else { return None };
        kind(&bytes).map(|kind| (kind, bytes))
    });
    let mut response = Response::new(Vec::new());
    match picture {
        Some((kind, bytes)) => {
            let headers = response.headers_mut();
            for (name, value) in [
                ("content-type", kind),
                ("x-content-type-options", "nosniff"),
                ("cache-control", "private, max-age=3600"),
            ] {
                if let Ok(value) = value.parse() {
                    headers.insert(name, value);
                }
            }
            *response.body_mut() = bytes;
        }
        None => *response.status_mut() = dioxus::desktop::wry::http::StatusCode::NOT_FOUND,
    }
    response
}

/// Answers the page's requests; once, at the root.
pub fn use_local_pictures() {
    use_asset_handler(NAME, |request, responder: RequestAsyncResponder| {
        let path = path_of(request.uri().path());
        // Reading never holds up the interface.
        tokio::task::spawn_blocking(move || responder.respond(answer(path)));
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_pictures_that_were_handed_out_are_given() {
        let folder = std::env::temp_dir().join(format!("miantan-local-{}", std::process::id()));
        std::fs::create_dir_all(&folder).expect("a folder");
        let picture: Arc<Path> = folder.join("a.jpg").into();
        std::fs::write(&picture, [0xFF, 0xD8, 0xFF, 0xE0, 1, 2]).expect("a file");
        let text: Arc<Path> = folder.join("b.jpg").into();
        std::fs::write(&text, b"<script>").expect("a file");
        let given = answer(path_of(&local_picture(&picture)));
        assert_eq!((given.status().as_u16(), given.body().len()), (200, 6));
        assert_eq!(given.headers()["content-type"], "image/jpeg");
        assert_eq!(answer(path_of(&local_picture(&text))).status().as_u16(), 404);
        for other in
            ["/local/../../etc/passwd", "/local/0000000000000001", "/local/", "/local", "/", "/other/1"]
        {
            assert!(path_of(other).is_none(), "{other}");
        }
        std::fs::remove_dir_all(&folder).expect("removed");
        assert_eq!(answer(path_of(&local_picture(&picture))).status().as_u16(), 404, "gone meanwhile");
    }
}
