//! Photo and résumé files on their way, one after another: kept on the device first, so that a lost
//! network or a killed app only delays them.

use super::super::app::App;
use super::super::event::Event;
use super::MineNews;
use crate::files;
use crate::picture;
use crate::rest::Server;
use crate::session::talk::find_file;
use crate::session::uploads;
use crate::store::{FairWrite, KeptUpload};
use crate::view::{Loadable, OfficeForm};
use miantan_domain::ids::*;
use miantan_domain::model::{ATTACHMENTS_MAX, AttachmentResume};
use miantan_domain::time::Timestamp;
use miantan_domain::wire::rest::*;
use miantan_domain::wire::{Problem, ProblemCode};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A file's own name can tell more than the person means to.
const PHOTO_NAME: &str = "photo";

/// See the module's page.
#[derive(Default)]
pub struct Uploads {
    jobs: Vec<KeptUpload>,
    running: Option<(ObjectId, tokio::task::AbortHandle)>,
    failures: u32,
    again_at: Option<Timestamp>,
    /// Photos in the app's folder.
    photos: BTreeMap<ObjectId, Arc<Path>>,
    /// Photos being fetched.
    fetching: BTreeSet<ObjectId>,
}

impl Drop for Uploads {
    fn drop(&mut self) {
        if let Some((_, task)) = self.running.take() {
            task.abort();
        }
    }
}

impl Uploads {
    pub fn restored(jobs: Vec<KeptUpload>) -> Self {
        let mut uploads = Self::default();
        uploads.jobs = jobs;
        uploads
    }

    pub fn again_at(&self) -> Option<Timestamp> {
        self.again_at
    }

    pub fn photo(&self, photo: ObjectId) -> Option<Arc<Path>> {
        self.photos.get(&photo).cloned()
    }
}

fn not_kept(error: &std::io::Error) -> Problem {
    tracing::error!(%error, "a file was not kept");
    Problem::new(ProblemCode::StorageFailed, "the device's storage failed; free some space")
}

/// Sends one file to its end; an attachment is then put among the résumés.
async fn run(
    server: Server,
    folder: PathBuf,
    job: KeptUpload,
    tell: impl Fn(u64, u64) + Send + Sync,
) -> Result<Option<Vec<AttachmentResume>>, Problem> {
    let KeptUpload { object, file_use, name } = job;
    let read = move || {
        let path = find_file(&folder, object).ok_or(ProblemCode::FileUnknown)?;
        let bytes = std::fs::read(path).map_err(|error| not_kept(&error))?;
        Ok::<_, Problem>((uploads::announce(object, file_use, name, &bytes), bytes))
    };
    let read = tokio::task::spawn_blocking(read).await;
    let (new, bytes) = read.unwrap_or_else(|_| Err(ProblemCode::FileBroken.into()))?;
    uploads::send(&server, &new, &bytes, tell).await?;
    match file_use {
        FileUse::Resume => server.add_attachment(object).await.map(Some),
        FileUse::Photo | FileUse::ChatImage | FileUse::ChatFile | FileUse::Licence => Ok(None),
    }
}

impl App {
    fn own_object(&self) -> ObjectId {
        let (unix_ms, random) = self.id_parts();
        ObjectId::from_parts(unix_ms, &random)
    }

    pub fn set_photo(&mut self, bytes: &Arc<[u8]>) {
        let object = self.own_object();
        let bytes = Arc::clone(bytes);
        let prepare = move |folder: &Path| {
            let ready = picture::prepare(&bytes)?;
            let path = folder.join(format!("{object}.{}", ready.extension));
            files::write_whole(&path, &ready.bytes).map_err(|error| not_kept(&error))
        };
        self.prepare_upload(object, FileUse::Photo, PHOTO_NAME.into(), prepare);
    }

    pub fn add_attachment(&mut self, name: &str, bytes: &Arc<[u8]>) {
        let full = self.mine().is_some_and(|mine| match &mine.view.attachments {
            Some(Loadable::Ready(list)) => list.len() >= ATTACHMENTS_MAX,
            Some(Loadable::Loading | Loadable::Failed(_)) | None => false,
        });
        let extension = match files::kind(bytes) {
            _ if bytes.len() as u64 > FILE_MAX_BYTES => Err(ProblemCode::FileTooLarge),
            _ if bytes.is_empty() => Err(ProblemCode::FileBroken),
            _ if full => Err(ProblemCode::TooMany),
            None => Err(ProblemCode::FileTypeRefused),
            Some(extension) => Ok(extension),
        };
        let extension = match extension {
            Ok(extension) => extension,
            Err(code) => return self.form_of_mine_failed(code.into()),
        };
        let object = self.own_object();
        let bytes = Arc::clone(bytes);
        let keep = move |folder: &Path| {
            let path = folder.join(format!("{object}.{extension}"));
            files::write_whole(&path, &bytes).map_err(|error| not_kept(&error))
        };
        self.prepare_upload(object, FileUse::Resume, files::safe_name(name), keep);
    }

    fn prepare_upload(
        &mut self,
        object: ObjectId,
        file_use: FileUse,
        name: String,
        keep: impl FnOnce(&Path) -> Result<(), Problem> + Send + 'static,
    ) {
        let folder = self.account_files();
        let Some(mine) = self.mine() else { return };
        mine.sending = None;
        mine.view.form = OfficeForm::Sending;
        mine.view.uploading = Some(0);
        self.mine_later(move |_| async move {
            let kept = tokio::task::spawn_blocking(move || keep(&folder)).await;
            let result = kept.unwrap_or_else(|_| Err(ProblemCode::FileBroken.into()));
            MineNews::Prepared { object, file_use, name, result }
        });
    }

    pub fn mine_prepared(
        &mut self,
        object: ObjectId,
        file_use: FileUse,
        name: String,
        result: Result<(), Problem>,
    ) {
        if let Err(problem) = result {
            if let Some(mine) = self.mine() {
                mine.view.uploading = None;
            }
            self.form_of_mine_failed(problem);
            return;
        }
        let Some(mine) = self.mine() else { return };
        let job = KeptUpload { object, file_use, name };
        let write = mine.write(FairWrite::Upload(job.clone()));
        mine.uploads.jobs.push(job);
        self.write(write);
        if file_use == FileUse::Photo {
            self.look_for_photo(object);
        }
        self.next_own_upload();
    }

    /// A connection is there: whatever was paused goes on.
    pub fn mine_uploads_again(&mut self) {
        let Some(mine) = self.mine() else { return };
        mine.uploads.again_at = None;
        mine.uploads.failures = 0;
        mine.uploads.fetching.clear();
        self.next_own_upload();
    }

    pub fn mine_uploads_when_due(&mut self) {
        let now = self.clock.now();
        let Some(mine) = self.mine() else { return };
        if mine.uploads.again_at.take_if(|at| *at <= now).is_some() {
            self.next_own_upload();
        }
    }

    fn next_own_upload(&mut self) {
        let folder = self.account_files();
        let Some(server) = self.rest() else { return };
        let Some(account) = self.account.as_ref().map(|account| account.number) else { return };
        let events = self.events.clone();
        let Some(mine) = self.mine() else { return };
        if mine.uploads.running.is_some() || mine.uploads.again_at.is_some() {
            return;
        }
        let Some(job) = mine.uploads.jobs.first().cloned() else {
            mine.view.uploading = None;
            return;
        };
        let object = job.object;
        mine.view.uploading.get_or_insert(0);
        let told = events.clone();
        let tell = move |bytes, of| {
            let news = Box::new(MineNews::Sent { object, bytes, of });
            // Err: the session has ended.
            let _ = told.send(Event::Mine { account, news });
        };
        let task = tokio::spawn(async move {
            let result = run(server, folder, job, tell).await;
            let news = Box::new(MineNews::Uploaded { object, result });
            // Err: the session has ended.
            let _ = events.send(Event::Mine { account, news });
        });
        mine.uploads.running = Some((object, task.abort_handle()));
    }

    pub fn mine_sent(&mut self, object: ObjectId, bytes: u64, of: u64) {
        let Some(mine) = self.mine() else { return };
        if mine.uploads.running.as_ref().is_some_and(|(running, _)| *running == object) {
            mine.uploads.failures = 0;
            let percent = (bytes * 100).checked_div(of).unwrap_or(0).min(100);
            mine.view.uploading = Some(percent as u8);
        }
    }

    pub fn mine_uploaded(
        &mut self,
        object: ObjectId,
        result: Result<Option<Vec<AttachmentResume>>, Problem>,
    ) {
        let now = self.clock.now();
        let Some(mine) = self.mine() else { return };
        let uploads = &mut mine.uploads;
        if uploads.running.take_if(|(running, _)| *running == object).is_none() {
            return;
        }
        let Some(at) = uploads.jobs.iter().position(|job| job.object == object) else { return };
        match result {
            Err(problem) if !uploads::is_final(&problem) && !uploads::is_full(&problem) => {
                tracing::info!(code = %problem.code, "an upload was interrupted");
                uploads.again_at = Some(now.after(uploads::pause(&problem, uploads.failures)));
                uploads.failures += 1;
                return;
            }
            result => {
                let job = uploads.jobs.remove(at);
                let gone = mine.write(FairWrite::UploadGone(object));
                self.write(gone);
                self.upload_ended(&job, result);
            }
        }
        self.next_own_upload();
    }

    fn upload_ended(&mut self, job: &KeptUpload, result: Result<Option<Vec<AttachmentResume>>, Problem>) {
        let photo = job.file_use == FileUse::Photo;
        if !photo || result.is_err() {
            // On the server now, or nowhere: the copy is not needed.
            self.drop_file(job.object);
        }
        match result {
            Ok(list) => {
                if let Some(list) = list {
                    self.attachments_came(Ok(list));
                }
                if photo {
                    self.resume_with_photo(Some(job.object));
                }
                let Some(mine) = self.mine() else { return };
                if mine.sending.is_none() {
                    mine.view.form = OfficeForm::Done;
                }
            }
            Err(problem) => self.form_of_mine_failed(problem),
        }
    }

    fn drop_file(&self, object: ObjectId) {
        let Some(path) = find_file(&self.account_files(), object) else { return };
        if let Err(error) = std::fs::remove_file(path) {
            tracing::warn!(%error, "a file was not removed");
        }
    }

    fn look_for_photo(&mut self, photo: ObjectId) {
        let path = find_file(&self.account_files(), photo);
        let Some(mine) = self.mine() else { return };
        if let Some(path) = path {
            mine.uploads.photos.insert(photo, path.into());
            mine.show_resume();
        }
    }

    /// The résumé's photo: from this device, else from the server.
    pub fn fetch_photo(&mut self) {
        let Some(photo) = self.mine().and_then(|mine| mine.photo_id()) else { return };
        if self.mine().is_some_and(|mine| mine.uploads.photos.contains_key(&photo)) {
            return;
        }
        self.look_for_photo(photo);
        let folder = self.account_files();
        let Some(mine) = self.mine() else { return };
        if mine.uploads.photos.contains_key(&photo) || !mine.uploads.fetching.insert(photo) {
            return;
        }
        self.mine_later(move |server| async move {
            let fetched = async {
                let bytes = server.object(photo).await?;
                let Some(extension @ ("jpg" | "png")) = files::kind(&bytes) else {
                    return Err(ProblemCode::FileBroken.into());
                };
                let path = folder.join(format!("{photo}.{extension}"));
                let kept = tokio::task::spawn_blocking(move || {
                    files::write_whole(&path, &bytes).map(|()| Arc::from(path))
                });
                kept.await
                    .map_err(|_| Problem::from(ProblemCode::Internal))?
                    .map_err(|error| not_kept(&error))
            };
            MineNews::Photo { object: photo, result: fetched.await }
        });
    }

    pub fn photo_came(&mut self, object: ObjectId, result: Result<Arc<Path>, Problem>) {
        let Some(mine) = self.mine() else { return };
        match result {
            Ok(path) => {
                mine.uploads.photos.insert(object, path);
                mine.show_resume();
            }
            // Asked for again on the next connection.
            Err(problem) => tracing::info!(code = %problem.code, "the photo was not fetched"),
        }
    }
}
