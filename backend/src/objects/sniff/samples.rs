//! Files for tests, made byte by byte: honest ones and ones that no honest program writes.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::DeflateEncoder;
use image::{ExtendedColorType, ImageEncoder, Rgb, RgbImage};

/// A picture with a red left half and a blue right half, 60 × 40.
pub(crate) fn drawing() -> RgbImage {
    RgbImage::from_fn(60, 40, |x, _| if x < 30 { Rgb([220, 30, 30]) } else { Rgb([30, 30, 220]) })
}

pub(crate) fn png() -> Vec<u8> {
    let picture = drawing();
    let mut out = Vec::new();
    image::codecs::png::PngEncoder::new(&mut out)
        .write_image(picture.as_raw(), 60, 40, ExtendedColorType::Rgb8)
        .unwrap();
    out
}

pub(crate) fn jpeg() -> Vec<u8> {
    super::super::pictures::to_jpeg(&drawing(), 90).unwrap()
}

/// A PNG header that promises `width` × `height`, with a few bytes of data.
pub(crate) fn huge_png(width: u32, height: u32) -> Vec<u8> {
    let mut out = super::png::SIGNATURE.to_vec();
    let mut header = Vec::new();
    header.extend_from_slice(&width.to_be_bytes());
    header.extend_from_slice(&height.to_be_bytes());
    header.extend_from_slice(&[8, 2, 0, 0, 0]);
    super::png::push(&mut out, *b"IHDR", &header);
    super::png::push(&mut out, *b"IDAT", &[0x78, 0x9C, 0x03, 0, 0, 0, 0, 1]);
    super::png::push(&mut out, *b"IEND", &[]);
    out
}

/// Puts a chunk behind the header of a PNG.
pub(crate) fn with_chunk(png: &[u8], kind: [u8; 4], data: &[u8]) -> Vec<u8> {
    let mut out = png[..33].to_vec();
    super::png::push(&mut out, kind, data);
    out.extend_from_slice(&png[33..]);
    out
}

/// Puts a segment directly behind the start of a JPEG.
pub(crate) fn with_segment(jpeg: &[u8], marker: u8, data: &[u8]) -> Vec<u8> {
    let mut out = jpeg[..2].to_vec();
    out.extend_from_slice(&[0xFF, marker]);
    out.extend_from_slice(&(data.len() as u16 + 2).to_be_bytes());
    out.extend_from_slice(data);
    out.extend_from_slice(&jpeg[2..]);
    out
}

/// EXIF as a phone writes it (little-endian): maker, orientation, and a GPS directory with a place in it.
pub(crate) fn exif(orientation: u16) -> Vec<u8> {
    let mut tiff = b"II*\0\x08\0\0\0\x03\0".to_vec();
    let mut entry = |tag: u16, kind: u16, count: u32, value: [u8; 4]| {
        tiff.extend_from_slice(&tag.to_le_bytes());
        tiff.extend_from_slice(&kind.to_le_bytes());
        tiff.extend_from_slice(&count.to_le_bytes());
        tiff.extend_from_slice(&value);
    };
    entry(0x010F, 2, 4, *b"Oai\0");
    entry(0x0112, 3, 1, [orientation as u8, 0, 0, 0]);
    entry(0x8825, 4, 1, [50, 0, 0, 0]);
    tiff.extend_from_slice(&[0, 0, 0, 0]);
    tiff.extend_from_slice(b"\x01\0\x02\0\x03\0\x02\0\0\0N31.2304E121.4737");
    tiff
}

/// A PDF small enough to write by hand.
pub(crate) fn pdf() -> Vec<u8> {
    b"%PDF-1.4\n1 0 obj\n<</Type/Catalog/Pages 2 0 R>>\nendobj\n2 0 obj\n<</Type/Pages/Kids[]/Count 0>>\nendobj\n\
xref\n0 3\n0000000000 65535 f \n0000000009 00000 n \n0000000054 00000 n \ntrailer\n<</Size 3/Root 1 0 R>>\n\
startxref\n103\n%%EOF\n"
        .to_vec()
}

pub(crate) const TYPES: &str = "<?xml version=\"1.0\"?><Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\">\
<Default Extension=\"rels\" ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/>\
<Override PartName=\"/word/document.xml\" ContentType=\"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml\"/></Types>";

/// A word document with more parts.
pub(crate) fn docx(more: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = Zip::default();
    zip.add("[Content_Types].xml", TYPES.as_bytes());
    zip.add("_rels/.rels", b"<Relationships/>");
    zip.add("word/document.xml", "<w:document>王小明的简历</w:document>".as_bytes());
    for (name, content) in more {
        zip.add(name, content);
    }
    zip.finish()
}

/// Writes ZIP archives, lying where it is told to.
#[derive(Default)]
pub(crate) struct Zip {
    out: Vec<u8>,
    directory: Vec<u8>,
    count: u16,
}

pub(crate) fn deflate(content: &[u8]) -> Vec<u8> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(content).unwrap();
    encoder.finish().unwrap()
}

impl Zip {
    pub(crate) fn add(&mut self, name: &str, content: &[u8]) {
        let mut sum = flate2::Crc::new();
        sum.update(content);
        self.add_packed(name, name, &deflate(content), content.len() as u32, sum.sum());
    }

    /// An entry whose directory may claim anything.
    pub(crate) fn add_packed(&mut self, name: &str, local_name: &str, packed: &[u8], size: u32, crc: u32) {
        let offset = self.out.len() as u32;
        let fields = |size: u32| {
            let mut fields = b"\x14\0\0\0\x08\0\0\0\x21\0".to_vec();
            fields.extend_from_slice(&crc.to_le_bytes());
            fields.extend_from_slice(&(packed.len() as u32).to_le_bytes());
            fields.extend_from_slice(&size.to_le_bytes());
            fields
        };
        self.out.extend_from_slice(b"PK\x03\x04");
        self.out.extend_from_slice(&fields(size));
        self.out.extend_from_slice(&(local_name.len() as u16).to_le_bytes());
        self.out.extend_from_slice(&[0, 0]);
        self.out.extend_from_slice(local_name.as_bytes());
        self.out.extend_from_slice(packed);
        self.point(name, offset, &fields(size));
    }

    /// A directory entry that points at `offset`.
    pub(crate) fn point(&mut self, name: &str, offset: u32, fields: &[u8]) {
        self.directory.extend_from_slice(b"PK\x01\x02\x14\0");
        self.directory.extend_from_slice(fields);
        self.directory.extend_from_slice(&(name.len() as u16).to_le_bytes());
        self.directory.extend_from_slice(&[0; 12]);
        self.directory.extend_from_slice(&offset.to_le_bytes());
        self.directory.extend_from_slice(name.as_bytes());
        self.count += 1;
    }

    /// Where the next entry will start.
    pub(crate) fn len(&self) -> u32 {
        self.out.len() as u32
    }

    /// The fields the entry at `offset` has in common with its directory entry.
    pub(crate) fn fields_at(&self, offset: u32) -> Vec<u8> {
        self.out[offset as usize + 4..offset as usize + 26].to_vec()
    }

    pub(crate) fn finish(mut self) -> Vec<u8> {
        let start = self.out.len() as u32;
        self.out.extend_from_slice(&self.directory);
        self.out.extend_from_slice(b"PK\x05\x06\0\0\0\0");
        self.out.extend_from_slice(&self.count.to_le_bytes());
        self.out.extend_from_slice(&self.count.to_le_bytes());
        self.out.extend_from_slice(&(self.directory.len() as u32).to_le_bytes());
        self.out.extend_from_slice(&start.to_le_bytes());
        self.out.extend_from_slice(&[0, 0]);
        self.out
    }
}
