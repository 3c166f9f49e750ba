//! Files on their way to the server, one after another, in parts. Where an upload stands, only the
//! server knows: it is asked at each beginning, after a kill as after a lost network. What is to be
//! sent is known from the outbox and the app's folder, so nothing else has to be remembered.

use super::super::app::App;
use super::super::event::Event;
use super::super::uploads;
use super::files::{find, object_of};
use super::{TalkNews, talk_event};
use crate::rest::Server;
use crate::view::SendState;
use miantan_domain::ids::*;
use miantan_domain::model::Saying;
use miantan_domain::rules::outbox::{self, Outbox, Standing};
use miantan_domain::time::Timestamp;
use miantan_domain::wire::live::{Change, TalkCommand};
use miantan_domain::wire::rest::{FileUse, NewObject};
use miantan_domain::wire::{Problem, ProblemCode};
use std::path::Path;
use tokio::sync::mpsc;

struct Job {
    change: ChangeId,
    conversation: ConversationId,
    object: ObjectId,
    saying: Saying,
    /// Its file is in the folder.
    ready: bool,
    sent: u64,
    size: u64,
}

/// See the module's page.
#[derive(Default)]
pub struct Uploads {
    /// In the order in which they go.
    jobs: Vec<Job>,
    running: Option<(ObjectId, tokio::task::AbortHandle)>,
    failures: u32,
    again_at: Option<Timestamp>,
}

impl Drop for Uploads {
    fn drop(&mut self) {
        self.stop();
    }
}

impl Uploads {
    /// Those that the outbox waits for.
    pub fn restore(&mut self, outbox: &Outbox) {
        for (stored, standing) in outbox.durable() {
            if matches!(standing, Standing::Failed(_)) || !stored.waits {
                continue;
            }
            self.add(stored, true);
        }
    }

    fn add(&mut self, stored: &outbox::Stored, ready: bool) {
        let Change::Talk { conversation, command } = &stored.change else { return };
        let (Some(object), TalkCommand::Say { saying }) = (object_of(command), command) else { return };
        self.jobs.retain(|job| job.object != object);
        let (change, conversation, saying) = (stored.id, *conversation, saying.clone());
        self.jobs.push(Job { change, conversation, object, saying, ready, sent: 0, size: 0 });
    }

    pub fn prepare(
        &mut self,
        change: ChangeId,
        conversation: ConversationId,
        object: ObjectId,
        saying: Saying,
    ) {
        self.jobs.push(Job { change, conversation, object, saying, ready: false, sent: 0, size: 0 });
    }

    pub fn ready(&mut self, change: ChangeId) {
        if let Some(job) = self.jobs.iter_mut().find(|job| job.change == change) {
            job.ready = true;
        }
    }

    pub fn remove(&mut self, object: ObjectId) {
        self.jobs.retain(|job| job.object != object);
        if let Some((_, task)) = self.running.take_if(|(running, _)| *running == object) {
            task.abort();
        }
    }

    pub fn stop(&mut self) {
        if let Some((_, task)) = self.running.take() {
            task.abort();
        }
    }

    pub fn again_at(&self) -> Option<Timestamp> {
        self.again_at
    }

    pub fn state(&self, change: ChangeId) -> SendState {
        let job = self.jobs.iter().find(|job| job.change == change);
        match job {
            Some(job) if job.size > 0 || self.running.as_ref().is_some_and(|(id, _)| *id == job.object) => {
                let percent = (job.sent * 100).checked_div(job.size).unwrap_or(0).min(100);
                SendState::Uploading { percent: percent as u8 }
            }
            Some(_) | None => SendState::Waiting,
        }
    }
}

impl App {
    /// A connection is there: whatever was paused goes on.
    pub fn resume_uploads(&mut self) {
        if let Some(talk) = self.talk() {
            talk.files.uploads.again_at = None;
            talk.files.uploads.failures = 0;
        }
        self.next_upload();
    }

    pub fn resume_uploads_when_due(&mut self) {
        let now = self.clock.now();
        let Some(talk) = self.talk() else { return };
        if talk.files.uploads.again_at.is_some_and(|at| at <= now) {
            talk.files.uploads.again_at = None;
            self.next_upload();
        }
    }

    /// The person wants a failed message sent again: its file too, where that was what failed.
    pub fn upload_again(&mut self, id: ChangeId) {
        let Some(account) = &mut self.account else { return };
        let waiting = account.outbox.durable().find(|(stored, standing)| {
            stored.id == id && stored.waits && !matches!(standing, Standing::Failed(_))
        });
        if let Some((stored, _)) = waiting {
            account.talk.files.uploads.add(stored, true);
            self.next_upload();
        }
    }

    fn next_upload(&mut self) {
        let Some(server) = self.rest() else { return };
        let (account, events) = (self.talk_account(), self.events.clone());
        let Some(talk) = self.talk() else { return };
        let folder = talk.files.folder.clone();
        let uploads = &mut talk.files.uploads;
        if !talk.live || uploads.running.is_some() || uploads.again_at.is_some() {
            return;
        }
        let Some(job) = uploads.jobs.iter().find(|job| job.ready) else { return };
        let object = job.object;
        let about = About { object, conversation: job.conversation, saying: job.saying.clone() };
        let task = tokio::spawn(async move {
            let result = run(&server, &folder, about, account, &events).await;
            // Err: the session has ended.
            let _ = events.send(talk_event(account, TalkNews::Uploaded { object, result }));
        });
        uploads.running = Some((object, task.abort_handle()));
        talk.open_stale = true;
    }

    pub fn part_sent(&mut self, object: ObjectId, bytes: u64, of: u64) {
        let Some(talk) = self.talk() else { return };
        if let Some(job) = talk.files.uploads.jobs.iter_mut().find(|job| job.object == object) {
            job.sent = bytes;
            job.size = of;
            talk.files.uploads.failures = 0;
            talk.open_stale = true;
        }
    }

    pub fn uploaded(&mut self, object: ObjectId, result: Result<(), Problem>) {
        let now = self.clock.now();
        let Some(talk) = self.talk() else { return };
        let going = &mut talk.files.uploads;
        if going.running.take_if(|(running, _)| *running == object).is_none() {
            return;
        }
        talk.open_stale = true;
        let Some(at) = going.jobs.iter().position(|job| job.object == object) else { return };
        match result {
            Ok(()) => {
                let change = going.jobs.remove(at).change;
                self.outbox(outbox::Input::Ready(change));
            }
            Err(problem) if uploads::is_final(&problem) => {
                let change = going.jobs[at].change;
                self.hopeless(change, problem);
            }
            Err(problem) => {
                tracing::info!(code = %problem.code, "an upload was interrupted");
                going.again_at = Some(now.after(uploads::pause(&problem, going.failures)));
                going.failures += 1;
                return;
            }
        }
        self.next_upload();
    }

    /// Its file will never be on the server: the message waits for the person, with the reason.
    pub fn hopeless(&mut self, change: ChangeId, problem: Problem) {
        if let Some(talk) = self.talk() {
            talk.files.uploads.jobs.retain(|job| job.change != change);
        }
        self.outbox(outbox::Input::Hopeless { id: change, problem });
    }
}

struct About {
    object: ObjectId,
    conversation: ConversationId,
    saying: Saying,
}

/// Sends one file from where the server has it to its end.
async fn run(
    server: &Server,
    folder: &Path,
    about: About,
    account: u64,
    events: &mpsc::UnboundedSender<Event>,
) -> Result<(), Problem> {
    let object = about.object;
    let path = find(folder, object).ok_or_else(|| Problem::from(ProblemCode::FileUnknown))?;
    let (new, bytes) = tokio::task::spawn_blocking(move || read(&path, &about))
        .await
        .unwrap_or_else(|_| Err(ProblemCode::FileBroken.into()))?;
    // Err: the session has ended.
    let tell = |bytes, of| drop(events.send(talk_event(account, TalkNews::Sent { object, bytes, of })));
    uploads::send(server, &new, &bytes, tell).await.map(drop)
}

fn read(path: &Path, about: &About) -> Result<(NewObject, Vec<u8>), Problem> {
    let bytes = std::fs::read(path).map_err(|error| {
        tracing::error!(%error, "a file to be sent cannot be read");
        Problem::from(ProblemCode::FileUnknown)
    })?;
    let extension = path.extension().and_then(|extension| extension.to_str()).unwrap_or("jpg");
    let (file_use, name) = match &about.saying {
        // A picture's own name can tell more than the person means to.
        Saying::Image { .. } | Saying::Text { .. } => (FileUse::ChatImage, format!("picture.{extension}")),
        Saying::File { name, .. } => (FileUse::ChatFile, name.clone()),
    };
    let mut new = uploads::announce(about.object, file_use, name, &bytes);
    new.conversation = Some(about.conversation);
    Ok((new, bytes))
}
