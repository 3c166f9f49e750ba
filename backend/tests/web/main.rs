//! The public pages in a real browser: Chromium without a window, over its DevTools protocol, against a
//! running backend with the sample fair. Fails where Chromium is missing (`cargo xtask setup`).

mod browser;
mod organiser;
mod pages;
