//! Microphones and speakers as the system names them.
//!
//! The ids are stable while the device stays plugged in (on Linux they carry the card's name, not
//! its number) and are what [`super::AudioConfig`] and the checks take. Listing opens no device and
//! asks for no permission; it may block for tens of milliseconds.

use cpal::traits::{DeviceTrait, HostTrait};

pub use crate::devices::Device;

/// Whether sound comes in or goes out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Direction {
    Input,
    Output,
}

/// Microphones to choose from, the system's default first. Empty when there is none or the sound
/// system does not answer.
pub fn microphones() -> Vec<Device> {
    #[allow(unused_mut)]
    let mut devices = entries(Direction::Input);
    #[cfg(feature = "synthetic")]
    devices.extend(super::synthetic::microphones());
    devices
}

/// Speakers to choose from, the system's default first.
pub fn speakers() -> Vec<Device> {
    #[allow(unused_mut)]
    let mut devices = entries(Direction::Output);
    #[cfg(feature = "synthetic")]
    devices.extend(super::synthetic::speakers());
    devices
}

/// Both lists: (microphones, speakers).
pub fn list() -> (Vec<Device>, Vec<Device>) {
    (microphones(), speakers())
}

/// The device with this id, or the system's default for `None`.
pub(super) fn find(direction: Direction, id: Option<&str>) -> Option<cpal::Device> {
    let host = cpal::default_host();
    match id {
        Some(id) => host.device_by_id(&id.parse().ok()?),
        None => match direction {
            Direction::Input => host.default_input_device(),
            Direction::Output => host.default_output_device(),
        },
    }
}

/// One device before it is made presentable.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Raw {
    id: String,
    name: String,
}

fn entries(direction: Direction) -> Vec<Device> {
    let host = cpal::default_host();
    let Ok(devices) = host.devices() else {
        return Vec::new();
    };
    let raw = devices
        .filter(|device| match direction {
            Direction::Input => device.supports_input(),
            Direction::Output => device.supports_output(),
        })
        .filter_map(|device| {
            Some(Raw {
                id: device.id().ok()?.to_string(),
                name: device.description().ok()?.name().to_owned(),
            })
        })
        .collect();
    let default = find(direction, None).and_then(|device| device.id().ok()).map(|id| id.to_string());
    present(raw, default.as_deref())
}

/// Orders, cleans and deduplicates a raw list.
fn present(raw: Vec<Raw>, default: Option<&str>) -> Vec<Device> {
    let raw = if cfg!(target_os = "linux") { choose_alsa(raw) } else { raw };
    let mut devices: Vec<Device> = Vec::with_capacity(raw.len());
    for Raw { id, name } in raw {
        if devices.iter().any(|device| device.id == id) {
            continue;
        }
        let is_default = default == Some(id.as_str());
        devices.push(Device { id, name, is_default });
    }
    // Two devices of one name (two equal headsets) are told apart by a number.
    for index in 1..devices.len() {
        let name = devices[index].name.clone();
        let same = devices[..index].iter().filter(|d| d.name == name).count();
        if same > 0 {
            devices[index].name = format!("{name} ({})", same + 1);
        }
    }
    devices.sort_by_key(|device| !device.is_default);
    devices
}

/// ALSA's list holds a dozen views of each card and every plugin that is installed. What a person
/// can mean by "microphone" or "speaker" are: the default, the sound servers, each card with
/// conversions (`plughw`), and what somebody configured by hand.
fn choose_alsa(raw: Vec<Raw>) -> Vec<Raw> {
    /// Plugins and partial views of a card that are no devices of their own.
    const NO_DEVICE: &[&str] = &[
        "null",
        "lavrate",
        "samplerate",
        "speexrate",
        "jack",
        "oss",
        "speex",
        "upmix",
        "vdownmix",
        "a52",
        "usbstream",
        "usb_stream",
        "arcam_av",
        "dmix",
        "dsnoop",
        "dshare",
        "front",
        "rear",
        "center_lfe",
        "side",
        "surround21",
        "surround40",
        "surround41",
        "surround50",
        "surround51",
        "surround71",
        "iec958",
        "spdif",
        "hdmi",
        "modem",
        "phoneline",
        "sysdefault",
        "hw",
    ];
    fn parts(id: &str) -> (&str, &str) {
        let pcm = id.strip_prefix("alsa:").unwrap_or(id);
        pcm.split_once(':').unwrap_or((pcm, ""))
    }
    fn is_numbered(id: &str) -> bool {
        parts(id)
            .1
            .strip_prefix("CARD=")
            .and_then(|rest| rest.split(',').next())
            .is_some_and(|card| card.bytes().all(|byte| byte.is_ascii_digit()))
    }
    let named_cards = raw.iter().any(|device| parts(&device.id).0 == "plughw" && !is_numbered(&device.id));
    raw.into_iter()
        .filter(|device| {
            let (kind, _) = parts(&device.id);
            // Card numbers move when something is plugged in; names stay.
            !(NO_DEVICE.contains(&kind) || (kind == "plughw" && named_cards && is_numbered(&device.id)))
        })
        .map(|device| {
            let name = match parts(&device.id) {
                ("default", "") => "Default".to_owned(),
                ("pulse", "") => "PulseAudio".to_owned(),
                ("pipewire", "") => "PipeWire".to_owned(),
                _ if device.name.trim().is_empty() => parts(&device.id).0.to_owned(),
                _ => device.name.trim().to_owned(),
            };
            Raw { name, ..device }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn raw(id: &str, name: &str) -> Raw {
        Raw { id: id.to_owned(), name: name.to_owned() }
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn audio_devices_of_a_laptop_are_a_short_readable_list() {
        let list = present(
            vec![
                raw("alsa:null", "Discard all samples (playback) or generate zero samples (capture)"),
                raw("alsa:lavrate", "Rate Converter Plugin Using Libav/FFmpeg Library"),
                raw("alsa:jack", "JACK Audio Connection Kit"),
                raw("alsa:pulse", "PulseAudio Sound Server"),
                raw("alsa:default", "Default ALSA Output (currently PulseAudio Sound Server)"),
                raw("alsa:sysdefault:CARD=PCH", "HDA Intel PCH, ALC257 Analog"),
                raw("alsa:front:CARD=PCH,DEV=0", "HDA Intel PCH, ALC257 Analog"),
                raw("alsa:surround51:CARD=PCH,DEV=0", "HDA Intel PCH, ALC257 Analog"),
                raw("alsa:hdmi:CARD=PCH,DEV=0", "HDA Intel PCH, HDMI 0"),
                raw("alsa:hw:CARD=PCH,DEV=0", "HDA Intel PCH, ALC257 Analog"),
                raw("alsa:plughw:CARD=PCH,DEV=0", "HDA Intel PCH, ALC257 Analog"),
                raw("alsa:plughw:CARD=Headset,DEV=0", "USB Headset, USB Audio"),
                raw("alsa:plughw:CARD=Headset_1,DEV=0", "USB Headset, USB Audio"),
                raw("alsa:hw:CARD=0,DEV=0", "HDA Intel PCH, ALC257 Analog"),
                raw("alsa:plughw:CARD=0,DEV=0", "HDA Intel PCH, ALC257 Analog"),
                raw("alsa:studio", "The good microphone"),
            ],
            Some("alsa:default"),
        );
        let shown: Vec<(&str, bool)> = list.iter().map(|d| (d.name.as_str(), d.is_default)).collect();
        assert_eq!(
            shown,
            [
                ("Default", true),
                ("PulseAudio", false),
                ("HDA Intel PCH, ALC257 Analog", false),
                ("USB Headset, USB Audio", false),
                ("USB Headset, USB Audio (2)", false),
                ("The good microphone", false),
            ]
        );
        assert_eq!(list[2].id, "alsa:plughw:CARD=PCH,DEV=0");
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn audio_devices_known_by_number_only_are_kept() {
        let list = present(vec![raw("alsa:plughw:CARD=0,DEV=0", "Loopback, PCM")], None);
        assert_eq!(list.len(), 1);
        assert!(!list[0].is_default);
    }

    #[test]
    fn audio_devices_unknown_id_is_nothing() {
        assert!(find(Direction::Input, Some("no such thing")).is_none());
        assert!(find(Direction::Output, Some("alsa:there_is_no_such_pcm")).is_none());
    }
}
