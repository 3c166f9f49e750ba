//! A second start of the app on a desktop: links open the program anew, and two programs must not share one folder. The
//! first one listens in its folder; the second hands over its link and ends. On phones the system does this itself.

use std::path::Path;

/// What this start is.
#[derive(Debug)]
pub enum Start {
    /// Nobody else runs with this folder, as far as can be told.
    First(Door),
    /// Another one runs and has been told.
    HandedOver,
}

/// Where later starts knock. Nothing to hear where the system has no such thing.
#[derive(Debug, Default)]
pub struct Door {
    #[cfg(unix)]
    listener: Option<std::os::unix::net::UnixListener>,
}

/// The link among the arguments of the command line: what a person or the system's desktop gives.
pub fn link_in(arguments: impl IntoIterator<Item = String>) -> Option<String> {
    arguments.into_iter().find(|argument| {
        let scheme = argument.split_once(':').map(|(scheme, _)| scheme.to_ascii_lowercase());
        matches!(scheme.as_deref(), Some("miantan" | "https" | "http"))
    })
}

/// The longest line that is read: links are short.
#[cfg(unix)]
const LINE_MAX: u64 = 4096;

/// Knocks at the door of an earlier start, or opens one's own. `link`: what this start was given.
#[cfg(unix)]
pub fn begin(data: &Path, link: Option<&str>) -> Start {
    use std::io::Write as _;
    use std::os::unix::net::{UnixListener, UnixStream};
    let place = data.join("door");
    if let Ok(mut earlier) = UnixStream::connect(&place) {
        // a line without a link only brings the window to the front
        let told = writeln!(earlier, "{}", link.unwrap_or_default());
        if told.is_ok() {
            return Start::HandedOver;
        }
    }
    // Left by a start that was killed: nobody is behind it.
    let _ = std::fs::remove_file(&place);
    let listener = std::fs::create_dir_all(data).and_then(|()| UnixListener::bind(&place));
    if let Err(error) = &listener {
        tracing::warn!(%error, "a second start cannot hand over its link");
    }
    Start::First(Door { listener: listener.ok() })
}

#[cfg(not(unix))]
pub fn begin(_data: &Path, _link: Option<&str>) -> Start {
    Start::First(Door::default())
}

impl Door {
    /// Tells every later start's link, on a thread of its own; `None`: it had none.
    #[cfg(unix)]
    pub fn listen(self, told: impl Fn(Option<String>) + Send + 'static) {
        use std::io::{BufRead as _, BufReader, Read as _};
        let Some(listener) = self.listener else { return };
        std::thread::spawn(move || {
            for knock in listener.incoming() {
                let Ok(knock) = knock else { continue };
                let _ = knock.set_read_timeout(Some(std::time::Duration::from_secs(5)));
                let mut line = String::new();
                if BufReader::new(knock.take(LINE_MAX)).read_line(&mut line).is_ok() {
                    told(link_in([line.trim().to_owned()]));
                }
            }
        });
    }

    #[cfg(not(unix))]
    pub fn listen(self, _told: impl Fn(Option<String>) + Send + 'static) {}
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc;

    #[test]
    fn a_link_is_found_among_arguments() {
        let found = |arguments: &[&str]| link_in(arguments.iter().map(|each| (*each).to_owned()));
        assert_eq!(found(&["--x", "miantan://fair?server=a"]).as_deref(), Some("miantan://fair?server=a"));
        assert_eq!(found(&["https://a.example.cn/join/A"]).as_deref(), Some("https://a.example.cn/join/A"));
        assert_eq!(found(&["file:///etc/passwd", "-psn_0_1", "miantan"]), None);
        assert_eq!(found(&[]), None);
    }

    #[cfg(unix)]
    #[test]
    fn the_second_start_hands_over_its_link_and_a_killed_first_one_is_no_obstacle() {
        let folder = std::env::temp_dir().join(format!("miantan-second-{}", std::process::id()));
        let link = "miantan://join?server=a&code=b";
        let Start::First(door) = begin(&folder, None) else { panic!("nobody was there") };
        let (tell, told) = mpsc::channel();
        door.listen(move |link| drop(tell.send(link)));
        assert!(matches!(begin(&folder, Some(link)), Start::HandedOver));
        assert_eq!(told.recv().expect("it was told").as_deref(), Some(link));
        assert!(matches!(begin(&folder, None), Start::HandedOver));
        assert_eq!(told.recv().expect("it was told"), None);
        // a door without anybody behind it
        let other = folder.join("other");
        let Start::First(door) = begin(&other, None) else { panic!("nobody was there") };
        drop(door);
        assert!(matches!(begin(&other, None), Start::First(_)));
        std::fs::remove_dir_all(folder).expect("it is there");
    }
}
