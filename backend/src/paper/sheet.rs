//! What is printed, and the few words that are not the candidate's own.

use miantan_domain::model::Resume;

/// The language of headings and page numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Language {
    #[default]
    Chinese,
    English,
}

/// A résumé with everything that shall be seen of it.
#[derive(Debug, Clone, Default)]
pub struct Sheet {
    pub name: String,
    /// One line under the name; empty for none.
    pub headline: String,
    /// Telephone and the like, in the order shown; only what the reader may see.
    pub contact: Vec<String>,
    pub resume: Resume,
    /// PNG or JPEG; left out when it cannot be shown. `resume.photo` is not looked up.
    pub photo: Option<Vec<u8>>,
    pub language: Language,
}

/// Headings and such.
#[derive(Debug, Clone, Copy)]
pub(super) struct Words {
    pub code: &'static str,
    pub title: &'static str,
    pub objective: &'static str,
    pub education: &'static str,
    pub experience: &'static str,
    pub skills: &'static str,
    pub about: &'static str,
    pub blank: &'static str,
    pub cut: &'static str,
}

impl Language {
    pub(super) const fn words(self) -> Words {
        match self {
            Self::Chinese => Words {
                code: "zh-Hans",
                title: "简历",
                objective: "求职意向",
                education: "教育经历",
                experience: "工作与实践经历",
                skills: "技能特长",
                about: "自我评价",
                blank: "简历内容还没有填写。",
                cut: "内容过长，其余部分未打印，请在应用中查看。",
            },
            Self::English => Words {
                code: "en",
                title: "Résumé",
                objective: "Objective",
                education: "Education",
                experience: "Experience",
                skills: "Skills",
                about: "About",
                blank: "This résumé has no content yet.",
                cut: "The text is too long; the rest was not printed. Read it in the app.",
            },
        }
    }

    pub(super) fn born(self, year: u16) -> String {
        match self {
            Self::Chinese => format!("{year} 年出生"),
            Self::English => format!("Born {year}"),
        }
    }

    pub(super) fn page(self, number: usize, total: usize) -> String {
        match self {
            Self::Chinese => format!("第 {number} 页 · 共 {total} 页"),
            Self::English => format!("Page {number} of {total}"),
        }
    }
}
