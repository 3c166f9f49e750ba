//! What can go wrong with devices, codecs and the peer connection, as one list the interface turns
//! into sentences. It never carries session descriptions, addresses or device serial numbers.

/// A problem of a call or of a device check.
///
/// Most of these do not end a call: a call goes on with what is there, and the problem is reported
/// once, as an event, with the way out being the interface's to say.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MediaProblem {
    #[error("no camera was found; connect one or choose another")]
    NoCamera,
    #[error("the system refused the camera; allow it in the system settings")]
    CameraRefused,
    #[error("the camera stopped delivering pictures; reconnect it or choose another")]
    CameraLost,
    #[error("no microphone was found; connect one or choose another")]
    NoMicrophone,
    #[error("the system refused the microphone; allow it in the system settings")]
    MicrophoneRefused,
    #[error("the microphone stopped; reconnect it or choose another")]
    MicrophoneLost,
    #[error("no speaker was found; connect one or choose another")]
    NoSpeaker,
    #[error("the speaker stopped; reconnect it or choose another")]
    SpeakerLost,
    #[error("the other side sent a session description or candidate that cannot be used")]
    BadRemoteDescription,
    #[error("the call was closed")]
    Closed,
    /// The peer connection or the local sockets failed; the text names the step, never an address.
    #[error("the network part of the call failed: {0}")]
    Network(String),
    /// An encoder, decoder or audio processor failed; the text names which.
    #[error("a codec failed: {0}")]
    Codec(String),
    /// The frame server on the loopback address could not be opened.
    #[error("pictures cannot be shown: {0}")]
    Screen(String),
}
