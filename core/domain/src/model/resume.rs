//! Résumés (简历): what a candidate tells of themselves, structured or as a file.

use crate::ids::*;
use crate::time::WallTime;
use serde::{Deserialize, Serialize};

/// Most periods in one list of a résumé.
pub const RESUME_ENTRIES_MAX: usize = 30;
/// Most skills, and most characters of one line of a résumé.
pub const RESUME_SKILLS_MAX: usize = 60;
pub const RESUME_LINE_MAX_CHARS: usize = 200;
/// Most attachment résumés one candidate keeps.
pub const ATTACHMENTS_MAX: usize = 10;

/// Structured résumé (online résumé), as the candidate writes it and a recruiter reads it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct Resume {
    pub city: String,
    /// Birth year, 0 when not given.
    pub birth_year: u16,
    /// 求职意向: the kind of work looked for.
    pub objective: String,
    pub email: String,
    /// A picture (PNG or JPEG) uploaded for this.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub photo: Option<ObjectId>,
    pub education: Vec<ResumeEntry>,
    pub experience: Vec<ResumeEntry>,
    pub skills: Vec<String>,
    pub about: String,
}

/// One period of education or experience.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ResumeEntry {
    /// `2021.09 – 2025.06`, as written.
    pub period: String,
    pub place: String,
    pub what: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub details: String,
}

impl Resume {
    /// Whether anything is in it that a recruiter could read; an empty one cannot be sent (F4).
    pub fn is_blank(&self) -> bool {
        self.objective.trim().is_empty()
            && self.education.is_empty()
            && self.experience.is_empty()
            && self.skills.is_empty()
            && self.about.trim().is_empty()
    }

    /// Whether every part keeps within its limits; the server refuses what does not.
    pub fn fits(&self) -> bool {
        let line = |text: &String| text.chars().count() <= RESUME_LINE_MAX_CHARS;
        let long = |text: &String| text.chars().count() <= super::TEXT_MAX_CHARS;
        let entry = |e: &ResumeEntry| line(&e.period) && line(&e.place) && line(&e.what) && long(&e.details);
        line(&self.city)
            && line(&self.objective)
            && line(&self.email)
            && long(&self.about)
            && self.education.len() <= RESUME_ENTRIES_MAX
            && self.experience.len() <= RESUME_ENTRIES_MAX
            && self.skills.len() <= RESUME_SKILLS_MAX
            && self.education.iter().chain(&self.experience).all(entry)
            && self.skills.iter().all(line)
    }
}

/// A candidate's online résumé with who it is about. `version` counts its changes: a change made
/// from an older version is refused with `resume_changed`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ResumeDoc {
    pub version: u64,
    pub name: String,
    /// One line under the name: school and major, or last employer.
    pub headline: String,
    pub resume: Resume,
}

/// A résumé as a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AttachmentResume {
    pub object: ObjectId,
    /// Safe file name with the extension of what it really is.
    pub name: String,
    pub size: u64,
    pub at: WallTime,
}

/// Which résumé goes with an application.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "resume", rename_all = "snake_case")]
pub enum ResumeChoice {
    Online,
    Attachment { object: ObjectId },
}
