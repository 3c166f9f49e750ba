//! Which codes are in sight, from one look to the next: each text is told once while its code stays, although single
//! looks miss it (blur, a hand). Pure; time is an argument.

use super::ScanNews;

/// A code that no look has found for this long is out of sight, in milliseconds.
pub const FORGET_MS: u64 = 2_000;

/// Texts in sight, each with the time it was last seen.
#[derive(Default)]
pub(super) struct Sight {
    seen: Vec<(String, u64)>,
}

impl Sight {
    /// What is to be told after a look that found these texts.
    pub(super) fn after_look(&mut self, now_ms: u64, texts: Vec<String>) -> Vec<ScanNews> {
        let had_some = !self.seen.is_empty();
        let mut news = Vec::new();
        for text in texts {
            if let Some((_, last)) = self.seen.iter_mut().find(|(known, _)| *known == text) {
                *last = now_ms;
            } else {
                self.seen.push((text.clone(), now_ms));
                news.push(ScanNews::Found(text));
            }
        }
        self.seen.retain(|(_, last)| now_ms.saturating_sub(*last) < FORGET_MS);
        if had_some && self.seen.is_empty() {
            news.push(ScanNews::Gone);
        }
        news
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> ScanNews {
        ScanNews::Found(text.to_owned())
    }

    #[test]
    fn a_code_is_told_once_while_it_stays_although_looks_miss_it() {
        let mut sight = Sight::default();
        assert_eq!(sight.after_look(0, vec!["a".into()]), [found("a")]);
        for now in (150..6_000).step_by(150) {
            let texts = if now % 600 == 0 { vec!["a".to_owned()] } else { Vec::new() };
            assert_eq!(sight.after_look(now, texts), [], "at {now}");
        }
    }

    #[test]
    fn a_code_that_left_is_told_when_it_comes_back() {
        let mut sight = Sight::default();
        sight.after_look(0, vec!["a".into()]);
        assert_eq!(sight.after_look(FORGET_MS - 1, vec![]), []);
        assert_eq!(sight.after_look(FORGET_MS, vec![]), [ScanNews::Gone]);
        assert_eq!(sight.after_look(FORGET_MS + 150, vec![]), [], "once");
        assert_eq!(sight.after_look(FORGET_MS + 300, vec!["a".into()]), [found("a")]);
    }

    #[test]
    fn several_codes_each_have_their_time() {
        let mut sight = Sight::default();
        assert_eq!(sight.after_look(0, vec!["a".into(), "b".into()]), [found("a"), found("b")]);
        assert_eq!(sight.after_look(1_500, vec!["b".into()]), []);
        // `a` has left, `b` is still there: something is in sight
        assert_eq!(sight.after_look(2_100, vec!["b".into(), "c".into()]), [found("c")]);
        assert_eq!(sight.after_look(2_200, vec!["a".into()]), [found("a")]);
    }

    #[test]
    fn texts_are_not_printed() {
        assert_eq!(format!("{:?}", found("miantan://join?code=ABC")), "Found(..)");
    }
}
