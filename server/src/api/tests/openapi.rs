//! The description that is checked in is the description of this code.

use std::path::Path;

use serde_json::Value;

use crate::api::openapi::description;

#[test]
fn the_description_checked_in_is_fresh() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("openapi.json");
    let made = description();
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        std::fs::write(&path, &made).unwrap();
    }
    let checked_in = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        checked_in == made,
        "server/openapi.json is stale: run this test with UPDATE_EXPECT=1 and commit it"
    );
}

#[test]
fn every_route_of_the_contract_is_described() {
    let description: Value = serde_json::from_str(&description()).unwrap();
    let contract = include_str!("../../../../docs/api.md");
    // Rows of its tables begin with a method and a path in backticks.
    let rows = contract.lines().filter_map(|line| line.strip_prefix("| `"));
    let mut found = 0;
    for row in rows {
        let Some((request, _)) = row.split_once('`') else { continue };
        let Some((method, path)) = request.split_once(' ') else { continue };
        let path = path.split('?').next().unwrap_or_default().replace("{y}.mvt", "{y}");
        let described = &description["paths"][&path][method.to_lowercase()];
        assert!(described.is_object(), "{method} {path} is in docs/api.md and not described");
        found += 1;
    }
    assert!(found > 30, "{found}");
}

#[test]
fn every_reference_leads_somewhere() {
    let description: Value = serde_json::from_str(&description()).unwrap();
    let mut waiting = vec![&description];
    let mut found = 0;
    while let Some(value) = waiting.pop() {
        if let Some(reference) = value.get("$ref").and_then(Value::as_str) {
            let target = description.pointer(reference.trim_start_matches('#'));
            assert!(target.is_some(), "{reference} is not there");
            found += 1;
        }
        match value {
            Value::Object(fields) => waiting.extend(fields.values()),
            Value::Array(items) => waiting.extend(items),
            _ => {}
        }
    }
    assert!(found > 300, "{found}");
}
