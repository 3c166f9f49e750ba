use super::*;
use crate::config::{Config, Overrides};
use crate::objects::sniff::samples;
use crate::objects::store::{DiskStore, ObjectStore};
use crate::store::{Account, Standing};
use miantan_domain::code::InviteCode;
use miantan_domain::model::Side;
use miantan_domain::uscc::Uscc;
use std::collections::BTreeSet;

const NOW: WallTime = WallTime(1_795_000_000_000);

#[tokio::test]
async fn the_fair_is_like_the_manuals() {
    let dir = tempfile::tempdir().unwrap();
    let seeded = run(dir.path(), false, NOW).await.unwrap();
    let stores = sqlite::open(dir.path()).unwrap();
    let fairs = stores.fairs.fairs().await.unwrap();
    assert_eq!(fairs.len(), 1);
    assert_eq!((fairs[0].employers, fairs[0].positions), (12, 269));
    assert!(fairs[0].starts < NOW && fairs[0].ends > NOW);
    assert_eq!(fairs[0].title, "2027届毕业生互联网电子行业线上招聘会邀请函");
    for employer in &seeded.employers {
        Uscc::parse(&employer.uscc).unwrap();
    }
    let names: BTreeSet<&str> = seeded.employers.iter().map(|e| e.name.as_str()).collect();
    assert_eq!(names.len(), 12);
    assert_eq!(seeded.candidates.len(), 8);
    assert!(seeded.candidates.iter().any(|c| c.password.is_some()));
    assert!(seeded.candidates.iter().any(|c| c.appointed.is_some()));
    let secrets = Secrets::open(dir.path()).unwrap();
    for line in &seeded.candidates {
        let code = secrets.code(&InviteCode::parse(&line.code).unwrap());
        let invitation = stores.accounts.invitation_by_code(&code).await.unwrap().unwrap();
        assert_eq!(invitation.card.name, line.name);
        assert_eq!(invitation.password_hash.is_some(), line.password.is_some());
    }
}

#[tokio::test]
async fn a_folder_with_data_is_left_alone_unless_told() {
    let dir = tempfile::tempdir().unwrap();
    let first = run(dir.path(), false, NOW).await.unwrap();
    let again = run(dir.path(), false, NOW).await.unwrap_err();
    assert!(again.to_string().contains("--fresh"), "{again}");
    let fresh = run(dir.path(), true, NOW).await.unwrap();
    assert_ne!(first.employer.password, fresh.employer.password);
}

#[tokio::test]
async fn a_running_server_keeps_its_folder() {
    let dir = tempfile::tempdir().unwrap();
    let running = sqlite::open(dir.path()).unwrap();
    for fresh in [false, true] {
        let refused = run(dir.path(), fresh, NOW).await.unwrap_err();
        assert!(matches!(refused, SeedError::Store(StoreError::InUse(_))), "{refused}");
    }
    drop(running);
    run(dir.path(), false, NOW).await.unwrap();
}

#[tokio::test]
async fn the_server_then_shows_the_organiser() {
    let dir = tempfile::tempdir().unwrap();
    let seeded = run(dir.path(), false, NOW).await.unwrap();
    let overrides = Overrides { data: Some(dir.path().into()), ..Overrides::default() };
    let config = Config::load_from(&overrides, []).unwrap();
    assert_eq!((config.organiser, config.hotline), (seeded.organiser, seeded.hotline));
}

#[tokio::test]
async fn a_large_fair_has_so_many_of_everything() {
    let dir = tempfile::tempdir().unwrap();
    let scale = Scale { candidates: 100, employers: 40, positions: 3, ..Scale::default() };
    let seeded = run_scaled(dir.path(), false, NOW, scale).await.unwrap();
    let stores = sqlite::open(dir.path()).unwrap();
    let fairs = stores.fairs.fairs().await.unwrap();
    assert_eq!((fairs[0].employers, fairs[0].positions), (40, 120));
    assert_eq!(seeded.candidates.len(), 108);
    let codes: BTreeSet<&str> = seeded.candidates.iter().map(|line| line.code.as_str()).collect();
    assert_eq!(codes.len(), 108);
    assert!(seeded.candidates.iter().all(|line| line.round == seeded.round));
    let last = seeded.employers.last().unwrap();
    Uscc::parse(&last.uscc).unwrap();
    let secrets = Secrets::open(dir.path()).unwrap();
    let line = seeded.candidates.last().unwrap();
    let code = secrets.code(&InviteCode::parse(&line.code).unwrap());
    assert!(stores.accounts.invitation_by_code(&code).await.unwrap().is_some());
    let code_of = |employer: &EmployerLine| employer.uscc.clone();
    let uscc: BTreeSet<String> = seeded.employers.iter().map(code_of).collect();
    assert_eq!(uscc.len(), 40);
}

#[tokio::test]
async fn conversations_have_two_sides_each_and_what_was_said_in_turn() {
    use crate::store::{Party, Stretch};
    let dir = tempfile::tempdir().unwrap();
    let scale = Scale { candidates: 2, conversations: 25, messages: 60, ..Scale::default() };
    let seeded = run_scaled(dir.path(), false, NOW, scale).await.unwrap();
    let stores = sqlite::open(dir.path()).unwrap();
    let lines = &seeded.conversations;
    let pairs: BTreeSet<_> = lines.iter().map(|line| (line.employer, line.candidate)).collect();
    assert_eq!((lines.len(), pairs.len()), (25, 25));
    // eight of the sample and two more: each has a second conversation before anybody has a third
    let candidates: BTreeSet<_> = lines[..10].iter().map(|line| line.candidate).collect();
    assert_eq!(candidates.len(), 10);
    for (n, line) in lines.iter().enumerate() {
        for party in [Party::Candidate(line.candidate), Party::Employer(line.employer)] {
            let entries =
                stores.talks.entries(party, line.id, Stretch::After(0), 100).await.unwrap().unwrap();
            assert_eq!(entries.len(), if n < 10 { 3 } else { 2 });
            assert!(entries.is_sorted_by_key(|entry| entry.at) && entries.iter().all(|e| e.at < NOW));
            let from: Vec<_> = entries.iter().map(|entry| entry.from.other()).collect();
            assert_eq!(from[..2], [Side::Recruiter, Side::Candidate]);
        }
    }
}

#[tokio::test]
async fn more_conversations_than_pairs_are_refused() {
    for (conversations, messages) in [(97, 0), (0, 1)] {
        let dir = tempfile::tempdir().unwrap();
        let scale = Scale { conversations, messages, ..Scale::default() };
        let refused = run_scaled(dir.path(), false, NOW, scale).await.unwrap_err();
        // eight candidates and twelve employers
        assert!(refused.to_string().contains("from 1 to 96"), "{refused}");
    }
}

/// Nothing typed by people lies readable in the data folder.
#[tokio::test]
async fn the_database_holds_no_code_and_no_password() {
    let dir = tempfile::tempdir().unwrap();
    let seeded = run(dir.path(), false, NOW).await.unwrap();
    let bytes = std::fs::read(dir.path().join(sqlite::DATABASE_FILE)).unwrap();
    let holds = |text: &str| bytes.windows(text.len()).any(|window| window == text.as_bytes());
    assert!(holds("林晓青"), "the data must be in this file for the test to mean anything");
    assert!(!holds(&seeded.employer.password));
    for line in &seeded.candidates {
        assert!(!holds(&line.code) && !holds(&line.code.replace('-', "")));
    }
}

#[tokio::test]
async fn one_company_waits_for_the_organiser_and_one_was_turned_down() {
    let dir = tempfile::tempdir().unwrap();
    let seeded = run(dir.path(), false, NOW).await.unwrap();
    let stores = sqlite::open(dir.path()).unwrap();
    let listed = async |standing| {
        let list = stores.employers.registrations(Some(standing), 10).await.unwrap();
        list.into_iter().map(|registration| registration.id).collect::<Vec<_>>()
    };
    assert_eq!(listed(Standing::Waiting).await, [seeded.registrations.waiting]);
    assert_eq!(listed(Standing::Rejected).await, [seeded.registrations.rejected]);
    let row = stores.employers.registration(seeded.registrations.waiting).await.unwrap().unwrap();
    Uscc::parse(&row.registration.uscc).unwrap();
    let objects = DiskStore::open(&dir.path().join(crate::state::OBJECTS_FOLDER)).unwrap();
    let picture = objects.read(row.licence.unwrap().object.0, 0..u64::MAX).await.unwrap();
    assert!(crate::objects::accept(&picture, crate::objects::Purpose::Licence).is_ok());
    // a forgotten password can be set anew: the contact is known
    let account = Account::Uscc(seeded.employer.uscc.clone());
    assert!(stores.employers.reset_contact(&account, None).await.unwrap().is_some());
}

#[tokio::test]
async fn photos_go_to_the_exams_first_and_to_whom_they_name() {
    let folder = tempfile::tempdir().unwrap();
    let picture = samples::jpeg();
    for name in ["a1.jpg", "a2.jpg", "b1.jpg", "c1.jpg", "陈思远.jpg", "notes.txt"] {
        std::fs::write(folder.path().join(name), &picture).unwrap();
    }
    let dir = tempfile::tempdir().unwrap();
    let mut seeded = run(dir.path(), false, NOW).await.unwrap();
    photos(dir.path(), folder.path(), NOW, &mut seeded).await.unwrap();
    let whose =
        |file: &str| seeded.photos.iter().find(|line| line.file == file).map(|line| line.name.clone());
    assert_eq!(whose("a1.jpg"), Some(seeded.identity.name.clone()));
    assert_eq!(whose("a2.jpg"), None, "the same person again");
    assert_eq!(whose("b1.jpg"), Some(seeded.identity_verified.name.clone()));
    assert_eq!(whose("c1.jpg"), Some(seeded.identity_sms_first.name.clone()));
    assert_eq!(whose("陈思远.jpg").as_deref(), Some("陈思远"));
    let stores = sqlite::open(dir.path()).unwrap();
    assert_eq!(stores.identity.photos().await, Ok(4));
    let row = stores.identity.photo(seeded.identity.id).await.unwrap().unwrap();
    let objects = DiskStore::open(&dir.path().join(crate::state::OBJECTS_FOLDER)).unwrap();
    assert_eq!(objects.read(row.bytes, 0..row.size + 1).await.unwrap().len() as u64, row.size);
    drop(stores);
    let wrong = tempfile::tempdir().unwrap();
    std::fs::write(wrong.path().join("d1.jpg"), b"no picture").unwrap();
    let wrong = photos(dir.path(), wrong.path(), NOW, &mut seeded).await.unwrap_err();
    assert!(matches!(&wrong, SeedError::Photo { why, .. } if why.contains("JPEG")), "{wrong}");
}
