//! The description as a page: what there is, who may ask, what goes in and comes out. No script.

use super::document::{document, operation_id};
use super::operations::operations;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use maud::{DOCTYPE, Markup, PreEscaped, html};
use serde_json::Value;
use sha2::{Digest, Sha256};

const STYLE: &str = include_str!("docs.css");

/// The policy header and the page.
pub(super) fn page() -> (String, String) {
    let hash = STANDARD.encode(Sha256::digest(STYLE));
    let policy = format!(
        "default-src 'none'; style-src 'sha256-{hash}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    );
    (policy, body(&document()).into_string())
}

fn body(document: &Value) -> Markup {
    let operations = operations();
    let mut tags: Vec<&str> = operations.iter().map(|operation| operation.tag).collect();
    tags.dedup();
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { "Miantan API" }
                style { (PreEscaped(STYLE)) }
            }
            body {
                header {
                    h1 { "Miantan API" }
                    p { (text(&document["info"]["description"])) }
                    p { a href="/openapi.json" { "openapi.json" } " · version " (text(&document["info"]["version"])) }
                    nav {
                        @for tag in &tags { a href={ "#" (anchor(tag)) } { (tag) } }
                        a href="#schemas" { "Schemas" }
                    }
                }
                main {
                    @for tag in &tags {
                        section {
                            h2 id=(anchor(tag)) { (tag) }
                            @for operation in operations.iter().filter(|operation| operation.tag == *tag) {
                                (described(document, operation.method, operation.path, &operation_id(operation)))
                            }
                        }
                    }
                    section {
                        h2 id="schemas" { "Schemas" }
                        @if let Some(schemas) = document["components"]["schemas"].as_object() {
                            @for (name, schema) in schemas {
                                details id={ "schema-" (name) } {
                                    summary { (name) }
                                    pre { (format!("{schema:#}")) }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn described(document: &Value, method: &str, path: &str, id: &str) -> Markup {
    let operation = &document["paths"][format!("/api/v1{path}")][method];
    let responses = operation["responses"].as_object();
    html! {
        details id=(id) {
            summary {
                span.method data-method=(method) { (method.to_uppercase()) }
                code { "/api/v1" (path) }
                span.what { (text(&operation["summary"])) }
            }
            p { (text(&operation["description"])) }
            @if let Some(parameters) = operation["parameters"].as_array() {
                table {
                    tr { th { "Parameter" } th { "In" } th { "What" } }
                    @for parameter in parameters {
                        tr {
                            td { code { (text(&parameter["name"])) } @if parameter["required"] == true { " *" } }
                            td { (text(&parameter["in"])) }
                            td { (text(&parameter["description"])) " " code { (kind(&parameter["schema"])) } }
                        }
                    }
                }
            }
            @if let Some(content) = operation["requestBody"]["content"].as_object() {
                p { "Body: " (contents(content)) }
            }
            @for (status, response) in responses.into_iter().flatten() {
                @if status != "default" {
                    p {
                        "Answer " b { (status) } " "
                        @if let Some(content) = response["content"].as_object() { (contents(content)) }
                    }
                }
            }
        }
    }
}

fn contents(content: &serde_json::Map<String, Value>) -> Markup {
    html! {
        @for (media, content) in content {
            (linked(&content["schema"])) " as " code { (media) } " "
        }
    }
}

/// A schema's name with a link to it, or its short form.
fn linked(schema: &Value) -> Markup {
    if let Some(name) = schema["$ref"].as_str().and_then(|path| path.rsplit('/').next()) {
        return html! { a href={ "#schema-" (name) } { (name) } };
    }
    if schema["type"] == "array" {
        return html! { "list of " (linked(&schema["items"])) };
    }
    html! { (kind(schema)) }
}

fn kind(schema: &Value) -> String {
    let mut parts = vec![schema["type"].as_str().unwrap_or("any").to_owned()];
    for key in ["format", "maxLength", "minimum", "maximum"] {
        if !schema[key].is_null() {
            parts.push(format!("{key} {}", schema[key].to_string().trim_matches('"')));
        }
    }
    if let Some(names) = schema["enum"].as_array() {
        parts.push(names.iter().map(text).collect::<Vec<_>>().join(" | "));
    }
    parts.join(", ")
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn anchor(tag: &str) -> String {
    tag.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' }).collect()
}
