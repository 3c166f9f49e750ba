//! Text to glyphs: picks the typeface for each character, shapes runs, measures.

use std::cell::RefCell;
use std::collections::HashMap;
use std::ops::Range;
use std::rc::Rc;

use krilla::text::{GlyphId, KrillaGlyph};
use rustybuzz::{Direction, Language, ShapePlan, UnicodeBuffer};
use unicode_segmentation::UnicodeSegmentation as _;

use super::breaks::{self, Cluster};
use super::fonts::{BOLD, Fonts, MISSING, REGULAR};

/// Glyphs of one face; positions in em.
pub(super) struct Run {
    pub face: usize,
    /// Ranges point into the line's text.
    pub glyphs: Vec<KrillaGlyph>,
    pub width: f32,
}

/// A line ready to be drawn.
pub(super) struct Line {
    pub text: String,
    pub runs: Vec<Run>,
    /// In em.
    pub width: f32,
}

/// Shapes with one set of fonts.
pub(super) struct Shaper<'a> {
    faces: Vec<rustybuzz::Face<'a>>,
    language: Option<Language>,
    /// Making a plan costs more than shaping a line by it.
    plans: RefCell<HashMap<Plan, Rc<ShapePlan>>>,
}

/// What a shaping plan is made for: a face, a direction and a script.
type Plan = (usize, bool, rustybuzz::Script);

/// What a cluster is drawn with.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Choice {
    face: usize,
    script: Script,
    /// No face has it.
    missing: bool,
}

/// Runs are shaped by script, so that Latin letters get their kerning beside Chinese ones.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Script {
    Wide,
    Latin,
    Other,
    RightToLeft,
}

impl<'a> Shaper<'a> {
    pub(super) fn new(fonts: &'a Fonts, language: &str) -> Self {
        // `Fonts` parsed every face when it was loaded.
        let faces = fonts.faces().iter().filter_map(super::fonts::Face::shaper).collect();
        Self { faces, language: language.parse().ok(), plans: RefCell::default() }
    }

    /// Shapes one line as it stands.
    pub(super) fn line(&self, text: &str, bold: bool) -> Line {
        let runs = self.runs(text, bold);
        let width = runs.iter().map(|run| run.width).sum();
        Line { text: text.to_owned(), runs, width }
    }

    /// Breaks a paragraph into lines of at most `room` em.
    pub(super) fn paragraph(&self, text: &str, bold: bool, room: f32) -> Vec<Line> {
        let clusters = self.measure(text, bold);
        breaks::lines(text, &clusters, room).into_iter().map(|range| self.line(&text[range], bold)).collect()
    }

    /// One line of at most `room` em, with an ellipsis where it was cut.
    pub(super) fn shortened(&self, text: &str, bold: bool, room: f32) -> Line {
        let whole = self.line(text, bold);
        if whole.width <= room {
            return whole;
        }
        let mut width = self.line("…", bold).width;
        let mut end = 0;
        for cluster in self.measure(text, bold) {
            width += cluster.width;
            if width > room {
                break;
            }
            end = cluster.range.end;
        }
        self.line(&format!("{}…", text[..end].trim_end()), bold)
    }

    /// The clusters of `text` with their widths in em.
    fn measure(&self, text: &str, bold: bool) -> Vec<Cluster> {
        let mut clusters: Vec<Cluster> = text
            .grapheme_indices(true)
            .map(|(at, cluster)| Cluster { range: at..at + cluster.len(), width: 0.0 })
            .collect();
        for glyph in self.runs(text, bold).iter().flat_map(|run| &run.glyphs) {
            // A ligature's width counts for its first cluster: words are not cut inside a ligature but in need.
            let at = clusters.partition_point(|cluster| cluster.range.end <= glyph.text_range.start);
            if let Some(cluster) = clusters.get_mut(at) {
                cluster.width += glyph.x_advance;
            }
        }
        clusters
    }

    fn runs(&self, text: &str, bold: bool) -> Vec<Run> {
        let mut runs = Vec::new();
        let mut open: Option<(Choice, Range<usize>)> = None;
        for (at, cluster) in text.grapheme_indices(true) {
            let range = at..at + cluster.len();
            let choice = self.choose(cluster, bold, open.as_ref().map(|(choice, _)| *choice));
            match &mut open {
                Some((last, whole)) if *last == choice => whole.end = range.end,
                _ => {
                    if let Some((choice, range)) = open.replace((choice, range)) {
                        runs.push(self.run(text, choice, range));
                    }
                }
            }
        }
        if let Some((choice, range)) = open {
            runs.push(self.run(text, choice, range));
        }
        runs
    }

    /// The first face that has all of the cluster; blanks and marks go with what stands before them.
    fn choose(&self, cluster: &str, bold: bool, last: Option<Choice>) -> Choice {
        let own = if bold { BOLD } else { REGULAR };
        let script = script(cluster).or(last.map(|last| last.script)).unwrap_or(Script::Other);
        let has = |face: usize| {
            self.faces
                .get(face)
                .is_some_and(|face| cluster.chars().all(|c| is_ignorable(c) || face.glyph_index(c).is_some()))
        };
        if let Some(last) = last.filter(|last| !last.missing && cluster == " " && has(last.face)) {
            return Choice { script, ..last };
        }
        let mut order = std::iter::once(own).chain(2..self.faces.len());
        match order.find(|face| has(*face)) {
            Some(face) => Choice { face, script, missing: false },
            None => Choice { face: own, script, missing: true },
        }
    }

    fn run(&self, text: &str, choice: Choice, range: Range<usize>) -> Run {
        let Some(face) = self.faces.get(choice.face) else {
            return Run { face: choice.face, glyphs: Vec::new(), width: 0.0 };
        };
        let em = face.units_per_em() as f32;
        let mut glyphs = if choice.missing {
            missing(face, text, range.clone())
        } else {
            self.shaped(face, text, choice, range.clone())
        };
        for glyph in &mut glyphs {
            glyph.x_advance /= em;
            glyph.x_offset /= em;
            glyph.y_offset /= em;
            glyph.y_advance /= em;
        }
        let width = glyphs.iter().map(|glyph| glyph.x_advance).sum();
        Run { face: choice.face, glyphs, width }
    }

    /// Glyphs with positions in font units.
    fn shaped(
        &self,
        face: &rustybuzz::Face<'_>,
        text: &str,
        choice: Choice,
        range: Range<usize>,
    ) -> Vec<KrillaGlyph> {
        let mut buffer = UnicodeBuffer::new();
        buffer.push_str(&text[range.clone()]);
        buffer.guess_segment_properties();
        let backwards = choice.script == Script::RightToLeft;
        let direction = if backwards { Direction::RightToLeft } else { Direction::LeftToRight };
        buffer.set_direction(direction);
        if let Some(language) = &self.language {
            buffer.set_language(language.clone());
        }
        let script = buffer.script();
        let plan =
            Rc::clone(self.plans.borrow_mut().entry((choice.face, backwards, script)).or_insert_with(|| {
                Rc::new(ShapePlan::new(face, direction, Some(script), self.language.as_ref(), &[]))
            }));
        let shaped = rustybuzz::shape_with_plan(face, &plan, buffer);
        let infos = shaped.glyph_infos();
        // Where each cluster of glyphs ends is where the next one, in text order, begins.
        let mut starts: Vec<usize> = infos.iter().map(|info| info.cluster as usize).collect();
        starts.sort_unstable();
        starts.dedup();
        let end = |start: usize| {
            let next = starts.partition_point(|other| *other <= start);
            starts.get(next).copied().unwrap_or(range.len())
        };
        infos
            .iter()
            .zip(shaped.glyph_positions())
            .map(|(info, position)| {
                let start = info.cluster as usize;
                KrillaGlyph::new(
                    GlyphId::new(info.glyph_id),
                    position.x_advance as f32,
                    position.x_offset as f32,
                    position.y_offset as f32,
                    position.y_advance as f32,
                    range.start + start..range.start + end(start),
                    None,
                )
            })
            .collect()
    }
}

/// One mark for each cluster, standing for the cluster's own text.
fn missing(face: &rustybuzz::Face<'_>, text: &str, range: Range<usize>) -> Vec<KrillaGlyph> {
    let glyph = face.glyph_index(MISSING).unwrap_or_default();
    let advance = f32::from(face.glyph_hor_advance(glyph).unwrap_or_default());
    text[range.clone()]
        .grapheme_indices(true)
        .map(|(at, cluster)| {
            let start = range.start + at;
            let id = GlyphId::new(u32::from(glyph.0));
            KrillaGlyph::new(id, advance, 0.0, 0.0, 0.0, start..start + cluster.len(), None)
        })
        .collect()
}

/// Joiners and variation selectors: they choose a form and need no glyph.
const fn is_ignorable(c: char) -> bool {
    matches!(c, '\u{200C}' | '\u{200D}' | '\u{FE00}'..='\u{FE0F}' | '\u{E0100}'..='\u{E01EF}')
}

/// The script a cluster asks for; `None` where it takes that of its neighbour.
fn script(cluster: &str) -> Option<Script> {
    let c = cluster.chars().next()?;
    match c {
        'A'..='Z' | 'a'..='z' | '\u{C0}'..='\u{24F}' => Some(Script::Latin),
        '\u{590}'..='\u{8FF}' | '\u{FB1D}'..='\u{FDFF}' | '\u{FE70}'..='\u{FEFE}' => {
            Some(Script::RightToLeft)
        }
        c if breaks::is_wide(c) => Some(Script::Wide),
        c if c.is_alphabetic() => Some(Script::Other),
        _ => None,
    }
}
