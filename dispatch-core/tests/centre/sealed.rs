//! A journal with seals that are none: enough to see which texts are taken out, and what is read when keys are gone.

use std::collections::{BTreeMap, BTreeSet};
use std::convert::Infallible;

use dispatch_core::erasure::Subject;
use dispatch_core::journal::v2::{self, Opened, Sealed};
use dispatch_core::journal::{ReadError, read};
use dispatch_core::{Event, Fact};

#[derive(Default)]
pub(crate) struct Stored {
    pub(crate) bodies: Vec<Vec<u8>>,
    /// How often the keys of a subject were thrown away.
    rounds: BTreeMap<Subject, u32>,
    gone: BTreeSet<String>,
}

impl Stored {
    pub(crate) fn of(events: &[Event]) -> Self {
        let mut stored = Self::default();
        for event in events {
            stored.append(event);
        }
        stored
    }

    fn append(&mut self, event: &Event) {
        let rounds = &self.rounds;
        let seal = |subject, contents: &[u8]| {
            let key = name(subject, rounds.get(&subject));
            Ok::<_, Infallible>(Sealed { key, contents: String::from_utf8_lossy(contents).into_owned() })
        };
        let Ok(body) = v2::write(event, seal);
        self.bodies.push(body);
        if let Fact::PersonalDataErased { subjects, .. } = &event.fact {
            for subject in subjects {
                self.gone.insert(name(*subject, self.rounds.get(subject)));
                *self.rounds.entry(*subject).or_default() += 1;
            }
        }
    }

    pub(crate) fn read(&self) -> Vec<Event> {
        self.bodies.iter().map(|body| self.read_one(body).unwrap()).collect()
    }

    pub(crate) fn read_one(&self, body: &[u8]) -> Result<Event, ReadError> {
        read(body, |_, sealed| {
            if self.gone.contains(&sealed.key) {
                Opened::Erased
            } else {
                Opened::Contents(sealed.contents.clone().into_bytes())
            }
        })
    }
}

fn name(subject: Subject, round: Option<&u32>) -> String {
    format!("{subject}/{}", round.copied().unwrap_or(0))
}
