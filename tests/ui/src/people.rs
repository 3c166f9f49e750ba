//! The people in front of the synthetic camera: pictures beside the project (`shared/faces`, or `$MIANTAN_FACES`), each
//! with its face's box in pixels (`left,top,width,height`).

use std::path::{Path, PathBuf};

/// Whose photo the organiser has (`xtask` gives it to the candidates of the exam rounds), in another picture.
pub const LIN: Person = Person { picture: "people/d2.jpg", face: "58,54,173,232" };
/// Somebody else.
pub const SOMEBODY_ELSE: Person = Person { picture: "people/a2.jpg", face: "37,55,101,153" };
/// A photo that was printed.
pub const PRINTED: Person = Person { picture: "live/spoof_printed_id.jpg", face: "174,243,192,260" };

/// A picture with a face in it.
#[derive(Debug, Clone, Copy)]
pub struct Person {
    picture: &'static str,
    face: &'static str,
}

impl Person {
    /// As `MIANTAN_ACTOR` names it.
    #[must_use]
    pub fn in_front(&self, pictures: &Path) -> String {
        format!("{}#{}", pictures.join(self.picture).display(), self.face)
    }
}

/// Where the pictures are, if there are any.
#[must_use]
pub fn pictures() -> Option<PathBuf> {
    let beside = || {
        Path::new(env!("CARGO_MANIFEST_DIR"))
            .ancestors()
            .map(|folder| folder.join("shared/faces"))
            .find(|folder| folder.is_dir())
    };
    std::env::var_os("MIANTAN_FACES").map(PathBuf::from).or_else(beside)
}
