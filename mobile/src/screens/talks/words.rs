//! Words of conversations: marks, previews, how an invitation stands, sizes.

use crate::i18n::Lang;
use miantan_domain::model::*;

pub fn mark(l: Lang, mark: Mark) -> String {
    match mark {
        Mark::Unmarked => l.tr("mark-unmarked"),
        Mark::Shortlisted => l.tr("mark-shortlisted"),
        Mark::Qualified => l.tr("mark-qualified"),
        Mark::Eliminated => l.tr("mark-eliminated"),
    }
}

pub const fn mark_class(mark: Mark) -> &'static str {
    match mark {
        Mark::Unmarked => "unmarked",
        Mark::Shortlisted => "shortlisted",
        Mark::Qualified => "qualified",
        Mark::Eliminated => "eliminated",
    }
}

/// Who the other side is: a recruiter reads the candidate's name, a candidate the employer's.
pub fn other_name(head: &TalkHead) -> &str {
    match head.side {
        Side::Candidate => &head.employer_name,
        Side::Recruiter => &head.candidate_name,
    }
}

/// The positions applied for, newest first.
pub fn positions(head: &TalkHead) -> String {
    head.applications.iter().map(|application| application.title.as_str()).collect::<Vec<_>>().join("、")
}

/// The second line: what it is about, and who the other is.
pub fn about(head: &TalkHead) -> String {
    let positions = positions(head);
    let more = match head.side {
        Side::Candidate => &head.fair_title,
        Side::Recruiter => &head.candidate_line,
    };
    [positions.as_str(), more.as_str()]
        .into_iter()
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join(" · ")
}

/// The newest entry in one line.
pub fn preview(l: Lang, head: &TalkHead) -> String {
    let Some(last) = &head.last else { return String::new() };
    let said = match &last.body {
        EntryBody::Text { text } => text.split_whitespace().collect::<Vec<_>>().join(" "),
        EntryBody::Image { .. } => format!("🖼 {}", l.tr("talk-picture")),
        EntryBody::File { name, .. } => format!("📄 {name}"),
        EntryBody::Applied { position, .. } => {
            return l.tr_with("talk-applied", &[("position", position.clone().into())]);
        }
        EntryBody::Invited { .. } => return format!("📅 {}", l.tr("talk-invitation")),
        EntryBody::InvitationMoved { to, .. } => return moved(l, to, last.from == head.side, head),
        EntryBody::Unknown => return l.tr("talk-unknown"),
    };
    if last.from == head.side { l.tr_with("talk-own", &[("text", said.into())]) } else { said }
}

/// How an invitation stands: kind (for its colour) and word.
pub fn status(l: Lang, status: &InvitationStatus, side: Side) -> (&'static str, String) {
    match (status, side) {
        (InvitationStatus::Sent, Side::Candidate) => ("open", l.tr("invitation-sent-mine")),
        (InvitationStatus::Sent, Side::Recruiter) => ("open", l.tr("invitation-sent")),
        (InvitationStatus::Accepted, _) => ("yes", l.tr("invitation-accepted")),
        (InvitationStatus::Declined { .. }, _) => ("no", l.tr("invitation-declined")),
        (InvitationStatus::MoveAsked { .. }, _) => ("open", l.tr("invitation-move-asked")),
        (InvitationStatus::Withdrawn { .. }, _) => ("over", l.tr("invitation-withdrawn")),
        (InvitationStatus::Expired, _) => ("over", l.tr("invitation-expired")),
    }
}

/// What happened to an invitation, as the history says it.
pub fn moved(l: Lang, to: &InvitationStatus, mine: bool, head: &TalkHead) -> String {
    let who = if mine { l.tr("talk-you") } else { other_name(head).to_owned() };
    let who = [("who", who.into())];
    match to {
        InvitationStatus::Sent => l.tr_with("moved-amended", &who),
        InvitationStatus::Accepted => l.tr_with("moved-accepted", &who),
        InvitationStatus::Declined { .. } => l.tr_with("moved-declined", &who),
        InvitationStatus::MoveAsked { .. } => l.tr_with("moved-move-asked", &who),
        InvitationStatus::Withdrawn { .. } => l.tr_with("moved-withdrawn", &who),
        InvitationStatus::Expired => l.tr("moved-expired"),
    }
}

/// `4 KB`, `2.5 MB`.
pub fn size(bytes: u64) -> String {
    const KB: u64 = 1024;
    const MB: u64 = 1024 * KB;
    match bytes {
        0..KB => format!("{bytes} B"),
        KB..MB => format!("{} KB", bytes / KB),
        _ => format!("{}.{} MB", bytes / MB, bytes % MB * 10 / MB),
    }
}

/// `PDF`, `DOCX` … from a safe name.
pub fn kind_of(name: &str) -> String {
    name.rsplit_once('.').map(|(_, end)| end.to_uppercase()).filter(|end| end.len() <= 5).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_and_kinds() {
        let all = [999, 2048, 1_500_000, 20 * 1024 * 1024].map(size);
        assert_eq!(all, ["999 B", "2 KB", "1.4 MB", "20.0 MB"]);
        assert_eq!(["a.pdf", "简历.docx", "none", "a.verylong"].map(kind_of), ["PDF", "DOCX", "", ""]);
    }

    #[test]
    fn every_mark_and_status_has_its_own_word() {
        let statuses = [
            InvitationStatus::Sent,
            InvitationStatus::Accepted,
            InvitationStatus::Declined { reason: String::new() },
            InvitationStatus::MoveAsked { note: String::new(), times: Vec::new() },
            InvitationStatus::Withdrawn { reason: String::new() },
            InvitationStatus::Expired,
        ];
        for l in Lang::ALL {
            let marks: std::collections::BTreeSet<_> = Mark::ALL.iter().map(|each| mark(l, *each)).collect();
            assert_eq!(marks.len(), Mark::ALL.len());
            for side in [Side::Candidate, Side::Recruiter] {
                let words: std::collections::BTreeSet<_> =
                    statuses.iter().map(|each| status(l, each, side).1).collect();
                assert_eq!(words.len(), statuses.len(), "{words:?}");
            }
        }
    }
}
