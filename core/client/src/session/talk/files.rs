//! Pictures and files of conversations on this device. Those of one account are in one folder, under
//! names made of ids; the folder goes when the person signs out.

use super::super::app::App;
use super::Talk;
use super::upload::Uploads;
use crate::files;
use crate::picture;
use crate::view::{NoticeWhat, Picture, SendState};
use miantan_domain::ids::*;
use miantan_domain::model::Saying;
use miantan_domain::time::Timestamp;
use miantan_domain::wire::live::TalkCommand;
use miantan_domain::wire::rest::FILE_MAX_BYTES;
use miantan_domain::wire::{Problem, ProblemCode};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Largest picture taken from the camera before it is made smaller, in bytes.
const CAMERA_MAX_BYTES: u64 = 64 * 1024 * 1024;
/// Extensions under which a file of the folder may be.
const EXTENSIONS: [&str; 4] = ["jpg", "png", "pdf", "docx"];

/// What of a picture is here.
#[derive(Debug, Clone, Default)]
pub struct Local {
    pub thumb: Option<Arc<Path>>,
    pub full: Option<Arc<Path>>,
}

/// Files of the account at hand.
#[derive(Default)]
pub struct Files {
    pub folder: PathBuf,
    pub pictures: BTreeMap<ObjectId, Local>,
    pub uploads: Uploads,
    /// Thumbnails being fetched, and those not to be had on this connection.
    pub fetching: BTreeSet<ObjectId>,
    pub missing: BTreeSet<ObjectId>,
}

impl Files {
    /// A picture as far as it is here.
    pub fn picture(&self, object: ObjectId, width: u32, height: u32) -> Picture {
        let local = self.pictures.get(&object).cloned().unwrap_or_default();
        Picture { object, width, height, thumb: local.thumb, full: local.full }
    }

    /// How far the file is that this change waits for.
    pub fn state(&self, change: ChangeId) -> SendState {
        self.uploads.state(change)
    }

    pub fn again_at(&self) -> Option<Timestamp> {
        self.uploads.again_at()
    }

    pub fn thumb_path(&self, object: ObjectId) -> PathBuf {
        self.folder.join(format!("{object}.thumb.jpg"))
    }

    /// Looks once whether a picture is on the device.
    pub fn look_for(&mut self, object: ObjectId) {
        if self.pictures.contains_key(&object) {
            return;
        }
        let thumb = self.thumb_path(object);
        let thumb = thumb.is_file().then(|| thumb.into());
        let full = find(&self.folder, object).map(Into::into);
        self.pictures.insert(object, Local { thumb, full });
    }
}

/// The whole file of an object, where it is on the device.
pub fn find(folder: &Path, object: ObjectId) -> Option<PathBuf> {
    let paths = EXTENSIONS.iter().map(|extension| folder.join(format!("{object}.{extension}")));
    paths.into_iter().find(|path| path.is_file())
}

/// A file is in the folder and can be sent.
pub struct Prepared {
    pub object: ObjectId,
    pub local: Local,
}

fn not_kept(error: &std::io::Error) -> Problem {
    tracing::error!(%error, "a file was not kept");
    Problem::new(ProblemCode::StorageFailed, "the device's storage failed; free some space")
}

fn keep_picture(folder: &Path, object: ObjectId, bytes: &[u8]) -> Result<Prepared, Problem> {
    let ready = picture::prepare(bytes)?;
    let thumb = folder.join(format!("{object}.thumb.jpg"));
    let full = folder.join(format!("{object}.{}", ready.extension));
    files::write_whole(&thumb, &ready.thumb).map_err(|error| not_kept(&error))?;
    files::write_whole(&full, &ready.bytes).map_err(|error| not_kept(&error))?;
    Ok(Prepared { object, local: Local { thumb: Some(thumb.into()), full: Some(full.into()) } })
}

fn keep_file(folder: &Path, object: ObjectId, extension: &str, bytes: &[u8]) -> Result<Prepared, Problem> {
    let path = folder.join(format!("{object}.{extension}"));
    files::write_whole(&path, bytes).map_err(|error| not_kept(&error))?;
    Ok(Prepared { object, local: Local::default() })
}

/// The object of a message with a file.
pub fn object_of(command: &TalkCommand) -> Option<ObjectId> {
    match command {
        TalkCommand::Say { saying: Saying::Image { object, .. } | Saying::File { object, .. } } => {
            Some(*object)
        }
        _ => None,
    }
}

impl App {
    /// The folder of whoever is signed in, and the uploads that were under way.
    pub fn open_files(&mut self) {
        let folder = self.account_files();
        if let Err(error) = std::fs::create_dir_all(&folder) {
            // Pictures are then not kept, and each one says so.
            tracing::error!(%error, "no folder for files");
        }
        let Some(account) = &mut self.account else { return };
        let files = &mut account.talk.files;
        files.folder = folder;
        files.uploads.restore(&account.outbox);
    }

    pub fn account_files(&self) -> PathBuf {
        let Some(account) = &self.account else { return PathBuf::new() };
        let owner = format!("{}\n{}", account.address, account.key);
        let digest = Sha256::digest(owner);
        let short = digest.iter().take(8).fold(0_u64, |short, byte| short << 8 | u64::from(*byte));
        self.files_dir.join(format!("{short:016x}"))
    }

    /// Files of a session that has joined this account.
    pub fn take_files(&mut self, from: &Path) {
        let to = self.account_files();
        let Ok(entries) = std::fs::read_dir(from) else { return };
        let moved = std::fs::create_dir_all(&to).and_then(|()| {
            entries.flatten().try_for_each(|entry| std::fs::rename(entry.path(), to.join(entry.file_name())))
        });
        if let Err(error) = moved.and_then(|()| std::fs::remove_dir_all(from)) {
            tracing::error!(%error, "files were not moved to the account");
        }
    }

    /// Nothing of this account stays.
    pub fn erase_files(&mut self) {
        let folder = self.account_files();
        if let Some(talk) = self.talk() {
            // What is being written must not come back.
            talk.files.uploads.stop();
        }
        match std::fs::remove_dir_all(&folder) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                tracing::error!(%error, "files of this account were not removed");
                self.notices.tell(NoticeWhat::StorageFailed);
            }
            _ => {}
        }
    }

    fn new_object(&self) -> ObjectId {
        let (unix_ms, random) = self.id_parts();
        ObjectId::from_parts(unix_ms, &random)
    }

    /// A picture as chosen; shown at once, made ready beside.
    pub fn send_image(&mut self, bytes: &Arc<[u8]>) {
        let size = bytes.len() as u64;
        let measured = if size > CAMERA_MAX_BYTES {
            Err(ProblemCode::FileTooLarge.into())
        } else {
            picture::measure(bytes)
        };
        let (width, height) = match measured {
            Ok(size) => size,
            Err(problem) => return self.notices.tell(NoticeWhat::Refused(problem)),
        };
        let object = self.new_object();
        let saying = Saying::Image { object, width, height };
        let bytes = Arc::clone(bytes);
        self.say_with_file(saying, object, move |folder| keep_picture(folder, object, &bytes));
    }

    pub fn send_file(&mut self, name: &str, bytes: &Arc<[u8]>) {
        let size = bytes.len() as u64;
        let extension = match files::kind(bytes) {
            _ if size > FILE_MAX_BYTES => Err(ProblemCode::FileTooLarge),
            _ if size == 0 => Err(ProblemCode::FileBroken),
            None => Err(ProblemCode::FileTypeRefused),
            Some(extension) => Ok(extension),
        };
        let extension = match extension {
            Ok(extension) => extension,
            Err(code) => return self.notices.tell(NoticeWhat::Refused(code.into())),
        };
        let object = self.new_object();
        let saying = Saying::File { object, name: files::safe_name(name), size };
        let bytes = Arc::clone(bytes);
        self.say_with_file(saying, object, move |folder| keep_file(folder, object, extension, &bytes));
    }

    /// Into the outbox at once, so that it keeps its place; it goes when its file is on the server.
    fn say_with_file(
        &mut self,
        saying: Saying,
        object: ObjectId,
        keep: impl FnOnce(&Path) -> Result<Prepared, Problem> + Send + 'static,
    ) {
        let Some(talk) = self.talk() else { return };
        let Some(conversation) = talk.open.as_ref().map(|open| open.id) else { return };
        let folder = talk.files.folder.clone();
        if talk.known.get(&conversation).is_some_and(|known| known.head.blocked) {
            self.notices.tell(NoticeWhat::Refused(ProblemCode::ConversationBlocked.into()));
            return;
        }
        let command = TalkCommand::Say { saying: saying.clone() };
        let Some(change) = self.talk_command(conversation, command, true) else { return };
        let Some(talk) = self.talk() else { return };
        talk.files.uploads.prepare(change, conversation, object, saying);
        let account = self.talk_account();
        self.later(async move {
            let kept = tokio::task::spawn_blocking(move || keep(&folder)).await;
            let result = kept.unwrap_or_else(|_| Err(ProblemCode::FileBroken.into()));
            super::talk_event(account, super::TalkNews::Prepared { change, result })
        });
    }

    pub fn prepared(&mut self, change: ChangeId, result: Result<Prepared, Problem>) {
        let Some(talk) = self.talk() else { return };
        talk.open_stale = true;
        match result {
            Ok(Prepared { object, local }) => {
                talk.files.pictures.insert(object, local);
                talk.files.uploads.ready(change);
                self.resume_uploads();
            }
            Err(problem) => self.hopeless(change, problem),
        }
    }

    /// A change with a file has ended. What was given up goes from the device as well.
    pub fn file_settled(&mut self, command: &TalkCommand, accepted: bool) {
        let Some(object) = object_of(command) else { return };
        let Some(talk) = self.talk() else { return };
        talk.files.uploads.remove(object);
        if !accepted {
            talk.files.pictures.remove(&object);
            remove(talk, object);
        }
    }
}

fn remove(talk: &Talk, object: ObjectId) {
    let whole = find(&talk.files.folder, object);
    for path in whole.into_iter().chain([talk.files.thumb_path(object)]) {
        if let Err(error) = std::fs::remove_file(&path)
            && error.kind() != std::io::ErrorKind::NotFound
        {
            tracing::warn!(%error, "a file was not removed");
        }
    }
}
