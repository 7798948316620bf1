//! Personal data that are erased are gone from every answer, from the live frames, and from the file.

use axum::http::Method;
use serde_json::{Value, json};

use super::{Desk, text};

#[tokio::test]
async fn what_is_erased_is_gone_everywhere() {
    let mut desk = Desk::open("erasure").await;
    let call = desk.done("/api/v1/calls", json!({"source": "telephone", "phone": "13900007777"})).await;
    let mut body = super::an_incident();
    body["call"] = call["id"].clone();
    let incident = desk.done("/api/v1/incidents", body).await;
    let path = format!("/api/v1/incidents/{}", text(&incident["id"]));
    let asked = json!({"incident": incident["number"], "reason": "家属申请"});

    let refused = desk.post("/api/v1/erasures", asked.clone()).await;
    refused.expect_problem(403, "not-allowed");
    assert!(text(&refused.body["detail_zh"]).contains("结束"), "{}", refused.body);
    desk.done(&format!("{path}/cancel"), json!({"reason": "自行前往"})).await;
    desk.post("/api/v1/erasures", json!({"incident": "20200101-0001", "reason": "x"}))
        .await
        .expect_problem(404, "unknown-incident-or-accident");
    desk.post("/api/v1/erasures", json!({"reason": "x"})).await.expect_problem(400, "malformed");
    desk.post("/api/v1/erasures", json!({"incident": incident["number"], "reason": ""}))
        .await
        .expect_problem(422, "empty");
    let before = desk.get(&path).await.body;
    let erased = desk.done("/api/v1/erasures", asked).await;
    assert_eq!(erased["subjects"], 2, "the incident and its call");

    let after = desk.get(&path).await.body;
    assert_eq!(after["place"]["address"], "已删除 / erased");
    assert_eq!(after["place"]["position"], before["place"]["position"], "figures rest on it");
    assert_eq!(after["patients"][0]["age_years"], 58);
    desk.frames_written().await;
    let missed = desk.api.live().join(Some(0)).missed;
    assert!(missed.is_none(), "frames of before are kept no more");
    let record = desk.api.centre().snapshot().record.digest();
    for word in ["滨江路 88 号", "张伟", "13900007777"] {
        let reply = desk.send(Method::GET, &path, &[], Vec::new()).await;
        assert!(!reply.body.to_string().contains(word));
        let pages = desk.api.centre().journal().page(0, 1000).unwrap();
        assert!(pages.iter().all(|it| !serde_json::to_string(&it.event).unwrap().contains(word)), "{word}");
    }
    // Built anew without the keys it is the record that was shown.
    desk.restart().await;
    assert_eq!(desk.api.centre().snapshot().record.digest(), record);
    assert_eq!(desk.get(&path).await.body["patients"][0]["name_masked"], Value::from("已删除 / erased"));
}
