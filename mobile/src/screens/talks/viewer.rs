//! A picture on the whole screen: pinch, wheel, double tap and buttons make it larger; it can be moved.

use super::{open_talk, use_desk};
use crate::bridge::use_hall;
use crate::parts::{Glyph, IconButton, Spinner, local_picture, use_field_id};
use dioxus::prelude::*;
use miantan_client::view::{ItemBody, Picture};
use miantan_domain::ids::ObjectId;

/// Size and place are the page's own: a finger must not wait for anything.
const SCRIPT: &str = r"
const room = document.getElementById(await dioxus.recv());
if (!room) return;
const MOST = 8;
let scale = 1, x = 0, y = 0, last = 0;
const fingers = new Map();
const draw = () => {
    const picture = room.querySelector('img');
    if (!picture) return;
    const most = { x: picture.clientWidth * (scale - 1) / 2, y: picture.clientHeight * (scale - 1) / 2 };
    x = Math.max(-most.x, Math.min(most.x, x));
    y = Math.max(-most.y, Math.min(most.y, y));
    picture.style.transform = `translate(${x}px, ${y}px) scale(${scale})`;
    room.dataset.scale = scale.toFixed(2);
};
const zoom = (to, at) => {
    const box = room.getBoundingClientRect();
    const from = scale;
    scale = Math.max(1, Math.min(MOST, to));
    const dx = at.x - box.left - box.width / 2, dy = at.y - box.top - box.height / 2;
    x = dx - (dx - x) * scale / from;
    y = dy - (dy - y) * scale / from;
    draw();
};
const middle = () => {
    const box = room.getBoundingClientRect();
    return { x: box.left + box.width / 2, y: box.top + box.height / 2 };
};
room.addEventListener('pointerdown', (event) => {
    fingers.set(event.pointerId, { x: event.clientX, y: event.clientY });
    room.setPointerCapture(event.pointerId);
    if (fingers.size === 1) {
        if (event.timeStamp - last < 300) { zoom(scale > 1 ? 1 : 2.5, { x: event.clientX, y: event.clientY }); last = 0; }
        else last = event.timeStamp;
    }
});
room.addEventListener('pointermove', (event) => {
    const before = fingers.get(event.pointerId);
    if (!before) return;
    const now = { x: event.clientX, y: event.clientY };
    if (fingers.size === 1) { x += now.x - before.x; y += now.y - before.y; draw(); }
    else if (fingers.size === 2) {
        const other = [...fingers].find(([id]) => id !== event.pointerId)[1];
        const far = (a, b) => Math.hypot(a.x - b.x, a.y - b.y) || 1;
        zoom(scale * far(now, other) / far(before, other), { x: (now.x + other.x) / 2, y: (now.y + other.y) / 2 });
    }
    fingers.set(event.pointerId, now);
});
for (const end of ['pointerup', 'pointercancel']) room.addEventListener(end, (event) => fingers.delete(event.pointerId));
room.addEventListener('wheel', (event) => { event.preventDefault(); zoom(scale * Math.exp(-event.deltaY / 300), { x: event.clientX, y: event.clientY }); }, { passive: false });
for (;;) {
    const step = await dioxus.recv();
    if (step === 0) break;
    zoom(scale * step, middle());
}
";

fn picture_of(items: &[miantan_client::view::TalkItem], object: ObjectId) -> Option<Picture> {
    items.iter().find_map(|item| match &item.body {
        ItemBody::Image(picture) if picture.object == object => Some(picture.clone()),
        _ => None,
    })
}

#[component]
pub fn Viewer(object: ObjectId) -> Element {
    let hall = use_hall();
    let desk = use_desk();
    let l = hall.lang();
    let id = use_field_id();
    let element = id.clone();
    let mut page = use_signal(|| None::<document::Eval>);
    use_drop(move || {
        if let Some(page) = *page.peek() {
            let _ = page.send(0);
        }
    });
    let view = hall.view();
    let Some(picture) = open_talk(&view).and_then(|open| picture_of(&open.items, object)) else {
        return rsx! {};
    };
    let source = picture.full.as_ref().or(picture.thumb.as_ref()).map(local_picture);
    let loading = picture.full.is_none();
    let step = move |by: f64| {
        if let Some(page) = *page.peek() {
            let _ = page.send(by);
        }
    };
    rsx! {
        div {
            class: "viewer",
            role: "dialog",
            "aria-modal": "true",
            "aria-label": l.tr("talk-picture"),
            "data-test": "viewer",
            tabindex: "-1",
            onmounted: move |event| async move {
                let _ = event.set_focus(true).await;
            },
            onkeydown: move |event| match event.key() {
                Key::Named(NamedKey::Escape) => desk.close(),
                Key::Character(key) if key == "+" || key == "=" => step(1.5),
                Key::Character(key) if key == "-" => step(1.0 / 1.5),
                _ => {}
            },
            div {
                id: "{id}",
                class: "viewer-room",
                onmounted: move |_| {
                    let script = document::eval(SCRIPT);
                    let _ = script.send(&element);
                    page.set(Some(script));
                },
                if let Some(source) = source {
                    img { src: "{source}", alt: l.tr("talk-picture"), draggable: "false" }
                }
                if loading {
                    p { class: "viewer-loading", role: "status", Spinner {} {l.tr("loading")} }
                }
            }
            div { class: "viewer-tools",
                IconButton {
                    test: "viewer-smaller",
                    name: l.tr("picture-smaller"),
                    glyph: Glyph::Minus,
                    onpress: move |()| step(1.0 / 1.5),
                }
                IconButton {
                    test: "viewer-larger",
                    name: l.tr("picture-larger"),
                    glyph: Glyph::Plus,
                    onpress: move |()| step(1.5),
                }
                IconButton {
                    test: "viewer-close",
                    name: l.tr("close"),
                    glyph: Glyph::Close,
                    onpress: move |()| desk.close(),
                }
            }
        }
    }
}
