//! How well the face check tells an organiser's own people apart: all pairs of the pictures in a folder, the shares of wrong
//! decisions at the thresholds, and the curve of the trade between them. It reads pictures and writes nothing; whoever calls it
//! decides where the curve goes.
//!
//! Who is on a picture is said by its place or its name:
//! - `lin/anything.jpg`: the folder is the person (one level; its pictures need no names),
//! - `lin_1.jpg`, `lin-passport.png`, `lin 2.jpg`, `lin3.webp`: the person is what stands before the first `_`, `-` or space, without
//!   the digits at its end.
//!
//! Words (ISO/IEC 19795-1): FMR, false match rate: share of pairs of different persons at or above a threshold;
//! FNMR, false non-match rate: share of pairs of one person below it.

mod curve;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use miantan_domain::model::FaceThresholds;

use crate::checker::FaceChecker;
use crate::embed::Embedding;
use crate::picture::Picture;

/// Files that are larger are no photos.
const FILE_MAX: u64 = 64 << 20;

#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    #[error("the folder {} cannot be read: {error}", folder.display())]
    Folder { folder: PathBuf, error: std::io::Error },
    #[error(
        "in {} there are not two usable pictures of one person and one of another; name them lin_1.jpg, lin_2.jpg, wang_1.jpg, or give each person a folder (not used: {unused})",
        folder.display()
    )]
    TooFew { folder: PathBuf, unused: usize },
}

/// The rates at one threshold.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rates {
    pub threshold: f32,
    /// 0..1
    pub false_match: f64,
    pub false_non_match: f64,
}

/// What the pairs of a folder say. It holds numbers and file names, no faces.
#[derive(Debug, Clone)]
pub struct Report {
    pub thresholds: FaceThresholds,
    /// Pictures used of each person.
    pub persons: BTreeMap<String, usize>,
    /// Pictures that were not used, and why.
    pub unused: Vec<(PathBuf, String)>,
    /// Cosines of pairs of one person, and of different persons; sorted.
    pub same: Vec<f32>,
    pub different: Vec<f32>,
}

/// Compares all pictures in a folder.
///
/// # Errors
/// When the folder cannot be read or holds too few usable pictures. A picture that cannot be used is listed, not an error.
pub fn face_report(
    checker: &mut FaceChecker,
    folder: &Path,
    thresholds: &FaceThresholds,
) -> Result<Report, ReportError> {
    let mut faces: Vec<(String, Embedding)> = Vec::new();
    let mut unused = Vec::new();
    for (person, path) in pictures(folder)? {
        match face(checker, &path) {
            Ok(embedding) => faces.push((person, embedding)),
            Err(reason) => unused.push((path.strip_prefix(folder).unwrap_or(&path).to_owned(), reason)),
        }
    }
    let mut report = Report {
        thresholds: *thresholds,
        persons: BTreeMap::new(),
        unused,
        same: Vec::new(),
        different: Vec::new(),
    };
    for (index, (person, face)) in faces.iter().enumerate() {
        *report.persons.entry(person.clone()).or_default() += 1;
        for (other, other_face) in &faces[..index] {
            let list = if person == other { &mut report.same } else { &mut report.different };
            list.push(face.cosine(other_face));
        }
    }
    report.same.sort_by(f32::total_cmp);
    report.different.sort_by(f32::total_cmp);
    if report.same.is_empty() || report.different.is_empty() {
        return Err(ReportError::TooFew { folder: folder.to_owned(), unused: report.unused.len() });
    }
    Ok(report)
}

fn face(checker: &mut FaceChecker, path: &Path) -> Result<Embedding, String> {
    let size = path.metadata().map_err(|error| error.to_string())?.len();
    if size > FILE_MAX {
        return Err("the file is larger than 64 MiB".to_owned());
    }
    let bytes = std::fs::read(path).map_err(|error| error.to_string())?;
    let picture = Picture::decode(&bytes).map_err(|error| error.to_string())?;
    checker.reference(&picture).map_err(|error| error.to_string())
}

/// Persons and their pictures, in the order of their names.
fn pictures(folder: &Path) -> Result<Vec<(String, PathBuf)>, ReportError> {
    let mut found = Vec::new();
    for path in listed(folder)? {
        let Some(name) = path.file_name().and_then(|name| name.to_str()).map(str::to_owned) else { continue };
        if path.is_dir() {
            found.extend(
                listed(&path)?.into_iter().filter(|path| is_picture(path)).map(|path| (name.clone(), path)),
            );
        } else if is_picture(&path) {
            found.push((person(&name), path));
        }
    }
    Ok(found)
}

fn listed(folder: &Path) -> Result<Vec<PathBuf>, ReportError> {
    let failed = |error| ReportError::Folder { folder: folder.to_owned(), error };
    let entries: Result<Vec<_>, _> = std::fs::read_dir(folder).map_err(failed)?.collect();
    let mut paths: Vec<PathBuf> = entries.map_err(failed)?.into_iter().map(|entry| entry.path()).collect();
    paths.sort();
    Ok(paths)
}

fn is_picture(path: &Path) -> bool {
    let extension = path.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
    path.is_file() && ["jpg", "jpeg", "png", "webp"].iter().any(|known| extension.eq_ignore_ascii_case(known))
}

/// "lin" of "lin_1.jpg", "lin-passport.png", "lin3.webp"; a name of digits only stays as it is.
fn person(file: &str) -> String {
    let stem = file.rsplit_once('.').map_or(file, |(stem, _)| stem);
    let first = stem.split(['_', '-', ' ']).next().unwrap_or(stem);
    let name = first.trim_end_matches(|c: char| c.is_ascii_digit());
    if name.is_empty() { first.to_owned() } else { name.to_owned() }
}

impl Report {
    /// Shares of wrong decisions when everything from `threshold` on counts as the same person.
    pub fn at(&self, threshold: f32) -> Rates {
        let below = |list: &[f32]| {
            list.partition_point(|cosine| *cosine < threshold) as f64 / list.len().max(1) as f64
        };
        Rates { threshold, false_match: 1.0 - below(&self.different), false_non_match: below(&self.same) }
    }

    /// Rates at every cosine that occurs, from the least strict on.
    pub fn curve(&self) -> Vec<Rates> {
        let mut thresholds: Vec<f32> = self.same.iter().chain(&self.different).copied().collect();
        thresholds.sort_by(f32::total_cmp);
        thresholds.dedup();
        // Just above the last one nobody matches.
        thresholds.extend(thresholds.last().map(|last| last.next_up()));
        thresholds.into_iter().map(|threshold| self.at(threshold)).collect()
    }

    /// Where both rates are nearest to each other; the equal error rate is their mean.
    pub fn equal(&self) -> Rates {
        let apart = |rates: &Rates| (rates.false_match - rates.false_non_match).abs();
        let curve = self.curve();
        let nearest = curve.iter().min_by(|a, b| apart(a).total_cmp(&apart(b)));
        nearest.copied().unwrap_or_else(|| self.at(self.thresholds.same))
    }

    /// The curve as an SVG picture: false matches across, false non-matches upwards, both as normal deviates.
    pub fn det_svg(&self) -> String {
        curve::svg(self)
    }

    /// For people, in plain text.
    pub fn text(&self) -> String {
        let mut text = String::new();
        let pictures: usize = self.persons.values().sum();
        let _ = writeln!(text, "{pictures} pictures of {} persons", self.persons.len());
        let _ = writeln!(
            text,
            "{} pairs of one person, {} of different persons",
            self.same.len(),
            self.different.len()
        );
        for (path, reason) in &self.unused {
            let _ = writeln!(text, "not used: {} ({reason})", path.display());
        }
        let _ = writeln!(text, "\n threshold      FMR     FNMR");
        for (name, threshold) in [
            ("same person from here on", self.thresholds.same),
            ("different person below", self.thresholds.different),
            ("where both are equal", self.equal().threshold),
        ] {
            let rates = self.at(threshold);
            let _ = writeln!(
                text,
                "{threshold:>10.3} {:>7.3} % {:>6.2} %   {name}",
                rates.false_match * 100.0,
                rates.false_non_match * 100.0
            );
        }
        let _ = writeln!(
            text,
            "\nA rate that is not seen in n pairs may still be up to 3/n (95 % sure): here FMR {:.3} %, FNMR {:.2} %.",
            rule_of_three(self.different.len()),
            rule_of_three(self.same.len())
        );
        text
    }
}

/// Upper end of the 95 % interval of a rate when none of `pairs` was wrong, percent.
fn rule_of_three(pairs: usize) -> f64 {
    (300.0 / pairs.max(1) as f64).min(100.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(same: &[f32], different: &[f32]) -> Report {
        Report {
            thresholds: FaceThresholds::default(),
            persons: BTreeMap::from([("lin".to_owned(), 2), ("wang".to_owned(), 1)]),
            unused: vec![("zhao_1.jpg".into(), "there is no face".to_owned())],
            same: same.to_vec(),
            different: different.to_vec(),
        }
    }

    #[test]
    fn names_say_who_is_on_a_picture() {
        for (file, expected) in [
            ("lin_1.jpg", "lin"),
            ("lin-passport.2019.png", "lin"),
            ("lin 2.jpg", "lin"),
            ("a1.jpg", "a"),
            ("0042_2.jpg", "0042"),
            ("王小明_1.png", "王小明"),
            ("lin", "lin"),
        ] {
            assert_eq!(person(file), expected, "{file}");
        }
    }

    #[test]
    fn rates_count_pairs_on_the_wrong_side() {
        let report = report(&[0.2, 0.5, 0.6, 0.9], &[-0.1, 0.0, 0.1, 0.5]);
        let rates = report.at(0.5);
        assert!((rates.false_match - 0.25).abs() < 1e-9 && (rates.false_non_match - 0.25).abs() < 1e-9);
        assert!((report.equal().false_match - 0.25).abs() < 1e-9);
        let curve = report.curve();
        assert!((curve[0].false_match - 1.0).abs() < 1e-9 && curve[0].false_non_match == 0.0);
        let last = curve.last().expect("an end");
        assert!(last.false_match == 0.0 && (last.false_non_match - 1.0).abs() < 1e-9);
        assert!(curve.windows(2).all(|pair| pair[0].false_match >= pair[1].false_match));
        assert!(curve.windows(2).all(|pair| pair[0].false_non_match <= pair[1].false_non_match));
    }

    #[test]
    fn the_text_says_what_was_not_used_and_how_sure_one_is() {
        let text = report(&[0.8, 0.9], &[0.1, 0.2, 0.3]).text();
        assert!(text.contains("zhao_1.jpg (there is no face)") && text.contains("FMR 100.000 %"), "{text}");
        assert!(text.contains("0.430") && text.contains("0.330"), "{text}");
    }
}
