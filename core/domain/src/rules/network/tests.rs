use super::*;

fn wifi() -> NetworkFigures {
    NetworkFigures {
        round_trip_ms: Some(30),
        loss_percent: Some(0.0),
        up_kbps: 8_000,
        down_kbps: 30_000,
        relay: RelayWay::Works,
    }
}

#[test]
fn every_figure_alone_can_spoil_a_call() {
    let judged = |how: fn(&mut NetworkFigures)| {
        let mut figures = wifi();
        how(&mut figures);
        judge(&figures)
    };
    assert_eq!(judged(|_| {}), NetworkVerdict::Good);
    assert_eq!(judged(|f| f.up_kbps = 400), NetworkVerdict::SmallPicture);
    assert_eq!(judged(|f| f.loss_percent = Some(8.0)), NetworkVerdict::SmallPicture);
    assert_eq!(judged(|f| f.round_trip_ms = Some(500)), NetworkVerdict::SmallPicture);
    assert_eq!(judged(|f| f.down_kbps = 200), NetworkVerdict::SoundOnly);
    assert_eq!(judged(|f| f.up_kbps = 30), NetworkVerdict::Weak);
    assert_eq!(judged(|f| f.loss_percent = Some(20.0)), NetworkVerdict::Weak);
    assert_eq!(judged(|f| f.loss_percent = Some(f32::NAN)), NetworkVerdict::Weak);
    assert_eq!(judged(|f| f.round_trip_ms = Some(1_200)), NetworkVerdict::Weak);
    assert_eq!(judged(|f| f.relay = RelayWay::Blocked), NetworkVerdict::NoUdp);
    assert_eq!(judged(|f| f.loss_percent = None), NetworkVerdict::NoUdp);
    assert_eq!(judged(|f| f.round_trip_ms = None), NetworkVerdict::Unreachable);
}

#[test]
fn without_a_relay_to_try_the_rest_decides() {
    let direct = NetworkFigures { relay: RelayWay::NotOffered, loss_percent: None, ..wifi() };
    assert_eq!(judge(&direct), NetworkVerdict::Good);
    assert_eq!(judge(&NetworkFigures { up_kbps: 30, ..direct }), NetworkVerdict::Weak);
    assert_eq!(judge(&NetworkFigures { round_trip_ms: None, ..direct }), NetworkVerdict::Unreachable);
}

#[test]
fn only_what_carries_a_picture_passes_by_itself() {
    assert!(good_enough(NetworkVerdict::Good) && good_enough(NetworkVerdict::SmallPicture));
    for poor in
        [NetworkVerdict::SoundOnly, NetworkVerdict::Weak, NetworkVerdict::NoUdp, NetworkVerdict::Unreachable]
    {
        assert!(!good_enough(poor));
    }
}
