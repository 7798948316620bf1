//! Who is connected: one place for each unit. A newer (boot, connection) takes the place of an older one; an older one
//! that comes late is turned away, so that a packet out of a tunnel never ends the link that works.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use link::CloseCode;
use link::v1::{Delivery, FromCentre};
use quinn::VarInt;
use tokio::sync::mpsc;

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
    places: Mutex<BTreeMap<String, Place>>,
}

#[derive(Debug)]
struct Place {
    age: (u64, u64),
    connection: quinn::Connection,
    mail: mpsc::Sender<Mail>,
}

/// A newer connection of the same vehicle is being served.
#[derive(Debug)]
pub(super) struct Superseded;

impl Roster {
    /// Takes a unit's place. `age`: (boot, connection) from its greeting.
    pub(super) fn enter(
        &self,
        unit: &str,
        age: (u64, u64),
        connection: quinn::Connection,
        mail: mpsc::Sender<Mail>,
    ) -> Result<(), Superseded> {
        let mut places = self.lock();
        if places.get(unit).is_some_and(|place| place.age > age && place.connection.close_reason().is_none())
        {
            return Err(Superseded);
        }
        let old = places.insert(unit.to_owned(), Place { age, connection, mail });
        metrics::gauge!("jichi_vehicles_connected_items").set(places.len() as f64);
        drop(places);
        if let Some(old) = old {
            close(&old.connection, CloseCode::Superseded);
        }
        Ok(())
    }

    /// Gives a unit's place up. `false`: a newer connection has it.
    pub(super) fn leave(&self, unit: &str, connection: &quinn::Connection) -> bool {
        let mut places = self.lock();
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
        let body = link::v1::from_centre::Body::Delivery(delivery);
        if let Some(place) = self.lock().get(unit) {
            post(place, Mail::Frame(Box::new(FromCentre { body: Some(body) })));
        }
    }

    /// Has every connection ask for what is undelivered.
    pub(super) fn refresh(&self) {
        for place in self.lock().values() {
            post(place, Mail::Undelivered);
        }
    }

    /// Ends every connection: another centre leads.
    pub(super) fn send_away(&self) {
        for place in self.lock().values() {
            close(&place.connection, CloseCode::Unavailable);
        }
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Place>> {
        self.places.lock().unwrap_or_else(PoisonError::into_inner)
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
