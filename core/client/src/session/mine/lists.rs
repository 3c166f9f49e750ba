//! 我的投递, 我的面试 and résumé files.

use super::super::app::App;
use super::{Formed, MineNews, load, loading};
use crate::store::{FairWrite, Kind};
use miantan_domain::ids::*;
use miantan_domain::model::*;
use miantan_domain::wire::Problem;
use miantan_domain::wire::rest::MyApplication;
use serde::Serialize;

impl App {
    pub fn load_applications(&mut self) {
        let Some(mine) = self.mine() else { return };
        loading(&mut mine.view.applications);
        self.mine_later(|server| async move { MineNews::Applications(server.applications().await) });
    }

    pub fn load_interviews(&mut self) {
        let Some(mine) = self.mine() else { return };
        loading(&mut mine.view.interviews);
        self.mine_later(|server| async move { MineNews::Interviews(server.interviews().await) });
    }

    pub fn load_attachments(&mut self) {
        let Some(mine) = self.mine() else { return };
        loading(&mut mine.view.attachments);
        self.mine_later(|server| async move { MineNews::Attachments(server.attachments().await) });
    }

    pub fn applications_came(&mut self, result: Result<Vec<MyApplication>, Problem>) {
        self.keep_own(Kind::Applications, &result);
        let Some(mine) = self.mine() else { return };
        load(&mut mine.view.applications, result);
        self.applied_changed();
    }

    pub fn interviews_came(&mut self, result: Result<Vec<InvitationCard>, Problem>) {
        self.keep_own(Kind::Interviews, &result);
        let Some(mine) = self.mine() else { return };
        load(&mut mine.view.interviews, result);
    }

    pub fn attachments_came(&mut self, result: Result<Vec<AttachmentResume>, Problem>) {
        self.keep_own(Kind::Attachments, &result);
        let Some(mine) = self.mine() else { return };
        load(&mut mine.view.attachments, result);
    }

    fn keep_own<T: Serialize>(&mut self, kind: Kind, result: &Result<T, Problem>) {
        let Some(mine) = self.mine() else { return };
        let Ok(list) = result else { return };
        let Ok(body) = serde_json::to_string(list) else { return };
        let write = mine.write(FairWrite::Seen { kind, id: String::new(), body });
        self.write(write);
    }

    pub fn remove_attachment(&mut self, object: ObjectId) {
        self.mine_form(move |server| async move {
            server.remove_attachment(object).await?;
            Ok(Formed::Attachments(server.attachments().await?))
        });
    }
}
