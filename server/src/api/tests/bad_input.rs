//! Whatever is sent to a write, the answer is a clear problem: never a fault of ours, never a broken connection, and the
//! centre goes on as before.

use axum::http::Method;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Value, json};

use super::Desk;
use crate::api::openapi;

/// Every path with a write, from the description itself, with names that exist or do not.
fn writes() -> Vec<(Method, String)> {
    let description: Value = serde_json::from_str(&openapi::description()).unwrap();
    let mut writes = Vec::new();
    for (path, methods) in description["paths"].as_object().unwrap() {
        for method in methods.as_object().unwrap().keys() {
            let method: Method = method.to_uppercase().parse().unwrap();
            if method != Method::GET {
                let kind = path.trim_start_matches("/api/v1/").split('s').next().unwrap_or_default();
                let id = if path.contains("/units/") {
                    "A01".to_owned()
                } else if path.contains("/hospitals/") {
                    "H01".to_owned()
                } else {
                    format!("{kind}_0192f000-0000-7000-8000-000000000001")
                };
                let named = path.replace("{id}", &id).replace("{call}", &id).replace("{name}", &id);
                writes.push((method, named));
            }
        }
    }
    assert!(writes.len() > 25, "{writes:?}");
    writes
}

/// JSON of any shape, with the field names of the interface among its own.
fn any_json() -> impl Strategy<Value = Value> {
    let names = [
        "text",
        "place",
        "position",
        "unit",
        "stage",
        "reason",
        "complaint",
        "triage",
        "level",
        "ways",
        "at",
        "x",
    ];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        ".{0,40}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 40, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::btree_map(prop::sample::select(names.to_vec()), inner, 0..6).prop_map(
                |fields| fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
            ),
        ]
    })
}

#[tokio::test]
async fn nothing_that_is_sent_is_a_fault_of_ours() {
    let recorder = metrics_exporter_prometheus::PrometheusBuilder::new().build_recorder();
    let counted = recorder.handle();
    let _counting = metrics::set_default_local_recorder(&recorder);
    let desk = Desk::open("bad-input").await;
    let bytes = prop::collection::vec(any::<u8>(), 0..200);
    let bodies = prop_oneof![bytes, any_json().prop_map(|value| value.to_string().into_bytes())];
    let mut runner = TestRunner::new(Config::default());
    for (method, path) in writes() {
        for _ in 0..12 {
            let body = bodies.new_tree(&mut runner).unwrap().current();
            let reply = desk.send(method.clone(), &path, &[], body.clone()).await;
            let shown = String::from_utf8_lossy(&body);
            assert!(reply.status.as_u16() < 500, "{method} {path} {shown}: {} {}", reply.status, reply.body);
            if reply.status.is_client_error() {
                assert_eq!(
                    reply.headers["content-type"], "application/problem+json",
                    "{method} {path} {shown}"
                );
            }
        }
    }
    assert!(counted.render().contains("jichi_api_bad_requests_total{problem=\"malformed\"}"));
    desk.done("/api/v1/calls", json!({"source": "telephone"})).await;
}
