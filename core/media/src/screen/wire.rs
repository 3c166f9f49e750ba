//! The bytes between the frame server and the page. Little endian.
//!
//! To the page: a header of [`HEADER_LEN`] bytes, then packed I420 for a picture, nothing for a clear.
//!
//! | offset | bytes | field |
//! | --- | --- | --- |
//! | 0 | 1 | kind: 0 picture, 1 clear |
//! | 1 | 1 | view: 0 own, 1 remote |
//! | 2 | 1 | quarter turns clockwise to stand upright |
//! | 3 | 1 | reserved, 0 |
//! | 4 | 2 | width |
//! | 6 | 2 | height |
//! | 8 | 4 | sequence number of this view's messages, wrapping |
//! | 12 | 8 | `captured_ms` |
//! | 20 | 4 | reserved, 0 |
//!
//! From the page: an acknowledgement of [`ACK_LEN`] bytes: view, 1 when drawn (0 when no canvas showed
//! it), two reserved, then the sequence number.

use super::View;
use crate::frame::I420Frame;

pub const HEADER_LEN: usize = 24;
pub const ACK_LEN: usize = 8;
pub const KIND_PICTURE: u8 = 0;
pub const KIND_CLEAR: u8 = 1;

fn view_byte(view: View) -> u8 {
    match view {
        View::Own => 0,
        View::Remote => 1,
    }
}

fn view_of(byte: u8) -> Option<View> {
    match byte {
        0 => Some(View::Own),
        1 => Some(View::Remote),
        _ => None,
    }
}

pub(super) fn picture(view: View, sequence: u32, frame: &I420Frame) -> Vec<u8> {
    let mut message = Vec::with_capacity(HEADER_LEN + frame.data.len());
    message.extend_from_slice(&[KIND_PICTURE, view_byte(view), frame.rotation.quarters(), 0]);
    message.extend_from_slice(&(frame.width as u16).to_le_bytes());
    message.extend_from_slice(&(frame.height as u16).to_le_bytes());
    message.extend_from_slice(&sequence.to_le_bytes());
    message.extend_from_slice(&frame.captured_ms.to_le_bytes());
    message.extend_from_slice(&[0; 4]);
    message.extend_from_slice(&frame.data);
    message
}

pub(super) fn clear(view: View, sequence: u32) -> Vec<u8> {
    let mut message = vec![0; HEADER_LEN];
    message[0] = KIND_CLEAR;
    message[1] = view_byte(view);
    message[8..12].copy_from_slice(&sequence.to_le_bytes());
    message
}

/// An acknowledgement as the server reads it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ack {
    pub view: View,
    pub drawn: bool,
    pub sequence: u32,
}

impl Ack {
    pub fn read(bytes: &[u8]) -> Option<Self> {
        let &[view, drawn, _, _, a, b, c, d] = bytes else { return None };
        Some(Self { view: view_of(view)?, drawn: drawn == 1, sequence: u32::from_le_bytes([a, b, c, d]) })
    }

    pub fn write(self) -> [u8; ACK_LEN] {
        let [a, b, c, d] = self.sequence.to_le_bytes();
        [view_byte(self.view), u8::from(self.drawn), 0, 0, a, b, c, d]
    }
}

/// A message as the page reads it; used by tests and by native viewers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    pub view: View,
    pub sequence: u32,
    /// `None` for a clear.
    pub frame: Option<I420Frame>,
}

impl Shown {
    pub fn read(message: &bytes::Bytes) -> Option<Self> {
        let header: &[u8; HEADER_LEN] = message.first_chunk()?;
        let view = view_of(header[1])?;
        let sequence = u32::from_le_bytes(header[8..12].try_into().ok()?);
        let frame = match header[0] {
            KIND_CLEAR => None,
            KIND_PICTURE => {
                let width = u16::from_le_bytes([header[4], header[5]]).into();
                let height = u16::from_le_bytes([header[6], header[7]]).into();
                let captured = u64::from_le_bytes(header[12..20].try_into().ok()?);
                let mut frame = I420Frame::new(width, height, message.slice(HEADER_LEN..), captured)?;
                frame.rotation = crate::frame::Rotation::from_degrees(i32::from(header[2]) * 90);
                Some(frame)
            }
            _ => return None,
        };
        Some(Self { view, sequence, frame })
    }
}
