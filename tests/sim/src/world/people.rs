//! What people do: ring, answer, write, hang up, call again.

use super::*;

impl World {
    /// A person looks at the screen and does what people do.
    pub(super) fn act(&mut self, id: DeviceId) {
        let dice = self.rng.random_range(0..100);
        let now = Timestamp(self.now);
        let call = CallId(uuid(7, u128::from(self.rng.next_u64())));
        let pick = self.rng.random_range(0..16_usize);
        let noisy = self.noisy;
        let Some(device) = self.devices.get_mut(&id).filter(|d| d.alive) else { return };
        let round = device.round;
        if let Some(view) = device.call.view() {
            match view.stage {
                CallStage::RingingIn { .. } if noisy && dice < 8 => device.call(now, CallInput::Decline),
                CallStage::RingingIn { .. } if noisy && dice < 80 => device.call(now, CallInput::Answer),
                CallStage::RingingOut { .. } | CallStage::Placing if noisy && dice < 6 => {
                    device.call(now, CallInput::HangUp);
                }
                CallStage::Connected { .. } | CallStage::Interrupted { .. } | CallStage::Connecting
                    if !noisy || dice < if device.ticket.is_none() { 15 } else { 2 } =>
                {
                    if device.ticket.is_none() {
                        let ticket = view.ticket;
                        device.command(
                            now,
                            round,
                            Command::MarkOutcome { ticket, outcome: Outcome::Suitable },
                        );
                    }
                    device.call(now, CallInput::HangUp);
                }
                CallStage::Ended { .. } => device.call(now, CallInput::Dismiss),
                CallStage::RingingIn { .. }
                | CallStage::RingingOut { .. }
                | CallStage::Placing
                | CallStage::Connected { .. }
                | CallStage::Interrupted { .. }
                | CallStage::Connecting => {}
            }
        }
        if !noisy {
            return;
        }
        if let Some(ticket) = device.ticket {
            let cut_off = matches!(device.room.as_ref().map(|r| r.place), Some(RoomPlace::CutOff { .. }));
            if cut_off && dice < 40 {
                device.call(now, CallInput::Ring { call, round, ticket });
            } else if dice < 12 {
                device.command(now, round, Command::Note { ticket, text: format!("{}", now.0) });
            } else if dice < 15 {
                let presence =
                    if device.presence == Presence::Ready { Presence::Online } else { Presence::Ready };
                device.set_presence(presence);
            } else if dice > 95 {
                device.set_presence(Presence::Ready);
            }
        } else {
            let next = if dice < 60 {
                device.mirror.next_ready()
            } else {
                // out of order, or someone who is away or was interviewed already
                device
                    .mirror
                    .state()
                    .and_then(|s| s.tickets.keys().nth(pick % s.tickets.len().max(1)).copied())
            };
            if let Some(ticket) = next {
                if dice < 70 {
                    device.call(now, CallInput::Ring { call, round, ticket });
                } else if dice < 80 {
                    device.command(now, round, Command::Note { ticket, text: format!("{}", now.0) });
                }
            }
            let done = device
                .mirror
                .state()
                .is_some_and(|s| s.tickets.values().all(|t| matches!(t.status, TicketStatus::Interviewed)));
            if done && dice > 97 {
                device.command(now, round, Command::MoveStage { to: Stage::Interview });
            }
        }
    }
}
