//! A private PulseAudio: its own folders, socket and ALSA configuration, gone when dropped.

use std::fmt::Write as _;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// ALSA names of the sinks and of what can be heard in them.
pub const SPEAKERS: &str = "alsa:test_speakers";
pub const SPEAKERS_HEARD: &str = "alsa:test_speakers_heard";
pub const ROOM: &str = "alsa:test_room";
pub const ROOM_HEARD: &str = "alsa:test_room_heard";
pub const HEADSET: &str = "alsa:test_headset";
pub const HEADSET_HEARD: &str = "alsa:test_headset_heard";
/// A headset on a sound server of its own: when its sink goes there is nothing to move us to.
pub const USB: &str = "alsa:test_usb";
pub const USB_HEARD: &str = "alsa:test_usb_heard";
/// Address of that second server, in the stories' environment.
pub const USB_SERVER: &str = "MIANTAN_TEST_USB_SERVER";

/// The daemon of the desktop and the one behind the USB headset.
pub struct Server {
    folder: tempfile::TempDir,
    daemons: Vec<Child>,
}

impl Server {
    pub fn start() -> Self {
        let folder = tempfile::Builder::new().prefix("mt-pulse").tempdir().expect("a folder");
        for name in ["run", "home", "state"] {
            let path = folder.path().join(name);
            fs::create_dir(&path).expect("a folder");
            fs::set_permissions(&path, fs::Permissions::from_mode(0o700)).expect("permissions");
        }
        fs::write(folder.path().join("client.conf"), "autospawn = no\n").expect("client.conf");
        fs::write(folder.path().join("asound.conf"), alsa_configuration(&folder)).expect("asound.conf");
        let mut server = Self { folder, daemons: Vec::new() };
        server.run("native", &["speakers", "room"]);
        server.run("usb", &["usb"]);
        server
    }

    /// Starts a daemon with these null sinks and waits until it answers.
    fn run(&mut self, socket: &str, sinks: &[&str]) {
        let log = fs::File::create(self.folder.path().join(format!("{socket}.log"))).expect("the log");
        let socket = self.folder.path().join(socket);
        let mut command = Command::new("pulseaudio");
        command
            .args(["-n", "--daemonize=no", "--use-pid-file=no", "--exit-idle-time=-1"])
            .args(["--disable-shm=yes", "--realtime=no", "--high-priority=no", "--log-target=stderr"])
            .args([
                "-L",
                &format!("module-native-protocol-unix auth-anonymous=1 socket={}", socket.display()),
            ])
            .envs(self.environment())
            .stdout(Stdio::null())
            .stderr(log);
        for sink in sinks {
            command.args(["-L", &format!("module-null-sink sink_name={sink} rate=48000 channels=2")]);
        }
        let mut daemon = command.spawn().expect(
            "pulseaudio is not installed: apt-get install pulseaudio pulseaudio-utils libasound2-plugins",
        );
        let deadline = Instant::now() + Duration::from_secs(30);
        loop {
            let answers = Command::new("pactl")
                .args(["list", "short", "sinks"])
                .envs(self.environment())
                .env("PULSE_SERVER", format!("unix:{}", socket.display()))
                .output()
                .expect("pactl is not installed: apt-get install pulseaudio-utils");
            let answers = String::from_utf8_lossy(&answers.stdout).into_owned();
            if sinks.iter().all(|sink| answers.contains(sink)) {
                self.daemons.push(daemon);
                return;
            }
            if let Some(status) = daemon.try_wait().expect("the daemon's state") {
                panic!("pulseaudio ended with {status}: {}", self.log());
            }
            assert!(Instant::now() < deadline, "pulseaudio does not answer: {}", self.log());
            std::thread::yield_now();
        }
    }

    pub fn environment(&self) -> Vec<(&'static str, PathBuf)> {
        environment(&self.folder)
    }

    pub fn log(&self) -> String {
        ["native.log", "usb.log"]
            .iter()
            .filter_map(|name| fs::read_to_string(self.folder.path().join(name)).ok())
            .collect()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        for daemon in &mut self.daemons {
            // Already gone is as good.
            let _ = daemon.kill();
            let _ = daemon.wait();
        }
    }
}

fn environment(folder: &tempfile::TempDir) -> Vec<(&'static str, PathBuf)> {
    let path = |name: &str| folder.path().join(name);
    vec![
        ("XDG_RUNTIME_DIR", path("run")),
        ("XDG_CONFIG_HOME", path("home")),
        ("HOME", path("home")),
        ("PULSE_RUNTIME_PATH", path("run").join("pulse")),
        ("PULSE_STATE_PATH", path("state")),
        ("PULSE_CLIENTCONFIG", path("client.conf")),
        ("PULSE_SERVER", PathBuf::from(format!("unix:{}", path("native").display()))),
        ("ALSA_CONFIG_PATH", path("asound.conf")),
        (USB_SERVER, PathBuf::from(format!("unix:{}", path("usb").display()))),
    ]
}

/// The system's own configuration first (as on a desktop), then our names.
fn alsa_configuration(folder: &tempfile::TempDir) -> String {
    let mut text = "</usr/share/alsa/alsa.conf>\n\
        pcm.!default { type pulse hint { show on description \"Default of the sound server\" } }\n"
        .to_owned();
    let usb = folder.path().join("usb");
    for sink in ["speakers", "room", "headset", "usb"] {
        let server = match sink {
            "usb" => format!("server \"unix:{}\"", usb.display()),
            _ => String::new(),
        };
        let _ = write!(
            text,
            "pcm.test_{sink} {{ type pulse device \"{sink}\" {server} \
             hint {{ show on description \"The {sink}\" }} }}\n\
             pcm.test_{sink}_heard {{ type pulse device \"{sink}.monitor\" {server} \
             hint {{ show on description \"Heard in the {sink}\" }} }}\n"
        );
    }
    text
}
