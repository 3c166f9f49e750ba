//! Where pages end, and what every page carries: the small header and the page number.

use super::MAX_PAGES;
use super::blocks::*;
use super::layout::{Writer, look};
use super::sheet::Sheet;
use super::text::clean_line;

impl Writer<'_> {
    /// Puts the strips onto pages and adds headers and page numbers where there is more than one.
    pub(super) fn pages(&self, strips: Vec<Strip>, sheet: &Sheet) -> Vec<Vec<Mark>> {
        let mut pages: Vec<Vec<Mark>> = vec![Vec::new()];
        let mut y = TOP;
        let limit = PAGE_HEIGHT - BOTTOM;
        let mut strips = strips.into_iter().peekable();
        'all: while strips.peek().is_some() {
            let mut group: Vec<Strip> = Vec::new();
            for strip in strips.by_ref() {
                let keep = strip.keep;
                group.push(strip);
                if !keep {
                    break;
                }
            }
            let fresh = is_fresh(&pages, y);
            let before = if fresh { 0.0 } else { group.first().map_or(0.0, |first| first.before) };
            let height: f32 = group.iter().map(|strip| strip.before + strip.height).sum::<f32>()
                - group.first().map_or(0.0, |first| first.before);
            // A group taller than a page is cut like anything else.
            let fits_a_page = height <= limit - TOP_LATER;
            if y + before + height > limit && fits_a_page && !fresh {
                y = turn(&mut pages);
            }
            for strip in group {
                let fresh = is_fresh(&pages, y);
                let before = if fresh { 0.0 } else { strip.before };
                if y + before + strip.height > limit && !fresh {
                    if pages.len() == MAX_PAGES {
                        self.say_cut(&mut pages, y);
                        break 'all;
                    }
                    y = turn(&mut pages);
                } else {
                    y += before;
                }
                if pages.len() > MAX_PAGES {
                    pages.pop();
                    self.say_cut(&mut pages, limit);
                    break 'all;
                }
                if let Some(page) = pages.last_mut() {
                    page.extend(strip.marks.into_iter().map(|mark| mark.down(y)));
                }
                y += strip.height;
            }
        }
        self.furnish(&mut pages, sheet);
        pages
    }

    /// Says at the bottom of the last page that there is more.
    fn say_cut(&self, pages: &mut [Vec<Mark>], y: f32) {
        let look = look(8.5, true, Ink::Accent);
        let y = y.min(PAGE_HEIGHT - BOTTOM) + look.size + 2.0;
        let line = self.shaper.line(self.words.cut, true);
        if let Some(page) = pages.last_mut() {
            page.push(Mark::Text { x: SIDE, y, size: look.size, ink: look.ink, line });
        }
    }

    fn furnish(&self, pages: &mut [Vec<Mark>], sheet: &Sheet) {
        let total = pages.len();
        if total < 2 {
            return;
        }
        const SIZE: f32 = 8.5;
        let name = clean_line(&sheet.name);
        let parts =
            [if name.is_empty() { self.words.title.to_owned() } else { name }, clean_line(&sheet.headline)];
        let title = parts.iter().filter(|part| !part.is_empty()).cloned().collect::<Vec<_>>().join("  ·  ");
        for (number, page) in (1..).zip(pages.iter_mut()) {
            if number > 1 {
                let line = self.shaper.shortened(&title, false, CONTENT / SIZE);
                let head = [
                    Mark::Text { x: SIDE, y: 44.0, size: SIZE, ink: Ink::Quiet, line },
                    Mark::Box { x: SIDE, y: 52.0, width: CONTENT, height: 0.6, radius: 0.0, ink: Ink::Hair },
                ];
                page.splice(0..0, head);
            }
            let line = self.shaper.line(&sheet.language.page(number, total), false);
            let x = (PAGE_WIDTH - line.width * SIZE) / 2.0;
            page.push(Mark::Text { x, y: PAGE_HEIGHT - 30.0, size: SIZE, ink: Ink::Quiet, line });
        }
    }
}

/// Whether nothing stands on the page yet: space above the first strip is left out there.
fn is_fresh(pages: &[Vec<Mark>], y: f32) -> bool {
    let top = if pages.len() == 1 { TOP } else { TOP_LATER };
    y <= top
}

fn turn(pages: &mut Vec<Vec<Mark>>) -> f32 {
    pages.push(Vec::new());
    TOP_LATER
}
