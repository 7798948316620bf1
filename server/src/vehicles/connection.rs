//! One vehicle's connection from handshake to end, in one task: greeting, then stream, datagrams and mail at once.
//! Whichever of them ends, ends the connection.

use std::pin::{Pin, pin};
use std::sync::Arc;
use std::time::Duration;

use link::attempts::ANSWER_WITHIN;
use link::v1::{
    FromCentre, FromVehicle, Hello, Refused, RefusedCode, StreamClass, Welcome, from_centre, from_vehicle,
};
use link::{CloseCode, FrameReader, decode, encode_frame};
use quinn::{Connecting, Connection, Incoming, RecvStream, SendStream};
use tokio::sync::mpsc;
use tokio::time::timeout;
use tracing::{debug, info, warn};

use super::admission::{Place, TURN_MAX};
use super::centre_port::CentrePort;
use super::identity::{self, Identity};
use super::roster::{MAIL_MAX, Mail, NoPlace, Roster, close};
use super::speech::Speech;
use crate::next_version;

/// A vehicle gives up after 4 s.
const HANDSHAKE_WITHIN: Duration = Duration::from_secs(5);
pub(super) const GREETING_WITHIN: Duration = Duration::from_secs(5);
/// For putting on record what a vehicle holds. A vehicle that waits longer for its welcome gives up: it must hear why.
const TAKE_IN_WITHIN: Duration = Duration::from_secs(3);
const _: () = assert!(TAKE_IN_WITHIN.as_millis() < ANSWER_WITHIN.as_millis());
const RETRY_BUSY_MS: u32 = 5_000;
/// An unknown unit may be registered any minute; once a minute is often enough to ask.
const RETRY_UNKNOWN_MS: u32 = 60_000;

/// Serves one connection to its end.
pub(super) async fn serve(
    incoming: Incoming,
    mut place: Place,
    port: Arc<dyn CentrePort>,
    roster: Arc<Roster>,
) {
    let address = incoming.remote_address();
    let handshake = async {
        let handshake = pin!(incoming.accept()?);
        shake(handshake, &mut place).await
    };
    let connection = match timeout(HANDSHAKE_WITHIN, handshake).await {
        Ok(Ok(connection)) => connection,
        Ok(Err(error)) => {
            count_refused("handshake");
            debug!(%address, %error, "handshake failed");
            return;
        }
        Err(_) => return count_refused("handshake_timeout"),
    };
    let Some(identity) = identity::of_connection(&connection) else {
        count_refused("no_unit");
        return close(&connection, CloseCode::NoUnit);
    };
    if roster.penalties.holds(&identity.unit) {
        count_refused("penalty");
        port.note_flood(&identity.unit, 1);
        return close(&connection, CloseCode::Flooding);
    }
    match timeout(GREETING_WITHIN, hear_hello(&connection)).await {
        Ok(Ok(greeted)) => {
            place.greeted();
            serve_unit(connection, identity, greeted, port, roster).await;
        }
        Ok(Err(code)) => {
            count_refused(code.word());
            close(&connection, code);
        }
        Err(_) => {
            count_refused("no_greeting");
            close(&connection, CloseCode::NoGreeting);
        }
    }
}

/// Ends a handshake. Its turn is for the work of this machine alone, and goes to the next while the vehicle's radio takes its time.
async fn shake(
    mut handshake: Pin<&mut Connecting>,
    place: &mut Place,
) -> Result<Connection, quinn::ConnectionError> {
    let quick = timeout(TURN_MAX, &mut handshake).await;
    place.give_turn();
    match quick {
        Ok(ended) => ended,
        Err(_) => handshake.await,
    }
}

struct Greeted {
    hello: Hello,
    send: SendStream,
    receive: RecvStream,
    frames: FrameReader,
}

async fn hear_hello(connection: &Connection) -> Result<Greeted, CloseCode> {
    let (send, mut receive) = connection.accept_bi().await.map_err(|_| CloseCode::NoGreeting)?;
    let mut frames = FrameReader::default();
    let body = loop {
        if let Some(body) = frames.next_frame().map_err(|_| CloseCode::FrameTooLong)? {
            break body;
        }
        let chunk = receive.read_chunk(link::FRAME_BYTES_MAX, true).await;
        let chunk = chunk.ok().flatten().ok_or(CloseCode::NoGreeting)?;
        frames.push(&chunk.bytes);
    };
    match decode::<FromVehicle>(&body).map_err(|_| CloseCode::NoGreeting)?.body {
        Some(from_vehicle::Body::Hello(hello)) => Ok(Greeted { hello, send, receive, frames }),
        _ => Err(CloseCode::NoGreeting),
    }
}

async fn serve_unit(
    connection: Connection,
    identity: Identity,
    greeted: Greeted,
    port: Arc<dyn CentrePort>,
    roster: Arc<Roster>,
) {
    let Greeted { hello, mut send, receive, frames } = greeted;
    let (mail, mailbox) = mpsc::channel(MAIL_MAX);
    // First of all: news that come from now on must not overtake what the vehicle has missed.
    drop(mail.try_send(Mail::Undelivered));
    let unit = identity.unit.clone();
    let welcome = match welcome(&unit, &hello, port.as_ref()) {
        Ok(welcome) => take_in_held(&unit, &hello, port.as_ref()).await.map(|()| welcome),
        Err(refused) => Err(refused),
    };
    let welcome = match welcome {
        Ok(welcome) => {
            let age = (hello.boot, hello.connection);
            match roster.enter(identity, age, connection.clone(), mail.clone()) {
                Ok(()) => Ok(welcome),
                Err(NoPlace::Superseded) => {
                    Err(refused(RefusedCode::Superseded, "a newer connection is being served", 0))
                }
                Err(NoPlace::Denied) => {
                    count_refused("denied");
                    warn!(unit, address = %connection.remote_address(), "a terminal whose certificate was withdrawn");
                    let text = "this terminal's certificate was withdrawn: ask the centre for another";
                    Err(refused(RefusedCode::UnknownUnit, text, RETRY_UNKNOWN_MS))
                }
            }
        }
        Err(refused) => Err(refused),
    };
    let welcome = match welcome {
        Ok(welcome) => welcome,
        Err(refusal) => {
            info!(unit, code = ?refusal.code(), "vehicle refused");
            count_refused(refusal.code().as_str_name());
            return refuse(&connection, send, refusal).await;
        }
    };
    info!(unit, agent = hello.agent, boot = hello.boot, address = %connection.remote_address(), "vehicle linked");
    port.note_link(&unit, true);
    let first = FromCentre { body: Some(from_centre::Body::Welcome(welcome)) };
    let mut greeted = write(&mut send, &first).await.is_ok();
    for frame in next_version::to_vehicles() {
        greeted &= send.write_all(frame).await.is_ok();
    }
    if greeted {
        let speech =
            Speech { unit: unit.clone(), port: Arc::clone(&port), connection: connection.clone(), mail };
        let code = tokio::select! {
            code = speech.hear_stream(receive, frames) => code,
            code = speech.hear_datagrams() => code,
            code = speech.hear_further_streams() => code,
            code = write_mail(&unit, port.as_ref(), send, mailbox) => code,
        };
        if matches!(code, CloseCode::Flooding | CloseCode::FrameTooLong) {
            roster.penalties.add(&unit);
            count_refused(code.word());
            port.note_flood(&unit, 1);
        }
        close(&connection, code);
        info!(unit, reason = code.word(), "vehicle gone");
    }
    // A newer connection of the same unit stays up when this one goes.
    if roster.leave(&unit, &connection) {
        port.note_link(&unit, false);
    }
}

fn welcome(unit: &str, hello: &Hello, port: &dyn CentrePort) -> Result<Welcome, Refused> {
    if hello.protocol_version < 1 {
        return Err(refused(RefusedCode::BadHello, "protocol_version is missing", RETRY_UNKNOWN_MS));
    }
    if hello.stream_class() != StreamClass::Duty {
        return Err(refused(
            RefusedCode::StreamClass,
            "the first stream must be of the class DUTY",
            RETRY_UNKNOWN_MS,
        ));
    }
    if hello.orders_held.len() > link::ORDERS_HELD_MAX {
        return Err(refused(RefusedCode::BadHello, "orders_held has more than 32 lines", RETRY_UNKNOWN_MS));
    }
    if !port.leads() {
        return Err(refused(RefusedCode::NotLeader, "this node does not lead: try the next address", 0));
    }
    let Some(greeting) = port.greet(unit, hello) else {
        let text = format!("this centre has no unit {unit}: register it first");
        return Err(refused(RefusedCode::UnknownUnit, &text, RETRY_UNKNOWN_MS));
    };
    Ok(Welcome {
        epoch: Some(greeting.epoch),
        centre_time_unix_ms: greeting.now_unix_ms,
        protocol_version: hello.protocol_version.min(link::PROTOCOL_VERSION),
        unit: unit.to_owned(),
        unit_label: greeting.label,
        settings: Some(greeting.settings),
    })
}

/// What the vehicle holds is on record before it is let in, or it is asked to come again: a disk that hangs keeps no vehicle waiting, and whatever
/// comes on record after all is known the next time.
async fn take_in_held(unit: &str, hello: &Hello, port: &dyn CentrePort) -> Result<(), Refused> {
    let taken_in = port.take_in_held(unit.to_owned(), hello.orders_held.clone());
    let text = match timeout(TAKE_IN_WITHIN, taken_in).await {
        Ok(true) => return Ok(()),
        Ok(false) => "what the vehicle holds cannot be put on record now",
        Err(_) => "what the vehicle holds was not put on record in time",
    };
    warn!(unit, orders = hello.orders_held.len(), text, "vehicle not let in");
    Err(refused(RefusedCode::Busy, text, RETRY_BUSY_MS))
}

fn refused(code: RefusedCode, text: &str, retry_after_ms: u32) -> Refused {
    let retry_after_ms = if code == RefusedCode::Superseded { RETRY_BUSY_MS } else { retry_after_ms };
    Refused { code: code.into(), text: text.to_owned(), retry_after_ms }
}

/// Says why, and leaves the closing to the vehicle for a moment, so that it hears the reason.
async fn refuse(connection: &Connection, mut send: SendStream, refusal: Refused) {
    let frame = FromCentre { body: Some(from_centre::Body::Refused(refusal)) };
    if write(&mut send, &frame).await.is_ok() && send.finish().is_ok() {
        // The result does not matter: after it the connection is closed either way.
        drop(timeout(GREETING_WITHIN, connection.closed()).await);
    }
    close(connection, CloseCode::Refused);
}

async fn write_mail(
    unit: &str,
    port: &dyn CentrePort,
    mut send: SendStream,
    mut mailbox: mpsc::Receiver<Mail>,
) -> CloseCode {
    while let Some(mail) = mailbox.recv().await {
        let frames = match mail {
            Mail::Frame(frame) => vec![*frame],
            Mail::Undelivered => {
                let all = port.undelivered(unit).await.into_iter();
                all.map(|delivery| FromCentre { body: Some(from_centre::Body::Delivery(delivery)) }).collect()
            }
        };
        for frame in &frames {
            if write(&mut send, frame).await.is_err() {
                return CloseCode::Done;
            }
        }
    }
    CloseCode::Done
}

pub(super) async fn write(send: &mut SendStream, message: &FromCentre) -> Result<(), ()> {
    let frame = match encode_frame(message) {
        Ok(frame) => frame,
        Err(error) => {
            // It would be too long on every connection: the vehicle goes on without it and a person is escalated to.
            tracing::error!(%error, "a message to a vehicle is too long");
            return Ok(());
        }
    };
    send.write_all(&frame).await.map_err(|_| ())
}

fn count_refused(reason: &'static str) {
    metrics::counter!("jichi_vehicles_refused_total", "reason" => reason).increment(1);
}
