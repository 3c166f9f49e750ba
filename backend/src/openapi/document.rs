//! The OpenAPI 3.1 document, made from the list of operations and the wire types' schemas.

use super::operations::{Answer, Body, Kind, Make, Operation, Param, Who, operations};
use miantan_domain::wire::Problem;
use schemars::SchemaGenerator;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};

/// Largest part or picture described as bytes.
const BYTES: &str = "application/octet-stream";

/// The whole document.
pub fn document() -> Value {
    let mut settings = SchemaSettings::draft2020_12();
    settings.definitions_path = "/components/schemas".into();
    settings.meta_schema = None;
    let mut generator = SchemaGenerator::new(settings);
    let problem = generator.subschema_for::<Problem>();
    let mut paths = Map::new();
    let mut tags: Vec<&str> = Vec::new();
    for operation in operations() {
        if !tags.contains(&operation.tag) {
            tags.push(operation.tag);
        }
        let path = paths.entry(format!("/api/v1{}", operation.path)).or_insert_with(|| json!({}));
        path[operation.method] = described(&operation, &mut generator);
    }
    let tags: Vec<Value> = tags.into_iter().map(|name| json!({ "name": name })).collect();
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Miantan",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "REST of one organiser's server. What is live goes over the WebSocket at /api/v1/live. \
                Times are Unix milliseconds, ids are UUIDs, errors are application/problem+json with a stable `code`.",
            "license": { "name": "MIT OR Apache-2.0", "identifier": "MIT OR Apache-2.0" },
        },
        "servers": [{ "url": "/" }],
        "tags": tags,
        "paths": paths,
        "components": {
            "securitySchemes": {
                "session": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "The token of a session, a registration or the organiser.",
                },
            },
            "responses": {
                "Problem": {
                    "description": "Refused; nothing was changed.",
                    "content": { "application/problem+json": { "schema": problem } },
                },
            },
            "schemas": generator.take_definitions(true),
        },
    })
}

fn described(operation: &Operation, generator: &mut SchemaGenerator) -> Value {
    let mut parameters: Vec<Value> = in_path(operation.path).map(path_parameter).collect();
    parameters.extend(operation.query.iter().map(query_parameter));
    if operation.who == Who::Onlooker {
        parameters.push(json!({
            "name": miantan_domain::wire::rest::DEVICE_HEADER,
            "in": "header",
            "description": "The device's id, so that it is counted once.",
            "schema": { "type": "string", "format": "uuid" },
        }));
    }
    let mut described = json!({
        "operationId": operation_id(operation),
        "tags": [operation.tag],
        "summary": operation.summary,
        "responses": {
            "default": { "$ref": "#/components/responses/Problem" },
        },
    });
    let (status, answer) = answer(operation.answer, generator);
    described["responses"][status] = answer;
    if !parameters.is_empty() {
        described["parameters"] = Value::Array(parameters);
    }
    if let Some(body) = body(operation.body, generator) {
        described["requestBody"] = body;
    }
    described["security"] = match operation.who {
        Who::Anybody => json!([]),
        Who::Onlooker => json!([{}, { "session": [] }]),
        Who::Candidate | Who::Member | Who::Person | Who::Registrant | Who::Organiser => {
            json!([{ "session": [] }])
        }
    };
    described["description"] = Value::from(who(operation.who));
    described
}

fn who(who: Who) -> &'static str {
    match who {
        Who::Anybody => "For anybody.",
        Who::Onlooker => "For anybody; with a session, what is one's own is marked.",
        Who::Candidate => "For candidates.",
        Who::Member => "For an employer's members.",
        Who::Person => "For whoever is signed in.",
        Who::Registrant => "With the token of the registration.",
        Who::Organiser => "With the organiser's token, from `admin.token` in the data folder.",
    }
}

/// `get_fairs_fair_stands`.
pub(super) fn operation_id(operation: &Operation) -> String {
    let path: String =
        operation.path.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect();
    let mut id = operation.method.to_owned();
    for part in path.split('_').filter(|part| !part.is_empty()) {
        id.push('_');
        id.push_str(part);
    }
    id
}

fn in_path(path: &str) -> impl Iterator<Item = &str> {
    path.split('{').skip(1).filter_map(|rest| rest.split('}').next())
}

fn path_parameter(name: &str) -> Value {
    let schema = match name {
        "system" => json!({ "type": "string", "enum": ["android", "ios", "windows", "macos", "linux"] }),
        "nonce" => json!({ "type": "string", "pattern": "^[0-9a-f]{64}$" }),
        "file" => json!({ "type": "string", "pattern": "^[0-9a-f-]{36}\\.ics$" }),
        _ => json!({ "type": "string", "format": "uuid" }),
    };
    json!({ "name": name, "in": "path", "required": true, "schema": schema })
}

fn query_parameter(param: &Param) -> Value {
    let schema = match param.kind {
        Kind::Text { max } => json!({ "type": "string", "maxLength": max }),
        Kind::Number { min, max } => json!({ "type": "integer", "minimum": min, "maximum": max }),
        Kind::Id => json!({ "type": "string", "format": "uuid" }),
        Kind::Time => json!({ "type": "integer", "format": "int64" }),
        Kind::Flag => json!({ "type": "boolean" }),
        Kind::One(names) => json!({ "type": "string", "enum": names }),
    };
    json!({
        "name": param.name,
        "in": "query",
        "required": param.required,
        "description": param.what,
        "schema": schema,
    })
}

fn body(body: Body, generator: &mut SchemaGenerator) -> Option<Value> {
    let content = match body {
        Body::None => return None,
        Body::Json(make) => json!({ "application/json": { "schema": schema(make, generator) } }),
        Body::Bytes => json!({ BYTES: { "schema": { "type": "string", "format": "binary" } } }),
    };
    Some(json!({ "required": true, "content": content }))
}

fn answer(answer: Answer, generator: &mut SchemaGenerator) -> (&'static str, Value) {
    match answer {
        Answer::Json(make) => (
            "200",
            json!({
                "description": "Done.",
                "content": { "application/json": { "schema": schema(make, generator) } },
            }),
        ),
        Answer::Nothing => ("204", json!({ "description": "Done." })),
        Answer::File(types) => {
            let mut content = Map::new();
            for media in types {
                content.insert(
                    (*media).to_owned(),
                    json!({ "schema": { "type": "string", "format": "binary" } }),
                );
            }
            ("200", json!({ "description": "The file.", "content": content }))
        }
        Answer::Socket => ("101", json!({ "description": "The socket is open." })),
    }
}

fn schema(make: Make, generator: &mut SchemaGenerator) -> Value {
    make(generator).to_value()
}
