//! The synthetic camera's picture: a moving scene with the capture time written into the top rows so
//! that a program can read it back after encoding, the network and decoding.
//!
//! The stamp is 40 equal blocks over the width: 32 bits of milliseconds, most significant first, then
//! the 8-bit sum check of those four bytes. White is one. It survives scaling because only its
//! proportions matter.

use crate::frame::I420Frame;

const BLOCKS: u32 = 40;
const BLACK: u8 = 16;
const WHITE: u8 = 235;

/// Height of the stamp: a tenth of the picture.
fn stamp_rows(height: u32) -> u32 {
    (height / 10).max(4)
}

fn check(value: u32) -> u8 {
    value.to_be_bytes().iter().fold(0x5a_u8, |sum, byte| sum.rotate_left(1) ^ byte)
}

/// Draws one picture. `time_ms` goes into the stamp (its low 32 bits) and moves the scene.
pub fn draw(width: u32, height: u32, time_ms: u64) -> Option<I420Frame> {
    let (w, h) = (width as usize, height as usize);
    let mut data = vec![128_u8; I420Frame::len_of(width, height)];
    let shift = (time_ms / 8) as usize;
    let (luma, chroma) = data.split_at_mut(w * h);

    // A soft diagonal ramp that travels, with a bar and a square moving over it.
    for (y, row) in luma.chunks_exact_mut(w).enumerate() {
        for (x, sample) in row.iter_mut().enumerate() {
            let ramp = (x + y + shift) % 256;
            *sample = 48 + (if ramp < 128 { ramp } else { 255 - ramp }) as u8;
        }
    }
    let bar = shift * 2 % w;
    for row in luma.chunks_exact_mut(w) {
        row[bar..(bar + w / 40).min(w)].fill(200);
    }
    let side = h / 5;
    let (left, top) = (bounce(shift * 3, w - side), h / 4 + bounce(shift, h - h / 4 - side));
    for row in luma.chunks_exact_mut(w).skip(top).take(side) {
        row[left..left + side].fill(90);
    }
    let (blue, red) = chroma.split_at_mut(w * h / 4);
    for (y, (blue, red)) in blue.chunks_exact_mut(w / 2).zip(red.chunks_exact_mut(w / 2)).enumerate() {
        blue.fill(108 + (y * 40 / h.max(1)) as u8);
        for (x, sample) in red.iter_mut().enumerate() {
            *sample = 118 + (x * 40 / w) as u8;
        }
    }

    let stamp = (u64::from(time_ms as u32) << 8) | u64::from(check(time_ms as u32));
    for y in 0..stamp_rows(height) {
        for block in 0..BLOCKS {
            let on = stamp >> (BLOCKS - 1 - block) & 1 == 1;
            let from = (block * width / BLOCKS) as usize;
            let to = ((block + 1) * width / BLOCKS) as usize;
            let row = y as usize * w;
            luma[row + from..row + to].fill(if on { WHITE } else { BLACK });
        }
    }
    I420Frame::new(width, height, data.into(), time_ms)
}

fn bounce(position: usize, span: usize) -> usize {
    let span = span.max(1);
    let at = position % (2 * span);
    if at < span { at } else { 2 * span - at - 1 }
}

/// Reads the stamp of a picture made by [`draw`], also after scaling and lossy coding. `None` when the
/// check does not fit.
pub fn read_stamp(frame: &I420Frame) -> Option<u32> {
    let rows = stamp_rows(frame.height);
    let luma = frame.luma();
    let mut stamp = 0_u64;
    for block in 0..BLOCKS {
        // The middle third of the block in the middle third of the rows, away from ringing edges.
        let from = block * frame.width / BLOCKS;
        let span = ((block + 1) * frame.width / BLOCKS - from).max(1);
        let (mut sum, mut count) = (0_u32, 0_u32);
        for y in rows / 3..(rows * 2 / 3).max(rows / 3 + 1) {
            for x in from + span / 3..from + (span * 2 / 3).max(span / 3 + 1) {
                sum += u32::from(luma[(y * frame.width + x) as usize]);
                count += 1;
            }
        }
        stamp = stamp << 1 | u64::from(sum / count > 126);
    }
    let value = (stamp >> 8) as u32;
    (check(value) == stamp as u8).then_some(value)
}
