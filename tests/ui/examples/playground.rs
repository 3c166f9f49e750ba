//! A small window with one control of every kind that the driver must get right. It stands in for nothing: the
//! driver's own tests run against it, and it shows the least that a Dioxus desktop app here needs (own page, content
//! security policy, window place from the environment, a canvas fed over a WebSocket on 127.0.0.1).
//! It never talks to a backend.
use std::time::Duration;

use dioxus::desktop::{Config, LogicalPosition, LogicalSize, WindowBuilder};
use dioxus::prelude::*;
use futures_util::{SinkExt, StreamExt};
use tokio_tungstenite::tungstenite::Message;

const PAGE: &str = include_str!("playground.html");

fn main() {
    let (size, place) = window_from_env();
    let mut window =
        WindowBuilder::new().with_title("playground").with_inner_size(size).with_always_on_top(false);
    if let Some(place) = place {
        window = window.with_position(place);
    }
    let mut config = Config::new().with_custom_index(PAGE.to_owned()).with_window(window).with_menu(None);
    if let Ok(data) = std::env::var("MIANTAN_APP_DATA") {
        config = config.with_data_directory(format!("{data}/webview"));
    }
    LaunchBuilder::desktop().with_cfg(config).launch(App);
}

/// `MIANTAN_WINDOW=390x844+10+20`, all in logical pixels; the place may be left out.
fn window_from_env() -> (LogicalSize<f64>, Option<LogicalPosition<f64>>) {
    let text = std::env::var("MIANTAN_WINDOW").unwrap_or_else(|_| "390x844".to_owned());
    let numbers: Vec<f64> = text.split(['x', '+']).filter_map(|part| part.parse().ok()).collect();
    match numbers[..] {
        [w, h, x, y] => (LogicalSize::new(w, h), Some(LogicalPosition::new(x, y))),
        [w, h] => (LogicalSize::new(w, h), None),
        _ => (LogicalSize::new(390.0, 844.0), None),
    }
}

/// How often the app was started with this data folder, so that a test can tell a new process from the old one.
fn count_start() -> u32 {
    let Ok(folder) = std::env::var("MIANTAN_APP_DATA") else { return 1 };
    let file = std::path::Path::new(&folder).join("starts");
    let starts = std::fs::read_to_string(&file).ok().and_then(|text| text.parse().ok()).unwrap_or(0) + 1;
    let _ = std::fs::create_dir_all(folder);
    let _ = std::fs::write(file, starts.to_string());
    starts
}

#[component]
fn App() -> Element {
    let starts = use_hook(count_start);
    let mut entered = use_signal(|| 0_u32);
    let mut code = use_signal(String::new);
    let mut sent = use_signal(String::new);
    let mut later = use_signal(|| false);
    let mut covered = use_signal(|| true);
    let mut deep = use_signal(|| false);
    let mut choice = use_signal(|| "one".to_owned());
    let mut agreed = use_signal(|| false);
    let mut file = use_signal(String::new);
    let mut day = use_signal(String::new);
    rsx! {
        main {
            h1 { "面谈" }
            p { id: "starts", "第 {starts} 次启动" }
            button { onclick: move |_| entered += 1, "进入面谈房间" }
            if entered() > 0 {
                p { "data-test": "waiting", "等候中 {entered}" }
            }
            label { r#for: "code", "邀请码" }
            // Uncontrolled: bound back to `value`, an older echo overwrites what was typed meanwhile.
            input { id: "code", oninput: move |event| code.set(event.value()) }
            textarea { aria_label: "备注", oninput: move |event| sent.set(event.value()) }
            p { "data-test": "echo", "收到：{code}|{sent}" }
            button { disabled: true, "不能按" }
            button { style: "display:none", "藏起来的" }
            button { style: "visibility:hidden", "看不见的" }
            div { style: "position:relative",
                button { onclick: move |_| entered += 100, "被盖住的" }
                if covered() {
                    div { "data-test": "cover", style: "position:absolute;inset:0;background:#8888", "" }
                }
            }
            button {
                onclick: move |_| {
                    spawn(async move {
                        tokio::time::sleep(Duration::from_millis(400)).await;
                        later.set(true);
                        covered.set(false);
                    });
                },
                "等一会儿"
            }
            if later() {
                p { "来了" }
            }
            select { aria_label: "设备", value: "{choice}", onchange: move |event| choice.set(event.value()),
                option { value: "one", "扬声器一" }
                option { value: "two", "扬声器二" }
            }
            label { input { r#type: "checkbox", checked: agreed(), onchange: move |event| agreed.set(event.checked()) } "我同意" }
            p { "data-test": "choice", "选了 {choice} {agreed}" }
            button { style: "min-height:0;height:20px;align-self:start", "小" }
            button { onclick: move |_| { spawn(async move { file.set(chosen_file().await) }); }, "选择文件" }
            p { "data-test": "file", "文件：{file}" }
            label { r#for: "day", "日期" }
            input { id: "day", r#type: "date", oninput: move |event| day.set(event.value()) }
            p { "data-test": "day-echo", "那天：{day}" }
            canvas { id: "picture", width: "160", height: "90", onmounted: move |_| start_picture() }
            canvas { id: "gl", width: "160", height: "90", onmounted: move |_| start_gl() }
            button { class: "pulse", onclick: move |_| entered += 1000, "跳动的" }
            p { id: "frames", "没有画面" }
            div { style: "height:900px" }
            button { aria_label: "最下面", onclick: move |_| deep.set(true), "↓" }
            if deep() {
                p { "到底了" }
            }
        }
    }
}

/// Name and content of a file of the person's choice, by an input that never stands in the page: as the app does it.
async fn chosen_file() -> String {
    let mut page = document::eval(
        r"
            const input = document.createElement('input');
            input.type = 'file';
            // held, or it is collected while the chooser is open
            window.playgroundFile = input;
            input.onchange = async () => dioxus.send(input.files[0].name + ' ' + await input.files[0].text());
            input.click();
        ",
    );
    page.recv::<String>().await.unwrap_or_default()
}

/// A picture drawn by WebGL, as the app draws video.
fn start_gl() {
    document::eval(
        r"
            const gl = document.getElementById('gl').getContext('webgl2') ?? document.getElementById('gl').getContext('webgl');
            let shade = 0;
            setInterval(() => {
                shade = (shade + 0.13) % 1;
                gl.clearColor(shade, 1 - shade, 0.5, 1);
                gl.clear(gl.COLOR_BUFFER_BIT);
            }, 40);
        ",
    );
}

/// Serves frames over a WebSocket on 127.0.0.1 and has the page draw them: what the app does with real video.
fn start_picture() {
    spawn(async move {
        let Ok(listener) = tokio::net::TcpListener::bind("127.0.0.1:0").await else { return };
        let Ok(address) = listener.local_addr() else { return };
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(async move {
                    let Ok(mut socket) = tokio_tungstenite::accept_async(stream).await else { return };
                    for shade in (0_u8..=255).cycle() {
                        if socket.send(Message::binary(vec![shade, 128, 255 - shade])).await.is_err() {
                            return;
                        }
                        // One frame in flight: the page answers when it has drawn.
                        if !matches!(socket.next().await, Some(Ok(_))) {
                            return;
                        }
                        tokio::time::sleep(Duration::from_millis(33)).await;
                    }
                });
            }
        });
        let script = r"
            const address = await dioxus.recv();
            const canvas = document.getElementById('picture');
            const pen = canvas.getContext('2d');
            const socket = new WebSocket(address);
            socket.binaryType = 'arraybuffer';
            let drawn = 0;
            socket.onmessage = (message) => {
                const [r, g, b] = new Uint8Array(message.data);
                pen.fillStyle = `rgb(${r},${g},${b})`;
                pen.fillRect(0, 0, canvas.width, canvas.height);
                drawn += 1;
                socket.send('drawn');
                if (drawn === 5) dioxus.send(drawn);
            };
            socket.onerror = () => dioxus.send(-1);
        ";
        let mut page = document::eval(script);
        if page.send(format!("ws://{address}/")).is_err() {
            return;
        }
        if let Ok(drawn) = page.recv::<i32>().await {
            let _ =
                document::eval(&format!("document.getElementById('frames').textContent = '画面 {drawn}'"));
        }
    });
}
