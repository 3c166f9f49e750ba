//! Companies that registered for the sample fair: one waits for the organiser, one was turned down.

use super::people::EMPLOYERS;
use super::{SeedError, plan};
use crate::objects::pictures;
use crate::objects::store::{DiskStore, ObjectStore};
use crate::secrets::{self, Secrets};
use crate::store::*;
use image::{Rgb, RgbImage};
use miantan_domain::ids::*;
use miantan_domain::time::WallTime;
use serde::Serialize;
use std::path::Path;

/// A service number of an operator: no person's telephone rings when somebody tries the sample with real messages.
pub(super) const CONTACT_NUMBER: &str = "13800138000";
const REASON: &str = "营业执照照片不清晰，请重新拍摄后再次报名。";

/// The sample's registrations.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Registrations {
    pub waiting: RegistrationId,
    pub rejected: RegistrationId,
    /// The picture of the one that waits; see [`picture`].
    #[serde(skip)]
    pub(super) licence: ObjectId,
}

impl Registrations {
    pub(super) fn new(now: WallTime) -> Self {
        let ms = now.0 as u64;
        Self {
            waiting: RegistrationId::from_parts(ms, &secrets::random()),
            rejected: RegistrationId::from_parts(ms, &secrets::random()),
            licence: ObjectId::from_parts(ms, &secrets::random()),
        }
    }
}

/// Registers both for the fair, and gives the first employers the contact they would have been approved with.
pub(super) async fn plant(
    stores: &Stores,
    secrets: &Secrets,
    now: WallTime,
    known: &Known,
    registrations: &Registrations,
) -> Result<(), SeedError> {
    let by = By { who: Doer::Nobody, address: None, at: now };
    for (employer, contact) in &known.employers {
        let (contact, phone) = (contact.clone(), CONTACT_NUMBER.to_owned());
        stores.employers.set_contact(*employer, contact, phone, By { who: Doer::Organiser, ..by }).await?;
    }
    // nobody signs in with it: neither was let in
    let password_hash = secrets::hash_password(&secrets::new_token())?;
    let Registrations { waiting, rejected, licence } = *registrations;
    let companies =
        [(waiting, 1, "松间流水软件有限公司", "钱佳"), (rejected, 2, "海棠微电子有限公司", "冯超")];
    for (id, number, name, contact) in companies {
        let draft = RegistrationDraft {
            id,
            fair: known.fair,
            name: name.into(),
            uscc: plan::uscc(&format!("MA9W{number:04}")),
            contact: contact.into(),
            phone: CONTACT_NUMBER.into(),
            token: secrets.token(&secrets.registration_token(id)),
            from: Registrant::New { password_hash: password_hash.clone() },
        };
        match stores.employers.register(draft, by).await? {
            Registering::Made(_) => {}
            Registering::FairUnknown
            | Registering::FairOver
            | Registering::EmployerKnown
            | Registering::Again(_) => {
                return Err(StoreError::Failed("the sample's registration was refused".into()).into());
            }
        }
    }
    let kept = Licence { object: licence, kind: LicenceKind::Jpeg };
    stores.employers.set_licence(waiting, kept, by).await?;
    let verdict = Verdict::Reject { reason: REASON.into() };
    let by = By { who: Doer::Organiser, ..by };
    stores.employers.decide(Decision { registration: rejected, verdict, by }).await?;
    Ok(())
}

/// Whom the sample's employers were approved with, and at which fair the others register.
pub(super) struct Known {
    pub fair: FairId,
    pub employers: Vec<(EmployerId, String)>,
}

impl Known {
    /// The first employers of a plan, with their owners.
    pub(super) fn of(import: &Import) -> Result<Self, SeedError> {
        let fair = import.fairs.first().map(|fair| fair.id);
        let fair = fair.ok_or_else(|| StoreError::Failed("the sample has no fair".into()))?;
        let owner = |new: &NewEmployer| new.members.first().map(|member| (new.id, member.name.clone()));
        let employers = import.employers.iter().take(EMPLOYERS.len()).filter_map(owner).collect();
        Ok(Self { fair, employers })
    }
}

/// Puts the waiting company's licence where the server looks for it: a sheet with a seal, without a word on it.
pub(super) async fn picture(data: &Path, registrations: &Registrations) -> Result<(), SeedError> {
    let sheet = RgbImage::from_fn(640, 440, |x, y| {
        let frame = !(24..616).contains(&x) || !(24..416).contains(&y);
        let (dx, dy) = (f64::from(x) - 500.0, f64::from(y) - 320.0);
        let seal = (52.0..60.0).contains(&dx.hypot(dy));
        if seal {
            Rgb([200, 40, 40])
        } else if frame {
            Rgb([180, 150, 90])
        } else {
            Rgb([250, 246, 235])
        }
    });
    let failed = |error: String| SeedError::Object(error);
    let bytes = pictures::to_jpeg(&sheet, 85).map_err(|e| failed(e.to_string()))?;
    let store =
        DiskStore::open(&data.join(crate::state::OBJECTS_FOLDER)).map_err(|e| failed(e.to_string()))?;
    store.put(registrations.licence.0, bytes).await.map_err(|e| failed(e.to_string()))?;
    Ok(())
}
