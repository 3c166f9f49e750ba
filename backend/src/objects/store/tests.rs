use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use super::*;

/// Bytes without a pattern a bug could hide behind.
fn content(seed: u64, length: usize) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    std::iter::repeat_with(|| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 24) as u8
    })
    .take(length)
    .collect()
}

fn upload(seed: u64, bytes: &[u8]) -> Upload {
    Upload {
        id: Uuid::from_u128(u128::from(seed) << 64 | 7),
        size: bytes.len() as u64,
        sha256: Sha256::digest(bytes).into(),
    }
}

/// Sends what is missing, as a device does after it came back.
fn send(disk: &Disk, upload: Upload, bytes: &[u8], chunk: usize) -> Result<Finished, StoreError> {
    let mut offset = disk.begin(upload)? as usize;
    while offset < bytes.len() {
        let end = (offset + chunk).min(bytes.len());
        offset = disk.append(upload.id, offset as u64, &bytes[offset..end])? as usize;
    }
    disk.finish(upload.id)
}

fn whole(disk: &Disk, id: Uuid) -> Vec<u8> {
    disk.read(id, 0..u64::MAX).unwrap()
}

fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files_below(&path));
        } else {
            found.push(path);
        }
    }
    found.sort();
    found
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

#[tokio::test]
async fn an_upload_in_pieces_becomes_an_object() {
    let folder = tempfile::tempdir().unwrap();
    let store: Arc<dyn ObjectStore> = Arc::new(DiskStore::open(&folder.path().join("data/objects")).unwrap());
    let bytes = content(1, 10_000);
    let upload = upload(1, &bytes);
    let id = upload.id;
    assert_eq!(store.begin(upload).await.unwrap(), 0);
    assert!(matches!(store.read(id, 0..10).await, Err(StoreError::Unknown)), "unfinished is not readable");
    assert_eq!(store.append(id, 0, bytes[..4_000].to_vec()).await.unwrap(), 4_000);
    assert!(matches!(store.finish(id).await, Err(StoreError::Incomplete { offset: 4_000, size: 10_000 })));
    assert_eq!(store.begin(upload).await.unwrap(), 4_000, "begin again tells where to go on");
    assert_eq!(store.append(id, 4_000, bytes[4_000..].to_vec()).await.unwrap(), 10_000);
    assert_eq!(store.progress(id).await.unwrap(), Progress::Part { offset: 10_000, size: 10_000 });
    let finished = store.finish(id).await.unwrap();
    assert_eq!(finished, Finished { size: 10_000, sha256: upload.sha256 });
    assert_eq!(store.finish(id).await.unwrap(), finished, "the answer was lost: ask again");
    assert_eq!(store.begin(upload).await.unwrap(), 10_000);
    assert_eq!(store.append(id, 4_000, bytes[4_000..].to_vec()).await.unwrap(), 10_000);
    assert_eq!(store.progress(id).await.unwrap(), Progress::Whole { size: 10_000 });
    assert_eq!(store.read(id, 0..u64::MAX).await.unwrap(), bytes);
    assert_eq!(store.read(id, 100..200).await.unwrap(), &bytes[100..200]);
    assert_eq!(store.read(id, 9_999..20_000).await.unwrap(), &bytes[9_999..]);
    assert_eq!(store.read(id, 20_000..30_000).await.unwrap(), b"");
    assert!(store.delete(id).await.unwrap());
    assert!(!store.delete(id).await.unwrap());
    assert!(matches!(store.read(id, 0..1).await, Err(StoreError::Unknown)));
    assert_eq!(files_below(folder.path()), Vec::<PathBuf>::new());
}

#[test]
fn chunks_may_come_twice_but_not_ahead() {
    let folder = tempfile::tempdir().unwrap();
    let disk = Disk::open(folder.path()).unwrap();
    let bytes = content(2, 1_000);
    let upload = upload(2, &bytes);
    let id = upload.id;
    disk.begin(upload).unwrap();
    disk.append(id, 0, &bytes[..300]).unwrap();
    assert_eq!(disk.append(id, 0, &bytes[..300]).unwrap(), 300, "repeated");
    assert_eq!(disk.append(id, 100, &bytes[100..200]).unwrap(), 300, "repeated in part");
    assert_eq!(disk.append(id, 200, &bytes[200..500]).unwrap(), 500, "half of it new");
    assert!(matches!(disk.append(id, 600, &bytes[600..]), Err(StoreError::WrongOffset { expected: 500 })));
    assert!(matches!(disk.append(id, 0, b"other bytes"), Err(StoreError::Differs { offset: 0 })));
    assert!(matches!(disk.append(id, 500, &[0; 501]), Err(StoreError::TooLong { size: 1_000 })));
    assert!(matches!(disk.append(id, u64::MAX, b"x"), Err(StoreError::WrongOffset { expected: 500 })));
    assert!(matches!(disk.append(Uuid::from_u128(9), 0, b"x"), Err(StoreError::Unknown)));
    assert!(matches!(disk.progress(Uuid::from_u128(9)), Err(StoreError::Unknown)));
    let other = Upload { size: 999, ..upload };
    assert!(matches!(disk.begin(other), Err(StoreError::Conflict)));
    disk.append(id, 500, &bytes[500..]).unwrap();
    disk.finish(id).unwrap();
    assert!(matches!(disk.begin(other), Err(StoreError::Conflict)));
    assert!(matches!(disk.append(id, 0, b"other bytes"), Err(StoreError::Differs { .. })));
    assert_eq!(whole(&disk, id), bytes);
}

#[test]
fn bytes_other_than_promised_are_dropped() {
    let folder = tempfile::tempdir().unwrap();
    let disk = Disk::open(folder.path()).unwrap();
    let bytes = content(3, 500);
    let upload = upload(3, &bytes);
    disk.begin(upload).unwrap();
    disk.append(upload.id, 0, &content(4, 500)).unwrap();
    assert!(matches!(disk.finish(upload.id), Err(StoreError::WrongSum)));
    assert_eq!(files_below(folder.path()), Vec::<PathBuf>::new());
    send(&disk, upload, &bytes, 128).unwrap();
    assert_eq!(whole(&disk, upload.id), bytes);
}

#[test]
fn what_the_server_makes_is_put_whole() {
    let folder = tempfile::tempdir().unwrap();
    let disk = Disk::open(folder.path()).unwrap();
    let id = Uuid::from_u128(5);
    let finished = disk.put(id, b"thumbnail").unwrap();
    assert_eq!(disk.put(id, b"thumbnail").unwrap(), finished);
    assert!(matches!(disk.put(id, b"another one"), Err(StoreError::Conflict)));
    disk.put(Uuid::from_u128(6), b"").unwrap();
    assert_eq!(whole(&disk, Uuid::from_u128(6)), b"");
}

#[cfg(unix)]
#[test]
fn only_this_user_may_read() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("objects");
    let disk = Disk::open(&root).unwrap();
    disk.put(Uuid::from_u128(5), b"licence").unwrap();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&root), 0o700);
    for file in files_below(&root) {
        assert_eq!(mode(&file), 0o600);
    }
}

#[test]
fn abandoned_uploads_are_swept_by_the_age_given() {
    let folder = tempfile::tempdir().unwrap();
    let disk = Disk::open(folder.path()).unwrap();
    let bytes = content(6, 900);
    let (left, kept) = (upload(6, &bytes), upload(7, &bytes));
    disk.begin(left).unwrap();
    disk.append(left.id, 0, &bytes[..400]).unwrap();
    send(&disk, kept, &bytes, 900).unwrap();
    let day = Duration::from_hours(24);
    assert_eq!(disk.sweep(SystemTime::now(), day).unwrap(), Swept::default());
    assert!(disk.older(SystemTime::now(), day).unwrap().is_empty());
    let later = SystemTime::now() + 2 * day;
    assert_eq!(disk.sweep(later, day).unwrap(), Swept { uploads: 1, bytes: 400 });
    assert!(matches!(disk.progress(left.id), Err(StoreError::Unknown)));
    assert_eq!(disk.older(later, day).unwrap(), [kept.id]);
    assert_eq!(whole(&disk, kept.id), bytes);
}

#[test]
fn many_uploads_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let disk = Disk::open(folder.path()).unwrap();
    std::thread::scope(|scope| {
        for seed in 10..14 {
            let disk = &disk;
            // Two devices send the same file: one of them, or both by turns, makes it whole.
            for chunk in [70, 110] {
                scope.spawn(move || {
                    let bytes = content(seed, 5_000);
                    let upload = upload(seed, &bytes);
                    send(disk, upload, &bytes, chunk).unwrap();
                    assert_eq!(whole(disk, upload.id), bytes);
                });
            }
        }
    });
}

/// What a crash leaves is either a part one can go on with, or the whole object; never half an object.
fn after_crash(state: &Path, upload: Upload, bytes: &[u8]) {
    let disk = Disk::open(state).unwrap();
    match disk.read(upload.id, 0..u64::MAX) {
        Ok(held) => assert_eq!(held, bytes, "an object is whole"),
        Err(StoreError::Unknown) => {}
        Err(other) => panic!("{other}"),
    }
    match send(&disk, upload, bytes, 250) {
        Ok(_) => {}
        // A power cut spoiled bytes that were not yet durable: the sum finds it, the sender begins anew.
        Err(StoreError::WrongSum | StoreError::Differs { .. }) => {
            disk.delete(upload.id).unwrap();
            send(&disk, upload, bytes, 250).unwrap();
        }
        Err(other) => panic!("{other}"),
    }
    assert_eq!(whole(&disk, upload.id), bytes);
    let left = files_below(state);
    assert_eq!(left.len(), 1, "nothing but the object stays: {left:?}");
}

#[test]
fn a_crash_at_any_step_leaves_a_part_or_a_whole() {
    let bytes = content(20, 1_000);
    let upload = upload(20, &bytes);
    let states = tempfile::tempdir().unwrap();
    let root = states.path().join("live");
    let steps = Arc::new(Mutex::new(Vec::new()));
    let watch = {
        let (root, states, steps) = (root.clone(), states.path().to_owned(), Arc::clone(&steps));
        Box::new(move |step| {
            let mut steps = steps.lock().unwrap();
            copy(&root, &states.join(steps.len().to_string()));
            steps.push(step);
        })
    };
    let disk = Disk::watched(&root, watch).unwrap();
    send(&disk, upload, &bytes, 400).unwrap();
    drop(disk);
    let steps = Arc::try_unwrap(steps).ok().unwrap().into_inner().unwrap();
    for expected in
        ["promise created", "promised", "appended", "synced", "renamed", "object settled", "part settled"]
    {
        assert!(steps.contains(&expected), "{expected} is not watched: {steps:?}");
    }
    for (number, step) in steps.iter().enumerate() {
        let state = states.path().join(number.to_string());
        // A power cut may shorten or spoil what was appended and not yet synced.
        let part = files_below(&state).into_iter().find(|path| path.extension().is_some_and(|e| e == "part"));
        if let Some(part) = part.filter(|_| *step != "synced" && *step != "folder made") {
            let held = fs::read(&part).unwrap();
            for cut in (0..=held.len()).step_by(97) {
                let torn = states.path().join(format!("{number}-cut-{cut}"));
                copy(&state, &torn);
                let torn_part = torn.join("parts").join(part.file_name().unwrap());
                fs::write(&torn_part, &held[..cut]).unwrap();
                after_crash(&torn, upload, &bytes);
            }
            let spoiled = states.path().join(format!("{number}-spoiled"));
            copy(&state, &spoiled);
            fs::write(spoiled.join("parts").join(part.file_name().unwrap()), vec![0; held.len()]).unwrap();
            after_crash(&spoiled, upload, &bytes);
        }
        after_crash(&state, upload, &bytes);
    }
}

/// Runs one test of this file again in a process of its own, told by a variable to play `part` in `folder`.
fn child(test: &str, shell: &str, folder: &Path) -> Command {
    let mut command = Command::new("sh");
    let name = format!("{}::{test}", module_path!().split_once("::").unwrap().1);
    command
        .args(["-c", &format!("{shell} exec \"$0\" --exact \"$1\" --nocapture")])
        .arg(std::env::current_exe().unwrap())
        .arg(name)
        .env(CHILD, folder)
        .stdout(Stdio::piped());
    command
}

const CHILD: &str = "MIANTAN_TEST_STORE_FOLDER";

#[cfg(unix)]
#[test]
fn a_full_disk_leaves_nothing_half_written() {
    if let Some(folder) = std::env::var_os(CHILD) {
        // The child: no file may grow past 64 kB.
        let disk = Disk::open(Path::new(&folder)).unwrap();
        let bytes = content(30, 200_000);
        let upload = upload(30, &bytes);
        disk.begin(upload).unwrap();
        assert_eq!(disk.append(upload.id, 0, &bytes[..40_000]).unwrap(), 40_000);
        let full = disk.append(upload.id, 40_000, &bytes[40_000..]).unwrap_err();
        assert!(matches!(full, StoreError::NoSpace), "{full:?}");
        assert_eq!(disk.progress(upload.id).unwrap(), Progress::Part { offset: 40_000, size: 200_000 });
        assert!(matches!(disk.put(Uuid::from_u128(31), &bytes), Err(StoreError::NoSpace)));
        assert!(matches!(disk.progress(Uuid::from_u128(31)), Err(StoreError::Unknown)));
        println!("the disk was full");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    // Without the trap the system would end the process instead of failing the write. 128 blocks of 512 bytes.
    let output =
        child("a_full_disk_leaves_nothing_half_written", "trap '' XFSZ; ulimit -f 128;", folder.path())
            .output()
            .unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success() && said.contains("the disk was full"), "{said}");
    // Room again: the upload goes on where it stood.
    let disk = Disk::open(folder.path()).unwrap();
    let bytes = content(30, 200_000);
    assert_eq!(disk.begin(upload(30, &bytes)).unwrap(), 40_000);
    send(&disk, upload(30, &bytes), &bytes, 50_000).unwrap();
    assert_eq!(files_below(folder.path()).len(), 1);
}

#[cfg(unix)]
#[test]
fn what_was_acknowledged_survives_kill_9() {
    const LENGTH: usize = 3_000;
    if let Some(folder) = std::env::var_os(CHILD) {
        // The child: uploads until it is killed, says which object is finished.
        let disk = Disk::open(Path::new(&folder)).unwrap();
        for seed in 0..10_000 {
            let bytes = content(seed, LENGTH);
            send(&disk, upload(seed, &bytes), &bytes, 700).unwrap();
            println!("\nfinished {seed}");
        }
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let mut acknowledged = 0;
    for life in 0..8 {
        let mut process = child("what_was_acknowledged_survives_kill_9", "", folder.path()).spawn().unwrap();
        let lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let mut seen = 0;
        for line in lines.map_while(Result::ok) {
            let Some(seed) = line.strip_prefix("finished ").and_then(|seed| seed.parse::<u64>().ok()) else {
                continue;
            };
            acknowledged = acknowledged.max(seed);
            // Each life is killed a little further on, wherever it happens to be then.
            if seed > life * 12 {
                seen += 1;
                if seen == 3 {
                    process.kill().unwrap();
                }
            }
        }
        process.wait().unwrap();
        let disk = Disk::open(folder.path()).unwrap();
        for seed in 0..=acknowledged {
            assert_eq!(whole(&disk, upload(seed, &content(seed, LENGTH)).id), content(seed, LENGTH));
        }
        let next = acknowledged + 1;
        let bytes = content(next, LENGTH);
        send(&disk, upload(next, &bytes), &bytes, 700).unwrap();
        acknowledged = next;
    }
    assert!(acknowledged > 12, "the children did work: {acknowledged}");
}
