//! Stands between SQLite and the machine's files and writes down every write, truncation and sync of the
//! files in a watched folder, in their order. Everything is done by the machine's own VFS; nothing is
//! decided here. SQLite's interface is C, so this is the one place of the tests with unsafe code: pointers
//! are SQLite's own, valid as its documentation of `sqlite3_vfs` and `sqlite3_io_methods` promises.

use crate::disk::Op;
use rusqlite::ffi::*;
use std::ffi::{CStr, c_char, c_int, c_void};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, Once, OnceLock, PoisonError};

/// What happened in one watched folder.
#[derive(Default)]
struct Journal {
    folder: PathBuf,
    /// Files by number.
    files: Vec<String>,
    ops: Vec<Op>,
}

static JOURNALS: Mutex<Vec<Journal>> = Mutex::new(Vec::new());

fn journals() -> MutexGuard<'static, Vec<Journal>> {
    JOURNALS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A folder whose files are watched from before they exist.
#[derive(Clone, Copy)]
pub struct Watch(usize);

impl Watch {
    pub fn on(folder: &Path) -> Self {
        register();
        let folder = folder.canonicalize().expect("the folder exists");
        let mut journals = journals();
        journals.push(Journal { folder, ..Journal::default() });
        Self(journals.len() - 1)
    }

    /// How much has happened so far.
    pub fn len(self) -> usize {
        journals()[self.0].ops.len()
    }

    /// Everything that happened, and the names of the files.
    pub fn taken(self) -> (Vec<Op>, Vec<String>) {
        let journal = &mut journals()[self.0];
        (std::mem::take(&mut journal.ops), journal.files.clone())
    }
}

/// An open file: the machine's own follows it in the same memory.
#[repr(C)]
struct Watched {
    base: sqlite3_file,
    /// Journal and number of the file; none where nobody watches.
    place: Option<(usize, usize)>,
}

struct Machine(*mut sqlite3_vfs);
// SAFETY: a registered VFS may be used by every thread.
unsafe impl Send for Machine {}
unsafe impl Sync for Machine {}
static MACHINE: OnceLock<Machine> = OnceLock::new();

fn machine() -> *mut sqlite3_vfs {
    MACHINE.get().expect("registered before it is used").0
}

/// Makes this the VFS of every connection of the process.
fn register() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| unsafe {
        let real = sqlite3_vfs_find(std::ptr::null());
        assert!(!real.is_null(), "SQLite has a VFS");
        assert!(MACHINE.set(Machine(real)).is_ok(), "only once");
        let mut ours = *real;
        ours.szOsFile += c_int::try_from(size_of::<Watched>()).expect("small");
        ours.pNext = std::ptr::null_mut();
        ours.zName = c"watched".as_ptr();
        ours.xOpen = Some(open);
        ours.xDelete = Some(delete);
        // kept for as long as the process lives
        let code = sqlite3_vfs_register(Box::leak(Box::new(ours)), 1);
        assert_eq!(code, SQLITE_OK);
    });
}

unsafe fn real(file: *mut sqlite3_file) -> *mut sqlite3_file {
    unsafe { file.cast::<Watched>().add(1).cast() }
}

unsafe fn methods(file: *mut sqlite3_file) -> &'static sqlite3_io_methods {
    unsafe { &*(*real(file)).pMethods }
}

/// Where a file of this path is written down.
unsafe fn place(journals: &mut [Journal], path: *const c_char) -> Option<(usize, usize)> {
    if path.is_null() {
        return None;
    }
    let path = Path::new(unsafe { CStr::from_ptr(path) }.to_str().ok()?);
    let (folder, name) = (path.parent()?, path.file_name()?.to_str()?);
    let at = journals.iter().position(|journal| journal.folder == folder)?;
    let files = &mut journals[at].files;
    let file = files.iter().position(|known| known == name).unwrap_or_else(|| {
        files.push(name.to_owned());
        files.len() - 1
    });
    Some((at, file))
}

/// Does something and writes it down: nothing else happens in between.
unsafe fn noted(file: *mut sqlite3_file, act: impl FnOnce() -> c_int, op: impl FnOnce(usize) -> Op) -> c_int {
    let mut journals = journals();
    let code = act();
    if code == SQLITE_OK
        && let Some((journal, file)) = unsafe { (*file.cast::<Watched>()).place }
    {
        journals[journal].ops.push(op(file));
    }
    code
}

unsafe extern "C" fn open(
    _: *mut sqlite3_vfs,
    path: sqlite3_filename,
    file: *mut sqlite3_file,
    flags: c_int,
    out: *mut c_int,
) -> c_int {
    unsafe {
        let watched = file.cast::<Watched>();
        (*watched).place = place(&mut journals(), path);
        let code = (*machine()).xOpen.expect("every VFS opens")(machine(), path, real(file), flags, out);
        let opened = !(*real(file)).pMethods.is_null();
        (*watched).base.pMethods = if opened { &raw const METHODS } else { std::ptr::null() };
        code
    }
}

unsafe extern "C" fn delete(_: *mut sqlite3_vfs, path: *const c_char, sync: c_int) -> c_int {
    unsafe {
        let mut journals = journals();
        let code = (*machine()).xDelete.expect("every VFS deletes")(machine(), path, sync);
        if code == SQLITE_OK
            && let Some((journal, file)) = place(&mut journals, path)
        {
            journals[journal].ops.push(Op::Delete { file });
        }
        code
    }
}

unsafe extern "C" fn write(file: *mut sqlite3_file, from: *const c_void, n: c_int, at: i64) -> c_int {
    unsafe {
        let act = || methods(file).xWrite.expect("writes")(real(file), from, n, at);
        noted(file, act, |file| {
            let bytes = std::slice::from_raw_parts(from.cast::<u8>(), usize::try_from(n).unwrap_or(0));
            Op::Write { file, at: at as u64, bytes: bytes.to_vec() }
        })
    }
}

unsafe extern "C" fn truncate(file: *mut sqlite3_file, size: i64) -> c_int {
    unsafe {
        let act = || methods(file).xTruncate.expect("truncates")(real(file), size);
        noted(file, act, |file| Op::Truncate { file, size: size as u64 })
    }
}

unsafe extern "C" fn sync(file: *mut sqlite3_file, flags: c_int) -> c_int {
    unsafe {
        let act = || methods(file).xSync.expect("syncs")(real(file), flags);
        noted(file, act, |file| Op::Sync { file })
    }
}

/// What is only passed on.
macro_rules! pass_on {
    ($($name:ident = $method:ident($($arg:ident: $kind:ty),*) $(-> $out:ty)?;)*) => {$(
        unsafe extern "C" fn $name(file: *mut sqlite3_file $(, $arg: $kind)*) $(-> $out)? {
            unsafe { methods(file).$method.expect("the machine's VFS has it")(real(file) $(, $arg)*) }
        }
    )*};
}

pass_on! {
    close = xClose() -> c_int;
    read = xRead(to: *mut c_void, n: c_int, at: i64) -> c_int;
    file_size = xFileSize(size: *mut i64) -> c_int;
    lock = xLock(kind: c_int) -> c_int;
    unlock = xUnlock(kind: c_int) -> c_int;
    check_reserved_lock = xCheckReservedLock(out: *mut c_int) -> c_int;
    file_control = xFileControl(what: c_int, arg: *mut c_void) -> c_int;
    sector_size = xSectorSize() -> c_int;
    device_characteristics = xDeviceCharacteristics() -> c_int;
    shm_map = xShmMap(page: c_int, size: c_int, extend: c_int, out: *mut *mut c_void) -> c_int;
    shm_lock = xShmLock(offset: c_int, n: c_int, flags: c_int) -> c_int;
    shm_barrier = xShmBarrier();
    shm_unmap = xShmUnmap(delete: c_int) -> c_int;
    fetch = xFetch(at: i64, n: c_int, out: *mut *mut c_void) -> c_int;
    unfetch = xUnfetch(at: i64, page: *mut c_void) -> c_int;
}

static METHODS: sqlite3_io_methods = sqlite3_io_methods {
    iVersion: 3,
    xClose: Some(close),
    xRead: Some(read),
    xWrite: Some(write),
    xTruncate: Some(truncate),
    xSync: Some(sync),
    xFileSize: Some(file_size),
    xLock: Some(lock),
    xUnlock: Some(unlock),
    xCheckReservedLock: Some(check_reserved_lock),
    xFileControl: Some(file_control),
    xSectorSize: Some(sector_size),
    xDeviceCharacteristics: Some(device_characteristics),
    xShmMap: Some(shm_map),
    xShmLock: Some(shm_lock),
    xShmBarrier: Some(shm_barrier),
    xShmUnmap: Some(shm_unmap),
    xFetch: Some(fetch),
    xUnfetch: Some(unfetch),
};
