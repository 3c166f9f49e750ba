//! Stories told one at a time.

use super::world::*;
use crate::rules::link::*;
use crate::wire::live::ByeReason;

#[test]
fn a_phone_connects_greets_and_is_live() {
    let mut phone = Phone::new();
    assert_eq!(phone.link.view(), LinkView::Stopped);
    assert_eq!(phone.link.poll_timeout(), None);

    let first = Generation(1);
    assert_eq!(phone.tell(Input::Start), [Output::OpenSocket { generation: first }]);
    assert_eq!(
        phone.tell(Input::SocketOpened { generation: first }),
        [Output::SendHello { generation: first }]
    );
    assert_eq!(
        phone.tell(Input::Welcomed { generation: first, heartbeat_ms: HEARTBEAT_MS }),
        [Output::BecameLive { generation: first }]
    );
    assert_eq!(phone.link.view(), LinkView::Live);
}

#[test]
fn a_socket_that_does_not_open_is_given_up_after_ten_seconds() {
    let mut phone = Phone::started();
    let begun = phone.now;
    let (why, out) = phone.wake_for_more_than_the_screen(0);
    assert_eq!((why, phone.now.since(begun)), (Why::ConnectLimit, 10_000));
    assert_eq!(out, [Output::CloseSocket { generation: Generation(1) }]);
}

#[test]
fn a_server_that_does_not_greet_back_is_given_up_after_five_seconds() {
    let mut phone = Phone::started();
    let generation = phone.generation();
    let begun = phone.now;
    phone.tell(Input::SocketOpened { generation });
    let (why, out) = phone.wake_for_more_than_the_screen(0);
    assert_eq!((why, phone.now.since(begun)), (Why::HelloLimit, 5_000));
    assert_eq!(out, [Output::CloseSocket { generation }]);
}

#[test]
fn each_failure_doubles_the_longest_wait_up_to_fifteen_seconds() {
    let mut phone = Phone::started();
    let mut waits = Vec::new();
    for _ in 0..8 {
        phone.lose_socket(LONGEST);
        waits.push(phone.waits_ms());
        phone.wake_for_more_than_the_screen(0);
    }
    assert_eq!(waits, [300, 600, 1_200, 2_400, 4_800, 9_600, 15_000, 15_000]);
}

#[test]
fn a_thousand_phones_that_lost_the_same_server_come_back_spread_over_the_span() {
    let mut waits: Vec<u64> = (0..1_000_u64)
        .map(|n| {
            let mut phone = Phone::started();
            for _ in 0..7 {
                phone.lose_socket(0);
                phone.wake_for_more_than_the_screen(0);
            }
            phone.lose_socket((LONGEST / 1_000) * n);
            phone.waits_ms()
        })
        .collect();
    waits.sort_unstable();
    let tenths: Vec<usize> = (0..10_u64)
        .map(|t| waits.iter().filter(|w| (t * 1_500..(t + 1) * 1_500).contains(w)).count())
        .collect();
    assert!(tenths.iter().all(|n| (95..=105).contains(n)), "{tenths:?}");
}

#[test]
fn failures_are_forgotten_only_after_ten_seconds_live() {
    let mut phone = Phone::started();
    for _ in 0..3 {
        phone.lose_socket(0);
        phone.wake_for_more_than_the_screen(0);
    }
    phone.open_and_welcome();
    phone.now = phone.now.after(9_999);
    phone.lose_socket(LONGEST);
    assert_eq!(phone.waits_ms(), 2_400, "a server that drops at once is not hammered");

    phone.wake_for_more_than_the_screen(0);
    phone.open_and_welcome();
    phone.now = phone.now.after(10_000);
    phone.lose_socket(LONGEST);
    assert_eq!(phone.waits_ms(), 300, "a good connection starts the count again");
}

#[test]
fn silence_is_pinged_twice_and_then_taken_for_death() {
    let mut phone = Phone::live();
    let generation = phone.generation();
    let heard = phone.now;

    let (why, out) = phone.wake(0);
    assert_eq!((why, phone.now.since(heard)), (Why::Heartbeat, 10_000));
    assert_eq!(out, [Output::SendPing { generation, n: 1 }]);
    let (why, out) = phone.wake(0);
    assert_eq!((why, phone.now.since(heard)), (Why::PongLimit, 15_000));
    assert_eq!(out, [Output::SendPing { generation, n: 2 }]);
    let (why, out) = phone.wake(0);
    assert_eq!((why, phone.now.since(heard)), (Why::PongLimit, 20_000));
    assert_eq!(out, [Output::CloseSocket { generation }, Output::BecameDown { why: DownWhy::Silent }]);
}

#[test]
fn any_frame_is_a_sign_of_life() {
    let mut phone = Phone::live();
    let generation = phone.generation();
    phone.wake(0);
    phone.wake(0);
    phone.tell(Input::Heard { generation });
    let (why, out) = phone.wake(0);
    assert_eq!(why, Why::Heartbeat);
    assert_eq!(out, [Output::SendPing { generation, n: 3 }]);
    assert!(phone.link.is_live());
}

#[test]
fn a_phone_that_slept_for_an_hour_asks_before_it_gives_up() {
    let mut phone = Phone::live();
    let generation = phone.generation();
    phone.now = phone.now.after(3_600_000);
    assert_eq!(
        phone.tell(Input::Timeout { random: 0 }),
        [Output::SendPing { generation, n: 1 }],
        "the socket may have survived"
    );
}

#[test]
fn changing_from_wifi_to_mobile_data_is_noticed_in_two_seconds() {
    let mut phone = Phone::live();
    let generation = phone.generation();
    let changed = phone.now;
    assert_eq!(phone.tell(Input::NetworkChanged), [Output::SendPing { generation, n: 1 }]);
    let (why, out) = phone.wake(0);
    assert_eq!((why, phone.now.since(changed)), (Why::PongLimit, 2_000));
    assert_eq!(out, [Output::CloseSocket { generation }, Output::BecameDown { why: DownWhy::Silent }]);
}

#[test]
fn an_interface_that_merely_appeared_costs_one_ping() {
    let mut phone = Phone::live();
    let generation = phone.generation();
    phone.tell(Input::NetworkChanged);
    phone.now = phone.now.after(40);
    phone.tell(Input::Heard { generation });
    phone.now = phone.now.after(5_000);
    assert_eq!(phone.tell(Input::Timeout { random: 0 }), []);
    assert!(phone.link.is_live());
}

#[test]
fn a_network_that_flaps_all_the_time_does_not_put_off_the_verdict() {
    let mut phone = Phone::live();
    let begun = phone.now;
    while phone.link.is_live() {
        phone.tell(Input::NetworkChanged);
        phone.now = phone.now.after(300);
        phone.tell(Input::Timeout { random: 0 });
        assert!(phone.now.since(begun) < 10_000, "never gave up");
    }
    assert_eq!(phone.now.since(begun), 2_100);
}

#[test]
fn coming_back_to_the_app_ends_the_wait() {
    let mut phone = Phone::started();
    for _ in 0..6 {
        phone.lose_socket(LONGEST);
        phone.wake_for_more_than_the_screen(0);
    }
    phone.lose_socket(LONGEST);
    assert!(phone.waits_ms() > 9_000);
    let next = Generation(phone.last.0 + 1);
    assert_eq!(phone.tell(Input::Foreground), [Output::OpenSocket { generation: next }]);
}

#[test]
fn without_a_network_it_waits_and_comes_back_with_it() {
    let mut phone = Phone::live();
    let first = phone.generation();
    assert_eq!(
        phone.tell(Input::NetworkDown),
        [Output::CloseSocket { generation: first }, Output::BecameDown { why: DownWhy::NoNetwork }]
    );
    assert_eq!(phone.link.view(), LinkView::Offline);
    assert_eq!(phone.tell(Input::NetworkUp), [Output::OpenSocket { generation: Generation(2) }]);
    phone.open_and_welcome();
}

#[test]
fn a_system_that_is_wrong_about_the_network_does_not_keep_the_phone_away() {
    let mut phone = Phone::new();
    phone.tell(Input::NetworkDown);
    phone.tell(Input::Start);
    assert_eq!((phone.link.view(), phone.link.socket()), (LinkView::Offline, None));
    let begun = phone.now;
    let (why, _) = phone.wake_for_more_than_the_screen(0);
    assert_eq!((why, phone.now.since(begun)), (Why::OfflineTry, 15_000));
    assert_eq!(phone.link.view(), LinkView::Offline, "the screen does not flicker for a try");
    phone.open_and_welcome();
    assert_eq!(phone.link.view(), LinkView::Live);
}

#[test]
fn a_restarting_server_is_given_the_pause_it_asks_for() {
    let mut phone = Phone::live();
    let generation = phone.generation();
    let reason = ByeReason::Restarting;
    let out = phone.tell(Input::Bye { generation, reason, retry_after_ms: 4_000, random: LONGEST });
    assert_eq!(out, [Output::CloseSocket { generation }, Output::BecameDown { why: DownWhy::Bye(reason) }]);
    assert_eq!(phone.waits_ms(), 4_300);
}

#[test]
fn a_server_cannot_send_a_phone_away_for_ever() {
    let mut phone = Phone::live();
    let generation = phone.generation();
    let reason = ByeReason::Flood;
    phone.tell(Input::Bye { generation, reason, retry_after_ms: u64::MAX, random: LONGEST });
    assert_eq!(phone.waits_ms(), RETRY_AFTER_MAX_MS + 300);
}

#[test]
fn two_running_copies_of_the_app_do_not_push_each_other_out_all_the_time() {
    let mut phone = Phone::live();
    let generation = phone.generation();
    phone.tell(Input::Bye { generation, reason: ByeReason::Superseded, retry_after_ms: 0, random: 0 });
    assert_eq!(phone.waits_ms(), 5_000);
}

#[test]
fn a_session_that_moved_to_another_phone_stays_there() {
    let mut phone = Phone::live();
    let generation = phone.generation();
    let reason = ByeReason::SessionOver;
    let out = phone.tell(Input::Bye { generation, reason, retry_after_ms: 0, random: 0 });
    assert_eq!(
        out,
        [
            Output::CloseSocket { generation },
            Output::BecameDown { why: DownWhy::Bye(reason) },
            Output::SessionOver
        ]
    );
    for input in [Input::Foreground, Input::NetworkUp, Input::NetworkChanged] {
        assert_eq!(phone.tell(input), []);
    }
    assert_eq!(phone.link.poll_timeout(), None);
}

#[test]
fn an_unknown_token_and_an_old_version_end_the_tries() {
    for (why, last) in [
        (SocketEnd::NotSignedIn, Output::SessionOver),
        (SocketEnd::VersionUnsupported, Output::VersionUnsupported),
    ] {
        let mut phone = Phone::started();
        let generation = phone.generation();
        assert_eq!(phone.tell(Input::SocketClosed { generation, why, random: 0 }), [last]);
        assert_eq!(phone.link.view(), LinkView::Stopped);
    }
}

#[test]
fn what_an_old_socket_still_says_is_ignored() {
    let mut phone = Phone::live();
    let old = phone.generation();
    phone.lose_socket(0);
    phone.wake_for_more_than_the_screen(0);
    let late = [
        Input::SocketOpened { generation: old },
        Input::Welcomed { generation: old, heartbeat_ms: 1 },
        Input::Heard { generation: old },
        Input::Bye { generation: old, reason: ByeReason::SessionOver, retry_after_ms: 0, random: 0 },
        Input::SocketClosed { generation: old, why: SocketEnd::NotSignedIn, random: 0 },
    ];
    for input in late {
        assert_eq!(phone.tell(input), [], "{input:?}");
    }
    phone.open_and_welcome();
}

#[test]
fn a_break_of_less_than_a_second_is_not_shown() {
    let mut phone = Phone::live();
    phone.lose_socket(LONGEST);
    let lost = phone.now;
    assert!(!phone.link.shown_as_down(phone.now));
    phone.wake(0);
    phone.open_and_welcome();
    assert!(phone.now.since(lost) < 1_000 && !phone.link.shown_as_down(phone.now));

    phone.lose_socket(LONGEST);
    let lost = phone.now;
    phone.wake(0);
    let (why, _) = phone.wake(0);
    assert_eq!((why, phone.now.since(lost)), (Why::ShowDown, 1_000));
    assert!(phone.link.shown_as_down(phone.now));
    assert_eq!(phone.link.view(), LinkView::Connecting { since: lost });
}

#[test]
fn a_heartbeat_of_nothing_is_not_a_flood_of_pings() {
    let mut phone = Phone::started();
    let generation = phone.generation();
    phone.tell(Input::SocketOpened { generation });
    phone.tell(Input::Welcomed { generation, heartbeat_ms: 0 });
    let (at, why) = phone.link.poll_timeout().expect("a heartbeat");
    assert_eq!((at.since(phone.now), why), (1_000, Why::Heartbeat));
}
