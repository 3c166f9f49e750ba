//! Small units beside the pictures of a video stream (ITU-T H.264): why no pictures come, as user data
//! in an SEI unit, and filler that only measures the path. Decoders skip both, and a forwarding server
//! passes them on like pictures, so that the two sides need no other channel.

use bytes::Bytes;

use super::RemotePause;

const SEI: u8 = 6;
const FILLER: u8 = 12;
/// SEI payload type 5: user data unregistered, a UUID and what follows it.
const USER_DATA: u8 = 5;
/// Ours; without two zero bytes in a row, which a NAL unit may not contain.
const UUID: [u8; 16] = *b"miantan-pause-01";
/// The end of every NAL unit.
const STOP: u8 = 0x80;

impl RemotePause {
    /// As it travels. Codes never change their meaning.
    pub(super) fn code(self) -> u8 {
        match self {
            Self::CameraOff => 1,
            Self::Network => 2,
            Self::PhoneCall => 3,
            Self::Away => 4,
        }
    }

    pub(super) fn of_code(code: u8) -> Option<Self> {
        [Self::CameraOff, Self::Network, Self::PhoneCall, Self::Away]
            .into_iter()
            .find(|why| why.code() == code)
    }
}

/// A unit that is no part of a picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sidenote {
    Pause(RemotePause),
    Filler,
}

/// Tells the other side why no pictures come.
pub(super) fn pause(why: RemotePause) -> Bytes {
    let mut unit = vec![SEI, USER_DATA, UUID.len() as u8 + 1];
    unit.extend_from_slice(&UUID);
    unit.extend_from_slice(&[why.code(), STOP]);
    unit.into()
}

/// So many bytes of nothing, at least 2.
pub(super) fn filler(bytes: usize) -> Bytes {
    let mut unit = vec![0xff; bytes.max(2)];
    unit[0] = FILLER;
    if let Some(last) = unit.last_mut() {
        *last = STOP;
    }
    unit.into()
}

/// What an RTP payload is if it is no part of a picture.
pub(super) fn read(payload: &[u8]) -> Option<Sidenote> {
    let (head, rest) = payload.split_first()?;
    match head & 0x1f {
        FILLER => Some(Sidenote::Filler),
        SEI => {
            let rest = rest.strip_prefix(&[USER_DATA, UUID.len() as u8 + 1])?.strip_prefix(&UUID)?;
            // A later version's reason: no picture comes, whatever it is.
            let why = RemotePause::of_code(*rest.first()?).unwrap_or(RemotePause::CameraOff);
            Some(Sidenote::Pause(why))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        for why in [RemotePause::CameraOff, RemotePause::Network, RemotePause::PhoneCall, RemotePause::Away] {
            assert_eq!(read(&pause(why)), Some(Sidenote::Pause(why)));
        }
        for bytes in [0, 1, 2, 3, 1_000] {
            assert_eq!(read(&filler(bytes)), Some(Sidenote::Filler));
        }
    }

    #[test]
    fn pictures_and_strange_units_are_none_of_it() {
        // A slice, an IDR slice, parameter sets, a fragment, somebody else's SEI, cut short, nothing.
        let whole = pause(RemotePause::Network);
        for payload in [
            &[0x61, 1, 2][..],
            &[0x65, 1],
            &[0x67],
            &[0x68],
            &[0x7c, 0x85],
            &[6, 5, 17, 1, 2],
            &[6, 1, 1, 4],
            &whole[..19],
            &[],
        ] {
            assert_eq!(read(payload), None, "{payload:?}");
        }
    }

    #[test]
    fn no_unit_looks_like_a_start_code() {
        for unit in [pause(RemotePause::CameraOff), filler(900)] {
            assert!(!unit.windows(2).any(|pair| pair == [0, 0]));
        }
    }
}
