//! The units that arrive first: their own delay (mobilisation) and the road, weighed together. A unit next door that rolls in two
//! minutes loses to one that is rolling a kilometre away.

use std::collections::BTreeSet;
use std::iter::Peekable;

use super::reverse::ReverseSearch;
use crate::network::NONE;
use crate::{Basis, Snap, TravelTime};

/// Something that could come to the target.
#[derive(Clone, Debug)]
pub struct Source<K> {
    /// Whose it is; equal arrivals come in this order.
    pub key: K,
    /// Where it is.
    pub snap: Snap,
    /// Time before it moves.
    pub delay: TravelTime,
    /// Its travel time cannot be less: `Weights::road_time_min`.
    pub road_time_min: TravelTime,
}

/// When a source arrives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Arrival<K> {
    /// Whose it is.
    pub key: K,
    /// Travel time.
    pub road_time: TravelTime,
    /// Delay and travel time.
    pub arrival: TravelTime,
    /// Always [`Basis::Road`] here; it travels with the time to whoever shows it.
    pub basis: Basis,
}

/// The answer of [`nearest_arrivals`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NearestArrivals<K> {
    /// The best arrivals, first one first.
    pub arrivals: Vec<Arrival<K>>,
    /// Sources looked at that have no way to the target; filled only when fewer than asked for can arrive at all.
    pub unreachable: Vec<K>,
}

/// The `count` first arrivals, exact, ties by key. `sources` must come in order of `road_time_min`; they are taken from the
/// iterator only as far as the search has to look. The search stops as soon as road time alone is past the last of the best.
pub fn nearest_arrivals<K: Copy + Ord>(
    search: &mut ReverseSearch<'_>,
    sources: impl IntoIterator<Item = Source<K>>,
    count: usize,
) -> NearestArrivals<K> {
    let mut race = Race { search, pulled: Vec::new(), chain: Vec::new(), ranking: BTreeSet::new(), count };
    let mut sources = sources.into_iter().peekable();
    loop {
        let frontier = race.search.frontier();
        race.pull(&mut sources, frontier);
        let decided = race.last_of_the_best().is_some_and(|last| last < frontier);
        if decided || count == 0 {
            break;
        }
        let Some(arc) = race.search.step() else {
            // All is settled, all sources are in: whoever has no time has no way.
            race.pull(&mut sources, TravelTime::MAX);
            break;
        };
        race.settle(arc);
    }
    race.answer()
}

struct Race<'s, 'a, K> {
    search: &'s mut ReverseSearch<'a>,
    pulled: Vec<Pulled<K>>,
    /// Sources waiting at an arc: which one, and the next in line.
    chain: Vec<(u32, u32)>,
    /// Best arrivals known, with the number of the source.
    ranking: BTreeSet<(TravelTime, K, u32)>,
    count: usize,
}

struct Pulled<K> {
    source: Source<K>,
    best: Option<TravelTime>,
}

impl<K: Copy + Ord> Race<'_, '_, K> {
    fn pull(&mut self, sources: &mut Peekable<impl Iterator<Item = Source<K>>>, frontier: TravelTime) {
        while let Some(source) = sources.next_if(|source| source.road_time_min <= frontier) {
            let number = self.pulled.len() as u32;
            for (arc, _) in source.snap.arcs(self.search.network()) {
                let space = self.search.space();
                let link = self.chain.len() as u32;
                self.chain.push((number, space.first_waiting(arc.0)));
                space.set_first_waiting(arc.0, link);
            }
            self.pulled.push(Pulled { source, best: None });
            // The search may have passed it already, and the target may lie on its own arc.
            self.look_again(number);
        }
    }

    fn settle(&mut self, arc: u32) {
        let mut link = self.search.space().first_waiting(arc);
        while link != NONE {
            let (number, next) = self.chain[link as usize];
            self.look_again(number);
            link = next;
        }
    }

    fn look_again(&mut self, number: u32) {
        let pulled = &mut self.pulled[number as usize];
        let Some((time, _)) = self.search.tentative_from(&pulled.source.snap) else {
            return;
        };
        if pulled.best.is_some_and(|best| best <= time) {
            return;
        }
        let (key, delay) = (pulled.source.key, pulled.source.delay);
        if let Some(old) = pulled.best.replace(time) {
            self.ranking.remove(&(delay + old, key, number));
        }
        self.ranking.insert((delay + time, key, number));
    }

    /// The arrival that a better one would have to beat; `None` while there is room.
    fn last_of_the_best(&self) -> Option<TravelTime> {
        let last = self.count.checked_sub(1)?;
        self.ranking.iter().nth(last).map(|&(arrival, ..)| arrival)
    }

    fn answer(self) -> NearestArrivals<K> {
        let arrivals: Vec<_> = self
            .ranking
            .iter()
            .take(self.count)
            .map(|&(arrival, key, number)| {
                let road_time = self.pulled[number as usize].best.unwrap_or(TravelTime::MAX);
                Arrival { key, road_time, arrival, basis: Basis::Road }
            })
            .collect();
        let unreachable = if arrivals.len() < self.count {
            self.pulled
                .iter()
                .filter(|pulled| pulled.best.is_none())
                .map(|pulled| pulled.source.key)
                .collect()
        } else {
            Vec::new()
        };
        NearestArrivals { arrivals, unreachable }
    }
}
