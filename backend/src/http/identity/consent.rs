//! The two consents of the identity step: to be compared at all, and to send the pictures of one attempt.

use crate::state::AppState;
use crate::store::StoreError;
use miantan_domain::ids::CandidateId;
use miantan_domain::model::{Consent, Purpose};
use miantan_domain::wire::rest::IDENTITY_CONSENT_VERSION;

/// Whether the candidate agreed to this text as it is now, and did not take it back.
pub(super) async fn in_force(
    state: &AppState,
    candidate: CandidateId,
    purpose: Purpose,
) -> Result<bool, StoreError> {
    let consents = state.stores.candidates.consents(candidate).await?;
    let stands = consents.iter().find(|consent| consent.purpose == purpose);
    Ok(stands.is_some_and(|consent| consent.given && consent.version == IDENTITY_CONSENT_VERSION))
}

/// Pictures are agreed to for one attempt: the next one has to be asked for again.
pub(super) async fn used_up(state: &AppState, candidate: CandidateId) -> Result<(), StoreError> {
    let at = state.clock.wall();
    let (purpose, version) = (Purpose::FaceFrames, IDENTITY_CONSENT_VERSION);
    state.stores.candidates.consent(candidate, Consent { purpose, version, given: false, at }).await
}

/// A consent was taken back: what was kept because of it goes at once.
pub(in crate::http) async fn dropped(
    state: &AppState,
    candidate: CandidateId,
    purpose: Purpose,
) -> Result<(), StoreError> {
    match purpose {
        Purpose::FaceCheck | Purpose::FaceFrames => {
            for bytes in state.stores.identity.forget_frames_of(candidate).await? {
                forget(state, bytes).await;
            }
            Ok(())
        }
        Purpose::Policy | Purpose::ResumeToEmployers | Purpose::SmsNotices => Ok(()),
    }
}

/// Bytes that no row refers to any more. What cannot be deleted now is found by the sweep of unknown bytes.
pub(super) async fn forget(state: &AppState, bytes: uuid::Uuid) {
    if let Err(error) = state.objects.delete(bytes).await {
        tracing::warn!(%error, "pictures that are not needed any more are still on the disk");
    }
}
