//! Pages for what is not there, or does not work now.

use super::layout;
use super::parts::icon;
use crate::http::error::ApiProblem;
use crate::store::StoreError;
use axum::extract::Request;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use maud::html;
use miantan_domain::wire::{Problem, ProblemCode};

/// A problem as a page.
#[derive(Debug)]
pub(crate) struct Missing(ProblemCode);

impl From<ProblemCode> for Missing {
    fn from(code: ProblemCode) -> Self {
        Self(code)
    }
}

impl From<Problem> for Missing {
    fn from(problem: Problem) -> Self {
        Self(problem.code)
    }
}

impl From<StoreError> for Missing {
    fn from(error: StoreError) -> Self {
        tracing::error!(%error, "the store failed");
        Self(Problem::from(error).code)
    }
}

impl IntoResponse for Missing {
    fn into_response(self) -> Response {
        let (status, title, more) = match self.0 {
            ProblemCode::NotFound => {
                (StatusCode::NOT_FOUND, "没有这个页面", "链接可能不完整，或者内容已被主办方撤下。")
            }
            ProblemCode::Malformed => (StatusCode::BAD_REQUEST, "链接不完整", "请从招聘会首页重新打开。"),
            _ => (
                StatusCode::INTERNAL_SERVER_ERROR,
                "暂时打不开",
                "服务器遇到问题，您的数据没有丢失。请稍后再试。",
            ),
        };
        let body = html! {
            section.card.note-page {
                (icon("search"))
                h1 { (title) }
                p.quiet { (more) }
                p { a.button.primary href="/" { "返回首页" } }
            }
        };
        (status, layout::bare(title, &body)).into_response()
    }
}

/// For paths nobody knows: a page for browsers, a problem for programs.
pub(crate) async fn anywhere(request: Request) -> Response {
    let accepts = request.headers().get(header::ACCEPT).and_then(|value| value.to_str().ok());
    let browser = accepts.is_some_and(|accept| accept.contains("text/html"));
    if !browser || request.uri().path().starts_with("/api/") {
        return ApiProblem::from(ProblemCode::NotFound).into_response();
    }
    let mut response = Missing(ProblemCode::NotFound).into_response();
    let policy = HeaderValue::from_static(super::CONTENT_SECURITY_POLICY);
    response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
    response
}
