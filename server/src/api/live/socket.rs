//! One reader's connection: what it missed, then what comes, until it leaves or does not keep up.

use std::time::Duration;

use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::extract::ws::{CloseFrame, Message, WebSocket, WebSocketUpgrade};
use axum::extract::{FromRequestParts, State};
use axum::response::Response;
use futures_util::stream::{SplitSink, SplitStream};
use futures_util::{SinkExt, StreamExt};
use serde::Deserialize;
use tokio::sync::broadcast::error::RecvError;
use tokio::time::timeout;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::encoder::{positions_frame, start_frame};
use super::frame::{Frame, LiveEvent, LiveFrame};
use super::hub::Joined;
use crate::api::Api;
use crate::api::answer::Asked;
use crate::api::doc::ReadProblems;
use crate::api::problem::Problem;

pub(in crate::api) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(follow_live))
}

/// From where to read.
#[derive(Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct LiveAsked {
    /// The number of the last event seen; without it the present is the start.
    after: Option<u64>,
}

/// The events of the centre over a WebSocket, one text frame each. It starts with `hello`; a `reset` means that what was
/// asked for is too old or ahead and everything is to be loaded anew. A reader that does not keep up is closed with 4008.
#[utoipa::path(get, path = "/api/v1/live", tag = "live", params(LiveAsked),
    responses((status = 101, description = "WebSocket frames", body = LiveFrame<LiveEvent>), ReadProblems))]
async fn follow_live(
    State(api): State<Api>,
    Asked(asked): Asked<LiveAsked>,
    Upgrade(upgrade): Upgrade,
) -> Result<Response, Problem> {
    let Some(seat) = api.take_live_seat() else {
        return Err(Problem::not_ready(
            "as many screens read live as this centre takes",
            "实时连接数已达上限",
        ));
    };
    let sized = upgrade.max_message_size(READER_BYTES_MAX).max_frame_size(READER_BYTES_MAX);
    let sized = sized.write_buffer_size(0).max_write_buffer_size(WRITE_BYTES_MAX);
    Ok(sized.on_upgrade(move |socket| async move {
        let reader = Reader { joined: api.live().join(asked.after), api };
        metrics::gauge!("jichi_live_readers").increment(1.0);
        reader.serve(socket).await;
        metrics::gauge!("jichi_live_readers").decrement(1.0);
        drop(seat);
    }))
}

/// The upgrade to a WebSocket, or a problem that says what is missing.
struct Upgrade(WebSocketUpgrade);

impl FromRequestParts<Api> for Upgrade {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut axum::http::request::Parts, api: &Api) -> Result<Self, Problem> {
        let upgrade = WebSocketUpgrade::from_request_parts(parts, api).await;
        upgrade.map(Self).map_err(|_: WebSocketUpgradeRejection| {
            Problem::malformed("this path is a WebSocket: connect with one", "此路径须以 WebSocket 连接")
        })
    }
}

struct Reader {
    api: Api,
    joined: Joined,
}

/// Why a connection ends.
enum Parting {
    /// The reader left.
    Left,
    /// It does not keep up.
    Slow,
    /// The centre stops.
    Stopping,
}

impl Reader {
    async fn serve(mut self, socket: WebSocket) {
        let (mut sink, mut stream) = socket.split();
        let api = self.api.clone();
        let parting = match self.greet(&mut sink).await {
            Ok(()) => tokio::select! {
                parting = self.forward(&mut sink) => parting,
                () = listen(&mut stream) => Parting::Left,
                () = api.stopping() => Parting::Stopping,
            },
            Err(parting) => parting,
        };
        let (code, reason) = match parting {
            Parting::Left => return,
            Parting::Slow => (SLOW, "too slow: resume with ?after= the last seq seen"),
            Parting::Stopping => {
                (GOING_AWAY, "the centre is stopping: resume with ?after= the last seq seen")
            }
        };
        metrics::counter!("jichi_live_dropped_total", "reason" => if code == SLOW { "slow" } else { "stopping" }).increment(1);
        let close = Message::Close(Some(CloseFrame { code, reason: reason.into() }));
        // Whoever does not even take the reason finds out by the closed connection.
        let _ = timeout(CLOSE_TIME_MAX, sink.send(close)).await;
    }

    /// Says where the reader starts, and gives what it missed and where every unit is.
    async fn greet(&mut self, sink: &mut SplitSink<WebSocket, Message>) -> Result<(), Parting> {
        let scene = self.api.scene();
        let seq = self.joined.seq;
        let missed = self.joined.missed.take();
        let start = if missed.is_some() { "hello" } else { "reset" };
        let missed = missed.unwrap_or_default();
        let from = missed.first().map_or(seq, |frame| frame.seq - 1);
        send(sink, &start_frame(start, &scene.snapshot, from).written()).await?;
        for frame in &missed {
            send(sink, frame).await?;
        }
        send(sink, &positions_frame(&scene, seq).written()).await
    }

    async fn forward(&mut self, sink: &mut SplitSink<WebSocket, Message>) -> Parting {
        loop {
            let frame = tokio::select! {
                biased;
                frame = self.joined.events.recv() => frame,
                frame = self.joined.signs.recv() => frame,
            };
            let sent = match frame {
                Ok(frame) => send(sink, &frame).await,
                Err(RecvError::Lagged(_)) => Err(Parting::Slow),
                Err(RecvError::Closed) => Err(Parting::Stopping),
            };
            if let Err(parting) = sent {
                return parting;
            }
        }
    }
}

async fn send(sink: &mut SplitSink<WebSocket, Message>, frame: &Frame) -> Result<(), Parting> {
    match timeout(SEND_TIME_MAX, sink.send(Message::Text(frame.text.clone()))).await {
        Ok(Ok(())) => Ok(()),
        Ok(Err(_)) => Err(Parting::Left),
        Err(_) => Err(Parting::Slow),
    }
}

/// A reader has nothing to say; it is heard only to know that it is there (pings are answered below this).
async fn listen(stream: &mut SplitStream<WebSocket>) {
    while let Some(Ok(message)) = stream.next().await {
        if matches!(message, Message::Close(_)) {
            return;
        }
    }
}

/// Closed because it does not keep up.
const SLOW: u16 = 4008;
/// Closed because the centre stops.
const GOING_AWAY: u16 = 1001;
/// The longest a reader may take for one frame.
const SEND_TIME_MAX: Duration = Duration::from_secs(10);
/// How long the reason is offered to a reader that is dropped.
const CLOSE_TIME_MAX: Duration = Duration::from_secs(1);
/// The most a reader may say at once.
const READER_BYTES_MAX: usize = 4 * 1024;
/// What may wait in one reader's connection; larger than any frame of positions of 10,000 units.
const WRITE_BYTES_MAX: usize = 16 << 20;
