//! What is fetched: thumbnails of what is shown, by themselves; whole pictures and files when the
//! person wants them.

use super::super::app::App;
use super::files::{Local, find};
use super::{TalkNews, talk_event};
use crate::files;
use crate::view::NoticeWhat;
use miantan_domain::ids::*;
use miantan_domain::model::EntryBody;
use miantan_domain::wire::{Problem, ProblemCode};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Thumbnails fetched at the same time.
const AT_ONCE: usize = 3;

impl App {
    /// On a new connection: what was not to be had may be now.
    pub fn fetch_again(&mut self) {
        if let Some(talk) = self.talk() {
            talk.files.fetching.clear();
            talk.files.missing.clear();
            talk.open_stale = true;
        }
    }

    /// Pictures of the open conversation, the newest first.
    pub fn fetch_thumbs(&mut self) {
        let Some(talk) = self.talk() else { return };
        let Some(open) = &talk.open else { return };
        let pictures = open.entries.iter().rev().filter_map(|entry| match entry.body {
            EntryBody::Image { object, .. } => Some(object),
            _ => None,
        });
        let files = &mut talk.files;
        let mut wanted = Vec::new();
        for object in pictures {
            files.look_for(object);
            let here = files.pictures.get(&object).is_some_and(|local| local.thumb.is_some());
            let room = files.fetching.len() < AT_ONCE;
            if talk.live && room && !here && !files.missing.contains(&object) && files.fetching.insert(object)
            {
                wanted.push((object, files.thumb_path(object)));
            }
        }
        for (object, path) in wanted {
            self.talk_later(move |server| async move {
                let result = match server.thumb(object).await {
                    Ok(bytes) => keep(path, bytes).await,
                    Err(problem) => Err(problem),
                };
                TalkNews::Thumb { object, result }
            });
        }
    }

    pub fn thumb_came(&mut self, object: ObjectId, result: Result<Arc<Path>, Problem>) {
        let Some(talk) = self.talk() else { return };
        talk.files.fetching.remove(&object);
        talk.open_stale = true;
        match result {
            Ok(path) => talk.files.pictures.entry(object).or_default().thumb = Some(path),
            Err(problem) => {
                tracing::info!(code = %problem.code, "a thumbnail was not fetched");
                talk.files.missing.insert(object);
            }
        }
    }

    pub fn open_picture(&mut self, object: ObjectId) {
        let Some(talk) = self.talk() else { return };
        talk.files.look_for(object);
        talk.open_stale = true;
        if talk.files.pictures.get(&object).is_some_and(|local| local.full.is_some()) {
            return;
        }
        let folder = talk.files.folder.clone();
        self.talk_later(move |server| async move {
            let result = match server.object(object).await {
                Ok(bytes) => match files::kind(&bytes) {
                    Some(extension @ ("jpg" | "png")) => {
                        keep(folder.join(format!("{object}.{extension}")), bytes).await
                    }
                    Some(_) | None => Err(ProblemCode::FileBroken.into()),
                },
                Err(problem) => Err(problem),
            };
            TalkNews::Full { object, result }
        });
    }

    pub fn full_came(&mut self, object: ObjectId, result: Result<Arc<Path>, Problem>) {
        match result {
            Ok(path) => {
                let Some(talk) = self.talk() else { return };
                let local: &mut Local = talk.files.pictures.entry(object).or_default();
                local.full = Some(path);
                talk.open_stale = true;
            }
            Err(problem) => self.notices.tell(NoticeWhat::Refused(problem)),
        }
    }

    /// A file of a conversation, put where the person finds it.
    pub fn download(&mut self, object: ObjectId, name: String) {
        let downloads = self.downloads.clone();
        let Some(talk) = self.talk() else { return };
        if let Some(path) = find(&talk.files.folder, object) {
            let account = self.talk_account();
            self.later(async move {
                let copied = blocking(move || {
                    let bytes = std::fs::read(&path)?;
                    files::save(&downloads, &name, &bytes)
                });
                talk_event(account, TalkNews::Saved(copied.await))
            });
            return;
        }
        self.talk_later(move |server| async move {
            TalkNews::Saved(save(server.object(object).await, downloads, name).await)
        });
    }

    /// The online résumé as PDF, under the candidate's name.
    pub async fn download_resume(&mut self, conversation: ConversationId) {
        self.know(conversation).await;
        let downloads = self.downloads.clone();
        let known = self.talk().and_then(|talk| talk.known.get(&conversation));
        let name = known.map(|known| known.head.candidate_name.clone()).unwrap_or_default();
        self.talk_later(move |server| async move {
            let name = format!("{name}.pdf");
            TalkNews::Saved(save(server.resume_pdf(conversation).await, downloads, name).await)
        });
    }

    /// The calendar file of an invitation, under the round's name.
    pub async fn save_calendar(&mut self, conversation: ConversationId, invitation: InvitationId) {
        self.know(conversation).await;
        let downloads = self.downloads.clone();
        let known = self.talk().and_then(|talk| talk.known.get(&conversation));
        let card = known.and_then(|known| known.head.invitations.iter().find(|card| card.id == invitation));
        let name = card.map(|card| card.round_name.clone()).unwrap_or_default();
        self.talk_later(move |server| async move {
            let bytes = server.calendar(conversation, invitation).await;
            TalkNews::Saved(save(bytes, downloads, format!("{name}.ics")).await)
        });
    }
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> std::io::Result<T> + Send + 'static,
) -> Result<T, Problem> {
    let failed = |error: std::io::Error| {
        tracing::error!(%error, "a file was not written");
        Problem::new(ProblemCode::StorageFailed, "the device's storage failed; free some space")
    };
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => done.map_err(failed),
        Err(_) => Err(ProblemCode::Internal.into()),
    }
}

/// In the app's folder. Only pictures are shown from there.
async fn keep(path: PathBuf, bytes: Vec<u8>) -> Result<Arc<Path>, Problem> {
    if !matches!(files::kind(&bytes), Some("jpg" | "png")) {
        return Err(ProblemCode::FileBroken.into());
    }
    blocking(move || files::write_whole(&path, &bytes).map(|()| Arc::from(path))).await
}

async fn save(
    bytes: Result<Vec<u8>, Problem>,
    folder: PathBuf,
    name: String,
) -> Result<(String, Arc<Path>), Problem> {
    let bytes = bytes?;
    blocking(move || files::save(&folder, &name, &bytes)).await
}
