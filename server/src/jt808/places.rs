//! Which terminals are connected: one place for each unit, and the newest connection has it. Half of the older ones died in a tunnel without a word.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use dispatch_core::effect::EffectId;
use dispatch_core::ids::UnitId;
use tokio::sync::{mpsc, watch};

use super::terminals::{Terminal, Terminals};

/// What the centre has for a connection.
#[derive(Debug)]
pub(super) enum Word {
    /// Report this often, in seconds.
    Pace(u32),
    /// Tell the crew.
    Say(EffectId, String),
}

/// A connection's end of its place.
#[derive(Debug)]
pub(super) struct Seat {
    pub(super) words: mpsc::Receiver<Word>,
    /// Why the connection must end, once it must.
    pub(super) ended: watch::Receiver<Option<&'static str>>,
    ticket: Ticket,
}

/// What a connection takes its place with.
#[derive(Debug, Clone)]
struct Ticket {
    words: mpsc::Sender<Word>,
    end: watch::Sender<Option<&'static str>>,
}

impl Seat {
    /// A place to be taken.
    pub(super) fn new() -> Self {
        let (words, received) = mpsc::channel(WORDS_MAX);
        let (end, ended) = watch::channel(None);
        Self { words: received, ended, ticket: Ticket { words, end } }
    }
}

/// The connected terminals.
#[derive(Debug, Default)]
pub(super) struct Places {
    taken: Mutex<Taken>,
}

#[derive(Debug, Default)]
struct Taken {
    places: BTreeMap<UnitId, Place>,
    count: u64,
}

#[derive(Debug)]
struct Place {
    number: u64,
    terminal: Arc<Terminal>,
    ticket: Ticket,
}

impl Places {
    /// Takes a unit's place; whoever had it must end. The number is for [`Self::leave`].
    pub(super) fn enter(&self, terminal: &Arc<Terminal>, seat: &Seat) -> u64 {
        let mut taken = self.lock();
        taken.count += 1;
        let number = taken.count;
        let place = Place { number, terminal: Arc::clone(terminal), ticket: seat.ticket.clone() };
        if let Some(old) = taken.places.insert(terminal.unit, place) {
            old.ticket.end.send_replace(Some("superseded"));
        }
        count(&taken);
        number
    }

    /// Gives a place up. `false`: a newer connection has it.
    pub(super) fn leave(&self, unit: UnitId, number: u64) -> bool {
        let mut taken = self.lock();
        let own = taken.places.get(&unit).is_some_and(|place| place.number == number);
        if own {
            taken.places.remove(&unit);
            count(&taken);
        }
        own
    }

    /// Ends the connections of terminals that are no longer on the list as they were.
    pub(super) fn keep(&self, terminals: &Terminals) {
        for place in self.lock().places.values() {
            if terminals.get(place.terminal.phone) != Some(&place.terminal) {
                place.ticket.end.send_replace(Some("enrolment_ended"));
            }
        }
    }

    /// Ends every connection.
    pub(super) fn end_all(&self, reason: &'static str) {
        for place in self.lock().places.values() {
            place.ticket.end.send_replace(Some(reason));
        }
    }

    /// The terminals that are connected.
    pub(super) fn all(&self) -> Vec<Arc<Terminal>> {
        self.lock().places.values().map(|place| Arc::clone(&place.terminal)).collect()
    }

    /// Has something for a unit's connection. A connection whose words are not taken loses this one, and hears it again.
    pub(super) fn tell(&self, unit: UnitId, word: Word) {
        if let Some(place) = self.lock().places.get(&unit) {
            let _ = place.ticket.words.try_send(word);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Taken> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn count(taken: &Taken) {
    metrics::gauge!("jichi_jt808_connected_items").set(taken.places.len() as f64);
}

/// Words that may wait for one connection.
const WORDS_MAX: usize = 32;

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    use super::super::codec::Phone;
    use super::*;

    fn terminals(code: &str) -> Terminals {
        let text = format!("[[terminals]]\nunit = 'A01'\nphone = '138'\ncode = '{code}'");
        let units = BTreeSet::from(["A01".parse().unwrap()]);
        Terminals::parse(Path::new("t"), &text, &units).unwrap()
    }

    #[test]
    fn the_newest_connection_has_the_place() {
        let terminals = terminals("correct-horse");
        let terminal = terminals.get(Phone::parse("138").unwrap()).unwrap();
        let places = Places::default();
        let (old, new) = (Seat::new(), Seat::new());
        let first = places.enter(terminal, &old);
        let second = places.enter(terminal, &new);
        assert_eq!((*old.ended.borrow(), *new.ended.borrow()), (Some("superseded"), None));
        assert!(!places.leave(terminal.unit, first), "the place is another's");
        assert_eq!(places.all().len(), 1);
        assert!(places.leave(terminal.unit, second));
        assert!(places.all().is_empty());
    }

    #[test]
    fn who_is_taken_off_the_list_or_gets_another_code_must_end() {
        for (list, ends) in [
            (terminals("correct-horse"), false),
            (terminals("battery-staple"), true),
            (Terminals::default(), true),
        ] {
            let before = terminals("correct-horse");
            let places = Places::default();
            let seat = Seat::new();
            places.enter(before.get(Phone::parse("138").unwrap()).unwrap(), &seat);
            places.keep(&list);
            assert_eq!(seat.ended.borrow().is_some(), ends, "{list:?}");
        }
    }
}
