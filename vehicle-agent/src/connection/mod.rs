//! The link: one connection at work, and a fresh one beside it whenever nobody answers. The first to answer wins.
//! A quinn connection by itself needs 16 s and more to come back after a long tunnel; this needs 3 s and a round trip.

mod bulk;
mod chance;
mod greeting;
mod hearing;
mod patients;
mod pulse;
mod session;
mod tls;

use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use link::CloseCode;
use link::attempts::{Failure, Round};
use quinn::{ClientConfig, Endpoint};
use tokio::sync::watch;
use tokio::time::{Instant as TimerInstant, interval, sleep_until};
use tracing::{info, warn};

pub use tls::{TlsError, client_config};
pub(crate) use tls::{enrolment_client_config, try_out};

use chance::chance;
use greeting::{Door, NoLink, Welcomed};
use session::Session;

use crate::duty::{LinkState, SharedDuty, lock};

const LOOK_EVERY: Duration = Duration::from_millis(100);
const RESOLVE_AGAIN_AFTER: Duration = Duration::from_secs(1);

/// Keeps the vehicle linked to one of the centre's `addresses`, for ever. A new `client` is used from the next connection on.
pub async fn stay_linked(
    duty: SharedDuty,
    client: watch::Receiver<ClientConfig>,
    addresses: Vec<String>,
    name: String,
) -> std::io::Result<()> {
    let endpoint = Endpoint::client(SocketAddr::from((Ipv6Addr::UNSPECIFIED, 0)))
        .or_else(|_| Endpoint::client(SocketAddr::from((Ipv4Addr::UNSPECIFIED, 0))))?;
    let mut link = Link {
        duty,
        endpoint,
        client,
        round: Round::new(addresses.len()),
        addresses,
        name,
        attempts: 0,
        session: None,
    };
    link.keep().await;
    Ok(())
}

struct Link {
    duty: SharedDuty,
    endpoint: Endpoint,
    client: watch::Receiver<ClientConfig>,
    addresses: Vec<String>,
    name: String,
    round: Round,
    attempts: u64,
    session: Option<Session>,
}

impl Link {
    async fn keep(&mut self) {
        loop {
            if self.session.is_some() {
                self.watch_session().await;
            }
            self.find_centre().await;
        }
    }

    /// Returns when the session has ended or fallen silent.
    async fn watch_session(&mut self) {
        let mut look = interval(LOOK_EVERY);
        loop {
            look.tick().await;
            let Some(session) = &self.session else { return };
            let ended = session.end_reason();
            let silent = session.is_silent(Instant::now());
            if ended.is_none() && !silent {
                continue;
            }
            let reason = ended.clone().unwrap_or_else(|| "no answer".into());
            warn!(reason, "link lost");
            lock(&self.duty).link_went_silent(session.heard_us_until());
            if ended.is_some() {
                self.session = None;
                self.round.ended();
            }
            return;
        }
    }

    /// Returns when a connection answers: a fresh one, or the old one after all.
    async fn find_centre(&mut self) {
        let answered_until = self.session.as_ref().map(Session::heard_us_until);
        loop {
            let next_at = TimerInstant::now() + self.round.next_wait(chance());
            self.attempts += 1;
            let (door, heard) = (self.door(), AtomicBool::new(false));
            let attempt = async {
                sleep_until(next_at).await;
                door.knock(&self.duty, self.attempts, &heard).await
            };
            tokio::select! {
                answer = attempt => match answer {
                    Ok(welcomed) => return self.take_over(welcomed),
                    Err(no_link) => self.note(&no_link).await,
                },
                () = recovery(self.session.as_ref(), answered_until, &heard) => {
                    info!("the old connection answers again");
                    self.round.linked();
                    lock(&self.duty).set_link(LinkState::Connected);
                    return;
                }
            }
            if self.session.as_ref().is_some_and(|session| session.end_reason().is_some()) {
                self.session = None;
            }
        }
    }

    fn door(&self) -> Door {
        Door {
            endpoint: self.endpoint.clone(),
            client: self.client.borrow().clone(),
            address: self.addresses[self.round.address()].clone(),
            name: self.name.clone(),
        }
    }

    fn take_over(&mut self, welcomed: Welcomed) {
        info!(
            unit = welcomed.welcome.unit,
            centre = %welcomed.connection.remote_address(),
            epoch = ?welcomed.welcome.epoch,
            "linked"
        );
        if let Some(old) = self.session.take() {
            old.close(CloseCode::Superseded);
        }
        lock(&self.duty).welcomed(&welcomed.welcome);
        self.round.linked();
        self.session = Some(Session::start(self.duty.clone(), welcomed));
    }

    async fn note(&mut self, no_link: &NoLink) {
        self.round.failed(match no_link {
            NoLink::NoAnswer | NoLink::Unresolved(_) => Failure::Silence,
            NoLink::Refused { elsewhere: true, .. } => Failure::Elsewhere,
            NoLink::Refused { .. } | NoLink::TooSlow | NoLink::Connection(_) | NoLink::NoGreeting => {
                Failure::Answer
            }
        });
        match no_link {
            NoLink::Refused { text, retry_after, .. } => {
                warn!(text, "the centre refuses");
                lock(&self.duty).set_link(LinkState::Refused(text.clone()));
                tokio::time::sleep(*retry_after).await;
            }
            NoLink::Unresolved(_)
            | NoLink::NoAnswer
            | NoLink::TooSlow
            | NoLink::Connection(_)
            | NoLink::NoGreeting => {
                info!(reason = %no_link, "no link yet");
                if self.session.is_none() {
                    lock(&self.duty).set_link(LinkState::Connecting);
                }
                if matches!(no_link, NoLink::Unresolved(_)) {
                    // In a tunnel names are not found either, and that is said at once.
                    tokio::time::sleep(RESOLVE_AGAIN_AFTER).await;
                }
            }
        }
    }
}

/// Returns when something that was asked on a silent session is answered after all; never without one. That the centre is heard there is not
/// enough: after a tunnel its words come first, while what this vehicle says still waits behind what the tunnel swallowed. Nor once the centre has been `heard` on the fresh connection: it may have let that
/// one in by now, and so ended the old one, and whoever dropped it would have neither.
async fn recovery(session: Option<&Session>, answered_until: Option<Instant>, heard_afresh: &AtomicBool) {
    let mut look = interval(LOOK_EVERY);
    loop {
        look.tick().await;
        if heard_afresh.load(Ordering::Relaxed) {
            continue;
        }
        let answered = session.map(|session| (session.end_reason(), session.heard_us_until()));
        if let (Some((None, answered)), Some(before)) = (answered, answered_until)
            && answered > before
        {
            return;
        }
    }
}
