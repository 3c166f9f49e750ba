//! The desktop window around the page: title, size and place. On phones the system decides both.

use dioxus::desktop::tao::event::Event;
use dioxus::desktop::{Config, LogicalPosition, LogicalSize, WindowBuilder, WindowEvent};
use miantan_client::Intent;
use std::path::Path;

/// Where a window stands, in logical pixels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Place {
    pub width: f64,
    pub height: f64,
    pub at: Option<(f64, f64)>,
}

impl Default for Place {
    /// A phone.
    fn default() -> Self {
        Self { width: 390.0, height: 844.0, at: None }
    }
}

impl Place {
    /// `390x844+10+20`; the place may be left out. `None` when it is something else.
    pub fn parse(text: &str) -> Option<Self> {
        let numbers: Option<Vec<f64>> =
            text.split(['x', '+']).map(|part| part.parse().ok().filter(|n: &f64| n.is_finite())).collect();
        match numbers?[..] {
            [width, height] => Some(Self { width, height, at: None }),
            [width, height, x, y] => Some(Self { width, height, at: Some((x, y)) }),
            _ => None,
        }
    }
}

/// The window with its page. `data` is the app's folder; the page's own storage gets a folder in it, so that two
/// copies of the app do not share one.
pub fn config(title: &str, page: String, place: Place, data: Option<&Path>) -> Config {
    // Size and place are both given: a debug build would restore those of another process otherwise.
    let (x, y) = place.at.unwrap_or((40.0, 40.0));
    let window = WindowBuilder::new()
        .with_title(title)
        .with_inner_size(LogicalSize::new(place.width, place.height))
        .with_min_inner_size(LogicalSize::new(320.0, 480.0))
        .with_position(LogicalPosition::new(x, y))
        .with_always_on_top(false);
    let config = Config::new()
        .with_custom_index(page)
        .with_window(window)
        .with_menu(None)
        // Where tests drive the page they do so through its inspector, which comes with the page's own menu.
        .with_disable_context_menu(!cfg!(any(debug_assertions, feature = "synthetic")))
        .with_background_color((245, 245, 242, 255));
    match data {
        Some(folder) => config.with_data_directory(folder.join("webview")),
        None => config,
    }
}

/// What the system tells the app besides touches becomes a wish: a link that opened it, going to the background,
/// coming back.
pub fn with_system_events(config: Config, wish: impl Fn(Intent) + 'static) -> Config {
    config.with_custom_event_handler(move |event, _| match event {
        Event::Opened { urls } => {
            for url in urls {
                wish(Intent::UseServer(url.to_string()));
            }
        }
        // iOS says the same when only the control centre is pulled down, and never takes that back.
        Event::WindowEvent { event: WindowEvent::Suspended, .. } if cfg!(target_os = "android") => {
            wish(Intent::Foreground(false));
        }
        Event::WindowEvent { event: WindowEvent::Focused(on), .. } if cfg!(target_os = "linux") => {
            wish(Intent::InFront(*on));
        }
        Event::WindowEvent { event: WindowEvent::Resumed, .. } => wish(Intent::Foreground(true)),
        _ => {}
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_read() {
        assert_eq!(
            Place::parse("390x844+20+30"),
            Some(Place { width: 390.0, height: 844.0, at: Some((20.0, 30.0)) })
        );
        assert_eq!(Place::parse("360x640"), Some(Place { width: 360.0, height: 640.0, at: None }));
        for bad in ["", "390", "390x", "axb", "390x844+1", "NaNx1"] {
            assert_eq!(Place::parse(bad), None, "{bad}");
        }
    }
}
