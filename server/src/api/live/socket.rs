//! One reader's connection: what it missed, then what comes, until it leaves or does not keep up.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use axum::body::Bytes;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::extract::ws::{CloseFrame, Message, WebSocket, WebSocketUpgrade};
use axum::extract::{FromRequestParts, State};
use axum::response::Response;
use futures_util::stream::{SplitSink, SplitStream};
use futures_util::{SinkExt, StreamExt};
use serde::Deserialize;
use tokio::sync::broadcast::error::RecvError;
use tokio::time::{Instant, interval_at, timeout};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::encoder::{positions_frame, start_frame};
use super::frame::{Frame, LiveEvent, LiveFrame};
use super::hub::Joined;
use super::seats::NewcomerSeat;
use crate::api::Api;
use crate::api::answer::Asked;
use crate::api::doc::ReadProblems;
use crate::api::problem::Problem;
use crate::api::source::{MaybeSource, Source};
use crate::floods::FloodKind;

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
/// asked for is too old or ahead and everything is to be loaded anew. A reader that does not keep up, or does not answer pings, is closed with 4008.
#[utoipa::path(get, path = "/api/v1/live", tag = "live", params(LiveAsked),
    responses((status = 101, description = "WebSocket frames", body = LiveFrame<LiveEvent>), ReadProblems))]
async fn follow_live(
    State(api): State<Api>,
    Asked(asked): Asked<LiveAsked>,
    MaybeSource(source): MaybeSource,
    Upgrade(upgrade): Upgrade,
) -> Result<Response, Problem> {
    let Some(seat) = api.live_seats().enter() else {
        return Err(Problem::not_ready(
            "as many screens read live as this centre takes",
            "实时连接数已达上限",
        ));
    };
    let sized = upgrade.max_message_size(READER_BYTES_MAX).max_frame_size(READER_BYTES_MAX);
    let sized = sized.write_buffer_size(0).max_write_buffer_size(WRITE_BYTES_MAX);
    let reader = Reader { api, after: asked.after, source };
    Ok(sized.on_upgrade(move |socket| reader.serve(socket, seat)))
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
    after: Option<u64>,
    source: Option<Source>,
}

/// Why a connection ends.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Parting {
    /// The reader left.
    Left,
    /// It does not keep up, or does not read at all.
    Slow,
    /// As many others read as the centre takes.
    Full,
    /// The centre stops.
    Stopping,
}

impl Parting {
    /// Code, reason, and a word for metrics; `None`: nobody is there to be told.
    fn told(self) -> Option<(u16, &'static str, &'static str)> {
        match self {
            Self::Left => None,
            Self::Slow => Some((SLOW, "too slow: resume with ?after= the last seq seen", "slow")),
            Self::Full => Some((TRY_LATER, "as many screens read live as this centre takes", "full")),
            Self::Stopping => Some((
                GOING_AWAY,
                "the centre is stopping: resume with ?after= the last seq seen",
                "stopping",
            )),
        }
    }
}

impl Reader {
    async fn serve(self, socket: WebSocket, seat: NewcomerSeat) {
        let (mut sink, mut stream) = socket.split();
        let parting = tokio::select! {
            parting = self.read_to(&mut sink, &mut stream, seat) => parting,
            () = self.api.stopping() => Parting::Stopping,
        };
        let Some((code, reason, word)) = parting.told() else { return };
        metrics::counter!("jichi_live_dropped_total", "reason" => word).increment(1);
        if let (Parting::Slow, Some(source)) = (parting, self.source) {
            self.api.centre().floods().note(FloodKind::LiveReaders, &source.to_string(), 1);
        }
        let close = Message::Close(Some(CloseFrame { code, reason: reason.into() }));
        // Whoever does not even take the reason finds out by the closed connection.
        let _ = timeout(CLOSE_TIME_MAX, sink.send(close)).await;
    }

    async fn read_to(&self, sink: &mut Sink, stream: &mut Stream, mut seat: NewcomerSeat) -> Parting {
        // Nothing is prepared for somebody who may not read.
        if let Err(parting) = give(sink, Message::Ping(Bytes::new())).await {
            return parting;
        }
        tokio::select! {
            answered = timeout(PROOF_WITHIN, pong(stream)) => match answered {
                Ok(Some(())) => {}
                Ok(None) => return Parting::Left,
                Err(_) => return Parting::Slow,
            },
            () = seat.must_leave() => return Parting::Slow,
        }
        let Some(_place) = seat.prove() else { return Parting::Full };
        metrics::gauge!("jichi_live_readers").increment(1.0);
        let unanswered = AtomicU32::new(0);
        let parting = tokio::select! {
            parting = self.forward(sink, &unanswered) => parting,
            () = listen(stream, &unanswered) => Parting::Left,
        };
        metrics::gauge!("jichi_live_readers").decrement(1.0);
        parting
    }

    /// Says where the reader starts, and gives what it missed and where every unit is.
    async fn greet(&self, sink: &mut Sink, joined: &mut Joined) -> Result<(), Parting> {
        let scene = self.api.scene();
        let seq = joined.seq;
        let missed = joined.missed.take();
        let start = if missed.is_some() { "hello" } else { "reset" };
        let missed = missed.unwrap_or_default();
        let from = missed.first().map_or(seq, |frame| frame.seq - 1);
        send(sink, &start_frame(start, &scene.snapshot, from).written()).await?;
        for frame in &missed {
            send(sink, frame).await?;
        }
        send(sink, &positions_frame(&scene, seq).written()).await
    }

    async fn forward(&self, sink: &mut Sink, unanswered: &AtomicU32) -> Parting {
        let mut joined = self.api.live().join(self.after);
        if let Err(parting) = self.greet(sink, &mut joined).await {
            return parting;
        }
        let mut ask = interval_at(Instant::now() + ASK_EVERY, ASK_EVERY);
        loop {
            let frame = tokio::select! {
                biased;
                _ = ask.tick() => {
                    if unanswered.fetch_add(1, Ordering::Relaxed) >= UNANSWERED_MAX {
                        return Parting::Slow;
                    }
                    match give(sink, Message::Ping(Bytes::new())).await {
                        Ok(()) => continue,
                        Err(parting) => return parting,
                    }
                }
                frame = joined.events.recv() => frame,
                frame = joined.signs.recv() => frame,
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

async fn send(sink: &mut Sink, frame: &Frame) -> Result<(), Parting> {
    give(sink, Message::Text(frame.text.clone())).await
}

async fn give(sink: &mut Sink, message: Message) -> Result<(), Parting> {
    match timeout(SEND_TIME_MAX, sink.send(message)).await {
        Ok(Ok(())) => Ok(()),
        Ok(Err(_)) => Err(Parting::Left),
        Err(_) => Err(Parting::Slow),
    }
}

/// A reader has nothing to say; it is heard only to know that it is there and reads (pings are answered below this).
async fn listen(stream: &mut Stream, unanswered: &AtomicU32) {
    while pong(stream).await.is_some() {
        unanswered.store(0, Ordering::Relaxed);
    }
}

/// Waits for the answer to a ping. `None`: the reader has gone.
async fn pong(stream: &mut Stream) -> Option<()> {
    loop {
        match stream.next().await {
            Some(Ok(Message::Pong(_))) => return Some(()),
            Some(Ok(Message::Close(_)) | Err(_)) | None => return None,
            Some(Ok(Message::Text(_) | Message::Binary(_) | Message::Ping(_))) => {}
        }
    }
}

type Sink = SplitSink<WebSocket, Message>;
type Stream = SplitStream<WebSocket>;

/// Closed because it does not keep up.
const SLOW: u16 = 4008;
/// Closed because there are too many.
const TRY_LATER: u16 = 1013;
/// Closed because the centre stops.
const GOING_AWAY: u16 = 1001;
/// How long a newcomer has to answer the first ping.
const PROOF_WITHIN: Duration = Duration::from_secs(5);
/// How often a reader is asked whether it still reads.
const ASK_EVERY: Duration = Duration::from_secs(5);
/// Pings that may stay unanswered: what was sent before them may take its time on a slow line.
const UNANSWERED_MAX: u32 = 3;
/// The longest a reader may take for one frame.
const SEND_TIME_MAX: Duration = Duration::from_secs(10);
/// How long the reason is offered to a reader that is dropped.
const CLOSE_TIME_MAX: Duration = Duration::from_secs(1);
/// The most a reader may say at once.
const READER_BYTES_MAX: usize = 4 * 1024;
/// What may wait in one reader's connection; larger than any frame of positions of 10,000 units.
const WRITE_BYTES_MAX: usize = 16 << 20;
