//! From text to a frame, or to the problem to answer with. A socket survives everything in here.

use miantan_domain::ids::ChangeId;
use miantan_domain::wire::live::ClientFrame;
use miantan_domain::wire::{Problem, ProblemCode};
use serde::Deserialize;

/// The kinds of [`ClientFrame`] and of commands; what is none of them is unknown rather than
/// malformed. The tests hold them against the protocol's golden samples.
const KINDS: [&str; 9] =
    ["hello", "watch", "presence", "change", "inbox", "seen", "typing", "signal", "ping"];
const CHANGES: [&str; 4] = ["round", "talk", "apply", "follow"];
const COMMANDS: [&str; 22] = [
    "ring",
    "reached",
    "answer",
    "decline",
    "hang_up",
    "media",
    "note",
    "check_in",
    "network",
    "confirm",
    "move_stage",
    "mark_outcome",
    "announce",
    "notify",
    "say",
    "mark",
    "invite",
    "amend",
    "withdraw",
    "accept",
    "block",
    "ask_to_move",
];

/// Why a text is no frame.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NoFrame {
    /// About the frame as a whole.
    Problem(Problem),
    /// A command of which at least the id could be read: it is refused, so that the device's outbox
    /// does not wait for it.
    Refused(ChangeId, Problem),
}

/// Reads one text frame.
pub fn parse(text: &str) -> Result<ClientFrame, NoFrame> {
    serde_json::from_str(text).map_err(|error| explain(text, &error))
}

fn explain(text: &str, error: &serde_json::Error) -> NoFrame {
    #[derive(Deserialize)]
    struct Outline {
        kind: Option<String>,
        id: Option<ChangeId>,
        change: Option<ChangeOutline>,
    }
    #[derive(Deserialize)]
    struct ChangeOutline {
        of: Option<String>,
        command: Option<CommandOutline>,
    }
    #[derive(Deserialize)]
    struct CommandOutline {
        r#do: Option<String>,
    }
    // serde's own message may quote the text; line and column say enough
    let malformed =
        || Problem::new(ProblemCode::Malformed, format!("line {} column {}", error.line(), error.column()));
    let Ok(outline) = serde_json::from_str::<Outline>(text) else { return NoFrame::Problem(malformed()) };
    let Some(kind) = outline.kind else { return NoFrame::Problem(malformed()) };
    if !KINDS.contains(&kind.as_str()) {
        return NoFrame::Problem(ProblemCode::UnknownKind.into());
    }
    let Some(id) = outline.id.filter(|_| kind == "change") else { return NoFrame::Problem(malformed()) };
    let change = outline.change;
    let of = change.as_ref().and_then(|change| change.of.clone());
    let what = change.and_then(|change| change.command).and_then(|command| command.r#do);
    let newer = of.is_some_and(|name| !CHANGES.contains(&name.as_str()))
        || what.is_some_and(|name| !COMMANDS.contains(&name.as_str()));
    if newer {
        NoFrame::Refused(id, ProblemCode::UnknownKind.into())
    } else {
        NoFrame::Refused(id, malformed())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    fn code(text: &str) -> ProblemCode {
        match parse(text).unwrap_err() {
            NoFrame::Problem(problem) => problem.code,
            NoFrame::Refused(id, _) => panic!("refused {id}"),
        }
    }

    #[test]
    fn a_newer_kind_is_unknown_and_rubbish_is_malformed() {
        assert_eq!(code(r#"{"kind":"teleport","to":1}"#), ProblemCode::UnknownKind);
        for rubbish in ["", "{", "[]", "null", "42", r#"{"n":1}"#, r#"{"kind":"ping"}"#, r#"{"kind":7}"#] {
            assert_eq!(code(rubbish), ProblemCode::Malformed, "{rubbish}");
        }
    }

    #[test]
    fn a_command_with_an_id_is_refused_by_its_id() {
        let id = "0190a3c0-0000-7000-8000-000000000001";
        for (command, code) in [
            (r#"{"do":"levitate"}"#, ProblemCode::UnknownKind),
            (r#"{"do":"ring"}"#, ProblemCode::Malformed),
            ("{}", ProblemCode::Malformed),
        ] {
            let text =
                format!(r#"{{"kind":"change","id":"{id}","change":{{"of":"round","command":{command}}}}}"#);
            match parse(&text) {
                Err(NoFrame::Refused(of, problem)) => {
                    assert_eq!((of, problem.code), (id.parse().unwrap(), code));
                }
                other => panic!("{other:?}"),
            }
        }
    }

    /// serde lists what it knows when it meets what it does not: our lists must be the same.
    #[test]
    fn the_lists_are_the_protocols() {
        let listed = |text: &str| -> BTreeSet<String> {
            let error = serde_json::from_str::<ClientFrame>(text).unwrap_err().to_string();
            error.split('`').skip(3).step_by(2).map(str::to_owned).collect()
        };
        let names = |list: &[&str]| -> BTreeSet<String> { list.iter().map(|s| (*s).to_owned()).collect() };
        assert_eq!(listed(r#"{"kind":"?"}"#), names(&KINDS));
        let id = uuid::Uuid::nil();
        let change = format!(r#"{{"kind":"change","id":"{id}","change":{{"of":"?"}}}}"#);
        assert_eq!(listed(&change), names(&CHANGES));
        let command = |of: &str| {
            let change =
                format!(r#"{{"of":"{of}","{of}":"{id}","conversation":"{id}","command":{{"do":"?"}}}}"#);
            listed(&format!(r#"{{"kind":"change","id":"{id}","change":{change}}}"#))
        };
        let all: BTreeSet<String> = command("round").into_iter().chain(command("talk")).collect();
        assert_eq!(all, names(&COMMANDS));
    }

    proptest! {
        #[test]
        fn no_text_panics(text in ".{0,200}") {
            let _ = parse(&text);
        }
    }
}
