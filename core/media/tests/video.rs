//! Pictures: exact conversions, the codec's quality, and packets in any disorder.

use bytes::Bytes;
use miantan_media::camera::pattern;
use miantan_media::frame::{I420Frame, Rotation};
use miantan_media::video::assemble::{Assembler, VideoPacket};
use miantan_media::video::h264::{H264Decoder, H264Encoder};
use miantan_media::video::{VideoDecoder, VideoEncoder};
use rtc::rtp::codec::h264::H264Payloader;
use rtc::rtp::packetizer::Payloader;

/// Repeatable bytes that look random (xorshift).
fn noise(seed: u32, count: usize) -> Vec<u8> {
    let mut state = seed.max(1);
    (0..count)
        .map(|_| {
            state ^= state << 13;
            state ^= state >> 17;
            state ^= state << 5;
            (state >> 11) as u8
        })
        .collect()
}

#[test]
fn yuyv_is_converted_exactly() {
    for (width, height) in [(2, 2), (4, 2), (2, 6), (16, 10), (640, 360)] {
        let (w, h) = (width as usize, height as usize);
        let pixels = noise(width + height, w * h * 2);
        let frame = I420Frame::from_yuyv(width, height, &pixels, 9).unwrap();
        let [y, u, v] = frame.planes();
        for row in 0..h {
            for column in 0..w {
                assert_eq!(y[row * w + column], pixels[(row * w + column) * 2]);
            }
        }
        for row in 0..h / 2 {
            for column in 0..w / 2 {
                let at = |row: usize, offset: usize| u32::from(pixels[row * w * 2 + column * 4 + offset]);
                let mean = |offset| (at(row * 2, offset) + at(row * 2 + 1, offset)).div_ceil(2) as u8;
                assert_eq!(u[row * w / 2 + column], mean(1));
                assert_eq!(v[row * w / 2 + column], mean(3));
            }
        }
        assert_eq!(frame.captured_ms, 9);
    }
}

#[test]
fn nv12_is_converted_exactly() {
    let (width, height) = (16_u32, 6_u32);
    let pixels = noise(3, 16 * 6 * 3 / 2);
    let frame = I420Frame::from_nv12(width, height, &pixels, 0).unwrap();
    let [y, u, v] = frame.planes();
    assert_eq!(y, &pixels[..96]);
    for index in 0..24 {
        assert_eq!((u[index], v[index]), (pixels[96 + index * 2], pixels[97 + index * 2]));
    }
}

/// ITU-R BT.601 in limited range, in real numbers: the definition, not the integer form under test.
fn bt601(rgb: [f64; 3]) -> [f64; 3] {
    let [r, g, b] = rgb.map(|value| value / 255.0);
    let y = 0.299 * r + 0.587 * g + 0.114 * b;
    [16.0 + 219.0 * y, 128.0 + 224.0 * (b - y) / 1.772, 128.0 + 224.0 * (r - y) / 1.402]
}

#[test]
fn rgb_is_within_one_step_of_the_standard() {
    let (width, height) = (64_u32, 64_u32);
    let (w, h) = (64_usize, 64_usize);
    let mut pixels = noise(5, w * h * 3);
    // The corners of the colour cube in the first blocks, where rounding would overflow.
    for (block, colour) in (0..8_u8).enumerate() {
        for (dy, dx) in [(0, 0), (0, 1), (1, 0), (1, 1)] {
            for channel in 0..3 {
                pixels[(dy * w + block * 2 + dx) * 3 + channel] =
                    if colour >> channel & 1 == 1 { 255 } else { 0 };
            }
        }
    }
    let frame = I420Frame::from_rgb(width, height, &pixels, 0).unwrap();
    let [y, u, v] = frame.planes();
    let close = |got: u8, wanted: f64| (f64::from(got) - wanted).abs() <= 1.3;
    for row in 0..h / 2 {
        for column in 0..w / 2 {
            let mut mean = [0.0; 3];
            for (dy, dx) in [(0, 0), (0, 1), (1, 0), (1, 1)] {
                let at = (row * 2 + dy) * w + column * 2 + dx;
                let rgb = [0, 1, 2].map(|channel| f64::from(pixels[at * 3 + channel]));
                assert!(close(y[at], bt601(rgb)[0]), "{rgb:?} gave {}", y[at]);
                for (total, value) in mean.iter_mut().zip(rgb) {
                    *total += value / 4.0;
                }
            }
            let [_, blue, red] = bt601(mean);
            let at = row * w / 2 + column;
            assert!(close(u[at], blue) && close(v[at], red), "{mean:?} gave {} {}", u[at], v[at]);
        }
    }
}

#[test]
fn unusable_pictures_are_refused() {
    let bytes = || Bytes::from(noise(1, 100_000));
    for (width, height) in
        [(0, 0), (0, 2), (3, 2), (2, 3), (4098, 2), (u32::MAX - 1, 2), (u32::MAX - 1, u32::MAX - 1)]
    {
        assert!(I420Frame::new(width, height, bytes(), 0).is_none());
        assert!(I420Frame::from_yuyv(width, height, &bytes(), 0).is_none());
        assert!(I420Frame::from_nv12(width, height, &bytes(), 0).is_none());
        assert!(I420Frame::from_rgb(width, height, &bytes(), 0).is_none());
        assert!(I420Frame::from_planes(width, height, [&bytes(); 3], [4; 3], 0).is_none());
    }
    assert!(I420Frame::new(4, 4, Bytes::from_static(&[0; 23]), 0).is_none());
    assert!(I420Frame::from_yuyv(4, 4, &[0; 31], 0).is_none());
    assert!(I420Frame::from_planes(4, 4, [&[0; 15], &[0; 4], &[0; 4]], [4, 2, 2], 0).is_none());
}

#[test]
fn turning_moves_each_sample_where_it_belongs() {
    let frame = I420Frame::new(6, 4, noise(8, 36).into(), 5).unwrap();
    let turned = |rotation| I420Frame { rotation, ..frame.clone() }.upright();
    let quarter = turned(Rotation::Quarter);
    assert_eq!((quarter.width, quarter.height, quarter.rotation), (4, 6, Rotation::None));
    // Clockwise: the lower left corner becomes the upper left one.
    assert_eq!(quarter.luma()[0], frame.luma()[3 * 6]);
    assert_eq!(quarter.luma()[3], frame.luma()[0]);
    let half = turned(Rotation::Half);
    assert_eq!(half.luma()[0], frame.luma()[23]);
    let back = I420Frame { rotation: Rotation::ThreeQuarters, ..quarter.clone() }.upright();
    assert_eq!(back, frame, "a quarter and three quarters are a full turn, in all planes");
    assert_eq!(I420Frame { rotation: Rotation::Half, ..half }.upright(), frame);
    assert_eq!(Rotation::from_degrees(-90), Rotation::ThreeQuarters);
    assert_eq!(Rotation::from_degrees(450), Rotation::Quarter);
}

#[test]
fn scaling_keeps_shape_flat_areas_and_the_time_in_the_picture() {
    let frame = pattern::draw(1280, 720, 123_456).unwrap();
    assert_eq!(frame.sides_within(640, 360), (640, 360));
    assert_eq!(pattern::draw(640, 480, 0).unwrap().sides_within(640, 360), (480, 360));
    assert_eq!(pattern::draw(720, 1280, 0).unwrap().sides_within(640, 360), (360, 640));
    assert_eq!(pattern::draw(320, 180, 0).unwrap().sides_within(640, 360), (320, 180), "never enlarged");
    for (width, height) in [(640, 360), (480, 360), (320, 180), (426, 240)] {
        assert_eq!(pattern::read_stamp(&frame.scaled(width, height)), Some(123_456), "{width}x{height}");
    }
    let flat = I420Frame::new(64, 48, vec![77; I420Frame::len_of(64, 48)].into(), 0).unwrap();
    assert!(flat.scaled(30, 22).data.iter().all(|sample| *sample == 77));
    assert!(flat.scaled(100, 90).data.iter().all(|sample| *sample == 77));
}

fn psnr(a: &I420Frame, b: &I420Frame) -> f64 {
    let squares: f64 = a.data.iter().zip(&b.data).map(|(a, b)| (f64::from(*a) - f64::from(*b)).powi(2)).sum();
    10.0 * (255.0 * 255.0 * a.data.len() as f64 / squares.max(1e-9)).log10()
}

#[test]
fn coded_pictures_come_back_nearly_the_same_at_the_calls_rate() {
    let mut encoder = H264Encoder::new(700_000, 30).unwrap();
    let mut decoder = H264Decoder::new().unwrap();
    let (mut bytes, mut worst, mut decoded, mut skipped) = (0, f64::MAX, 0_u32, 0_u32);
    for index in 0..150_u64 {
        let frame = pattern::draw(640, 360, 1000 + index * 33).unwrap();
        let Some(coded) = encoder.encode(&frame).unwrap() else {
            skipped += 1;
            continue;
        };
        assert_eq!(coded.key, index == 0, "key pictures only at the start, not at {index}");
        if coded.key {
            // The parameter set says constrained baseline (RFC 6184: profile 66, constraint set 1).
            let sps = coded.data.windows(8).find(|bytes| bytes[..4] == [0, 0, 0, 1] && bytes[4] & 0x1f == 7);
            let sps = sps.expect("parameters come with the key picture");
            assert_eq!((sps[5], sps[6] & 0x40), (66, 0x40));
        }
        bytes += coded.data.len();
        let back = decoder.decode(&coded.data, coded.captured_ms).unwrap().expect("one in, one out");
        assert_eq!(back.captured_ms, frame.captured_ms);
        assert_eq!(pattern::read_stamp(&back), Some(frame.captured_ms as u32));
        worst = worst.min(psnr(&frame, &back));
        decoded += 1;
    }
    let kbps = bytes as f64 * 8.0 / (150.0 / 30.0) / 1000.0;
    println!("worst PSNR {worst:.1} dB, {kbps:.0} kb/s, {skipped} of 150 skipped");
    assert!(worst > 28.0, "worst picture {worst:.1} dB");
    assert!(kbps < 700.0 * 1.25, "{kbps:.0} kb/s");
    assert!(decoded >= 75, "at least half of the pictures are sent: {decoded}");
}

#[test]
fn a_key_picture_comes_on_request_and_the_rate_follows_its_target() {
    let mut encoder = H264Encoder::new(700_000, 30).unwrap();
    let mut at = 0;
    let mut second = |encoder: &mut H264Encoder| {
        let (mut bytes, mut keys) = (0, 0);
        for _ in 0..90 {
            at += 33;
            if let Some(coded) = encoder.encode(&pattern::draw(640, 360, at).unwrap()).unwrap() {
                bytes += coded.data.len();
                keys += u32::from(coded.key);
            }
        }
        (bytes, keys)
    };
    let (_, keys) = second(&mut encoder);
    assert_eq!(keys, 1);
    encoder.request_key_picture();
    let (wide, keys) = second(&mut encoder);
    assert_eq!(keys, 1);
    encoder.set_target(200_000, 30).unwrap();
    second(&mut encoder); // settles
    let (narrow, keys) = second(&mut encoder);
    assert_eq!(keys, 0, "a new target needs no key picture");
    assert!(narrow * 2 < wide, "{narrow} bytes at 200 kb/s, {wide} at 700");
    // Also up again, and beyond what it began with.
    for bits in [300_000, 800_000] {
        encoder.set_target(bits, 30).unwrap();
    }
    let (widest, keys) = second(&mut encoder);
    assert_eq!(keys, 0, "a new target needs no key picture");
    assert!(widest > narrow * 2, "{narrow} bytes at 200 kb/s, {widest} at 800");
}

/// Coded pictures as RTP packets.
fn packets(pictures: u64) -> (Vec<Vec<VideoPacket>>, Vec<Bytes>) {
    let mut encoder = H264Encoder::new(700_000, 30).unwrap();
    let mut payloader = H264Payloader::default();
    let mut sequence = 65_500_u16; // wraps on the way
    let (mut groups, mut units) = (Vec::new(), Vec::new());
    for index in 0..pictures {
        let Some(coded) = encoder.encode(&pattern::draw(640, 360, index * 33).unwrap()).unwrap() else {
            continue;
        };
        let payloads = payloader.payload(600, &coded.data).unwrap();
        let last = payloads.len() - 1;
        let group = payloads.into_iter().enumerate().map(|(at, payload)| {
            sequence = sequence.wrapping_add(1);
            let timestamp = 4_294_960_000_u32.wrapping_add(index as u32 * 2970); // wraps on the way
            VideoPacket { sequence, timestamp, marker: at == last, payload }
        });
        groups.push(group.collect());
        units.push(coded.data);
    }
    (groups, units)
}

#[test]
fn packets_in_any_order_become_the_same_pictures() {
    let (groups, units) = packets(40);
    let mut flat: Vec<VideoPacket> = groups.into_iter().flatten().collect();
    let order = noise(17, flat.len());
    // Each packet may come up to three places late, the first one excepted.
    let movable = flat.len().saturating_sub(4);
    for (index, step) in order.into_iter().enumerate().take(movable).skip(1) {
        flat.swap(index, index + usize::from(step % 4));
    }
    let mut assembler = Assembler::default();
    let mut out = Vec::new();
    for packet in flat {
        // Doubled packets (a retransmission that was not needed) change nothing.
        out.extend(assembler.push(1000, packet.clone()));
        out.extend(assembler.push(1000, packet));
    }
    assert_eq!(out.len(), units.len());
    for (unit, coded) in out.iter().zip(&units) {
        assert_eq!(unit.data, *coded);
    }
    assert!(out.is_sorted_by(|a, b| a.captured_ms < b.captured_ms), "time goes on where the clock wraps");
    assert_eq!(assembler.counts().lost, 0);
    assert!(!assembler.needs_key());
}

#[test]
fn after_a_loss_nothing_comes_until_a_key_picture() {
    let (groups, _) = packets(30);
    let mut assembler = Assembler::default();
    let mut now = 1000;
    let mut before = 0;
    for group in &groups[..5] {
        for packet in group {
            before += assembler.push(now, packet.clone()).len();
        }
    }
    assert_eq!(before, 5);
    // One packet of the sixth picture is lost for good.
    let lost = &groups[5];
    for packet in &lost[1..] {
        assert!(assembler.push(now, packet.clone()).is_empty());
    }
    assert!(!assembler.needs_key(), "it may still be retransmitted");
    let due = assembler.due_ms();
    if lost.len() > 1 {
        assert!(due.is_some_and(|due| due > now && due <= now + 500));
    }
    for group in &groups[6..10] {
        for packet in group {
            assert!(assembler.push(now, packet.clone()).is_empty(), "held while the gap may close");
        }
    }
    now += 1000;
    assert!(assembler.poll(now).is_empty(), "pictures that refer to the lost one are not shown");
    assert!(assembler.needs_key());
    assert_eq!(assembler.counts().lost, 1);
    // The stream begins again with a key picture, at a far sequence number.
    let mut units = Vec::new();
    for packet in &groups[0] {
        units.extend(
            assembler
                .push(now, VideoPacket { sequence: packet.sequence.wrapping_add(20_000), ..packet.clone() }),
        );
    }
    assert_eq!(units.len(), 1);
    assert!(units[0].key && !assembler.needs_key());
}

#[test]
fn a_late_packet_closes_the_gap() {
    let (groups, units) = packets(10);
    let mut assembler = Assembler::default();
    let mut out = Vec::new();
    let flat: Vec<VideoPacket> = groups.into_iter().flatten().collect();
    for (index, packet) in flat.iter().enumerate() {
        if index != 3 {
            out.extend(assembler.push(1000, packet.clone()));
        }
    }
    assert!(out.len() < units.len());
    out.extend(assembler.push(1100, flat[3].clone()));
    assert_eq!(out.len(), units.len());
}

#[test]
fn rubbish_payloads_never_panic_and_never_pass() {
    let mut assembler = Assembler::default();
    let mut decoder = H264Decoder::new().unwrap();
    let mut given = 0;
    for round in 0..20_000_u32 {
        let length = noise(round + 1, 2)[0] as usize % 40;
        let mut payload = noise(round + 7, length);
        if let Some(first) = payload.first_mut() {
            // Lean towards the kinds with structure inside.
            *first = [24, 28, 5, 7, 29, 0, *first][round as usize % 7];
        }
        let packet = VideoPacket {
            sequence: round as u16,
            timestamp: round / 3 * 3000,
            marker: round % 3 == 2,
            payload: payload.into(),
        };
        for unit in assembler.push(u64::from(round), packet) {
            given += 1;
            let _ = decoder.decode(&unit.data, 0);
        }
    }
    println!("{given} rubbish units reached the decoder");
    let fragment = |byte: u8| VideoPacket {
        sequence: 0,
        timestamp: 0,
        marker: false,
        payload: Bytes::from(vec![28, byte, 1, 2, 3]),
    };
    // A fragment that was never begun, on a fresh stream, is not a picture.
    let mut assembler = Assembler::default();
    let end = VideoPacket { marker: true, ..fragment(0x40 | 5) };
    assert!(assembler.push(0, end).is_empty());
    assert!(assembler.needs_key());
}

#[test]
fn truncated_and_altered_pictures_do_not_break_the_decoder() {
    let (_, units) = packets(10);
    let mut decoder = H264Decoder::new().unwrap();
    for (round, unit) in units.iter().enumerate() {
        for cut in [1, 5, unit.len() / 2, unit.len().saturating_sub(1)] {
            let _ = decoder.decode(&unit[..cut.min(unit.len())], 0);
        }
        let mut altered = unit.to_vec();
        for (at, value) in noise(round as u32 + 1, 20).into_iter().enumerate() {
            let place = (at * 131 + usize::from(value)) % altered.len();
            altered[place] ^= value;
        }
        let _ = decoder.decode(&altered, 0);
    }
    // A fresh decoder still reads the good stream.
    let mut decoder = H264Decoder::new().unwrap();
    assert!(units.iter().all(|unit| matches!(decoder.decode(unit, 0), Ok(Some(_)))));
}
