//! What a disk may look like after the power went: what was synced is there; of what was not, nothing,
//! everything, the beginning, or any sectors of any writes. That is less than disks promise: SQLite needs
//! no more than whole sectors (and that a write to one leaves its neighbours alone).

use rand::RngExt;
use rand::rngs::StdRng;

/// One thing that was done to a numbered file.
#[derive(Debug, Clone)]
pub enum Op {
    Write { file: usize, at: u64, bytes: Vec<u8> },
    Truncate { file: usize, size: u64 },
    Sync { file: usize },
    Delete { file: usize },
}

impl Op {
    const fn file(&self) -> usize {
        match self {
            Self::Write { file, .. }
            | Self::Truncate { file, .. }
            | Self::Sync { file }
            | Self::Delete { file } => *file,
        }
    }
}

/// What is left of writes that were not synced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Left {
    Nothing,
    Everything,
    /// The first of them, as many as chance wants.
    Beginning,
    /// Each sector of each write by chance, whatever came before it.
    Sectors,
}

pub const WAYS: [Left; 4] = [Left::Nothing, Left::Everything, Left::Beginning, Left::Sectors];

/// In bytes; the smallest there is.
const SECTOR: u64 = 512;

/// A file after the power went when `ops` had been done. `None`: it is not there.
pub fn after_power_cut(ops: &[Op], file: usize, left: Left, chance: &mut StdRng) -> Option<Vec<u8>> {
    let own: Vec<&Op> = ops.iter().filter(|op| op.file() == file).collect();
    let safe = own.iter().rposition(|op| matches!(op, Op::Sync { .. } | Op::Delete { .. }));
    let (synced, open) = own.split_at(safe.map_or(0, |last| last + 1));
    let mut bytes = None;
    for op in synced {
        apply(&mut bytes, op);
    }
    let kept = match left {
        Left::Nothing => 0,
        Left::Everything | Left::Sectors => open.len(),
        Left::Beginning => chance.random_range(0..=open.len()),
    };
    for op in &open[..kept] {
        match (left, op) {
            (Left::Sectors, Op::Write { file, at, bytes: written }) => {
                for (at, part) in sectors(*at, written) {
                    if chance.random_bool(0.5) {
                        apply(&mut bytes, &Op::Write { file: *file, at, bytes: part.to_vec() });
                    }
                }
            }
            (Left::Sectors, _) if chance.random_bool(0.5) => {}
            _ => apply(&mut bytes, op),
        }
    }
    bytes
}

fn apply(file: &mut Option<Vec<u8>>, op: &Op) {
    match op {
        Op::Write { at, bytes, .. } => {
            let file = file.get_or_insert_default();
            let at = usize::try_from(*at).expect("fits into memory");
            let end = at + bytes.len();
            if file.len() < end {
                file.resize(end, 0);
            }
            file[at..end].copy_from_slice(bytes);
        }
        Op::Truncate { size, .. } => {
            file.get_or_insert_default().resize(usize::try_from(*size).expect("fits into memory"), 0);
        }
        Op::Sync { .. } => {}
        Op::Delete { .. } => *file = None,
    }
}

/// A write cut where sectors end.
fn sectors(at: u64, bytes: &[u8]) -> Vec<(u64, &[u8])> {
    let (mut parts, mut at, mut rest) = (Vec::new(), at, bytes);
    while !rest.is_empty() {
        let room = usize::try_from(SECTOR - at % SECTOR).expect("small");
        let (part, more) = rest.split_at(room.min(rest.len()));
        parts.push((at, part));
        at += part.len() as u64;
        rest = more;
    }
    parts
}

#[test]
fn what_was_synced_stays_and_the_rest_is_chance() {
    use rand::SeedableRng;
    let mut chance = StdRng::seed_from_u64(1);
    let write = |at, byte| Op::Write { file: 0, at, bytes: vec![byte; 2] };
    let ops = [write(0, 1), Op::Sync { file: 0 }, write(2, 2), Op::Sync { file: 1 }, write(4, 3)];
    let mut left = |ops: &[Op], left| after_power_cut(ops, 0, left, &mut chance);
    assert_eq!(left(&ops, Left::Nothing), Some(vec![1, 1]));
    assert_eq!(left(&ops, Left::Everything), Some(vec![1, 1, 2, 2, 3, 3]));
    assert_eq!(left(&ops[..1], Left::Nothing), None);
    let torn = left(&ops, Left::Sectors).expect("synced");
    assert_eq!(torn[..2], [1, 1]);
    assert_eq!(
        sectors(500, &[7; 600]).iter().map(|(at, p)| (*at, p.len())).collect::<Vec<_>>(),
        [(500, 12), (512, 512), (1024, 76)]
    );
}
