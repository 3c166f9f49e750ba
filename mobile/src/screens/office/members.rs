//! The employer's members (F5): who they are, how many sessions they have open; the owner adds and removes them.

use super::{OfficePage, form, office};
use crate::bridge::use_hall;
use crate::i18n::Lang;
use crate::parts::{
    Avatar, Button, Choice, Confirm, FailedPart, FormProblem, Glyph, Icon, Kind, Line, LoadingPart, Remark,
    Segmented, Sheet, SubPage, Takes, use_form,
};
use crate::screens::recruiter;
use crate::words;
use dioxus::prelude::*;
use miantan_client::Intent;
use miantan_client::intent::OfficeIntent;
use miantan_client::view::Loadable;
use miantan_domain::ids::MemberId;
use miantan_domain::model::MemberRole;
use miantan_domain::wire::rest::{MemberLine, NewMemberRequest, PASSWORD_MIN_CHARS};
use std::hash::{BuildHasher, RandomState};

const NAME_MAX_CHARS: usize = 30;
const ROLES: [MemberRole; 3] = [MemberRole::Recruiter, MemberRole::Panellist, MemberRole::Owner];

fn role_more(l: Lang, role: MemberRole) -> String {
    match role {
        MemberRole::Owner => l.tr("role-owner-more"),
        MemberRole::Recruiter => l.tr("role-recruiter-more"),
        MemberRole::Panellist => l.tr("role-panellist-more"),
    }
}

const fn role_value(role: MemberRole) -> &'static str {
    match role {
        MemberRole::Owner => "owner",
        MemberRole::Recruiter => "recruiter",
        MemberRole::Panellist => "panellist",
    }
}

fn sessions(l: Lang, count: u32) -> String {
    if count == 0 { l.tr("member-offline") } else { l.tr_with("member-sessions", &[("n", count.into())]) }
}

/// What is being asked of a member.
#[derive(Debug, Clone, PartialEq)]
enum Asking {
    Menu(MemberLine),
    Remove(MemberLine),
    End(MemberLine),
}

#[component]
pub(super) fn Members(ongo: EventHandler<OfficePage>) -> Element {
    let hall = use_hall();
    let l = hall.lang();
    let view = hall.view();
    let load = move || hall.send(Intent::Office(OfficeIntent::LoadMembers));
    use_hook(load);
    let sent = use_form(form, Intent::Office(OfficeIntent::FormSeen));
    let mut asking = use_signal(|| None::<Asking>);
    let Some(office) = office(&view) else { return rsx! {} };
    let own = recruiter(&view).map(|recruiter| recruiter.member.id);
    rsx! {
        SubPage {
            test: "members",
            title: l.tr("office-members"),
            onback: move |()| ongo.call(OfficePage::Home),
            foot: rsx! {
                Button {
                    test: "member-add",
                    label: l.tr("member-add"),
                    glyph: Glyph::Plus,
                    onpress: move |()| ongo.call(OfficePage::NewMember),
                }
            },
            FormProblem { problem: sent.problem() }
            match office.members.as_ref() {
                None | Some(Loadable::Loading) => rsx! { LoadingPart {} },
                Some(Loadable::Failed(problem)) => rsx! {
                    FailedPart { problem: problem.clone(), onretry: move |()| load() }
                },
                Some(Loadable::Ready(members)) => rsx! {
                    ul { class: "card list",
                        for line in members.iter().cloned() {
                            li { key: "{line.member.id}",
                                button {
                                    r#type: "button",
                                    class: "row member-row",
                                    "data-test": "member-{line.member.id}",
                                    disabled: own == Some(line.member.id),
                                    onclick: {
                                        let line = line.clone();
                                        move |_| asking.set(Some(Asking::Menu(line.clone())))
                                    },
                                    Avatar { name: line.member.name.clone() }
                                    span { class: "row-text",
                                        span { class: "row-title",
                                            "{line.member.name}"
                                            if own == Some(line.member.id) {
                                                span { class: "tag quiet own-tag", {l.tr("member-self")} }
                                            }
                                        }
                                        span { class: "row-more",
                                            {words::role(l, line.member.role)}
                                            " · "
                                            {sessions(l, line.sessions)}
                                        }
                                    }
                                    if own != Some(line.member.id) {
                                        Icon { glyph: Glyph::More }
                                    }
                                }
                            }
                        }
                    }
                    p { class: "aside under-card", {l.tr("members-more")} }
                },
            }
        }
        match asking() {
            None => rsx! {},
            Some(Asking::Menu(line)) => rsx! {
                Sheet { test: "member-sheet", title: line.member.name.clone(), onclose: move |()| asking.set(None),
                    p { class: "lead", {format!("{} · {}", words::role(l, line.member.role), sessions(l, line.sessions))} }
                    div { class: "actions",
                        if line.sessions > 0 {
                            Button {
                                test: "member-end",
                                label: l.tr("member-end"),
                                kind: Kind::Secondary,
                                onpress: {
                                    let line = line.clone();
                                    move |()| asking.set(Some(Asking::End(line.clone())))
                                },
                            }
                        }
                        button {
                            r#type: "button",
                            class: "button plain danger-text",
                            "data-test": "member-remove",
                            onclick: {
                                let line = line.clone();
                                move |_| asking.set(Some(Asking::Remove(line.clone())))
                            },
                            {l.tr("member-remove")}
                        }
                    }
                }
            },
            Some(Asking::Remove(line)) => rsx! {
                Confirm {
                    test: "member-remove-sheet",
                    title: l.tr_with("member-remove-title", &[("name", line.member.name.clone().into())]),
                    body: l.tr("member-remove-lead"),
                    yes: l.tr("member-remove"),
                    danger: true,
                    onyes: move |()| {
                        asking.set(None);
                        sent.clear();
                        sent.send("remove", Intent::Office(OfficeIntent::RemoveMember(line.member.id)));
                    },
                    onno: move |()| asking.set(None),
                }
            },
            Some(Asking::End(line)) => rsx! {
                Confirm {
                    test: "member-end-sheet",
                    title: l.tr_with("member-end-title", &[("name", line.member.name.clone().into())]),
                    body: l.tr("member-end-lead"),
                    yes: l.tr("member-end"),
                    danger: true,
                    onyes: move |()| {
                        asking.set(None);
                        sent.clear();
                        sent.send("end", Intent::Office(OfficeIntent::EndSessions(line.member.id)));
                    },
                    onno: move |()| asking.set(None),
                }
            },
        }
    }
}

/// An id for a new member. It need not be secret, only new: the standard library's per-process random keys are enough.
fn new_id(unix_ms: i64) -> MemberId {
    let draw = |n: u8| RandomState::new().hash_one(n).to_le_bytes();
    let mut random = [0; 10];
    random[..8].copy_from_slice(&draw(0));
    random[8..].copy_from_slice(&draw(1)[..2]);
    MemberId::from_parts(unix_ms.unsigned_abs(), &random)
}

#[component]
pub(super) fn NewMember(onback: EventHandler<()>) -> Element {
    let hall = use_hall();
    let l = hall.lang();
    // Sent again after a failure, it is the same member.
    let id = use_hook(|| new_id(hall.wall().0));
    let mut name = use_signal(String::new);
    let mut role = use_signal(|| MemberRole::Recruiter);
    let mut password = use_signal(String::new);
    let mut tried = use_signal(|| false);
    let sent = use_form(form, Intent::Office(OfficeIntent::FormSeen));
    sent.when_done("add", move || onback.call(()));
    let name_bad = name.read().trim().is_empty() || name.read().trim().chars().count() > NAME_MAX_CHARS;
    let short = password.read().chars().count() < PASSWORD_MIN_CHARS;
    let save = move |()| {
        tried.set(true);
        sent.clear();
        if !name_bad && !short {
            let request = NewMemberRequest {
                id,
                name: name.peek().trim().to_owned(),
                role: *role.peek(),
                password: password.peek().clone(),
            };
            sent.send("add", Intent::Office(OfficeIntent::AddMember(request)));
        }
    };
    let choices =
        ROLES.map(|role| Choice { value: role_value(role).into(), label: words::role(l, role) }).to_vec();
    rsx! {
        SubPage {
            test: "new-member",
            title: l.tr("member-add"),
            onback,
            unsaved: !(name.read().trim().is_empty() && password.read().is_empty()),
            foot: rsx! {
                Button { test: "member-save", label: l.tr("member-save"), busy: sent.busy("add"), onpress: save }
            },
            FormProblem { problem: sent.problem() }
            div { class: "stack",
                Line {
                    test: "member-name",
                    label: l.tr("member-name"),
                    limit: NAME_MAX_CHARS,
                    remark: if tried() && name_bad { l.tr("member-name-bad") } else { l.tr("member-name-hint") },
                    tone: if tried() && name_bad { Remark::Error } else { Remark::Hint },
                    oninput: move |text| name.set(text),
                }
                div { class: "field",
                    p { class: "field-label", {l.tr("member-role")} }
                    Segmented {
                        test: "member-role",
                        name: l.tr("member-role"),
                        choices,
                        chosen: role_value(role()),
                        onchoose: move |value: String| {
                            if let Some(chosen) = ROLES.into_iter().find(|role| role_value(*role) == value) {
                                role.set(chosen);
                            }
                        },
                    }
                    p { class: "remark", {role_more(l, role())} }
                }
                Line {
                    test: "member-password",
                    label: l.tr("member-password"),
                    takes: Takes::NewPassword,
                    remark: if tried() && short { l.tr("member-password-short") } else { l.tr("member-password-hint") },
                    tone: if tried() && short { Remark::Error } else { Remark::Hint },
                    oninput: move |text| password.set(text),
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_role_is_explained() {
        for l in Lang::ALL {
            let said: std::collections::BTreeSet<_> = ROLES.iter().map(|role| role_more(l, *role)).collect();
            assert_eq!(said.len(), ROLES.len());
            assert_ne!(sessions(l, 0), sessions(l, 2));
        }
    }

    #[test]
    fn ids_are_new_each_time() {
        let ids: std::collections::BTreeSet<_> = (0..100).map(|_| new_id(1_795_500_300_000)).collect();
        assert_eq!(ids.len(), 100);
    }
}
