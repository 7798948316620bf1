//! Live frames over a real WebSocket: what is missed is given, what is too old starts over, who is too slow is dropped.

use std::time::Duration;

use futures_util::StreamExt;
use serde_json::{Value, json};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

use super::Desk;
use crate::api::live::Frame;
use crate::api::serve;

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

async fn listening(desk: &Desk) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(serve(desk.api.clone(), listener));
    format!("ws://{address}/api/v1/live")
}

async fn frame(socket: &mut Socket) -> Value {
    loop {
        let message =
            timeout(Duration::from_secs(20), socket.next()).await.expect("no frame came").unwrap().unwrap();
        if let Message::Text(text) = message {
            return serde_json::from_str(&text).unwrap();
        }
    }
}

/// The next frame of an event, or of a kind that is asked for.
async fn event(socket: &mut Socket) -> Value {
    loop {
        let frame = frame(socket).await;
        if !["positions", "etas", "second_opinion", "tick"].contains(&frame["type"].as_str().unwrap()) {
            return frame;
        }
    }
}

#[tokio::test]
async fn an_event_shows_what_it_touched_and_a_gap_is_filled() {
    let mut desk = Desk::open("live").await;
    let address = listening(&desk).await;
    let (mut socket, _) = connect_async(&address).await.unwrap();
    let hello = event(&mut socket).await;
    assert_eq!(hello["type"], "hello");
    let incident = desk.incident().await;
    let created = loop {
        let frame = event(&mut socket).await;
        if frame["type"] == "incident_created" {
            break frame;
        }
    };
    assert!(created["seq"].as_u64() > hello["data"]["seq"].as_u64());
    assert_eq!(created["data"]["about"], json!([incident["id"]]));
    assert_eq!(created["data"]["changed"]["incidents"][0]["id"], incident["id"]);
    drop(socket);

    desk.done("/api/v1/units/A01/pause", json!({"reason": "加油"})).await;
    let after = created["seq"].as_u64().unwrap();
    let resumed = async |address: &str| {
        let (mut socket, _) = connect_async(format!("{address}?after={after}")).await.unwrap();
        let hello = event(&mut socket).await;
        assert_eq!((&hello["type"], &hello["data"]["seq"]), (&json!("hello"), &json!(after)));
        let mut expected = after;
        loop {
            let frame = event(&mut socket).await;
            expected += 1;
            assert_eq!(frame["seq"], expected);
            if frame["type"] == "unit_paused" {
                assert_eq!(frame["data"]["changed"]["units"][0]["readiness"], "paused");
                return;
            }
        }
    };
    resumed(&address).await;
    desk.restart().await;
    resumed(&listening(&desk).await).await;
}

#[tokio::test]
async fn a_place_that_is_not_there_starts_over() {
    let desk = Desk::open("reset").await;
    let address = listening(&desk).await;
    let (mut socket, _) = connect_async(format!("{address}?after=1000000")).await.unwrap();
    let reset = event(&mut socket).await;
    assert_eq!(reset["type"], "reset");
    let seq = desk.get("/readyz").await.body["seq"].as_u64().unwrap();
    assert!(reset["data"]["seq"].as_u64().unwrap() <= seq);
}

#[tokio::test]
async fn positions_come_to_all_who_read() {
    let desk = Desk::open("positions").await;
    let address = listening(&desk).await;
    let (mut socket, _) = connect_async(&address).await.unwrap();
    desk.observe("A02", roads::Wgs84::new(114.4, 30.6).unwrap(), 1);
    let found = loop {
        let frame = frame(&mut socket).await;
        let items = frame["data"]["items"].as_array().cloned().unwrap_or_default();
        if let Some(item) = items.into_iter().find(|item| item["unit"] == "A02") {
            break item;
        }
    };
    assert_eq!(
        (&found["longitude"], &found["speed_kmh"], &found["link"]),
        (&json!(114.4), &json!(30.0), &json!("down"))
    );
}

#[tokio::test]
async fn a_reader_that_does_not_keep_up_is_told_so_and_can_resume() {
    let desk = Desk::open("slow").await;
    let address = listening(&desk).await;
    let (mut slow, _) = connect_async(&address).await.unwrap();
    assert_eq!(event(&mut slow).await["type"], "hello");
    desk.frames_written().await;
    // Nobody is given time between these frames, so that the reader lags by more than may wait for it.
    let first = desk.api.live().seq() + 1;
    let last = first + 4000;
    for seq in first..=last {
        desk.api.live().event(Frame { seq, text: json!({"seq": seq, "type": "flood"}).to_string().into() });
    }
    let code = loop {
        match timeout(Duration::from_secs(20), slow.next()).await.expect("neither frame nor end came") {
            Some(Ok(Message::Close(Some(close)))) => break u16::from(close.code),
            Some(Ok(_)) => {}
            other => panic!("ended without a reason: {other:?}"),
        }
    };
    assert_eq!(code, 4008);
    let (mut again, _) = connect_async(format!("{address}?after={}", last - 3)).await.unwrap();
    assert_eq!(event(&mut again).await["type"], "hello");
    for seq in last - 2..=last {
        assert_eq!(event(&mut again).await["seq"], seq);
    }
}
