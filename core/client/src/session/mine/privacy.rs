//! Profile, policy, consents, export, deletion.

use super::super::app::App;
use super::{Formed, MineNews, loading};
use crate::files;
use crate::view::{Loadable, PrivacyView};
use miantan_domain::wire::rest::*;
use miantan_domain::wire::{Problem, ProblemCode};
use std::sync::Arc;

/// What an export is called where the person finds it.
const EXPORT_NAME: &str = "miantan-my-data.json";

impl App {
    pub fn save_profile(&mut self, profile: Profile) {
        let Profile { name, birth_year, birth_month } = profile;
        let profile = Profile { name: name.trim().to_owned(), birth_year, birth_month };
        self.mine_form(|server| async move { server.save_profile(&profile).await.map(Formed::Profile) });
    }

    pub fn load_privacy(&mut self) {
        let Some(mine) = self.mine() else { return };
        loading(&mut mine.view.privacy);
        self.mine_later(|server| async move {
            let (policy, consents, deletion) =
                tokio::join!(server.policy(), server.consents(), server.deletion());
            let all = || Ok(PrivacyView { policy: policy?, consents: consents?, deletion: deletion? });
            MineNews::Privacy(all())
        });
    }

    /// What came of a form about it; nothing where the page was not loaded.
    pub fn with_privacy(&mut self, change: impl FnOnce(&mut PrivacyView)) {
        let Some(mine) = self.mine() else { return };
        if let Some(Loadable::Ready(privacy)) = &mut mine.view.privacy {
            change(Arc::make_mut(privacy));
        }
    }

    pub fn set_consent(&mut self, change: ConsentChange) {
        self.mine_form(|server| async move { server.set_consent(&change).await.map(Formed::Consents) });
    }

    pub fn set_deletion(&mut self, on: bool) {
        self.mine_form(move |server| async move { server.set_deletion(on).await.map(Formed::Deletion) });
    }

    /// Everything held about the person, where they find it.
    pub fn export(&mut self) {
        let folder = self.downloads.clone();
        self.mine_form(move |server| async move {
            let bytes = server.export().await?;
            let saved = tokio::task::spawn_blocking(move || files::save(&folder, EXPORT_NAME, &bytes)).await;
            let (name, path) = saved.map_err(|_| Problem::from(ProblemCode::Internal))?.map_err(|error| {
                tracing::error!(%error, "an export was not written");
                Problem::new(ProblemCode::StorageFailed, "the device's storage failed; free some space")
            })?;
            Ok(Formed::Saved { name, path })
        });
    }
}
