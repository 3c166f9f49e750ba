//! From a sheet to strips: the order of the sections and their look.

use miantan_domain::model::ResumeEntry;

use super::blocks::*;
use super::fonts::Fonts;
use super::shape::Shaper;
use super::sheet::{Sheet, Words};
use super::text::{clean, clean_line, item};

/// Size of running text, and the distance of its baselines as a multiple of it.
const BODY: f32 = 9.5;
const LEADING: f32 = 1.68;
/// Where the baseline stands in a line's height: Chinese characters fill 0.88 em above and 0.12 em below it.
const BASELINE: f32 = 0.38;

pub(super) fn lay_out(sheet: &Sheet, fonts: &Fonts) -> Book {
    let words = sheet.language.words();
    let photo = sheet.photo.as_deref().and_then(super::draw::passport);
    let writer = Writer { shaper: Shaper::new(fonts, words.code), words };
    let mut strips = writer.head(sheet, photo.is_some());
    writer.sections(sheet, &mut strips);
    let pages = writer.pages(strips, sheet);
    Book { pages, photo }
}

pub(super) struct Writer<'a> {
    pub(super) shaper: Shaper<'a>,
    pub(super) words: Words,
}

/// How a text looks.
#[derive(Clone, Copy)]
pub(super) struct Look {
    pub size: f32,
    bold: bool,
    pub ink: Ink,
    leading: f32,
}

pub(super) const fn look(size: f32, bold: bool, ink: Ink) -> Look {
    Look { size, bold, ink, leading: 1.4 }
}

impl Look {
    fn height(self) -> f32 {
        self.size * self.leading
    }

    /// From the top of the line to its baseline.
    fn baseline(self) -> f32 {
        self.height() / 2.0 + self.size * BASELINE
    }
}

impl Writer<'_> {
    /// Lines of one text, each a strip, set from `x` with `width` points of room.
    fn text(&self, text: &str, look: Look, x: f32, width: f32) -> Vec<Strip> {
        let lines = self.shaper.paragraph(text, look.bold, width / look.size);
        let strip = |line| {
            let mark = Mark::Text { x, y: look.baseline(), size: look.size, ink: look.ink, line };
            Strip { height: look.height(), marks: vec![mark], ..Strip::default() }
        };
        lines.into_iter().map(strip).collect()
    }

    /// Name, headline, contact and a line under them; the photo on the right.
    fn head(&self, sheet: &Sheet, photo: bool) -> Vec<Strip> {
        let width = if photo { CONTENT - PHOTO_WIDTH - 24.0 } else { CONTENT };
        let mut strips = Vec::new();
        let name = clean_line(&sheet.name);
        let name = if name.is_empty() { self.words.title } else { &name };
        strips.extend(self.text(name, look(25.0, true, Ink::Dark), SIDE, width));
        let headline = clean_line(&sheet.headline);
        if !headline.is_empty() {
            let lines = self.text(&headline, look(11.5, false, Ink::Text), SIDE, width);
            strips.extend(spaced(lines, 3.0));
        }
        let objective = clean_line(&sheet.resume.objective);
        if !objective.is_empty() {
            let said = format!("{}  {objective}", self.words.objective);
            strips.extend(spaced(self.text(&said, look(10.0, true, Ink::Accent), SIDE, width), 5.0));
        }
        let facts = facts(sheet);
        if !facts.is_empty() {
            let look = Look { leading: 1.6, ..look(9.5, false, Ink::Quiet) };
            strips.extend(spaced(self.facts_lines(&facts, look, width), 6.0));
        }
        let height: f32 = strips.iter().map(|strip| strip.before + strip.height).sum();
        let rule = if photo {
            if let Some(first) = strips.first_mut() {
                first.marks.push(Mark::Photo { x: SIDE + CONTENT - PHOTO_WIDTH, y: 0.0 });
            }
            (PHOTO_HEIGHT - height).max(0.0)
        } else {
            0.0
        };
        let line = |width, height, ink| Mark::Box { x: SIDE, y: 0.0, width, height, radius: 0.0, ink };
        strips.push(Strip {
            height: 2.0,
            before: 14.0 + rule,
            keep: false,
            marks: vec![line(CONTENT, 0.6, Ink::Hair), line(36.0, 2.0, Ink::Accent)],
        });
        for strip in strips.iter_mut().rev().skip(1) {
            strip.keep = true;
        }
        strips
    }

    /// Facts side by side with a dot between them; none is broken that fits on a line of its own.
    fn facts_lines(&self, facts: &[String], look: Look, width: f32) -> Vec<Strip> {
        let mut lines: Vec<String> = Vec::new();
        for fact in facts {
            let joined = lines.last().map(|line| format!("{line}  ·  {fact}"));
            match joined.filter(|joined| self.shaper.line(joined, look.bold).width * look.size <= width) {
                Some(joined) => {
                    lines.pop();
                    lines.push(joined);
                }
                None => lines.push(fact.clone()),
            }
        }
        lines.iter().flat_map(|line| self.text(line, look, SIDE, width)).collect()
    }

    fn sections(&self, sheet: &Sheet, strips: &mut Vec<Strip>) {
        let resume = &sheet.resume;
        let count = strips.len();
        for (title, entries) in
            [(self.words.education, &resume.education), (self.words.experience, &resume.experience)]
        {
            let mut body = Vec::new();
            for entry in entries {
                let lines = self.entry(entry);
                let space = if body.is_empty() { 0.0 } else { 11.0 };
                body.extend(spaced(lines, space));
            }
            self.section(title, body, strips);
        }
        let skills = self.skills(&resume.skills);
        self.section(self.words.skills, skills, strips);
        let about = self.prose(&resume.about);
        self.section(self.words.about, about, strips);
        if strips.len() == count {
            let lines = self.text(self.words.blank, look(BODY, false, Ink::Quiet), SIDE, CONTENT);
            strips.extend(spaced(lines, 18.0));
        }
    }

    /// A heading with its body; nothing when the body is empty.
    fn section(&self, title: &str, body: Vec<Strip>, strips: &mut Vec<Strip>) {
        if body.is_empty() {
            return;
        }
        let look = look(12.5, true, Ink::Accent);
        let line = self.shaper.line(title, true);
        let end = SIDE + line.width * look.size + 12.0;
        let middle = look.height() / 2.0;
        let heading = Strip {
            height: look.height(),
            before: 20.0,
            keep: true,
            marks: vec![
                Mark::Text { x: SIDE, y: look.baseline(), size: look.size, ink: look.ink, line },
                Mark::Box {
                    x: end,
                    y: middle,
                    width: (SIDE + CONTENT - end).max(0.0),
                    height: 0.6,
                    radius: 0.0,
                    ink: Ink::Hair,
                },
            ],
        };
        strips.push(heading);
        strips.extend(spaced(body, 7.0));
    }

    /// Place and period on one line, what was done there, details.
    fn entry(&self, entry: &ResumeEntry) -> Vec<Strip> {
        let (period, place, what) =
            (clean_line(&entry.period), clean_line(&entry.place), clean_line(&entry.what));
        let mut strips = Vec::new();
        let (title, quiet) = (look(10.5, true, Ink::Dark), look(9.5, false, Ink::Quiet));
        let said = self.shaper.line(&period, false);
        let period_width = said.width * quiet.size;
        // A period that is a sentence gets lines of its own.
        let beside = period_width <= CONTENT * 0.4;
        let room = if period.is_empty() || !beside { CONTENT } else { CONTENT - period_width - 16.0 };
        // Without a place, what was done is the title.
        let (first, second) = if place.is_empty() { (&what, &place) } else { (&place, &what) };
        if !first.is_empty() {
            strips.extend(self.text(first, title, SIDE, room));
        }
        if !period.is_empty() {
            if beside {
                let x = SIDE + CONTENT - period_width;
                let mark =
                    Mark::Text { x, y: title.baseline(), size: quiet.size, ink: quiet.ink, line: said };
                match strips.first_mut() {
                    Some(first) => first.marks.push(mark),
                    None => {
                        strips.push(Strip { height: title.height(), marks: vec![mark], ..Strip::default() });
                    }
                }
            } else {
                strips.extend(self.text(&period, quiet, SIDE, CONTENT));
            }
        }
        if !second.is_empty() {
            let lines = self.text(second, look(10.0, false, Ink::Text), SIDE, CONTENT);
            strips.extend(spaced(lines, 1.0));
        }
        for strip in &mut strips {
            strip.keep = true;
        }
        let details = self.prose(&entry.details);
        if let Some(last) = strips.last_mut().filter(|_| details.is_empty()) {
            last.keep = false;
        }
        let space = if strips.is_empty() { 0.0 } else { 3.0 };
        strips.extend(spaced(details, space));
        strips
    }

    /// Paragraphs; lines that begin with a list mark are set as a list.
    fn prose(&self, text: &str) -> Vec<Strip> {
        let look = Look { leading: LEADING, ..look(BODY, false, Ink::Text) };
        let mut strips = Vec::new();
        for line in clean(text).lines() {
            let line = line.split(' ').filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
            let line = line.trim();
            if line.is_empty() {
                continue;
            }
            let mut lines = match item(line) {
                Some(rest) => {
                    let mut lines = self.text(rest, look, SIDE + 12.0, CONTENT - 12.0);
                    let y = look.baseline() - look.size * 0.34 - 1.4;
                    let dot = Mark::Box {
                        x: SIDE + 2.0,
                        y,
                        width: 2.8,
                        height: 2.8,
                        radius: 1.4,
                        ink: Ink::Accent,
                    };
                    if let Some(first) = lines.first_mut() {
                        first.marks.insert(0, dot);
                    }
                    lines
                }
                None => self.text(line, look, SIDE, CONTENT),
            };
            // No line of a paragraph stands alone at the end or at the beginning of a page.
            let count = lines.len();
            if count > 1 {
                lines[0].keep = true;
                lines[count - 2].keep = true;
            }
            let space = if strips.is_empty() { 0.0 } else { 2.0 };
            strips.extend(spaced(lines, space));
        }
        strips
    }

    /// Skills side by side on soft grounds.
    fn skills(&self, skills: &[String]) -> Vec<Strip> {
        const INSET: f32 = 8.0;
        const GAP: f32 = 6.0;
        const HEIGHT: f32 = 19.0;
        let look = look(BODY, false, Ink::Dark);
        let mut rows: Vec<Strip> = Vec::new();
        let mut x = f32::INFINITY;
        for skill in skills.iter().map(|skill| clean_line(skill)).filter(|skill| !skill.is_empty()) {
            // A skill longer than a line goes over several.
            for line in self.shaper.paragraph(&skill, look.bold, (CONTENT - 2.0 * INSET) / look.size) {
                let width = line.width * look.size + 2.0 * INSET;
                if x + width > SIDE + CONTENT + 0.01 {
                    x = SIDE;
                    let before = if rows.is_empty() { 0.0 } else { GAP };
                    rows.push(Strip { height: HEIGHT, before, ..Strip::default() });
                }
                if let Some(row) = rows.last_mut() {
                    let y = HEIGHT / 2.0 + look.size * BASELINE;
                    row.marks.push(Mark::Box {
                        x,
                        y: 0.0,
                        width,
                        height: HEIGHT,
                        radius: 4.0,
                        ink: Ink::Soft,
                    });
                    row.marks.push(Mark::Text { x: x + INSET, y, size: look.size, ink: look.ink, line });
                }
                x += width + GAP;
            }
        }
        rows
    }
}

/// City, year of birth, contact.
fn facts(sheet: &Sheet) -> Vec<String> {
    let resume = &sheet.resume;
    let mut facts = vec![clean_line(&resume.city)];
    if resume.birth_year != 0 {
        facts.push(sheet.language.born(resume.birth_year));
    }
    facts.extend(sheet.contact.iter().map(|line| clean_line(line)));
    let email = clean_line(&resume.email);
    // The caller may have put it among the contacts already.
    if !facts.contains(&email) {
        facts.push(email);
    }
    facts.retain(|fact| !fact.is_empty());
    facts
}

/// Puts space above the first of the strips.
fn spaced(mut strips: Vec<Strip>, space: f32) -> Vec<Strip> {
    if let Some(first) = strips.first_mut() {
        first.before = space;
    }
    strips
}
