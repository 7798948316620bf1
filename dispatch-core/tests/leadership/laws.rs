//! What must always hold, and what must be seen to happen at all: a model in which nobody ever takes over proves nothing.

use dispatch_core::leadership::State;
use stateright::Property;

use crate::postgres::Entry;
use crate::world::{Scenario, World};

/// What must hold in every state.
pub(crate) fn always() -> Vec<Property<Scenario>> {
    vec![
        Property::always("no acknowledged event is lost", |_, world: &World| {
            world.leaders().all(|machine| {
                world.acknowledged.iter().all(|(seq, word)| says(&machine.journal, *seq) == Some(*word))
            })
        }),
        Property::always("two never lead at once", |_, world: &World| world.leaders().count() < 2),
        Property::always("PostgreSQL holds nothing that its leader lacks", |_, world: &World| {
            world.leaders().all(|machine| machine.journal.starts_with(&world.primary.events))
        }),
        Property::always("quarantine holds exactly what is missing", |_, world: &World| {
            let mut aside = world.machines.iter().flat_map(|machine| &machine.quarantine);
            aside.all(|entry| !world.primary.events.contains(entry) && !world.standby.events.contains(entry))
        }),
        Property::always("no event vanishes", |_, world: &World| {
            (1..=world.words).all(|word| {
                let held = |entries: &[Entry]| entries.iter().any(|entry| entry.word == word);
                world.machines.iter().any(|machine| held(&machine.journal) || held(&machine.quarantine))
                    || held(&world.standby.events)
            })
        }),
        Property::always("nothing broke on the way", |_, world: &World| world.broken.is_none()),
    ]
}

/// What must be possible.
pub(crate) fn sometimes() -> Vec<Property<Scenario>> {
    vec![
        Property::sometimes("NORMAL", |_, world: &World| in_state(world, State::Normal)),
        Property::sometimes("JOURNAL", |_, world: &World| in_state(world, State::Journal)),
        Property::sometimes("HAND-OVER", |_, world: &World| in_state(world, State::HandOver)),
        Property::sometimes("ISLAND", |_, world: &World| in_state(world, State::Island)),
        Property::sometimes("stopped by the fence", |_, world: &World| {
            world.led.len() > 1 && world.machines.iter().any(|machine| machine.node.is_none())
        }),
        Property::sometimes("acknowledged by the follower's copy", |_, world: &World| {
            world.seen.journal_acknowledged
        }),
        Property::sometimes("the other node takes over", |_, world: &World| {
            world.led.last().is_some_and(|epoch| epoch.node == 2)
        }),
        Property::sometimes("a tail is appended by whoever leads next", |_, world: &World| {
            let led_by_other = world.led.last().is_some_and(|epoch| epoch.node == 2);
            led_by_other
                && world.seen.journal_acknowledged
                && world.standby.events.iter().any(|entry| entry.epoch.node == 1)
        }),
        Property::sometimes("events are moved aside", |_, world: &World| {
            world.machines.iter().any(|machine| !machine.quarantine.is_empty())
        }),
        Property::sometimes("everything ends in PostgreSQL", |_, world: &World| {
            world.left.writes == 0
                && world.standby.events.len() == usize::from(world.words)
                && world.acknowledged.len() == usize::from(world.words)
        }),
    ]
}

fn in_state(world: &World, state: State) -> bool {
    world.machines.iter().any(|machine| machine.node.as_ref().is_some_and(|node| node.state() == state))
}

fn says(journal: &[Entry], seq: u64) -> Option<u8> {
    journal.get(seq as usize - 1).map(|entry| entry.word)
}
