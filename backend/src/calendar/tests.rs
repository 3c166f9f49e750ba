use super::*;
use icalendar::parser::{read_calendar, unfold as their_unfold};
use icalendar::{Calendar, CalendarComponent, Component};
use proptest::prelude::*;

/// 2026-11-26 14:30 in Beijing.
const START: WallTime = WallTime(1_795_674_600_000);

fn appointment() -> Appointment {
    Appointment {
        uid: "0199c0de-0000-7000-8000-000000000001@mt.example.edu.cn".into(),
        sequence: 2,
        stamp: WallTime(1_795_500_000_999),
        start: START,
        end: START.after(20 * 60_000),
        summary: "青禾云图科技有限公司 · 软件工程师专场面谈".into(),
        description: "请提前10分钟进入候场；带上简历, 证件。\n邀请码：K7QM2-XW4PD\r\n路径 C:\\面谈".into(),
        url: Some("https://mt.example.edu.cn/i/K7QM2XW4PD?from=ics".into()),
        organiser: "青禾市\"人才\"中心; 就业处, 一科: 甲".into(),
        organiser_address: "https://mt.example.edu.cn".into(),
        status: Status::Confirmed,
    }
}

/// The one event, as an independent reader sees it.
fn event(ics: &str) -> icalendar::Event {
    let calendar: Calendar = ics.parse().unwrap();
    let events: Vec<_> = calendar
        .components
        .into_iter()
        .filter_map(|component| match component {
            CalendarComponent::Event(event) => Some(event),
            _ => None,
        })
        .collect();
    assert_eq!(events.len(), 1);
    events.into_iter().next().unwrap()
}

#[test]
fn the_file_stands_as_it_should() {
    let ics = Appointment {
        summary: "面谈".into(),
        description: "带简历".into(),
        organiser: "人才中心".into(),
        ..appointment()
    }
    .to_ics();
    let version = env!("CARGO_PKG_VERSION");
    let expected = format!(
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Miantan//Miantan {version}//ZH\r\n\
         CALSCALE:GREGORIAN\r\nMETHOD:PUBLISH\r\nBEGIN:VEVENT\r\n\
         UID:0199c0de-0000-7000-8000-000000000001@mt.example.edu.cn\r\nSEQUENCE:2\r\n\
         DTSTAMP:20261124T060000Z\r\nDTSTART:20261126T063000Z\r\nDTEND:20261126T065000Z\r\n\
         SUMMARY:面谈\r\nDESCRIPTION:带简历\r\n\
         URL:https://mt.example.edu.cn/i/K7QM2XW4PD?from=ics\r\n\
         ORGANIZER;CN=\"人才中心\":https://mt.example.edu.cn\r\nSTATUS:CONFIRMED\r\n\
         TRANSP:OPAQUE\r\nBEGIN:VALARM\r\nACTION:DISPLAY\r\nDESCRIPTION:面谈\r\n\
         TRIGGER:-PT30M\r\nEND:VALARM\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    );
    assert_eq!(ics, expected);
}

#[test]
fn another_reader_reads_the_same() {
    let made = appointment();
    let event = event(&made.to_ics());
    assert_eq!(event.get_uid(), Some(made.uid.as_str()));
    assert_eq!(event.get_sequence(), Some(2));
    assert_eq!(event.property_value("DTSTART"), Some("20261126T063000Z"));
    assert_eq!(event.property_value("DTEND"), Some("20261126T065000Z"));
    assert_eq!(event.get_summary(), Some(made.summary.as_str()));
    assert_eq!(event.get_description(), Some(made.description.replace("\r\n", "\n").as_str()));
    assert_eq!(event.get_url(), made.url.as_deref());
    assert_eq!(event.get_status(), Some(icalendar::EventStatus::Confirmed));
    let organizer = event.properties().get("ORGANIZER").unwrap();
    assert_eq!(organizer.value(), made.organiser_address);
    let name = organizer.params().get("CN").unwrap().value().trim_matches('"').to_owned();
    assert_eq!(name, made.organiser.replace('"', "'"));
}

#[test]
fn it_has_an_alarm_half_an_hour_before() {
    let ics = appointment().to_ics();
    let unfolded = their_unfold(&ics);
    let calendar = read_calendar(&unfolded).unwrap();
    let alarm = &calendar.components[0].components[0];
    assert_eq!(alarm.name.as_str(), "VALARM");
    assert_eq!(alarm.find_prop("TRIGGER").unwrap().val.as_str(), "-PT30M");
}

#[test]
fn a_cancelled_one_says_so_and_rings_no_more() {
    let ics = Appointment { status: Status::Cancelled, sequence: 3, ..appointment() }.to_ics();
    assert!(ics.contains("\r\nMETHOD:CANCEL\r\n"));
    assert!(!ics.contains("VALARM"));
    let event = event(&ics);
    assert_eq!(event.get_status(), Some(icalendar::EventStatus::Cancelled));
    assert_eq!(event.get_sequence(), Some(3));
    assert_eq!(event.get_uid(), Some(appointment().uid.as_str()));
}

#[test]
fn addresses_that_are_none_are_left_out() {
    for bad in ["javascript:alert(1)", "https://a\r\nATTENDEE:x", "https://面谈", "//x", ""] {
        let ics =
            Appointment { url: Some(bad.into()), organiser_address: bad.into(), ..appointment() }.to_ics();
        assert!(!ics.contains("\r\nURL"), "{bad}");
        assert!(!ics.contains("ATTENDEE") && ics.contains("miantan.invalid"), "{bad}");
    }
}

#[test]
fn times_beyond_the_calendar_do_not_break_it() {
    assert_eq!(utc(WallTime(0)), "19700101T000000Z");
    assert_eq!(utc(WallTime(-1)), "19691231T235959Z");
    assert_eq!(utc(WallTime(i64::MAX)), "99991231T235959Z");
    assert_eq!(utc(WallTime(i64::MIN)), "00010101T000000Z");
    let ics = Appointment { end: START.after(-1), ..appointment() }.to_ics();
    assert_eq!(event(&ics).property_value("DTEND"), Some("20261126T063000Z"));
}

/// Text as people and attackers write it.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        "\\PC{0,200}",
        "[面谈🎓é,;:\\\\\"\n\r\t a]{0,200}",
        "(END:VEVENT|BEGIN:VEVENT|\r\n|\n| |:){0,20}",
        any::<String>(),
    ]
}

proptest! {
    #[test]
    fn folding_and_back(line in "[^\r\n]{0,400}") {
        let folded = fold(&line);
        prop_assert!(folded.split("\r\n").all(|part| part.len() <= LINE_MAX_BYTES));
        // full lines, but for the room a character needs
        let parts: Vec<&str> = folded.split("\r\n").collect();
        prop_assert!(parts[..parts.len() - 1].iter().all(|part| part.len() > LINE_MAX_BYTES - 4));
        prop_assert_eq!(unfold(&folded), line.clone());
        prop_assert_eq!(their_unfold(&folded), line);
    }

    /// Whatever the texts hold, the file has one event, our lines and no others.
    #[test]
    fn no_text_breaks_the_file(summary in text(), description in text(), organiser in text(), uid in "[a-z0-9-]{1,60}@[a-z.]{1,60}") {
        let made = Appointment { uid, summary, description, organiser, ..appointment() };
        let ics = made.to_ics();
        prop_assert!(ics.ends_with("END:VCALENDAR\r\n"));
        prop_assert!(ics.split("\r\n").all(|line| line.len() <= LINE_MAX_BYTES));
        prop_assert!(!ics.replace("\r\n", "").contains(['\r', '\n']));
        let unfolded = unfold(&ics);
        let names: Vec<&str> =
            unfolded.lines().map(|line| line.split([':', ';']).next().unwrap()).collect();
        let description = usize::from(!made.description.is_empty());
        prop_assert_eq!(names.len(), 23 + description);
        prop_assert_eq!(names.iter().filter(|name| **name == "BEGIN").count(), 3);
        let event = event(&ics);
        prop_assert_eq!(event.get_uid(), Some(made.uid.as_str()));
        // the other reader drops white space at the ends and knows no NEL; so do we compare
        let plain = |text: &str| -> String {
            let text = text.replace("\r\n", "\n").replace('\r', "\n");
            text.chars().filter(|c| !c.is_control() || matches!(c, '\n' | '\t')).collect()
        };
        let summary = event.get_summary().unwrap_or_default().to_owned();
        let expected = plain(&made.summary);
        prop_assert_eq!(summary.trim(), expected.trim());
    }
}
