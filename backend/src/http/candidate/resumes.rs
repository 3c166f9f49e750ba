//! Applicants' résumés, for the employers they were sent to (T1).

use crate::http::auth::MemberAuth;
use crate::http::error::ApiProblem;
use crate::objects::names::{Disposition, content_disposition};
use crate::paper::{Language, Sheet};
use crate::state::AppState;
use axum::Json;
use axum::extract::{Path, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use miantan_domain::ids::ConversationId;
use miantan_domain::wire::rest::ResumeView;
use miantan_domain::wire::{Problem, ProblemCode};

/// The résumés of a conversation of this employer's; that they were opened is told to the candidate.
async fn opened(state: &AppState, auth: &MemberAuth, conversation: &str) -> Result<ResumeView, ApiProblem> {
    let unknown = ProblemCode::NotFound;
    let conversation: ConversationId = conversation.parse().map_err(|_| unknown)?;
    let view = state.stores.candidates.resume_view(auth.employer, conversation).await?;
    let view = view.ok_or(unknown)?;
    state.stores.talks.resume_opened(auth.employer, conversation).await?;
    Ok(view)
}

/// `GET /talks/{conversation}/resume`.
pub(super) async fn view(
    State(state): State<AppState>,
    auth: MemberAuth,
    Path(conversation): Path<String>,
) -> Result<Json<ResumeView>, ApiProblem> {
    opened(&state, &auth, &conversation).await.map(Json)
}

/// `GET /talks/{conversation}/resume.pdf`: the online résumé on paper, as 姓名-简历.pdf.
pub(super) async fn paper(
    State(state): State<AppState>,
    auth: MemberAuth,
    Path(conversation): Path<String>,
) -> Result<Response, ApiProblem> {
    let view = opened(&state, &auth, &conversation).await?;
    let resume = view
        .resume
        .ok_or_else(|| Problem::new(ProblemCode::ResumeMissing, "files were sent, but no online résumé"))?;
    let press = state.press().await?;
    let photo = match resume.photo {
        Some(photo) => crate::http::objects::whole_picture(&state, photo).await,
        None => None,
    };
    let stem: String =
        view.name.chars().filter(|c| !matches!(c, '/' | '\\')).collect::<String>().trim().to_owned();
    let name = if stem.is_empty() { "简历.pdf".to_owned() } else { format!("{stem}-简历.pdf") };
    let sheet = Sheet {
        name: view.name,
        headline: view.headline,
        contact: view.phone.into_iter().collect(),
        resume,
        photo,
        language: Language::Chinese,
    };
    let bytes = press.print(sheet).await.map_err(|error| {
        tracing::error!(%error, "a résumé cannot be printed");
        Problem::new(ProblemCode::Internal, "the résumé cannot be printed")
    })?;
    let headers = [
        (header::CONTENT_TYPE, "application/pdf".to_owned()),
        (header::CONTENT_DISPOSITION, content_disposition(&name, Disposition::Attachment)),
    ];
    Ok((headers, bytes).into_response())
}
