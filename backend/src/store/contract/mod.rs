//! What every store must do, written once. An implementation calls [`contract!`] with a way to make
//! an empty store; each test gets its own.

mod accounts;
mod candidates;
mod codes;
mod employers;
mod fairs;
mod identity;
mod rounds;
mod talks;

pub(super) use accounts::*;
pub(super) use candidates::*;
pub(super) use codes::*;
pub(super) use employers::*;
pub(super) use fairs::*;
pub(super) use identity::*;
pub(super) use rounds::*;
pub(super) use talks::*;

use super::*;
use crate::limits::Ending;
use miantan_domain::ids::*;
use miantan_domain::model::*;
use miantan_domain::rules::round::RoundEvent;
use miantan_domain::time::WallTime;
use miantan_domain::wire::{Problem, ProblemCode};
use std::collections::BTreeSet;

pub(super) const NOW: WallTime = WallTime(1_795_000_000_000);
const MINUTE: i64 = 60_000;

/// Stores with what keeps them alive (a folder), and how to open the same data again.
pub(super) trait Harness: Send + Sync {
    fn stores(&self) -> Stores;
    /// The same data after the process was killed and started again.
    fn restarted(self) -> Self;
}

/// Ids that read well in failures and never collide between kinds.
fn n(number: u8) -> uuid::Uuid {
    uuid::Uuid::from_bytes([number; 16])
}

fn device(number: u8) -> DeviceId {
    DeviceId(n(number))
}

fn mac(number: u8) -> Mac {
    [number; 32]
}

fn session(token: u8, on: u8) -> NewSession {
    NewSession {
        token: mac(token),
        device: device(on),
        now: NOW,
        expires: NOW.after(60 * MINUTE),
        device_key: Some([token; 32]),
    }
}

const EMPLOYER: u8 = 1;
const OWNER: u8 = 2;
const RECRUITER: u8 = 3;
const ROUND: u8 = 4;
const LIN: u8 = 5;
const CHEN: u8 = 6;
const LIN_INVITED: u8 = 7;
const CHEN_INVITED: u8 = 8;
const LIN_TICKET: u8 = 9;
const CHEN_TICKET: u8 = 10;
const OTHER_EMPLOYER: u8 = 11;
const OTHER_OWNER: u8 = 12;
const OTHER_ROUND: u8 = 13;

fn member(id: u8, name: &str, role: MemberRole) -> NewMember {
    NewMember { id: MemberId(n(id)), name: name.into(), role, password_hash: format!("hash of {name}") }
}

fn round(id: u8, employer: u8, name: &str) -> NewRound {
    let info = RoundInfo {
        id: RoundId(n(id)),
        name: name.into(),
        employer: String::new(),
        stages: vec![Stage::Briefing, Stage::Interview, Stage::Closed],
        starts: NOW,
        ends: NOW.after(600 * MINUTE),
        identity: IdentityRule::NotRequired,
        ring_ms: 45_000,
        grace_ms: 600_000,
    };
    NewRound { employer: EmployerId(n(employer)), info, stage: None }
}

fn candidate(id: u8, name: &str) -> NewCandidate {
    let resume = Resume { city: "青禾市".into(), skills: vec!["Rust".into()], ..Resume::default() };
    NewCandidate {
        id: CandidateId(n(id)),
        name: name.into(),
        headline: "青禾大学 · 软件工程".into(),
        resume,
        phone: None,
    }
}

fn invitation(id: u8, who: u8, ticket: u8, code: u8) -> NewInvitation {
    NewInvitation {
        id: InvitationId(n(id)),
        round: RoundId(n(ROUND)),
        candidate: CandidateId(n(who)),
        ticket: TicketId(n(ticket)),
        position: "前端开发".into(),
        code: mac(code),
        password_hash: None,
        appointed: None,
        opens: NOW,
        expires: NOW.after(600 * MINUTE),
        cancelled: false,
        device: None,
    }
}

/// Two employers with a round each; lin and chen are invited to the first.
pub(super) fn hall() -> Import {
    Import {
        now: NOW,
        employers: vec![
            NewEmployer {
                id: EmployerId(n(EMPLOYER)),
                uscc: "91310199MA9X10009A".into(),
                name: "青禾云帆软件（青禾）有限公司".into(),
                approved: true,
                members: vec![
                    member(OWNER, "王敏", MemberRole::Owner),
                    member(RECRUITER, "何明", MemberRole::Recruiter),
                ],
            },
            NewEmployer {
                id: EmployerId(n(OTHER_EMPLOYER)),
                uscc: "91310199MA9X10379A".into(),
                name: "望舒灯塔互联科技有限公司".into(),
                approved: false,
                members: vec![member(OTHER_OWNER, "王敏", MemberRole::Owner)],
            },
        ],
        fairs: Vec::new(),
        rounds: vec![round(ROUND, EMPLOYER, "面谈会"), round(OTHER_ROUND, OTHER_EMPLOYER, "另一场")],
        candidates: vec![candidate(LIN, "林晓青"), candidate(CHEN, "陈思远")],
        invitations: vec![
            invitation(LIN_INVITED, LIN, LIN_TICKET, 101),
            NewInvitation {
                password_hash: Some("hash".into()),
                appointed: Some(NOW.after(MINUTE)),
                ..invitation(CHEN_INVITED, CHEN, CHEN_TICKET, 102)
            },
        ],
    }
}

async fn filled(harness: &impl Harness) -> Stores {
    let stores = harness.stores();
    stores.fairs.import(hall()).await.unwrap();
    stores
}

fn noted(seq: u64, text: &str) -> Numbered {
    let note = miantan_domain::wire::live::NoteView {
        id: ChangeId(n(seq as u8)),
        from: Side::Recruiter,
        text: text.into(),
        at: NOW,
    };
    Numbered {
        seq,
        at: NOW.after(seq as i64),
        event: RoundEvent::Noted { ticket: TicketId(n(LIN_TICKET)), note },
    }
}

fn commit(events: Vec<Numbered>) -> RoundCommit {
    RoundCommit { round: RoundId(n(ROUND)), events, answer: None, free: Vec::new() }
}

fn answer(who: Person, change: u8, result: Result<u64, Problem>) -> KeptAnswer {
    KeptAnswer { who, change: ChangeId(n(change)), at: NOW, result }
}

fn claim(call: u8, candidate: u8, member: u8) -> SlotClaim {
    SlotClaim {
        call: CallId(n(call)),
        round: RoundId(n(ROUND)),
        candidate: CandidateId(n(candidate)),
        member: MemberId(n(member)),
        now: NOW,
        lease_until: NOW.after(MINUTE),
    }
}

/// Makes one test per rule of the contract; `$harness` is an expression that gives a new [`Harness`].
macro_rules! contract {
    ($harness:expr) => {
        $crate::store::contract::contract! { @each $harness;
            a_log_survives_a_restart a_commit_is_whole_or_nothing
            an_answer_is_given_again_to_its_own_account_only writers_of_one_log_leave_no_gap
            nobody_is_in_two_calls slots_say_who_is_busy_and_are_freed slots_of_dead_calls_come_free
            rounds_are_found_by_their_day_and_employer a_member_is_found_by_code_or_name
            an_invitation_is_told_whole an_invitation_moves_only_where_it_may
            of_devices_that_join_together_one_stays a_session_knows_whose_it_is_and_ends
            tries_at_the_same_moment_do_not_slip_past failures_slow_and_are_forgotten refusals_are_counted
            what_is_over_is_removed_and_nothing_else an_import_is_whole_or_nothing
            a_registration_becomes_an_employer_with_its_owner_and_stand a_registration_is_decided_once
            names_and_codes_of_approved_employers_are_taken
            a_registration_of_another_contact_waits_for_no_employer the_last_licence_counts_until_the_decision
            registrations_that_are_over_are_removed members_come_and_go_with_their_sessions
            a_new_password_ends_the_other_sessions a_round_that_has_begun_changes_its_name_and_end_only
            what_is_done_is_written_down_with_who a_code_lasts_opens_once_and_counts_its_tries
            codes_are_limited_by_number_and_address of_many_guesses_together_five_are_tried
            a_fair_is_made_changed_and_listed only_approved_employers_have_a_stand_to_be_seen
            a_stand_and_its_positions_are_its_own search_finds_names_and_titles_and_follows_changes
            search_equals_looking_at_everything pages_of_stands_meet_without_gap
            views_and_followers_are_counted_once_per_person a_crowd_is_counted_whole
            a_build_takes_the_place_of_the_one_before
            of_sign_ins_together_one_account_is_made a_code_joins_the_account_of_its_own_number
            a_session_keeps_its_devices_key photos_are_counted_and_go_with_their_person
            of_attempts_at_once_three_are_begun an_attempt_is_answered_once
            attempts_nobody_answered_are_written_down frames_are_kept_for_their_time
            a_code_is_for_the_interview_it_was_sent_for
            whoever_is_erased_leaves_a_name_only a_file_is_promised_once_and_finished_once
            a_change_is_made_once_per_account of_many_speakers_each_keeps_their_order
            a_refused_change_leaves_nothing a_failed_change_holds_its_lane seen_only_grows_and_unread_is_counted
            marks_have_a_history_and_are_the_employers_own a_blocked_employer_says_nothing_more
            others_conversations_do_not_exist an_application_opens_the_conversation_or_adds_to_it
            of_applications_at_once_one_is_taken applications_that_cannot_be_are_refused_with_a_reason
            an_invitation_finds_its_round_and_makes_ticket_and_code a_day_without_a_round_gets_one
            a_moved_invitation_gives_its_place_up_and_takes_it_anew an_invitation_expires_once
            entering_the_code_accepts invitations_of_others_do_not_exist taken_times_are_shown_across_employers
            pages_of_conversations_meet_and_filters_combine what_was_missed_is_found_while_others_go_on
            a_history_is_read_from_both_ends reports_reach_the_organiser_once changes_are_forgotten_after_their_time
        }
    };
    (@each $harness:expr; $($rule:ident)*) => {$(
        #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
        async fn $rule() {
            $crate::store::contract::$rule($harness).await;
        }
    )*};
}
pub(super) use contract;
