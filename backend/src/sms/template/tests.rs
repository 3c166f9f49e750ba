use super::*;
use proptest::prelude::*;

const ORGANISER: &str = "青禾市人才中心";

fn invitation(employer: &str, round: &str, password: Option<&str>) -> SmsTemplate {
    SmsTemplate::Invitation {
        employer: employer.into(),
        round: round.into(),
        when: "11月26日 14:30".into(),
        code: "K7QM2-XW4PD".into(),
        password: password.map(Into::into),
        link: "https://mt.example.edu.cn/i/K7QM2XW4PD".into(),
    }
}

fn one_of_each() -> Vec<SmsTemplate> {
    let code = || "042137".to_owned();
    vec![
        SmsTemplate::SignInCode { code: code(), minutes: 5 },
        SmsTemplate::IdentityCode { code: code(), minutes: 5 },
        invitation("青禾云图科技有限公司", "软件工程师专场", None),
        invitation("青禾云图科技有限公司", "软件工程师专场", Some("8261")),
        SmsTemplate::Reminder { round: "软件工程师专场".into(), when: "14:30".into() },
        SmsTemplate::Withdrawal {
            employer: "青禾云图科技有限公司".into(),
            round: "软件工程师专场".into(),
            when: "11月26日 14:30".into(),
        },
        SmsTemplate::YourTurn { round: "软件工程师专场".into() },
        SmsTemplate::PasswordReset { code: code(), minutes: 5 },
        SmsTemplate::Approval { employer: "青禾云图".into(), approved: true, reason: String::new() },
        SmsTemplate::Approval {
            employer: "青禾云图".into(), approved: false, reason: "执照已过期".into()
        },
    ]
}

#[test]
fn each_kind_has_its_words_and_its_variables_in_them() {
    let all = one_of_each();
    let kinds: Vec<SmsKind> = all.iter().map(SmsTemplate::kind).collect();
    assert_eq!(kinds, SmsKind::ALL);
    for template in all {
        let text = template.text(ORGANISER);
        assert!(text.starts_with("【青禾市人才中心】"), "{text}");
        for (name, value) in template.params() {
            assert!(PARAMS.contains(&name));
            assert!(text.contains(&value), "{name} is not in {text}");
        }
        assert_eq!(SmsKind::named(template.kind().as_str()), Some(template.kind()));
        let json = serde_json::to_string(&template).unwrap();
        assert_eq!(serde_json::from_str::<SmsTemplate>(&json).unwrap(), template);
    }
    assert_eq!(
        SmsTemplate::SignInCode { code: "042137".into(), minutes: 5 }.text(ORGANISER),
        "【青禾市人才中心】登录验证码042137，5分钟内有效。请勿告诉他人。"
    );
}

#[test]
fn all_but_invitations_fit_one_part_and_those_two() {
    for template in one_of_each() {
        let parts = parts(&template.text(ORGANISER));
        match template {
            SmsTemplate::Invitation { .. } => assert_eq!(parts, 2, "{}", template.text(ORGANISER)),
            _ => assert_eq!(parts, 1, "{}", template.text(ORGANISER)),
        }
    }
}

#[test]
fn parts_are_counted_in_utf16_units() {
    assert_eq!(parts(""), 1);
    assert_eq!(parts(&"面".repeat(70)), 1);
    assert_eq!(parts(&"面".repeat(71)), 2);
    assert_eq!(parts(&"面".repeat(134)), 2);
    assert_eq!(parts(&"面".repeat(135)), 3);
    // outside the basic plane a character counts twice
    assert_eq!(parts(&"🎓".repeat(35)), 1);
    assert_eq!(parts(&"🎓".repeat(36)), 2);
}

#[test]
fn nothing_in_a_name_ends_the_line_or_forges_a_signature() {
    let text = invitation("坏\r\n【工商银行】\u{202e}公司\u{0}", "  专\t场 ", None).text(ORGANISER);
    assert_eq!(text.matches('【').count(), 1, "{text}");
    assert!(text.contains("坏 [工商银行]公司邀请您参加专 场，"), "{text}");
    assert!(!text.chars().any(char::is_control));
}

#[test]
fn long_names_are_cut_but_links_are_not() {
    let long = "很".repeat(500);
    let text = invitation(&long, &long, None).text(&long);
    assert!(parts(&text) <= 3, "{text}");
    assert!(text.contains("https://mt.example.edu.cn/i/K7QM2XW4PD"));
    assert_eq!(clean("一二三四五", 5), "一二三四五");
    assert_eq!(clean("一二三四五六", 5), "一二三四…");
    assert_eq!(clean("一二三四 五", 5), "一二三四…");
}

#[test]
fn debug_shows_the_kind_only() {
    for template in one_of_each() {
        let shown = format!("{template:?}");
        for (_, value) in template.params().iter().filter(|(name, _)| *name != "minutes") {
            assert!(!shown.contains(value.as_str()), "{shown}");
        }
    }
}

proptest! {
    #[test]
    fn clean_is_one_short_line(text in "\\PC{0,60}|[\\s【】\u{200e}a]{0,60}", max in 1_usize..30) {
        let cleaned = clean(&text, max);
        prop_assert!(cleaned.chars().count() <= max);
        prop_assert!(!cleaned.contains(['【', '】', '\n', '\r']));
        prop_assert_eq!(clean(&cleaned, max), cleaned);
    }
}
