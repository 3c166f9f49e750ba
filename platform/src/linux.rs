//! What a Linux desktop has of a phone's services: notifications, by the desktop's own service on the session bus
//! (`org.freedesktop.Notifications`). Everything else is as in [`crate::fallback`]. GTK has brought the bus's library
//! with it already.
//!
//! Never here: waiting. A note is handed to a thread of its own; a bus that is not there is told to whoever asks next.

use crate::{Spoken, Words, fallback};
use gio::glib::{Variant, VariantDict, VariantTy};
use gio::prelude::*;
use miantan_client::platform::{LocalNote, NotAvailable, Notifier, Services};
use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};

const NAME: &str = "org.freedesktop.Notifications";
const PLACE: &str = "/org/freedesktop/Notifications";
/// A desktop that does not answer within this has no notifications.
const ANSWER_MS: i32 = 2_000;
/// The desktop decides for how long it shows one.
const AS_USUAL: i32 = -1;

pub fn services(data_dir: &Path, words: Option<Words>) -> Services {
    let mut services = fallback::services(data_dir);
    if let Some((words, address)) = words.zip(session_bus()) {
        services.notifier = Arc::new(Desktop::at(address, words));
    }
    services
}

/// Where the session's bus is; none in a container or over SSH.
fn session_bus() -> Option<String> {
    let said = std::env::var("DBUS_SESSION_BUS_ADDRESS").ok().filter(|address| !address.is_empty());
    said.or_else(|| {
        let usual = Path::new(&std::env::var_os("XDG_RUNTIME_DIR")?).join("bus");
        usual.exists().then(|| format!("unix:path={}", usual.display()))
    })
}

/// A note on its way to the desktop. The same `about` takes the place of an older one.
struct Note {
    about: String,
    spoken: Spoken,
}

/// The desktop's notifications.
pub struct Desktop {
    notes: Sender<Note>,
    /// The last one could be shown, or none was tried.
    works: Arc<AtomicBool>,
    words: Words,
}

impl Desktop {
    /// Reaches the desktop over the bus at this address, with the first note.
    pub fn at(address: String, words: Words) -> Self {
        let (notes, waiting) = channel();
        let works = Arc::new(AtomicBool::new(true));
        let told = Arc::clone(&works);
        std::thread::spawn(move || show_all(&address, &waiting, &told));
        Self { notes, works, words }
    }
}

impl Notifier for Desktop {
    fn show(&self, note: &LocalNote) -> Result<(), NotAvailable> {
        let about = match note {
            LocalNote::Message { conversation, .. } => conversation.to_string(),
            LocalNote::InterviewSoon { round_name, starts } => format!("{round_name} {}", starts.0),
        };
        let sent = self.notes.send(Note { about, spoken: (self.words)(note) });
        if sent.is_err() || !self.works.load(Ordering::Relaxed) {
            return Err(NotAvailable { what: "showing a notification" });
        }
        Ok(())
    }
}

fn show_all(address: &str, notes: &Receiver<Note>, works: &AtomicBool) {
    let mut bus = None;
    let mut shown = HashMap::new();
    for note in notes {
        let result = connected(&mut bus, address).and_then(|bus| show(bus, &note, &mut shown));
        if result.is_err() {
            // Another try with the next note: desktops start their service late, or again.
            bus = None;
        }
        works.store(result.is_ok(), Ordering::Relaxed);
    }
}

fn connected<'a>(
    bus: &'a mut Option<gio::DBusConnection>,
    address: &str,
) -> Result<&'a gio::DBusConnection, gio::glib::Error> {
    if let Some(bus) = bus {
        Ok(bus)
    } else {
        let flags = gio::DBusConnectionFlags::AUTHENTICATION_CLIENT
            | gio::DBusConnectionFlags::MESSAGE_BUS_CONNECTION;
        let nobody = gio::Cancellable::NONE;
        Ok(bus.insert(gio::DBusConnection::for_address_sync(address, flags, None, nobody)?))
    }
}

/// `Notify(app, replaces, icon, title, body, actions, hints, timeout) → id`
fn show(
    bus: &gio::DBusConnection,
    note: &Note,
    shown: &mut HashMap<String, u32>,
) -> Result<(), gio::glib::Error> {
    let replaces = shown.get(&note.about).copied().unwrap_or(0);
    let arguments = Variant::tuple_from_iter([
        "Miantan".to_variant(),
        replaces.to_variant(),
        String::new().to_variant(),
        note.spoken.title.to_variant(),
        note.spoken.body.to_variant(),
        Vec::<String>::new().to_variant(),
        VariantDict::new(None).end(),
        AS_USUAL.to_variant(),
    ]);
    let answer = bus.call_sync(
        Some(NAME),
        PLACE,
        NAME,
        "Notify",
        Some(&arguments),
        VariantTy::new("(u)").ok(),
        gio::DBusCallFlags::NONE,
        ANSWER_MS,
        gio::Cancellable::NONE,
    )?;
    if let Some((id,)) = answer.get::<(u32,)>() {
        shown.insert(note.about.clone(), id);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use miantan_domain::ids::ConversationId;
    use std::io::{BufRead as _, BufReader};
    use std::process::{Child, Command, Stdio};
    use std::time::{Duration, Instant};

    /// A session bus of our own, which ends with the test.
    struct Bus(Child, String);

    impl Bus {
        fn start() -> Self {
            let mut child = Command::new("dbus-daemon")
                .args(["--session", "--nofork", "--print-address"])
                .stdout(Stdio::piped())
                .spawn()
                .expect("dbus-daemon is there (cargo xtask setup)");
            let mut address = String::new();
            BufReader::new(child.stdout.take().expect("its output")).read_line(&mut address).expect("told");
            Self(child, address.trim().to_owned())
        }
    }

    impl Drop for Bus {
        fn drop(&mut self) {
            let _ = self.0.kill();
            let _ = self.0.wait();
        }
    }

    fn words() -> Words {
        Box::new(|note| match note {
            LocalNote::Message { from, unread, .. } => {
                Spoken { title: from.clone(), body: format!("{unread} 条新消息") }
            }
            LocalNote::InterviewSoon { round_name, .. } => {
                Spoken { title: "面谈".into(), body: round_name.clone() }
            }
        })
    }

    fn message(unread: u32) -> LocalNote {
        let conversation = ConversationId::from_parts(1, &[1; 10]);
        LocalNote::Message { conversation, from: "青禾科技".into(), unread }
    }

    const DESCRIBED: &str = r#"<node><interface name="org.freedesktop.Notifications"><method name="Notify">
        <arg type="s" direction="in"/><arg type="u" direction="in"/><arg type="s" direction="in"/>
        <arg type="s" direction="in"/><arg type="s" direction="in"/><arg type="as" direction="in"/>
        <arg type="a{sv}" direction="in"/><arg type="i" direction="in"/><arg type="u" direction="out"/>
        </method></interface></node>"#;

    /// A desktop that writes down what it is to show, and gives it the number 7.
    fn desktop(address: String) -> Receiver<(u32, String, String)> {
        let (tell, told) = channel();
        let (up, is_up) = channel();
        std::thread::spawn(move || {
            let context = gio::glib::MainContext::new();
            let _ = context.with_thread_default(|| {
                let flags = gio::DBusConnectionFlags::AUTHENTICATION_CLIENT
                    | gio::DBusConnectionFlags::MESSAGE_BUS_CONNECTION;
                let bus =
                    gio::DBusConnection::for_address_sync(&address, flags, None, gio::Cancellable::NONE)
                        .expect("the bus is there");
                let described = gio::DBusNodeInfo::for_xml(DESCRIBED).expect("good XML");
                let interface = described.lookup_interface(NAME).expect("it is described");
                let shows = move |_,
                                  _: &str,
                                  _: &str,
                                  _: &str,
                                  _: &str,
                                  arguments: Variant,
                                  answer: gio::DBusMethodInvocation| {
                    let text = |n| arguments.child_value(n).get::<String>().expect("a text");
                    let replaces = arguments.child_value(1).get::<u32>().expect("a number");
                    let _ = tell.send((replaces, text(3), text(4)));
                    answer.return_value(Some(&(7_u32,).to_variant()));
                };
                bus.register_object(
                    PLACE,
                    &interface,
                    shows,
                    |_, _, _, _, _| ().to_variant(),
                    |_, _, _, _, _, _| false,
                )
                .expect("the place is free");
                let request = (NAME, 0_u32).to_variant();
                bus.call_sync(
                    Some("org.freedesktop.DBus"),
                    "/org/freedesktop/DBus",
                    "org.freedesktop.DBus",
                    "RequestName",
                    Some(&request),
                    None,
                    gio::DBusCallFlags::NONE,
                    ANSWER_MS,
                    gio::Cancellable::NONE,
                )
                .expect("the name is free");
                let _ = up.send(());
                gio::glib::MainLoop::new(Some(&context), false).run();
            });
        });
        is_up.recv().expect("the desktop is up");
        told
    }

    #[test]
    fn the_desktop_shows_who_wrote_and_a_newer_note_takes_the_place_of_the_older_one() {
        let bus = Bus::start();
        let told = desktop(bus.1.clone());
        let notifier = Desktop::at(bus.1.clone(), words());
        notifier.show(&message(1)).expect("handed over");
        assert_eq!(told.recv().expect("shown"), (0, "青禾科技".into(), "1 条新消息".into()));
        notifier.show(&message(2)).expect("handed over");
        assert_eq!(told.recv().expect("shown"), (7, "青禾科技".into(), "2 条新消息".into()));
    }

    #[test]
    fn a_bus_without_a_desktop_is_said_to_whoever_asks_next() {
        let notifier = Desktop::at("unix:path=/nowhere/at/all".into(), words());
        let deadline = Instant::now() + Duration::from_secs(20);
        while notifier.show(&message(1)).is_ok() {
            assert!(Instant::now() < deadline, "it pretends to show");
            std::thread::yield_now();
        }
    }
}
