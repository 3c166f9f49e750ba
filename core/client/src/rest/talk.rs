//! Conversations, their entries, files (see `miantan_domain::wire::rest::talk`).

use super::{FILE_LIMIT, Server, done, understood, unsent};
use crate::view::TalkFilter;
use miantan_domain::ids::*;
use miantan_domain::model::*;
use miantan_domain::rules::talk::{Ask, PAGE};
use miantan_domain::time::WallTime;
use miantan_domain::wire::Problem;
use miantan_domain::wire::rest::*;
use reqwest::{Method, header};

/// Largest thumbnail taken, in bytes; 320 px as JPEG have far fewer.
const THUMB_MAX_BYTES: u64 = 512 * 1024;
/// Largest calendar file taken, in bytes.
const CALENDAR_MAX_BYTES: u64 = 256 * 1024;

impl Server {
    /// A page of the list, `limit` at most.
    pub async fn talks(&self, filter: &TalkFilter, cursor: &str, limit: u32) -> Result<TalkPage, Problem> {
        let mark = filter.mark.and_then(|mark| serde_json::to_value(mark).ok());
        let query = [
            ("mark", mark.and_then(|mark| mark.as_str().map(str::to_owned)).unwrap_or_default()),
            ("position", filter.position.map(|position| position.to_string()).unwrap_or_default()),
            ("unread", if filter.unread { "true".into() } else { String::new() }),
            ("q", filter.text.trim().to_owned()),
            ("cursor", cursor.to_owned()),
            ("limit", limit.to_string()),
        ];
        self.look("/talks", &query).await
    }

    pub async fn talk(&self, conversation: ConversationId) -> Result<TalkHead, Problem> {
        self.look(&format!("/talks/{conversation}"), &[]).await
    }

    pub async fn entries(&self, conversation: ConversationId, ask: Ask) -> Result<Vec<Entry>, Problem> {
        let range = match ask {
            Ask::After(seq) => ("after", seq.to_string()),
            Ask::Before(seq) => ("before", seq.to_string()),
        };
        self.look(&format!("/talks/{conversation}/entries"), &[range, ("limit", PAGE.to_string())]).await
    }

    pub async fn marks(&self, conversation: ConversationId) -> Result<Vec<MarkChange>, Problem> {
        self.look(&format!("/talks/{conversation}/marks"), &[]).await
    }

    pub async fn resume(&self, conversation: ConversationId) -> Result<ResumeView, Problem> {
        self.look(&format!("/talks/{conversation}/resume"), &[]).await
    }

    pub async fn busy(
        &self,
        conversation: ConversationId,
        from: WallTime,
        to: WallTime,
    ) -> Result<Vec<Busy>, Problem> {
        let query = [("from", from.0.to_string()), ("to", to.0.to_string())];
        self.look(&format!("/talks/{conversation}/busy"), &query).await
    }

    pub async fn resume_pdf(&self, conversation: ConversationId) -> Result<Vec<u8>, Problem> {
        self.file(&format!("/talks/{conversation}/resume.pdf"), FILE_MAX_BYTES).await
    }

    pub async fn calendar(
        &self,
        conversation: ConversationId,
        invitation: InvitationId,
    ) -> Result<Vec<u8>, Problem> {
        let path = format!("/talks/{conversation}/invitations/{invitation}.ics");
        self.file(&path, CALENDAR_MAX_BYTES).await
    }

    pub async fn report(&self, report: &Report) -> Result<(), Problem> {
        done(self.send(Method::POST, "/reports", Some(report)).await?).await
    }

    /// Begins an upload, or says where it stands.
    pub async fn begin_upload(&self, new: &NewObject) -> Result<Upload, Problem> {
        self.ask(Method::POST, "/objects", Some(new)).await
    }

    pub async fn upload(&self, object: ObjectId) -> Result<Upload, Problem> {
        self.look(&format!("/objects/{object}/upload"), &[]).await
    }

    pub async fn put_part(&self, object: ObjectId, offset: u64, part: Vec<u8>) -> Result<Upload, Problem> {
        let request = self
            .request(Method::PUT, &format!("/objects/{object}"))
            .query(&[("offset", offset)])
            .header(header::CONTENT_TYPE, "application/octet-stream")
            .timeout(FILE_LIMIT)
            .body(part);
        understood(request.send().await.map_err(|error| unsent(&error))?).await
    }

    pub async fn object(&self, object: ObjectId) -> Result<Vec<u8>, Problem> {
        self.file(&format!("/objects/{object}"), FILE_MAX_BYTES).await
    }

    pub async fn thumb(&self, object: ObjectId) -> Result<Vec<u8>, Problem> {
        self.file(&format!("/objects/{object}?size=thumb"), THUMB_MAX_BYTES).await
    }
}
