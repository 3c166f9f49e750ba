//! The description says what there is, no more and no less.

use super::operations::operations;
use super::{document, text};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

#[test]
fn the_committed_description_is_the_served_one() {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("openapi.json");
    if std::env::var_os("MIANTAN_GOLDEN").is_some_and(|v| v == "write") {
        std::fs::write(&path, text()).unwrap();
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        committed == text(),
        "backend/openapi.json is not what the server says; \
        MIANTAN_GOLDEN=write cargo test -p miantan-backend openapi writes it: read the difference"
    );
}

/// Every method and path that the sources of `http/` route.
fn routed(folder: &Path, found: &mut BTreeSet<(String, String)>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            if path.file_name().is_some_and(|name| name != "tests") {
                routed(&path, found);
            }
        } else if path.extension().is_some_and(|e| e == "rs") {
            let source = std::fs::read_to_string(&path).unwrap();
            for rest in source.split(".route(\"").skip(1) {
                let (route, rest) = rest.split_once('"').unwrap();
                let end = rest.find(".route(").or_else(|| rest.find(".merge(")).unwrap_or(rest.len());
                let handlers = &rest
                    [..end.min(rest.find("\n    }").unwrap_or(end)).min(rest.find("\n}").unwrap_or(end))];
                for method in ["get", "post", "put", "delete"] {
                    let named = handlers.contains(&format!("{method}("));
                    let outside = ["/healthz", "/readyz", "/metrics", "/models/{sha256}"].contains(&route);
                    if named && !outside {
                        let route = route.strip_prefix("/api/v1").unwrap_or(route);
                        found.insert((method.to_owned(), route.to_owned()));
                    }
                }
            }
        }
    }
}

#[test]
fn every_route_is_described_and_every_description_is_routed() {
    let mut found = BTreeSet::new();
    routed(&PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("src/http"), &mut found);
    let described: BTreeSet<_> =
        operations().iter().map(|o| (o.method.to_owned(), o.path.to_owned())).collect();
    let missing: Vec<_> = found.difference(&described).collect();
    let invented: Vec<_> = described.difference(&found).collect();
    assert!(
        missing.is_empty() && invented.is_empty(),
        "not described: {missing:?}; not routed: {invented:?}"
    );
}

#[test]
fn every_reference_leads_somewhere() {
    fn walk(value: &serde_json::Value, whole: &serde_json::Value) {
        match value {
            serde_json::Value::Object(map) => {
                if let Some(path) = map.get("$ref").and_then(|r| r.as_str()) {
                    assert!(whole.pointer(&path[1..]).is_some(), "{path} leads nowhere");
                }
                map.values().for_each(|value| walk(value, whole));
            }
            serde_json::Value::Array(list) => list.iter().for_each(|value| walk(value, whole)),
            _ => {}
        }
    }
    let whole = document();
    walk(&whole, &whole);
}

#[test]
fn operations_have_names_of_their_own() {
    let all = operations();
    let ids: BTreeSet<String> = all.iter().map(super::document::operation_id).collect();
    assert_eq!(ids.len(), all.len());
}
