//! The typefaces on this machine: one with Chinese characters, its bold, and others for what it lacks.
//!
//! Loaded once at the start of the backend; cloning shares them. Only the glyphs in use go into a PDF.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use krilla::text::Font;
use rustybuzz::ttf_parser;

use super::PaperError;

/// Where systems keep a Chinese typeface, the best first.
const CHINESE: &[&str] = &[
    // Debian, Ubuntu: fonts-noto-cjk
    "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc",
    // Arch, Alpine
    "/usr/share/fonts/noto-cjk/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/noto/NotoSansCJK-Regular.ttc",
    // Fedora, openEuler
    "/usr/share/fonts/google-noto-sans-cjk-fonts/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/google-noto-cjk/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/adobe-source-han-sans/SourceHanSansSC-Regular.otf",
    "/usr/share/fonts/truetype/wqy/wqy-microhei.ttc",
    "/System/Library/Fonts/Hiragino Sans GB.ttc",
    "C:\\Windows\\Fonts\\msyh.ttc",
];

/// For letters the Chinese one lacks: symbols and emoji, Arabic (Uyghur), Tibetan, Mongolian. Whichever are there.
const OTHERS: &[&str] = &[
    "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf",
    "/usr/share/fonts/TTF/DejaVuSans.ttf",
    "/usr/share/fonts/dejavu-sans-fonts/DejaVuSans.ttf",
    "/usr/share/fonts/truetype/noto/NotoColorEmoji.ttf",
    "/usr/share/fonts/noto/NotoColorEmoji.ttf",
    "/usr/share/fonts/truetype/noto/NotoSansArabic-Regular.ttf",
    "/usr/share/fonts/truetype/noto/NotoSerifTibetan-Regular.ttf",
    "/usr/share/fonts/truetype/noto/NotoSansMongolian-Regular.ttf",
];

/// Characters without which a typeface cannot print a Chinese résumé, and the mark for missing ones.
const NEEDED: &str = "中简历〓Aa0";

/// The mark for a character that no typeface has: the printer's turned-over type. The true character stays in the
/// text one copies.
pub(super) const MISSING: char = '〓';

/// One face of a typeface file.
pub(super) struct Face {
    data: Arc<Vec<u8>>,
    index: u32,
    /// As the PDF writer wants it.
    pub font: Font,
}

impl Face {
    fn load(path: &Path) -> Result<Self, PaperError> {
        let bad = |why| PaperError::BadFont { path: path.display().to_string(), why };
        let data = std::fs::read(path).map_err(|_| bad("it cannot be read"))?;
        let index = simplified(&data);
        let data = Arc::new(data);
        ttf_parser::Face::parse(&data, index).map_err(|_| bad("it is no OpenType font"))?;
        let font = Font::new(krilla::Data::from(Arc::clone(&data)), index)
            .ok_or_else(|| bad("it is no OpenType font"))?;
        Ok(Self { data, index, font })
    }

    /// For shaping; borrows the file.
    pub(super) fn shaper(&self) -> Option<rustybuzz::Face<'_>> {
        rustybuzz::Face::from_slice(&self.data, self.index)
    }
}

/// The face of a collection that draws characters the way the mainland does; 0 for a single face.
fn simplified(data: &[u8]) -> u32 {
    let count = ttf_parser::fonts_in_collection(data).unwrap_or(1);
    let is_simplified = |index: &u32| {
        ttf_parser::Face::parse(data, *index).is_ok_and(|face| {
            face.names().into_iter().any(|name| {
                name.name_id == ttf_parser::name_id::FULL_NAME
                    && name.to_string().is_some_and(|name| name.split(' ').any(|part| part == "SC"))
            })
        })
    };
    (0..count).find(is_simplified).unwrap_or(0)
}

/// Everything a sheet is printed with.
pub struct Fonts {
    /// Regular, bold (or regular again), then the others.
    faces: Vec<Face>,
}

pub(super) const REGULAR: usize = 0;
pub(super) const BOLD: usize = 1;

impl Fonts {
    /// Takes the configured file, or the first Chinese typeface where systems keep them. Its bold is looked for
    /// beside it (`…Regular…` → `…Bold…`).
    ///
    /// # Errors
    /// [`PaperError::NoFont`] says what to install; [`PaperError::BadFont`] when the configured one does not serve.
    pub fn find(configured: Option<&Path>) -> Result<Self, PaperError> {
        let places: Vec<&Path> = CHINESE.iter().map(Path::new).collect();
        let others: Vec<&Path> = OTHERS.iter().map(Path::new).collect();
        Self::find_in(configured, &places, &others)
    }

    pub(super) fn find_in(
        configured: Option<&Path>,
        places: &[&Path],
        others: &[&Path],
    ) -> Result<Self, PaperError> {
        let path = match configured {
            Some(path) => path,
            None => places.iter().copied().find(|path| path.is_file()).ok_or_else(|| PaperError::NoFont {
                looked: places.iter().map(|path| path.display().to_string()).collect::<Vec<_>>().join(", "),
            })?,
        };
        let regular = Face::load(path)?;
        let serves =
            regular.shaper().is_some_and(|face| NEEDED.chars().all(|c| face.glyph_index(c).is_some()));
        if !serves {
            let why = "it has no Chinese characters";
            return Err(PaperError::BadFont { path: path.display().to_string(), why });
        }
        // A regular face twice is better than none: headings are larger and coloured as well.
        let bold = match bold_beside(path).filter(|path| path.is_file()).map(|path| Face::load(&path)) {
            Some(Ok(bold)) => bold,
            _ => Face { data: Arc::clone(&regular.data), index: regular.index, font: regular.font.clone() },
        };
        let mut faces = vec![regular, bold];
        faces.extend(others.iter().filter(|path| path.is_file()).filter_map(|path| Face::load(path).ok()));
        Ok(Self { faces })
    }

    pub(super) fn faces(&self) -> &[Face] {
        &self.faces
    }
}

fn bold_beside(path: &Path) -> Option<PathBuf> {
    let name = path.file_name()?.to_str()?;
    name.contains("Regular").then(|| path.with_file_name(name.replace("Regular", "Bold")))
}
