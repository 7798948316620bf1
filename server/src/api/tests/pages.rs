//! Pages, tiles, health and settings.

use axum::http::{Method, StatusCode};
use serde_json::json;

use super::Desk;

#[tokio::test]
async fn pages_are_served_and_looked_at_again() {
    let desk = Desk::open("html").await;
    let page = desk.get("/").await;
    assert_eq!(page.status, StatusCode::OK);
    assert_eq!(
        (&page.headers["content-type"], &page.headers["cache-control"]),
        (&"text/html".parse().unwrap(), &"no-cache".parse().unwrap())
    );
    let etag = page.headers["etag"].to_str().unwrap();
    let again = desk.send(Method::GET, "/", &[("if-none-match", etag)], Vec::new()).await;
    assert_eq!(again.status, StatusCode::NOT_MODIFIED);
    desk.get("/../Cargo.toml").await.expect_problem(404, "unknown-path");
    desk.get("/%2e%2e/Cargo.toml").await.expect_problem(404, "unknown-path");
    desk.send(Method::POST, "/index.html", &[], Vec::new()).await.expect_problem(405, "method");
}

#[tokio::test]
async fn a_tile_is_compressed_labelled_and_empty_beyond_the_city() {
    let desk = Desk::open("tile").await;
    let gzip = [("accept-encoding", "br, gzip")];
    let tile = desk.send(Method::GET, "/tiles/14/13394/6728.mvt", &gzip, Vec::new()).await;
    assert_eq!(tile.status, StatusCode::OK);
    assert_eq!(tile.headers["content-encoding"], "gzip");
    assert_eq!(tile.headers["content-type"], "application/vnd.mapbox-vector-tile");
    let etag = tile.headers["etag"].to_str().unwrap().to_owned();
    let known =
        desk.send(Method::GET, "/tiles/14/13394/6728.mvt", &[("if-none-match", &etag)], Vec::new()).await;
    assert_eq!(known.status, StatusCode::NOT_MODIFIED);
    let plain = desk.get("/tiles/14/13394/6728.mvt").await;
    assert!(plain.status == StatusCode::OK && !plain.headers.contains_key("content-encoding"));
    assert_eq!(desk.get("/tiles/14/1/1.mvt").await.status, StatusCode::NO_CONTENT);
}

#[tokio::test]
async fn health_and_settings() {
    let desk = Desk::open("health").await;
    assert_eq!(desk.get("/healthz").await.status, StatusCode::OK);
    let ready = desk.get("/readyz").await.body;
    assert_eq!(
        (&ready["ready"], &ready["role"], &ready["epoch"]),
        (&json!(true), &json!("leader"), &json!("1.1"))
    );
    assert_eq!(desk.get("/metrics").await.status, StatusCode::OK);
    let rules = desk.get("/api/v1/rules").await.body;
    assert_eq!((&rules["roll_within_s"], &rules["policy"]), (&json!(180.0), &json!("closest")));
    let map = desk.get("/api/v1/map").await.body;
    assert_eq!((&map["basis"], &map["name"]), (&json!("road"), &json!("海棠市急救中心")));
    assert!((map["bounds"]["west"].as_f64().unwrap() - 114.3).abs() < 1e-6, "{map}");
    assert_eq!(desk.get("/api/v1/time").await.body["rate"], 1.0);
    assert_eq!(desk.get("/api/v1/stations").await.body["items"][0]["id"], "S01");
    desk.api.stop();
    assert_eq!(desk.get("/readyz").await.status, StatusCode::SERVICE_UNAVAILABLE);
}
