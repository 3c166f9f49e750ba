//! What breaks: networks, sockets, apps, the server; and what media makes of it.

use super::*;

impl World {
    /// Something breaks.
    pub(super) fn chaos(&mut self) {
        let nth = self.rng.random_range(0..self.devices.len());
        let id = *self.devices.keys().nth(nth).expect("a device");
        match self.rng.random_range(0..13) {
            0 => self.restart_server(),
            12 => self.move_appointment(),
            1 | 2 => self.kill_app(id),
            3..=5 => {
                // no network for a while; the system may or may not say so
                let says = self.rng.random_bool(0.5);
                let (away, sees) = (self.rng.random_range(500..90_000), self.rng.random_range(0..40_000));
                let Some(device) = self.devices.get_mut(&id) else { return };
                device.online = false;
                let socket = device.socket();
                if says {
                    device.link(Timestamp(self.now), LinkInput::NetworkDown);
                }
                if let Some(generation) = socket {
                    self.net.post(self.now + sees, Parcel::ServerSees(id, generation));
                }
                self.net.post(self.now + away, Parcel::Mend(id));
            }
            6..=8 => {
                // the socket breaks; both ends learn it sooner or later
                if let Some(generation) = self.devices[&id].socket() {
                    let (a, b) = (self.rng.random_range(0..8_000), self.rng.random_range(0..8_000));
                    self.net.post(self.now + a, Parcel::ServerSees(id, generation));
                    self.net.post(self.now + b, Parcel::DeviceSees(id, generation));
                }
            }
            9 => {
                let Some(device) = self.devices.get_mut(&id) else { return };
                device.link(Timestamp(self.now), LinkInput::NetworkChanged);
            }
            _ => {
                let on = self.rng.random_bool(0.5);
                let Some(device) = self.devices.get_mut(&id).filter(|d| d.alive) else { return };
                device.set_presence(if on { Presence::OnPhoneCall } else { Presence::Ready });
                device.call(Timestamp(self.now), CallInput::PhoneCall(on));
            }
        }
    }

    /// An appointment is given up, and perhaps made anew at another time.
    fn move_appointment(&mut self) {
        let tickets: Vec<(RoundId, TicketId)> =
            self.devices.values().filter_map(|d| Some((d.round, d.ticket?))).collect();
        let (round, ticket) = tickets[self.rng.random_range(0..tickets.len())];
        let at = self.at();
        let Some(known) = self.server.rounds.get(&round).and_then(|r| r.state().tickets.get(&ticket)) else {
            return;
        };
        let card = known.card.clone();
        if self.rng.random_bool(0.7) {
            self.server.give_up(at, round, ticket);
        }
        let time = self.rng.random_bool(0.5).then(|| WALL_START + self.rng.random_range(0..3) * 600_000);
        self.checks.invited(ticket, card.id, time);
        self.server.take_ticket(at, round, ticket, card, time);
        self.checks.written(&mut self.server);
    }

    pub(super) fn kill_app(&mut self, id: DeviceId) {
        let away = self.rng.random_range(200..60_000);
        let sees = self.rng.random_range(0..2_000);
        let Some(device) = self.devices.get_mut(&id) else { return };
        if let Some(generation) = device.kill() {
            self.net.post(self.now + sees, Parcel::ServerSees(id, generation));
        }
        self.net.post(self.now + away, Parcel::StartApp(id));
    }

    pub(super) fn restart_server(&mut self) {
        let at = self.at();
        self.server.restart(at);
        self.checks.restarted(&mut self.server);
        let sockets: Vec<(DeviceId, Generation)> =
            self.devices.values().filter_map(|d| Some((d.id, d.socket()?))).collect();
        for (id, generation) in sockets {
            let delay = self.rng.random_range(1..1_000);
            self.net.post(self.now + delay, Parcel::DeviceSees(id, generation));
        }
    }

    /// Media flows while both devices run the same epoch of the same call and both have a network.
    pub(super) fn media(&mut self, id: DeviceId) {
        let Some(own) = self.devices.get(&id).and_then(|d| d.media) else { return };
        let online = self.devices[&id].online;
        let peer = self.devices.values().any(|d| {
            d.id != id && d.online && d.media.is_some_and(|m| (m.call, m.epoch) == (own.call, own.epoch))
        });
        let flows = online && peer;
        let now = Timestamp(self.now);
        let Some(device) = self.devices.get_mut(&id) else { return };
        let Some(media) = &mut device.media else { return };
        let changed = media.flows != flows;
        media.flows = flows;
        if flows || changed {
            media.dry_since = now.0;
        }
        let epoch = media.epoch;
        let failed = !flows && now.since(Timestamp(media.dry_since)) > 15_000;
        if failed {
            media.dry_since = now.0;
            device.call(now, CallInput::MediaFailed { epoch });
        } else if changed {
            let input = if flows { CallInput::MediaFlows { epoch } } else { CallInput::MediaLost { epoch } };
            device.call(now, input);
        }
        if self.devices[&id].media.is_some_and(|m| m.epoch == own.epoch) {
            self.net.post(self.now + 400, Parcel::Media(id));
        }
    }
}
