//! A candidate's account (see `miantan_domain::wire::rest::candidate`).

use super::{Server, done};
use miantan_domain::ids::*;
use miantan_domain::model::*;
use miantan_domain::wire::Problem;
use miantan_domain::wire::rest::*;
use reqwest::Method;

/// Largest export taken, in bytes: every text of some years, no pictures.
const EXPORT_MAX_BYTES: u64 = 64 * 1024 * 1024;

impl Server {
    pub async fn ask_code(&self, request: &CodeRequest) -> Result<CodeSent, Problem> {
        self.ask(Method::POST, "/candidate/code", Some(request)).await
    }

    pub async fn candidate_sign_in(&self, request: &CandidateSignIn) -> Result<SignedIn, Problem> {
        self.ask(Method::POST, "/candidate/sign-in", Some(request)).await
    }

    pub async fn link_account(&self, request: &CandidateLink) -> Result<Me, Problem> {
        self.ask(Method::POST, "/candidate/link", Some(request)).await
    }

    pub async fn save_profile(&self, profile: &Profile) -> Result<Me, Problem> {
        self.ask(Method::PUT, "/me/profile", Some(profile)).await
    }

    pub async fn my_resume(&self) -> Result<ResumeDoc, Problem> {
        self.look("/me/resume", &[]).await
    }

    pub async fn save_resume(&self, doc: &ResumeDoc) -> Result<ResumeDoc, Problem> {
        self.ask(Method::PUT, "/me/resume", Some(doc)).await
    }

    pub async fn attachments(&self) -> Result<Vec<AttachmentResume>, Problem> {
        self.look("/me/attachments", &[]).await
    }

    pub async fn add_attachment(&self, object: ObjectId) -> Result<Vec<AttachmentResume>, Problem> {
        self.ask(Method::POST, "/me/attachments", Some(&AttachmentAdd { object })).await
    }

    pub async fn remove_attachment(&self, object: ObjectId) -> Result<(), Problem> {
        done(self.send(Method::DELETE, &format!("/me/attachments/{object}"), None::<&()>).await?).await
    }

    pub async fn applications(&self) -> Result<Vec<MyApplication>, Problem> {
        self.look("/me/applications", &[]).await
    }

    pub async fn interviews(&self) -> Result<Vec<InvitationCard>, Problem> {
        self.look("/me/interviews", &[]).await
    }

    pub async fn enter_room(&self, invitation: InvitationId) -> Result<Me, Problem> {
        self.ask(Method::POST, &format!("/me/interviews/{invitation}/enter"), None::<&()>).await
    }

    pub async fn leave_room(&self) -> Result<Me, Problem> {
        self.ask(Method::POST, "/me/leave-room", None::<&()>).await
    }

    pub async fn consents(&self) -> Result<Vec<Consent>, Problem> {
        self.look("/me/consents", &[]).await
    }

    pub async fn set_consent(&self, change: &ConsentChange) -> Result<Vec<Consent>, Problem> {
        self.ask(Method::POST, "/me/consents", Some(change)).await
    }

    pub async fn export(&self) -> Result<Vec<u8>, Problem> {
        self.file("/me/export", EXPORT_MAX_BYTES).await
    }

    pub async fn deletion(&self) -> Result<Deletion, Problem> {
        self.look("/me/deletion", &[]).await
    }

    /// Asks for it, or takes it back.
    pub async fn set_deletion(&self, on: bool) -> Result<Deletion, Problem> {
        let method = if on { Method::POST } else { Method::DELETE };
        self.ask(method, "/me/deletion", None::<&()>).await
    }
}
