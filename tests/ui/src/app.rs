//! One app process with its window, and what a person does with it. Nothing here knows what the app is for; the
//! stories do. It never calls the app's code: it presses, types and looks.
use std::path::Path;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow};
use serde_json::{Value, json};

use crate::page::{self, SmallTarget, number, numbers};
use crate::running::{Running, log_end, log_path};
use crate::settings::AppSettings;
use crate::waiting::{ARRIVE, NotSee, POLL, See};

/// A system's file chooser is tried so often.
const CHOOSER_TRIES: u32 = 3;

/// A running app, held by one person of the story.
#[derive(Debug)]
pub struct App {
    pub(crate) settings: AppSettings,
    running: Option<Running>,
    pictures: AtomicU32,
}

impl App {
    /// Starts the app and waits until its window shows something.
    ///
    /// # Errors
    /// When the process ends, or shows nothing within a minute; with the end of its log.
    pub async fn start(settings: AppSettings) -> Result<Self> {
        let mut app = Self { settings, running: None, pictures: AtomicU32::new(0) };
        app.start_again().await?;
        Ok(app)
    }

    /// Starts the app again after [`App::kill`], with the same data folder.
    ///
    /// # Errors
    /// As [`App::start`].
    pub async fn start_again(&mut self) -> Result<()> {
        self.kill();
        let running = Running::launch(&self.settings).await.with_context(|| {
            format!(
                "{} does not start; the end of its log:\n{}",
                self.settings.name,
                log_end(&self.settings, 20)
            )
        })?;
        self.running = Some(running);
        Ok(())
    }

    /// SIGKILL: what the system does to an app that it wants gone.
    pub fn kill(&mut self) {
        self.running = None; // dropping the group kills it
    }

    /// Whose phone this is.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.settings.name
    }

    /// How long a step waits from now on when it names no time of its own.
    pub fn set_patience(&mut self, patience: Duration) {
        self.settings.patience = patience;
    }

    /// Whether presses are X events (`true`) or, where the display gives none, events made in the page.
    #[must_use]
    pub fn real_events(&self) -> bool {
        self.running.as_ref().is_some_and(|running| running.real)
    }

    /// The process id, `None` after [`App::kill`].
    #[must_use]
    pub fn process_id(&self) -> Option<u32> {
        self.running.as_ref().and_then(|running| running.group.lock().ok().map(|group| group.id()))
    }

    /// Presses the control with this name once it can really be pressed: drawn, switched on, in the window, at rest
    /// and not covered. `name` is a `data-test` id, an `id`, or what a person reads on it.
    ///
    /// # Errors
    /// [`Refused`] with what was on the screen, when it does not become so in time.
    pub async fn tap(&self, name: &str) -> Result<()> {
        self.press(name, None).await
    }

    /// Presses the control `name` inside the smallest part of the page that also shows `near`: the button in
    /// somebody's row.
    ///
    /// # Errors
    /// As [`App::tap`].
    pub async fn tap_in(&self, near: &str, name: &str) -> Result<()> {
        self.press(name, Some(near)).await
    }

    /// Presses a text field and replaces its content: with real keys where the text has only keys of the keyboard,
    /// else as an input method puts it in.
    ///
    /// # Errors
    /// As [`App::tap`], or when the field does not hold the text afterwards (letters and digits are compared, so
    /// a field may group or capitalise).
    pub async fn type_into(&self, field: &str, text: &str) -> Result<()> {
        self.press(field, None).await?;
        if self.ask("focused", &[]).await? != true {
            return Err(self.failure(&format!("{field:?} does not take the keyboard")).await);
        }
        let running = self.running()?;
        let hands = self.settings.display.hands.lock().await;
        let old = self.ask("select_all", &[]).await?;
        let keys = running.real && text.chars().all(|c| matches!(c, ' '..='~'));
        if keys && !text.is_empty() {
            let (pointer, text) = (running.pointer.clone(), text.to_owned());
            tokio::task::spawn_blocking(move || pointer.keys(&text)).await??;
        } else if text.is_empty() && old != 0 && running.real {
            let pointer = running.pointer.clone();
            tokio::task::spawn_blocking(move || pointer.key("Delete")).await??;
        } else {
            self.ask("insert", &[json!(text)]).await?;
        }
        let deadline = Instant::now() + ARRIVE;
        loop {
            let value = self.ask("value", &[json!(field)]).await?;
            if value.as_str().is_some_and(|value| essence(value) == essence(text)) {
                return Ok(());
            }
            if Instant::now() > deadline {
                drop(hands);
                let length = value.as_str().map_or(0, |value| value.chars().count());
                let what = format!("{field:?} does not hold what was typed ({length} characters instead)");
                return Err(self.failure(&what).await);
            }
            tokio::time::sleep(POLL).await;
        }
    }

    /// Chooses an option of a `<select>` by its text. The list of options is drawn by the system, so the choice is
    /// made by events in the page, after the same checks as a press.
    ///
    /// # Errors
    /// As [`App::tap`], or when there is no such option (the error lists them).
    pub async fn choose(&self, field: &str, option: &str) -> Result<()> {
        self.reach(field, None).await?;
        match self.ask("choose", &[json!(option)]).await? {
            Value::String(options) => {
                Err(self.failure(&format!("{field:?} has no option {option:?}, only: {options}")).await)
            }
            _ => Ok(()),
        }
    }

    /// Sets a field whose picker is drawn by the system (date, time, number), by events in the page after the same
    /// checks as a press.
    ///
    /// # Errors
    /// As [`App::tap`], or when the field takes no such value.
    pub async fn fill(&self, field: &str, value: &str) -> Result<()> {
        self.reach(field, None).await?;
        match self.ask("fill", &[json!(value)]).await? {
            Value::String(held) if held == value => Ok(()),
            held => Err(self.failure(&format!("{field:?} takes no {value:?}, it holds {held}")).await),
        }
    }

    /// Presses a control that opens the system's file chooser and chooses this file there, with real keys, until the app
    /// shows it: a chooser that was still opening may take the last key only and close over nothing, as after Escape.
    ///
    /// # Errors
    /// As [`App::tap`]; when no chooser opens, it does not close, or `shown` does not appear.
    pub async fn choose_file(&self, control: &str, file: &Path, shown: &str) -> Result<()> {
        let mut tries = 1;
        loop {
            self.choose_once(control, file).await?;
            match self.see(shown).within(15).await {
                Err(_) if tries < CHOOSER_TRIES => tries += 1,
                seen => return seen,
            }
        }
    }

    async fn choose_once(&self, control: &str, file: &Path) -> Result<()> {
        let file = std::path::absolute(file)?;
        let path = file.to_str().filter(|path| path.is_ascii()).context("a path of keys of the keyboard")?;
        let before = self.windows().await?;
        self.press(control, None).await?;
        let deadline = Instant::now() + self.settings.patience;
        let chooser = loop {
            let new = self.windows().await?.into_iter().find(|window| !before.contains(window));
            if let Some(chooser) = new {
                break chooser;
            }
            if Instant::now() > deadline {
                return Err(self.failure(&format!("{control:?} opens no file chooser")).await);
            }
            tokio::time::sleep(POLL).await;
        };
        let hands = self.settings.display.hands.lock().await;
        let (pointer, typed, window) = (self.running()?.pointer.clone(), path.to_owned(), chooser.clone());
        // a chooser that is still opening loses the first keys: it is asked again until it is gone
        loop {
            let (pointer, typed, window) = (pointer.clone(), typed.clone(), window.clone());
            tokio::task::spawn_blocking(move || pointer.choose(&window, &typed)).await??;
            let closing = Instant::now() + ARRIVE;
            while Instant::now() < closing {
                if !self.windows().await?.contains(&chooser) {
                    return Ok(());
                }
                tokio::time::sleep(POLL).await;
            }
            if Instant::now() > deadline {
                drop(hands);
                return Err(self.failure(&format!("the file chooser of {control:?} stays open")).await);
            }
        }
    }

    /// The visible windows of this app.
    async fn windows(&self) -> Result<Vec<String>> {
        let pointer = self.running()?.pointer.clone();
        let process = self.process_id().context("the app is not running")?;
        tokio::task::spawn_blocking(move || pointer.siblings(process)).await?
    }

    /// Starts the program once more beside the running one, with this argument, as the system's desktop does with a
    /// link, and waits until that second start has ended.
    ///
    /// # Errors
    /// When it goes on running instead, or fails.
    pub async fn open_link(&self, link: &str) -> Result<()> {
        let mut command = crate::running::command(&self.settings, None)?;
        let mut second = crate::process::Group::spawn(command.arg(link))?;
        let deadline = Instant::now() + self.settings.patience;
        loop {
            match second.ended() {
                Some(ended) if ended == "ended with code 0" => return Ok(()),
                Some(ended) => return Err(self.failure(&format!("the second start {ended}")).await),
                None if Instant::now() > deadline => {
                    return Err(self.failure("the second start goes on running").await);
                }
                None => tokio::time::sleep(POLL).await,
            }
        }
    }

    /// Presses one key by its X name (`Return`, `Escape`) in whatever has the keyboard.
    ///
    /// # Errors
    /// When `xdotool` fails.
    pub async fn key(&self, key: &str) -> Result<()> {
        let _hands = self.settings.display.hands.lock().await;
        let (pointer, key) = (self.running()?.pointer.clone(), key.to_owned());
        tokio::task::spawn_blocking(move || pointer.key(&key)).await?
    }

    /// Waits until the text, or the thing with this `data-test` id, is on the screen and not covered.
    pub fn see<'a>(&'a self, text: &'a str) -> See<'a> {
        See::new(self, text)
    }

    /// Waits until the text is no longer on the screen.
    pub fn not_see<'a>(&'a self, text: &'a str) -> NotSee<'a> {
        NotSee::new(self, text)
    }

    /// Whether the text is on the screen at this moment.
    ///
    /// # Errors
    /// When the window is gone.
    pub async fn sees(&self, text: &str) -> Result<bool> {
        Ok(self.missing(text).await?.is_none())
    }

    /// The text inside the drawn element with this `data-test` or `id`; waits until there is one.
    ///
    /// # Errors
    /// When there is none in time.
    pub async fn text_of(&self, id: &str) -> Result<String> {
        let deadline = Instant::now() + self.settings.patience;
        loop {
            if let Value::String(text) = self.ask("text_of", &[json!(id)]).await? {
                return Ok(text);
            }
            if Instant::now() > deadline {
                return Err(self.failure(&format!("nothing has the id {id:?}")).await);
            }
            tokio::time::sleep(POLL).await;
        }
    }

    /// How many drawn elements have this `data-test` or `id`.
    ///
    /// # Errors
    /// When the window is gone.
    pub async fn count(&self, id: &str) -> Result<u64> {
        Ok(self.ask("count", &[json!(id)]).await?.as_u64().unwrap_or_default())
    }

    /// All that is drawn, line by line; passwords as dots.
    ///
    /// # Errors
    /// When the window is gone.
    pub async fn screen(&self) -> Result<String> {
        Ok(self.ask("screen", &[]).await?.as_str().unwrap_or_default().to_owned())
    }

    /// Waits until the picture inside the element with this id has changed twice: it is live.
    ///
    /// # Errors
    /// When it stands still.
    pub async fn moves(&self, id: &str) -> Result<()> {
        let deadline = Instant::now() + self.settings.patience;
        let (mut last, mut changes) = (None, 0);
        while changes < 2 {
            let now = self.picture_of(id).await?;
            if last.as_ref().is_some_and(|last| *last != now) {
                changes += 1;
            }
            last = Some(now);
            if Instant::now() > deadline {
                return Err(self.failure(&format!("the picture {id:?} stands still")).await);
            }
            tokio::time::sleep(POLL).await;
        }
        Ok(())
    }

    /// A PNG of the drawn element with this id.
    ///
    /// # Errors
    /// When there is none.
    pub async fn picture_of(&self, id: &str) -> Result<Vec<u8>> {
        let place = self.ask("box_of", &[json!(id)]).await?;
        if place.is_null() {
            return Err(self.failure(&format!("nothing has the id {id:?}")).await);
        }
        self.running()?.inspector.lock().await.picture(numbers(&place)).await
    }

    /// Saves what the window shows as a PNG.
    ///
    /// # Errors
    /// When the window is gone or the file cannot be written.
    pub async fn screenshot(&self, path: impl AsRef<Path>) -> Result<()> {
        let [_, _, width, height, _] = numbers::<5>(&self.ask("place", &[]).await?);
        let png = self.running()?.inspector.lock().await.picture([0.0, 0.0, width, height]).await?;
        let path = path.as_ref();
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder)?;
        }
        std::fs::write(path, png).with_context(|| format!("cannot write {}", path.display()))
    }

    /// Gives the window another inner size and waits until the page has it.
    ///
    /// # Errors
    /// When the page does not follow.
    pub async fn resize(&self, width: u32, height: u32) -> Result<()> {
        let pointer = self.running()?.pointer.clone();
        tokio::task::spawn_blocking(move || pointer.resize(width, height)).await??;
        let deadline = Instant::now() + self.settings.patience;
        loop {
            let [_, _, w, h, _] = numbers::<5>(&self.ask("place", &[]).await?);
            if (w, h) == (f64::from(width), f64::from(height)) {
                return Ok(());
            }
            if Instant::now() > deadline {
                return Err(self.failure(&format!("the page stays {w}×{h}, not {width}×{height}")).await);
            }
            tokio::time::sleep(POLL).await;
        }
    }

    /// Visible controls narrower or lower than `least` CSS pixels (44 is a finger).
    ///
    /// # Errors
    /// When the window is gone.
    pub async fn small_targets(&self, least: f64) -> Result<Vec<SmallTarget>> {
        let found = self.ask("small", &[json!(least)]).await?;
        let target = |t: &Value| SmallTarget {
            name: t["name"].as_str().unwrap_or_default().to_owned(),
            width: number(&t["width"]),
            height: number(&t["height"]),
        };
        Ok(found.as_array().map(|all| all.iter().map(target).collect()).unwrap_or_default())
    }

    /// Memory of the app and of the web processes that it started, in KiB (proportional share of what they share).
    ///
    /// # Errors
    /// When the app is not running.
    pub fn memory(&self) -> Result<u64> {
        let group = self.running()?.group.lock().map_err(|_| anyhow!("a panic while the group was held"))?;
        Ok(group.memory())
    }

    /// Runs an expression in the page, for measurements only (memory, frames drawn); a story never presses this way.
    ///
    /// # Errors
    /// When the script throws.
    pub async fn measure(&self, expression: &str) -> Result<Value> {
        self.running()?.inspector.lock().await.evaluate(expression).await
    }

    /// Why the text is not on the screen now, or `None` when it is.
    pub(crate) async fn missing(&self, text: &str) -> Result<Option<String>> {
        Ok(self.ask("sees", &[json!(text)]).await?.as_str().map(str::to_owned))
    }

    pub(crate) fn patience(&self) -> Duration {
        self.settings.patience
    }

    /// An error that tells what was on the screen, and where its picture is.
    pub(crate) async fn failure(&self, what: &str) -> anyhow::Error {
        let screen = self.screen().await.unwrap_or_else(|error| format!("(nothing: {error:#})"));
        let number = self.pictures.fetch_add(1, Ordering::Relaxed) + 1;
        let file = self.settings.out.join(format!("{}-failed-{number}.png", self.settings.name));
        let picture = match self.screenshot(&file).await {
            Ok(()) => file.display().to_string(),
            Err(error) => format!("(none: {error:#})"),
        };
        let lines: Vec<String> = screen.lines().take(60).map(|line| format!("  │ {line}")).collect();
        anyhow!(
            "{}: {what}\non the screen:\n{}\npicture: {picture}\nlog: {}",
            self.settings.name,
            lines.join("\n"),
            log_path(&self.settings).display()
        )
    }

    pub(crate) async fn ask(&self, method: &str, arguments: &[Value]) -> Result<Value> {
        let running = self.running()?;
        let mut inspector = running.inspector.lock().await;
        page::ask(&mut inspector, method, arguments).await.map_err(|error| {
            let ended = running.group.lock().ok().and_then(|mut group| group.ended());
            match ended {
                Some(ended) => {
                    anyhow!("{}: the app {ended}; log:\n{}", self.settings.name, log_end(&self.settings, 20))
                }
                None => error.context(format!("{}: its window does not answer", self.settings.name)),
            }
        })
    }

    pub(crate) fn running(&self) -> Result<&Running> {
        self.running.as_ref().with_context(|| format!("{}: the app is not running", self.settings.name))
    }
}

/// Letters and digits only, in lower case: what a field that groups or capitalises must still hold.
fn essence(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}
