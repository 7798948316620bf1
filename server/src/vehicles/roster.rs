//! Who is connected: one place for each unit. A newer (boot, connection) takes the place of an older one; an older one
//! that comes late is turned away, so that a packet out of a tunnel never ends the link that works. A terminal whose certificate was withdrawn has no
//! place, and loses the one that it has.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use link::CloseCode;
use link::v1::{Delivery, FromCentre, Settings, from_centre};
use quinn::VarInt;
use tokio::sync::mpsc;
use tracing::warn;

use super::deny_list::DenyList;
use super::identity::Identity;
use super::penalty::Penalties;

/// Messages that wait for one vehicle's stream. A vehicle that reads less loses its connection and gets them again on
/// the next one.
pub(super) const MAIL_MAX: usize = 64;

/// What the rest of the gateway gives a connection to send.
#[derive(Debug)]
pub(super) enum Mail {
    /// This.
    Frame(Box<FromCentre>),
    /// Everything undelivered.
    Undelivered,
}

/// The connected units.
#[derive(Debug, Default)]
pub(super) struct Roster {
    seated: Mutex<Seated>,
    /// Who was cut off lately.
    pub(super) penalties: Penalties,
}

#[derive(Debug, Default)]
struct Seated {
    places: BTreeMap<String, Place>,
    /// Under the same lock, so that nobody slips in between a look at the list and its change.
    denied: DenyList,
}

#[derive(Debug)]
struct Place {
    identity: Identity,
    age: (u64, u64),
    connection: quinn::Connection,
    mail: mpsc::Sender<Mail>,
}

/// Why a connection has no place.
#[derive(Debug)]
pub(super) enum NoPlace {
    /// A newer connection of the same vehicle is being served.
    Superseded,
    /// Its certificate is believed no longer.
    Denied,
}

impl Roster {
    /// Takes a unit's place. `age`: (boot, connection) from its greeting.
    pub(super) fn enter(
        &self,
        identity: Identity,
        age: (u64, u64),
        connection: quinn::Connection,
        mail: mpsc::Sender<Mail>,
    ) -> Result<(), NoPlace> {
        let mut seated = self.lock();
        if seated.denied.reason(&identity).is_some() {
            return Err(NoPlace::Denied);
        }
        let newer = |place: &Place| place.age > age && place.connection.close_reason().is_none();
        if seated.places.get(&identity.unit).is_some_and(newer) {
            return Err(NoPlace::Superseded);
        }
        let unit = identity.unit.clone();
        let old = seated.places.insert(unit, Place { identity, age, connection, mail });
        metrics::gauge!("jichi_vehicles_connected_items").set(seated.places.len() as f64);
        drop(seated);
        if let Some(old) = old {
            close(&old.connection, CloseCode::Superseded);
        }
        Ok(())
    }

    /// Gives a unit's place up. `false`: a newer connection has it.
    pub(super) fn leave(&self, unit: &str, connection: &quinn::Connection) -> bool {
        let places = &mut self.lock().places;
        let own =
            places.get(unit).is_some_and(|place| place.connection.stable_id() == connection.stable_id());
        if own {
            places.remove(unit);
            metrics::gauge!("jichi_vehicles_connected_items").set(places.len() as f64);
        }
        own
    }

    /// Hands a delivery to a unit's connection, if it has one. It will ask for it when it connects, else.
    pub(super) fn hand(&self, unit: &str, delivery: Delivery) {
        let body = from_centre::Body::Delivery(delivery);
        if let Some(place) = self.lock().places.get(unit) {
            post(place, Mail::Frame(Box::new(FromCentre { body: Some(body) })));
        }
    }

    /// Has every connection ask for what is undelivered.
    pub(super) fn refresh(&self) {
        for place in self.lock().places.values() {
            post(place, Mail::Undelivered);
        }
    }

    /// Tells every connection what the centre sets now.
    pub(super) fn set(&self, settings: &Settings) {
        let frame = FromCentre { body: Some(from_centre::Body::Settings(settings.clone())) };
        for place in self.lock().places.values() {
            post(place, Mail::Frame(Box::new(frame.clone())));
        }
    }

    /// Ends every connection: another centre leads.
    pub(super) fn send_away(&self) {
        for place in self.lock().places.values() {
            close(&place.connection, CloseCode::Unavailable);
        }
    }

    /// Puts another list of withdrawn certificates in force: who is on it loses the connection at once.
    pub(super) fn deny(&self, list: DenyList) {
        let mut seated = self.lock();
        seated.denied = list;
        for place in seated.places.values() {
            if let Some(reason) = seated.denied.reason(&place.identity) {
                warn!(unit = place.identity.unit, reason, "the connection of a withdrawn terminal is ended");
                metrics::counter!("jichi_vehicles_refused_total", "reason" => "denied").increment(1);
                close(&place.connection, CloseCode::Refused);
            }
        }
    }

    /// Whether a certificate is believed no longer.
    pub(super) fn is_denied(&self, identity: &Identity) -> bool {
        self.lock().denied.reason(identity).is_some()
    }

    fn lock(&self) -> MutexGuard<'_, Seated> {
        self.seated.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Closes a connection with a reason.
pub(super) fn close(connection: &quinn::Connection, code: CloseCode) {
    connection.close(VarInt::from_u32(code.number()), code.word().as_bytes());
}

fn post(place: &Place, mail: Mail) {
    if place.mail.try_send(mail).is_err() && place.connection.close_reason().is_none() {
        metrics::counter!("jichi_vehicles_refused_total", "reason" => "slow_reader").increment(1);
        close(&place.connection, CloseCode::Flooding);
    }
}
