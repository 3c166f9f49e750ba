//! What reaches the event loop besides intents: answers, frames, device news. Each carries the number
//! of what it belongs to, so that news of something that is gone is dropped.

use super::fair::FairNews;
use super::identity::IdentityNews;
use super::mine::MineNews;
use super::office::{OfficeNews, RegistrationNews};
use super::sms::CodeNews;
use super::talk::TalkNews;
use crate::intent::Intent;
use crate::media::StackNews;
use crate::platform::{AudioRoute, NetworkNews};
use crate::socket::SocketNews;
use miantan_domain::ids::*;
use miantan_domain::model::NetworkFigures;
use miantan_domain::rules::link::Generation;
use miantan_domain::wire::Problem;
use miantan_domain::wire::rest::*;
use miantan_media::ScanNews;
use miantan_media::audio::{MicState, SpeakerState};
use miantan_media::devices::DeviceList;
use miantan_media::preview::PreviewState;
use tokio::sync::oneshot;

/// From outside the loop.
pub enum Order {
    Intent(Intent),
    Shutdown(oneshot::Sender<()>),
}

/// From the loop's own tasks.
pub enum Event {
    /// `GET /server` for the n-th choice.
    ServerAnswered {
        ask: u64,
        result: Result<ServerInfo, Problem>,
    },
    /// The n-th entrance form was answered.
    Entered {
        form: u64,
        result: Result<SignedIn, Problem>,
    },
    Socket {
        account: u64,
        generation: Generation,
        news: SocketNews,
    },
    /// The server does not know the session any more; why, as far as it says.
    SessionEnded {
        account: u64,
        problem: Option<Problem>,
    },
    Rounds {
        account: u64,
        result: Result<Vec<RoundSummary>, Problem>,
    },
    Sheet {
        account: u64,
        ticket: TicketId,
        result: Result<CandidateSheet, Problem>,
    },
    Stack {
        stack: u64,
        news: StackNews,
    },
    Speaker {
        check: u64,
        state: SpeakerState,
    },
    Microphone {
        check: u64,
        state: MicState,
    },
    Camera {
        check: u64,
        state: PreviewState,
    },
    Scan {
        scan: u64,
        news: ScanNews,
    },
    /// About conversations; of the n-th sign-in.
    Talk {
        account: u64,
        news: Box<TalkNews>,
    },
    /// About fairs of the server with this address.
    Fair {
        address: String,
        news: Box<FairNews>,
    },
    /// About the identity step with this number.
    Identity {
        step: u64,
        news: Box<IdentityNews>,
    },
    /// The network step with this number was measured.
    NetworkChecked {
        check: u64,
        figures: NetworkFigures,
    },
    /// The readiness pass was told, or is to be told again.
    PassTold {
        account: u64,
        told: bool,
    },
    /// The n-th entrance form was about a code by SMS.
    Code {
        form: u64,
        news: Box<CodeNews>,
    },
    /// About a candidate's account; of the n-th sign-in.
    Mine {
        account: u64,
        news: Box<MineNews>,
    },
    /// About an employer's office; of the n-th sign-in.
    Office {
        account: u64,
        news: Box<OfficeNews>,
    },
    /// About the registration made on this device for the server with this address.
    Registration {
        address: String,
        news: Box<RegistrationNews>,
    },
    /// Something that nothing waited for was not stored.
    NotStored,
    Devices(DeviceList),
    PhoneCall(bool),
    Network(NetworkNews),
    AudioRoute(AudioRoute),
}
