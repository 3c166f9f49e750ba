//! Objects in a folder: `ab/cd/<id>` for objects (the first bytes of a digest of the id, so that folders
//! stay small whatever ids look like), `parts/<id>` for uploads.
//!
//! A part is two files: `<id>.promise` (size and SHA-256, written first) and `<id>.part` (the bytes; its length is
//! the offset). Finishing syncs the part, renames it to its place and syncs both folders, so that a crash leaves a
//! part or a whole object. Paths are made of ids alone. One process owns the folder.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::files::{self, create, make_folder, remove, sync_folder};
use super::{Finished, Progress, StoreError, Sum, Swept, Upload};

const PARTS: &str = "parts";
/// Most bytes one `read` gives; larger ranges are cut.
const MAX_READ: u64 = 32 * 1024 * 1024;
/// Ids that share a lock wait for each other; so many are enough for a fair day.
const LOCKS: usize = 64;
/// Length of a promise: size in 8 bytes (big-endian), then the sum.
const PROMISE: usize = 8 + 32;

/// Points between two steps on the disk, for tests that look what a crash there would leave.
type Watch = Box<dyn Fn(&'static str) + Send + Sync>;

/// The store as plain blocking calls.
pub struct Disk {
    root: PathBuf,
    locks: [Mutex<()>; LOCKS],
    watch: Option<Watch>,
}

impl Disk {
    /// Opens the folder, making it when it is not there.
    ///
    /// # Errors
    /// When the folder cannot be made.
    pub fn open(root: &Path) -> Result<Self, StoreError> {
        make_folder(&root.join(PARTS))?;
        Ok(Self { root: root.to_owned(), locks: [const { Mutex::new(()) }; LOCKS], watch: None })
    }

    #[cfg(test)]
    pub(super) fn watched(root: &Path, watch: Watch) -> Result<Self, StoreError> {
        Ok(Self { watch: Some(watch), ..Self::open(root)? })
    }

    fn passed(&self, step: &'static str) {
        if let Some(watch) = &self.watch {
            watch(step);
        }
    }

    fn lock(&self, id: Uuid) -> MutexGuard<'_, ()> {
        let slot = usize::from(shard(id)[2]) % LOCKS;
        // The lock guards files, whose state is whole after any step: a panic elsewhere does not spoil it.
        self.locks[slot].lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn object(&self, id: Uuid) -> PathBuf {
        let [first, second, _] = shard(id);
        self.root
            .join(format!("{first:02x}"))
            .join(format!("{second:02x}"))
            .join(id.as_hyphenated().to_string())
    }

    fn part(&self, id: Uuid) -> PathBuf {
        self.root.join(PARTS).join(format!("{}.part", id.as_hyphenated()))
    }

    fn promise(&self, id: Uuid) -> PathBuf {
        self.root.join(PARTS).join(format!("{}.promise", id.as_hyphenated()))
    }

    /// The promise of an upload; `None` when there is none or it never became whole.
    fn promised(&self, id: Uuid) -> Result<Option<(u64, Sum)>, StoreError> {
        let bytes = match fs::read(self.promise(id)) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        let Ok(bytes) = <[u8; PROMISE]>::try_from(bytes) else { return Ok(None) };
        let (mut size, mut sum) = ([0; 8], [0; 32]);
        size.copy_from_slice(&bytes[..8]);
        sum.copy_from_slice(&bytes[8..]);
        Ok(Some((u64::from_be_bytes(size), sum)))
    }

    /// See [`super::ObjectStore::begin`].
    ///
    /// # Errors
    /// As there.
    pub fn begin(&self, upload: Upload) -> Result<u64, StoreError> {
        let _lock = self.lock(upload.id);
        if let Some(size) = files::size(&self.object(upload.id))? {
            let same =
                size == upload.size && files::sum(&mut File::open(self.object(upload.id))?)? == upload.sha256;
            return if same { Ok(size) } else { Err(StoreError::Conflict) };
        }
        match self.promised(upload.id)? {
            Some(promise) if promise == (upload.size, upload.sha256) => {}
            Some(_) => return Err(StoreError::Conflict),
            None => self.promise_anew(upload)?,
        }
        match create(&self.part(upload.id)) {
            Ok(_) => Ok(0),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                Ok(files::size(&self.part(upload.id))?.unwrap_or(0))
            }
            Err(error) => Err(error.into()),
        }
    }

    fn promise_anew(&self, upload: Upload) -> Result<(), StoreError> {
        let path = self.promise(upload.id);
        // Remains of a begin that a crash cut short: bytes without a promise are worth nothing.
        remove(&self.part(upload.id))?;
        remove(&path)?;
        self.passed("cleared");
        let mut bytes = [0; PROMISE];
        bytes[..8].copy_from_slice(&upload.size.to_be_bytes());
        bytes[8..].copy_from_slice(&upload.sha256);
        let mut file = create(&path)?;
        self.passed("promise created");
        // Synced, or a power cut could leave a promise of the right length and wrong content.
        if let Err(error) = file.write_all(&bytes).and_then(|()| file.sync_all()) {
            remove(&path)?;
            return Err(error.into());
        }
        self.passed("promised");
        Ok(())
    }

    /// See [`super::ObjectStore::append`].
    ///
    /// # Errors
    /// As there.
    pub fn append(&self, id: Uuid, offset: u64, bytes: &[u8]) -> Result<u64, StoreError> {
        let _lock = self.lock(id);
        let end = offset.saturating_add(bytes.len() as u64);
        if let Some(size) = files::size(&self.object(id))? {
            // The answer to the last append or to finish was lost.
            let known = compare(&mut File::open(self.object(id))?, offset, bytes)?;
            return if end > size { Err(StoreError::TooLong { size }) } else { known.map(|()| size) };
        }
        let (size, _) = self.promised(id)?.ok_or(StoreError::Unknown)?;
        let mut file = OpenOptions::new().read(true).write(true).open(self.part(id))?;
        let held = file.metadata()?.len();
        if offset > held {
            return Err(StoreError::WrongOffset { expected: held });
        }
        if end > size {
            return Err(StoreError::TooLong { size });
        }
        let repeated = (held - offset).min(bytes.len() as u64) as usize;
        compare(&mut file, offset, &bytes[..repeated])??;
        let fresh = &bytes[repeated..];
        if fresh.is_empty() {
            return Ok(held);
        }
        file.seek(SeekFrom::Start(held))?;
        if let Err(error) = file.write_all(fresh) {
            // Whatever did fit goes, so that the upload is as it was. Shrinking needs no room.
            file.set_len(held)?;
            return Err(error.into());
        }
        self.passed("appended");
        Ok(end)
    }

    /// See [`super::ObjectStore::progress`].
    ///
    /// # Errors
    /// As there.
    pub fn progress(&self, id: Uuid) -> Result<Progress, StoreError> {
        let _lock = self.lock(id);
        if let Some(size) = files::size(&self.object(id))? {
            return Ok(Progress::Whole { size });
        }
        let (size, _) = self.promised(id)?.ok_or(StoreError::Unknown)?;
        let offset = files::size(&self.part(id))?.ok_or(StoreError::Unknown)?;
        Ok(Progress::Part { offset, size })
    }

    /// See [`super::ObjectStore::finish`].
    ///
    /// # Errors
    /// As there.
    pub fn finish(&self, id: Uuid) -> Result<Finished, StoreError> {
        let _lock = self.lock(id);
        let object = self.object(id);
        if let Some(size) = files::size(&object)? {
            let sha256 = files::sum(&mut File::open(&object)?)?;
            // The crash may have come between the rename and its sync.
            self.settle(id, &object)?;
            return Ok(Finished { size, sha256 });
        }
        let (size, promised) = self.promised(id)?.ok_or(StoreError::Unknown)?;
        let mut file = OpenOptions::new().read(true).write(true).open(self.part(id))?;
        let offset = file.metadata()?.len();
        if offset < size {
            return Err(StoreError::Incomplete { offset, size });
        }
        let sha256 = files::sum(&mut file)?;
        if offset != size || sha256 != promised {
            self.drop_part(id)?;
            return Err(StoreError::WrongSum);
        }
        if let Err(error) = file.sync_all() {
            // After a failed sync the system may say yes the next time without the bytes being on the disk: only
            // sending them again is safe.
            self.drop_part(id)?;
            return Err(error.into());
        }
        self.passed("synced");
        if let Some(folder) = object.parent() {
            make_folder(folder)?;
        }
        self.passed("folder made");
        fs::rename(self.part(id), &object)?;
        self.passed("renamed");
        self.settle(id, &object)?;
        Ok(Finished { size, sha256 })
    }

    /// Makes the rename durable, then takes the promise away.
    fn settle(&self, id: Uuid, object: &Path) -> Result<(), StoreError> {
        if let Some(folder) = object.parent() {
            sync_folder(folder)?;
        }
        self.passed("object settled");
        self.drop_part(id)?;
        sync_folder(&self.root.join(PARTS))?;
        self.passed("part settled");
        Ok(())
    }

    /// The bytes first: a promise without bytes is found by `begin` and goes on at 0, bytes without a promise are
    /// thrown away by it.
    fn drop_part(&self, id: Uuid) -> Result<bool, StoreError> {
        let part = remove(&self.part(id))?;
        self.passed("part removed");
        let promise = remove(&self.promise(id))?;
        self.passed("promise removed");
        Ok(part || promise)
    }

    /// See [`super::ObjectStore::put`].
    ///
    /// # Errors
    /// As there.
    pub fn put(&self, id: Uuid, bytes: &[u8]) -> Result<Finished, StoreError> {
        let upload = Upload { id, size: bytes.len() as u64, sha256: Sha256::digest(bytes).into() };
        let offset = self.begin(upload)?;
        let result = self.append(id, offset.min(upload.size), &bytes[(offset.min(upload.size)) as usize..]);
        match result.and_then(|_| self.finish(id)) {
            Err(StoreError::NoSpace) => {
                // Nobody will come back for the rest of it.
                let _lock = self.lock(id);
                self.drop_part(id)?;
                Err(StoreError::NoSpace)
            }
            other => other,
        }
    }

    /// See [`super::ObjectStore::read`]. Cut to 32 MiB.
    ///
    /// # Errors
    /// As there.
    pub fn read(&self, id: Uuid, range: Range<u64>) -> Result<Vec<u8>, StoreError> {
        let (mut file, size) = self.file(id)?;
        let (start, end) = (range.start.min(size), range.end.min(size));
        let length = end.saturating_sub(start).min(MAX_READ);
        file.seek(SeekFrom::Start(start))?;
        let mut bytes = Vec::with_capacity(length as usize);
        file.take(length).read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    /// The object's file and its size in bytes, to stream from. It stays readable when the object is deleted.
    ///
    /// # Errors
    /// [`StoreError::Unknown`].
    pub fn file(&self, id: Uuid) -> Result<(File, u64), StoreError> {
        let file = File::open(self.object(id))?;
        let size = file.metadata()?.len();
        Ok((file, size))
    }

    /// See [`super::ObjectStore::delete`].
    ///
    /// # Errors
    /// When the disk fails.
    pub fn delete(&self, id: Uuid) -> Result<bool, StoreError> {
        let _lock = self.lock(id);
        let object = self.object(id);
        let whole = remove(&object)?;
        if let (true, Some(folder)) = (whole, object.parent()) {
            sync_folder(folder)?;
        }
        Ok(self.drop_part(id)? || whole)
    }

    /// See [`super::ObjectStore::sweep`].
    ///
    /// # Errors
    /// When the disk fails.
    pub fn sweep(&self, now: SystemTime, age: Duration) -> Result<Swept, StoreError> {
        let mut swept = Swept::default();
        for entry in fs::read_dir(self.root.join(PARTS))? {
            let path = entry?.path();
            let Some(id) = path.file_stem().and_then(|stem| stem.to_str()).and_then(|stem| stem.parse().ok())
            else {
                continue;
            };
            let _lock = self.lock(id);
            // The youngest of the two files tells: a promise is written once, the bytes grow.
            let touched = [self.part(id), self.promise(id)].iter().filter_map(|path| modified(path)).max();
            if touched.is_none_or(|touched| !is_older(touched, now, age)) {
                continue;
            }
            let bytes = files::size(&self.part(id))?.unwrap_or(0);
            if self.drop_part(id)? && files::size(&self.object(id))?.is_none() {
                swept.uploads += 1;
                swept.bytes += bytes;
            }
        }
        Ok(swept)
    }

    /// See [`super::ObjectStore::older`].
    ///
    /// # Errors
    /// When the disk fails.
    pub fn older(&self, now: SystemTime, age: Duration) -> Result<Vec<Uuid>, StoreError> {
        let mut found = Vec::new();
        for first in folders(&self.root)? {
            for second in folders(&first)? {
                for entry in fs::read_dir(&second)? {
                    let path = entry?.path();
                    let id =
                        path.file_name().and_then(|name| name.to_str()).and_then(|name| name.parse().ok());
                    if let (Some(id), Some(touched)) = (id, modified(&path))
                        && is_older(touched, now, age)
                    {
                        found.push(id);
                    }
                }
            }
        }
        found.sort_unstable();
        Ok(found)
    }
}

/// Folder, folder and lock of an id. UUIDv7 begins with the time, which would put a day into one folder.
fn shard(id: Uuid) -> [u8; 3] {
    let digest = Sha256::digest(id.as_bytes());
    [digest[0], digest[1], digest[2]]
}

/// Subfolders named by two hexadecimal digits.
fn folders(parent: &Path) -> io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(parent)? {
        let entry = entry?;
        let name = entry.file_name();
        let ours =
            name.to_str().is_some_and(|name| name.len() == 2 && name.bytes().all(|b| b.is_ascii_hexdigit()));
        if ours && entry.file_type()?.is_dir() {
            found.push(entry.path());
        }
    }
    Ok(found)
}

fn modified(path: &Path) -> Option<SystemTime> {
    fs::metadata(path).and_then(|data| data.modified()).ok()
}

fn is_older(touched: SystemTime, now: SystemTime, age: Duration) -> bool {
    now.duration_since(touched).is_ok_and(|passed| passed >= age)
}

/// Whether the file holds `bytes` at `offset`, as far as it goes.
fn compare(file: &mut File, offset: u64, bytes: &[u8]) -> io::Result<Result<(), StoreError>> {
    file.seek(SeekFrom::Start(offset))?;
    let mut held = Vec::with_capacity(bytes.len());
    file.take(bytes.len() as u64).read_to_end(&mut held)?;
    Ok(if bytes.starts_with(&held) { Ok(()) } else { Err(StoreError::Differs { offset }) })
}
