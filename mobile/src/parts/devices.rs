//! A list of loudspeakers, microphones or cameras to choose from: a row that says which one is used, and opens.

use super::{Glyph, Icon};
use crate::bridge::use_hall;
use crate::i18n::Lang;
use dioxus::prelude::*;
use miantan_client::Intent;
use miantan_client::view::{DeviceItem, DeviceView};
use std::sync::Arc;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeviceKind {
    Speaker,
    Microphone,
    Camera,
}

impl DeviceKind {
    fn label(self, l: Lang) -> String {
        match self {
            Self::Speaker => l.tr("device-speaker"),
            Self::Microphone => l.tr("device-microphone"),
            Self::Camera => l.tr("device-camera"),
        }
    }

    const fn test(self) -> &'static str {
        match self {
            Self::Speaker => "speaker",
            Self::Microphone => "microphone",
            Self::Camera => "camera",
        }
    }

    const fn glyph(self) -> Glyph {
        match self {
            Self::Speaker => Glyph::Speaker,
            Self::Microphone => Glyph::Microphone,
            Self::Camera => Glyph::Camera,
        }
    }

    fn choose(self, id: Option<String>) -> Intent {
        match self {
            Self::Speaker => Intent::ChooseSpeaker(id),
            Self::Microphone => Intent::ChooseMicrophone(id),
            Self::Camera => Intent::ChooseCamera(id),
        }
    }

    fn of(self, devices: &DeviceView) -> (Arc<Vec<DeviceItem>>, Option<String>) {
        match self {
            Self::Speaker => (devices.speakers.clone(), devices.speaker.clone()),
            Self::Microphone => (devices.microphones.clone(), devices.microphone.clone()),
            Self::Camera => (devices.cameras.clone(), devices.camera.clone()),
        }
    }
}

/// The device in use: the chosen one, else the system's, else the first.
fn used<'a>(items: &'a [DeviceItem], chosen: Option<&str>) -> Option<&'a DeviceItem> {
    items
        .iter()
        .find(|item| Some(item.id.as_str()) == chosen)
        // a made-up device with settings of its own ("synthetic:tone:440") is listed without them
        .or_else(|| {
            items.iter().find(|item| chosen.is_some_and(|id| id.starts_with(&format!("{}:", item.id))))
        })
        .or_else(|| items.iter().find(|item| item.is_default))
        .or_else(|| items.first())
}

#[component]
pub fn DevicePicker(kind: DeviceKind, #[props(default)] open: bool) -> Element {
    let hall = use_hall();
    let l = hall.lang();
    let mut opened = use_signal(|| open);
    let (items, chosen) = kind.of(&hall.view().devices);
    let now = used(&items, chosen.as_deref()).map(|item| item.id.clone());
    let name = used(&items, chosen.as_deref()).map_or_else(|| l.tr("device-none"), |item| item.name.clone());
    let test = kind.test();
    rsx! {
        div { class: "device-picker",
            button {
                r#type: "button",
                class: "device-row",
                "data-test": "{test}-list",
                "aria-expanded": opened(),
                onclick: move |_| {
                    if !opened() {
                        hall.send(Intent::RefreshDevices);
                    }
                    opened.toggle();
                },
                Icon { glyph: kind.glyph() }
                span { class: "what",
                    span { class: "label", {kind.label(l)} }
                    span { class: "name", "{name}" }
                }
                Icon { glyph: Glyph::Down }
            }
            if opened() {
                div {
                    class: "device-list",
                    role: "radiogroup",
                    "aria-label": kind.label(l),
                    // an opened list may lie below what is seen
                    onmounted: move |event| async move {
                        let near = ScrollToOptions {
                            vertical: ScrollLogicalPosition::Nearest,
                            ..ScrollToOptions::default()
                        };
                        let _ = event.scroll_to_with_options(near).await;
                    },
                    if items.is_empty() {
                        p { class: "remark", {l.tr("device-none-more")} }
                    }
                    for item in items.iter().cloned() {
                        button {
                            key: "{item.id}",
                            r#type: "button",
                            role: "radio",
                            "data-test": "{test}-{item.id}",
                            "aria-checked": Some(&item.id) == now.as_ref(),
                            onclick: {
                                let id = item.id.clone();
                                move |_| {
                                    hall.send(kind.choose(Some(id.clone())));
                                    opened.set(false);
                                }
                            },
                            span { class: "name", "{item.name}" }
                            if Some(&item.id) == now.as_ref() {
                                Icon { glyph: Glyph::Check }
                            }
                        }
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item(id: &str, is_default: bool) -> DeviceItem {
        DeviceItem { id: id.to_owned(), name: id.to_uppercase(), is_default }
    }

    #[test]
    fn the_chosen_device_is_used_else_the_systems() {
        let items = [item("a", false), item("b", true), item("c", false)];
        let name = |chosen| used(&items, chosen).map(|item| item.id.clone());
        assert_eq!(name(Some("c")).as_deref(), Some("c"));
        assert_eq!(name(Some("gone")).as_deref(), Some("b"));
        assert_eq!(name(None).as_deref(), Some("b"));
        assert_eq!(used(&items[..1], None).map(|item| item.id.as_str()), Some("a"));
        assert_eq!(name(Some("c:440")).as_deref(), Some("c"));
        assert_eq!(used(&[], None), None);
    }
}
