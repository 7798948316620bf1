//! The units that arrive first: their own delay (mobilisation) and the road, weighed together. A unit next door that rolls in two
//! minutes loses to one that is rolling a kilometre away.

use std::cmp::Reverse;
use std::collections::{BTreeSet, BinaryHeap};
use std::iter::Peekable;

use super::reverse::ReverseSearch;
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
/// iterator only as far as the search has to look. The search stops as soon as nobody whose time is not yet known could beat
/// the last of the best, their own delay counted; with fewer sources than asked for, when all are known.
pub fn nearest_arrivals<K: Copy + Ord>(
    search: &mut ReverseSearch<'_>,
    sources: impl IntoIterator<Item = Source<K>>,
    count: usize,
) -> NearestArrivals<K> {
    let mut race = Race {
        search,
        pulled: Vec::new(),
        unknown: BinaryHeap::new(),
        ranking: BTreeSet::new(),
        count,
        to_beat: TravelTime::MAX,
    };
    let mut sources = sources.into_iter().peekable();
    loop {
        let frontier = race.search.frontier();
        race.pull(&mut sources, frontier);
        if count == 0 || race.is_decided(frontier, &mut sources) {
            break;
        }
        let Some(node) = race.search.step() else {
            // All is settled, all sources are in: whoever has no time has no way.
            race.pull(&mut sources, TravelTime::MAX);
            break;
        };
        race.settle(node);
    }
    race.answer()
}

struct Race<'s, 'a, K> {
    search: &'s mut ReverseSearch<'a>,
    pulled: Vec<Pulled<K>>,
    /// Sources whose time may not be known yet, the one that could start first at the top.
    unknown: BinaryHeap<Reverse<(TravelTime, u32)>>,
    /// Best arrivals known, with the number of the source.
    ranking: BTreeSet<(TravelTime, K, u32)>,
    count: usize,
    /// The last of the best arrivals, which a better one would have to beat; `TravelTime::MAX` while there is room.
    to_beat: TravelTime,
}

struct Pulled<K> {
    source: Source<K>,
    best: Option<TravelTime>,
}

impl<K: Copy + Ord> Race<'_, '_, K> {
    /// Takes in everybody who could matter: while there is room whoever may be within the frontier, then whoever may beat the
    /// last of the best.
    fn pull(&mut self, sources: &mut Peekable<impl Iterator<Item = Source<K>>>, frontier: TravelTime) {
        loop {
            let until = if self.to_beat == TravelTime::MAX { frontier } else { self.to_beat };
            let Some(source) = sources.next_if(|source| source.road_time_min <= until) else { return };
            if source.delay.saturating_add(source.road_time_min) > self.to_beat {
                continue;
            }
            let number = self.pulled.len() as u32;
            let network = self.search.network();
            for (arc, _) in source.snap.arcs(network) {
                self.search.space().wait(network.arcs[arc.index()].head, number);
            }
            self.unknown.push(Reverse((source.delay, number)));
            self.pulled.push(Pulled { source, best: None });
            // The search may have passed it already, and the target may lie on its own arc.
            self.look_again(number);
        }
    }

    fn settle(&mut self, node: u32) {
        let mut waiting = self.search.space().first_waiting(node);
        while let Some(at) = waiting {
            let (number, next) = self.search.space().waiting(at);
            self.look_again(number);
            waiting = next;
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
        let last = self.count.checked_sub(1).and_then(|last| self.ranking.iter().nth(last));
        self.to_beat = last.map_or(TravelTime::MAX, |&(arrival, ..)| arrival);
    }

    /// Whether no source could still come in among the best.
    fn is_decided(
        &mut self,
        frontier: TravelTime,
        sources: &mut Peekable<impl Iterator<Item = Source<K>>>,
    ) -> bool {
        while let Some(&Reverse((delay, number))) = self.unknown.peek() {
            let Pulled { source, best } = &self.pulled[number as usize];
            let off_road = source.snap.off_road_time();
            let known = best.is_some_and(|best| best.saturating_sub(off_road) <= frontier);
            // What it would have to beat only ever gets less.
            let beaten = delay.saturating_add(source.road_time_min) > self.to_beat;
            if !known && !beaten {
                // The others start later, and none of them is nearer than the frontier.
                return delay.saturating_add(frontier) > self.to_beat;
            }
            self.unknown.pop();
        }
        self.to_beat != TravelTime::MAX || sources.peek().is_none()
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
