//! Which devices there are and which are chosen.

use super::app::App;
use super::event::Event;
use super::readiness::devices_hash;
use crate::platform::AudioRoute;
use crate::store::Write;
use crate::view::{DeviceItem, DeviceView, SoundTo};
use miantan_domain::model::CheckInStep;
use miantan_media::devices::{Device, DeviceList};
use std::sync::Arc;

/// Lists and choices.
#[derive(Debug, Default)]
pub struct Devices {
    lists: Lists,
    /// Chosen by the person; kept over restarts.
    pub camera: Option<String>,
    pub microphone: Option<String>,
    pub speaker: Option<String>,
    outward_camera: Option<String>,
    /// The way that sound takes, where the system decides and tells.
    route: Option<AudioRoute>,
    /// A list is being made.
    looking: bool,
    /// Someone asked again meanwhile.
    look_again: bool,
}

#[derive(Debug, Default)]
struct Lists {
    cameras: Arc<Vec<DeviceItem>>,
    microphones: Arc<Vec<DeviceItem>>,
    speakers: Arc<Vec<DeviceItem>>,
}

fn items(devices: Vec<Device>) -> Arc<Vec<DeviceItem>> {
    let item = |Device { id, name, is_default }| DeviceItem { id, name, is_default };
    Arc::new(devices.into_iter().map(item).collect())
}

/// The device that is in use: the chosen one where it is there, or the default. `None`: none is there.
pub fn in_use(list: &[DeviceItem], chosen: Option<&String>) -> Option<String> {
    let there = |id: &String| list.iter().any(|item| item.id == *id);
    let default = || list.iter().find(|item| item.is_default).or(list.first()).map(|item| item.id.clone());
    chosen.filter(|id| there(id)).cloned().or_else(default)
}

impl Devices {
    /// Where sound goes: the way the system tells, else the speaker in use by its name. `otherwise`: the one to
    /// use where none was chosen.
    pub fn sound_to(&self, otherwise: Option<&String>) -> Option<SoundTo> {
        if let Some(route) = &self.route {
            return Some(SoundTo::Route(route.clone()));
        }
        let used = in_use(&self.lists.speakers, self.speaker.as_ref().or(otherwise))?;
        let item = self.lists.speakers.iter().find(|item| item.id == used)?;
        Some(SoundTo::Named(item.name.clone()))
    }

    /// The camera that looks away from the person, where the system tells.
    pub fn outward_camera(&self) -> Option<&String> {
        self.outward_camera.as_ref()
    }
}

impl App {
    /// Looks for devices, on a thread that may wait.
    pub fn refresh_devices(&mut self) {
        if self.devices.looking {
            self.devices.look_again = true;
            return;
        }
        self.devices.looking = true;
        let media = Arc::clone(&self.parts.media);
        self.later(async move {
            let list = tokio::task::spawn_blocking(move || media.devices()).await;
            // Err: the look itself panicked (a broken driver); as good as no devices.
            Event::Devices(list.unwrap_or_default())
        });
    }

    /// The system sends sound another way: what is connected may have changed as well.
    pub fn audio_route(&mut self, route: AudioRoute) {
        self.devices.route = Some(route);
        self.refresh_devices();
    }

    pub fn devices_found(&mut self, list: DeviceList) {
        self.devices.looking = false;
        if std::mem::take(&mut self.devices.look_again) {
            self.refresh_devices();
        }
        self.devices.outward_camera = list.outward_camera;
        let lists = Lists {
            cameras: items(list.cameras),
            microphones: items(list.microphones),
            speakers: items(list.speakers),
        };
        let before = std::mem::replace(&mut self.devices.lists, lists);
        let view = self.device_view();
        for (step, before, now, chosen) in [
            (CheckInStep::Camera, before.cameras, &view.cameras, &view.camera),
            (CheckInStep::Microphone, before.microphones, &view.microphones, &view.microphone),
            (CheckInStep::Speaker, before.speakers, &view.speakers, &view.speaker),
        ] {
            let (before, now) = (in_use(&before, chosen.as_ref()), in_use(now, chosen.as_ref()));
            // The first list of all is no change.
            if before.is_some() && before != now {
                self.check_device_changed(step);
                // A headset came or went: the call follows it as the list says, also back.
                if self.in_call() {
                    self.switch_in_call(step);
                }
            }
        }
        self.scan_devices_changed();
        self.identity_camera_changed();
        self.use_pass();
    }

    /// What is in use, as one word; `None` while a list is not known.
    pub fn devices_used_hash(&self) -> Option<String> {
        let view = self.device_view();
        let camera = in_use(&view.cameras, view.camera.as_ref());
        let microphone = in_use(&view.microphones, view.microphone.as_ref());
        let speaker = in_use(&view.speakers, view.speaker.as_ref());
        devices_hash([camera.as_deref(), microphone.as_deref(), speaker.as_deref()])
    }

    /// Ids to open: camera, microphone, speaker.
    pub fn devices_in_use(&self) -> (Option<String>, Option<String>, Option<String>) {
        let options = &self.options;
        (
            self.devices.camera.clone().or_else(|| options.camera.clone()),
            self.devices.microphone.clone().or_else(|| options.microphone.clone()),
            self.devices.speaker.clone().or_else(|| options.speaker.clone()),
        )
    }

    pub fn choose_device(&mut self, step: CheckInStep, id: Option<String>) {
        if step == CheckInStep::Camera && self.scan.is_wanted() {
            return self.choose_scan_camera(id);
        }
        let before = self.devices_in_use();
        match step {
            CheckInStep::Camera => self.devices.camera = id,
            CheckInStep::Microphone => self.devices.microphone = id,
            CheckInStep::Speaker => self.devices.speaker = id,
            CheckInStep::Code | CheckInStep::Password | CheckInStep::Identity | CheckInStep::Network => {
                return;
            }
        }
        if before == self.devices_in_use() {
            return;
        }
        self.write(Write::Devices {
            camera: self.devices.camera.clone(),
            microphone: self.devices.microphone.clone(),
            speaker: self.devices.speaker.clone(),
        });
        if self.in_call() {
            self.switch_in_call(step);
        } else if self.checking() == Some(step) {
            self.switch_check();
        } else {
            self.check_device_changed(step);
        }
        self.identity_camera_changed();
    }

    /// The camera after the one in use (front ⇄ back). Its picture is seen at once, so the check-in
    /// need not be done again for it.
    pub fn next_camera(&mut self) {
        if self.scan.is_wanted() {
            return self.next_scan_camera();
        }
        let view = self.device_view();
        let used = in_use(&view.cameras, view.camera.as_ref());
        let at = view.cameras.iter().position(|item| Some(&item.id) == used.as_ref());
        let Some(next) = at.and_then(|at| view.cameras.get((at + 1) % view.cameras.len())) else { return };
        self.choose_device(CheckInStep::Camera, Some(next.id.clone()));
    }

    pub fn device_view(&self) -> DeviceView {
        let (camera, microphone, speaker) = self.devices_in_use();
        DeviceView {
            cameras: Arc::clone(&self.devices.lists.cameras),
            microphones: Arc::clone(&self.devices.lists.microphones),
            speakers: Arc::clone(&self.devices.lists.speakers),
            camera,
            microphone,
            speaker,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(ids: &[&str]) -> Vec<DeviceItem> {
        let item = |id: &&str| DeviceItem { id: (*id).into(), name: (*id).into(), is_default: *id == "b" };
        ids.iter().map(item).collect()
    }

    #[test]
    fn the_chosen_device_counts_while_it_is_there() {
        let chosen = Some("c".to_owned());
        assert_eq!(in_use(&list(&["a", "b", "c"]), chosen.as_ref()).as_deref(), Some("c"));
        assert_eq!(in_use(&list(&["a", "b"]), chosen.as_ref()).as_deref(), Some("b"));
        assert_eq!(in_use(&list(&["a"]), None).as_deref(), Some("a"));
        assert_eq!(in_use(&[], chosen.as_ref()), None);
    }
}
