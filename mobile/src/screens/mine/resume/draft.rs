//! The résumé while it is being written, apart from any window: periods with keys of their own, so that a field keeps
//! what is typed while its period moves, and the rule by which an echo of one's own typing is told from a change that
//! was made elsewhere.

use miantan_domain::model::{RESUME_ENTRIES_MAX, RESUME_SKILLS_MAX, Resume, ResumeDoc, ResumeEntry};
use std::collections::VecDeque;

/// So many own states are remembered to know their echoes by.
const ECHOES: usize = 256;

/// One of the two lists of periods.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Periods {
    Education,
    Experience,
}

/// What was taken out, to be put back.
#[derive(Debug, Clone, PartialEq)]
pub enum Removed {
    Period { of: Periods, at: usize, key: u64, entry: ResumeEntry },
    Skill { at: usize, skill: String },
}

/// See the module's page.
#[derive(Debug, Clone, Default)]
pub struct Draft {
    pub doc: ResumeDoc,
    education: Vec<u64>,
    experience: Vec<u64>,
    next: u64,
    sent: VecDeque<ResumeDoc>,
    /// Grows when the words come from elsewhere: fields begin anew.
    pub epoch: u64,
}

fn squeezed(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The same to a reader: white space, the version and the photo (which the session sets) aside.
fn alike(one: &ResumeDoc, other: &ResumeDoc) -> bool {
    fn entries(all: &[ResumeEntry]) -> Vec<[String; 4]> {
        all.iter().map(|e| [&e.period, &e.place, &e.what, &e.details].map(|text| squeezed(text))).collect()
    }
    let words = |doc: &ResumeDoc| {
        let Resume { city, birth_year, objective, email, photo: _, education, experience, skills, about } =
            &doc.resume;
        let lines = [&doc.name, &doc.headline, city, objective, email, about].map(|text| squeezed(text));
        let skills: Vec<String> = skills.iter().map(|skill| squeezed(skill)).collect();
        (lines, *birth_year, entries(education), entries(experience), skills)
    };
    words(one) == words(other)
}

impl Draft {
    /// Takes in what the session has. `true`: the words are other ones than those here.
    pub fn take_in(&mut self, doc: &ResumeDoc) -> bool {
        let photo = doc.resume.photo;
        if self.epoch > 0 && alike(doc, &self.doc) {
            self.doc.version = doc.version;
            self.doc.resume.photo = photo;
            self.sent.clear();
            return false;
        }
        if self.epoch > 0 && self.sent.iter().any(|sent| alike(sent, doc)) {
            // typed on since
            self.doc.resume.photo = photo;
            return false;
        }
        self.sent.clear();
        self.doc = doc.clone();
        self.epoch += 1;
        self.education = Vec::new();
        self.experience = Vec::new();
        for of in [Periods::Education, Periods::Experience] {
            let keys = (0..self.list(of).len()).map(|_| self.key()).collect();
            *self.keys_mut(of) = keys;
        }
        true
    }

    /// Changed here: remembered, so that its echo is known.
    pub fn changed(&mut self) -> ResumeDoc {
        if self.sent.len() == ECHOES {
            self.sent.pop_front();
        }
        self.sent.push_back(self.doc.clone());
        self.doc.clone()
    }

    fn key(&mut self) -> u64 {
        self.next += 1;
        self.next
    }

    pub fn list(&self, of: Periods) -> &Vec<ResumeEntry> {
        match of {
            Periods::Education => &self.doc.resume.education,
            Periods::Experience => &self.doc.resume.experience,
        }
    }

    fn list_mut(&mut self, of: Periods) -> &mut Vec<ResumeEntry> {
        match of {
            Periods::Education => &mut self.doc.resume.education,
            Periods::Experience => &mut self.doc.resume.experience,
        }
    }

    pub fn keys(&self, of: Periods) -> &[u64] {
        match of {
            Periods::Education => &self.education,
            Periods::Experience => &self.experience,
        }
    }

    fn keys_mut(&mut self, of: Periods) -> &mut Vec<u64> {
        match of {
            Periods::Education => &mut self.education,
            Periods::Experience => &mut self.experience,
        }
    }

    fn place(&self, of: Periods, key: u64) -> Option<usize> {
        self.keys(of).iter().position(|each| *each == key)
    }

    /// A new, empty period at the end: its key; `None`: there are as many as may be.
    pub fn add(&mut self, of: Periods) -> Option<u64> {
        if self.list(of).len() >= RESUME_ENTRIES_MAX {
            return None;
        }
        let key = self.key();
        self.list_mut(of).push(ResumeEntry::default());
        self.keys_mut(of).push(key);
        Some(key)
    }

    /// Writes into a period.
    pub fn write(&mut self, of: Periods, key: u64, with: impl FnOnce(&mut ResumeEntry)) {
        if let Some(entry) = self.place(of, key).and_then(|at| self.list_mut(of).get_mut(at)) {
            with(entry);
        }
    }

    /// One place up or down; nothing at an end.
    pub fn shift(&mut self, of: Periods, key: u64, up: bool) {
        let Some(at) = self.place(of, key) else { return };
        let to = if up { at.checked_sub(1) } else { Some(at + 1).filter(|to| *to < self.list(of).len()) };
        if let Some(to) = to {
            self.list_mut(of).swap(at, to);
            self.keys_mut(of).swap(at, to);
        }
    }

    pub fn remove(&mut self, of: Periods, key: u64) -> Option<Removed> {
        let at = self.place(of, key)?;
        self.keys_mut(of).remove(at);
        let entry = self.list_mut(of).remove(at);
        Some(Removed::Period { of, at, key, entry })
    }

    /// Skills typed at once, parted by commas: those that are new. `false`: not all had room.
    pub fn add_skills(&mut self, typed: &str) -> bool {
        let new =
            typed.split([',', '，', '、', ';', '；', '\n']).map(squeezed).filter(|skill| !skill.is_empty());
        let skills = &mut self.doc.resume.skills;
        for skill in new {
            if skills.contains(&skill) {
                continue;
            }
            if skills.len() >= RESUME_SKILLS_MAX {
                return false;
            }
            skills.push(skill);
        }
        true
    }

    pub fn remove_skill(&mut self, skill: &str) -> Option<Removed> {
        let at = self.doc.resume.skills.iter().position(|each| each == skill)?;
        let skill = self.doc.resume.skills.remove(at);
        Some(Removed::Skill { at, skill })
    }

    /// Puts back what was taken out, where it was or as near as may be.
    pub fn put_back(&mut self, removed: Removed) {
        match removed {
            Removed::Period { of, at, key, entry } => {
                let at = at.min(self.list(of).len());
                self.list_mut(of).insert(at, entry);
                self.keys_mut(of).insert(at, key);
            }
            Removed::Skill { at, skill } => {
                let skills = &mut self.doc.resume.skills;
                if !skills.contains(&skill) {
                    skills.insert(at.min(skills.len()), skill);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn doc(about: &str) -> ResumeDoc {
        ResumeDoc { resume: Resume { about: about.into(), ..Resume::default() }, ..ResumeDoc::default() }
    }

    fn with_periods(places: &[&str]) -> Draft {
        let mut draft = Draft::default();
        draft.take_in(&doc(""));
        for place in places {
            let key = draft.add(Periods::Education).expect("room");
            draft.write(Periods::Education, key, |entry| entry.place = (*place).into());
        }
        draft
    }

    fn places(draft: &Draft) -> Vec<&str> {
        draft.list(Periods::Education).iter().map(|entry| entry.place.as_str()).collect()
    }

    #[test]
    fn echoes_of_ones_own_typing_change_nothing() {
        let mut draft = Draft::default();
        assert!(draft.take_in(&doc("")));
        for text in ["我", "我会", "我会开 "] {
            draft.doc = doc(text);
            draft.changed();
        }
        assert!(!draft.take_in(&doc("我会")), "an older echo");
        assert_eq!(draft.doc.resume.about, "我会开 ");
        // as the server keeps it: without the space at the end
        assert!(!draft.take_in(&ResumeDoc { version: 4, ..doc("我会开") }));
        assert_eq!((draft.doc.resume.about.as_str(), draft.doc.version), ("我会开 ", 4));
    }

    #[test]
    fn words_from_elsewhere_are_taken_and_begin_the_fields_anew() {
        let mut draft = Draft::default();
        draft.take_in(&doc("这里"));
        let before = draft.epoch;
        assert!(draft.take_in(&doc("那里")));
        assert_eq!((draft.doc.resume.about.as_str(), draft.epoch), ("那里", before + 1));
        // what was written here before is no echo any more
        draft.doc = doc("这里");
        assert!(draft.take_in(&doc("那里")));
    }

    #[test]
    fn a_photo_comes_in_without_touching_the_words() {
        let photo = miantan_domain::ids::ObjectId::from_parts(1, &[1; 10]);
        let mut draft = Draft::default();
        draft.take_in(&doc("甲"));
        let mut with_photo = doc("甲");
        with_photo.resume.photo = Some(photo);
        assert!(!draft.take_in(&with_photo));
        assert_eq!(draft.doc.resume.photo, Some(photo));
    }

    #[test]
    fn periods_move_with_their_keys() {
        let mut draft = with_periods(&["一", "二", "三"]);
        let keys = draft.keys(Periods::Education).to_vec();
        draft.shift(Periods::Education, keys[2], true);
        assert_eq!(places(&draft), ["一", "三", "二"]);
        assert_eq!(draft.keys(Periods::Education), [keys[0], keys[2], keys[1]]);
        draft.shift(Periods::Education, keys[0], true);
        draft.shift(Periods::Education, keys[1], false);
        assert_eq!(places(&draft), ["一", "三", "二"], "nothing at the ends");
    }

    #[test]
    fn what_is_removed_comes_back_to_its_place() {
        let mut draft = with_periods(&["一", "二", "三"]);
        let key = draft.keys(Periods::Education)[1];
        let removed = draft.remove(Periods::Education, key).expect("it is there");
        assert_eq!(places(&draft), ["一", "三"]);
        draft.put_back(removed);
        assert_eq!(places(&draft), ["一", "二", "三"]);
        draft.write(Periods::Education, key, |entry| entry.place = "贰".into());
        assert_eq!(places(&draft)[1], "贰", "under its own key");

        assert!(draft.add_skills("会计，Excel, 会计、 PS "));
        assert_eq!(draft.doc.resume.skills, ["会计", "Excel", "PS"]);
        let removed = draft.remove_skill("Excel").expect("it is there");
        draft.put_back(removed);
        assert_eq!(draft.doc.resume.skills, ["会计", "Excel", "PS"]);
    }

    #[test]
    fn lists_end_at_their_limits() {
        let mut draft = with_periods(&["一"; RESUME_ENTRIES_MAX]);
        assert_eq!(draft.add(Periods::Education), None);
        let many = (0..=RESUME_SKILLS_MAX).map(|n| format!("s{n}")).collect::<Vec<_>>().join(",");
        assert!(!draft.add_skills(&many));
        assert_eq!(draft.doc.resume.skills.len(), RESUME_SKILLS_MAX);
        assert!(draft.doc.resume.fits());
    }
}
