//! The way of one unit: off the road to its first node, over the network, off the road to its end. Where it is on it at a time, and
//! at which node it could turn elsewhere.

use super::approach::Approach;
use super::ways::{Goal, Ways};
use crate::case::{OnChain, Place, Point, Spot};

/// The way a unit is on, or the place where its last way ended.
#[derive(Debug, Clone)]
pub(super) struct Route {
    mode: usize,
    starts_ns: u64,
    start: Point,
    first: Passed,
    last: Passed,
    ends_ns: u64,
    end: Spot,
    goal: Goal,
    walk: Option<Walk>,
    /// Times from everywhere to the last node, made when the unit is looked for on its way to a call.
    scout: Approach,
}

/// A node and when the unit is there.
#[derive(Debug, Clone, Copy)]
struct Passed {
    node: u32,
    at_ns: u64,
}

/// The chain the unit was last seen on.
#[derive(Debug, Clone, Copy)]
struct Walk {
    chain: u32,
    from: u32,
    to: u32,
    begins_ns: u64,
    ends_ns: u64,
}

/// The node at which a unit can turn elsewhere, and how long until it is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Turn {
    pub(super) node: u32,
    pub(super) in_ns: u64,
}

impl Route {
    /// Standing at a goal.
    pub(super) fn standing(goal: Goal, at: Spot) -> Self {
        let there = Passed { node: at.node, at_ns: 0 };
        Self {
            mode: 0,
            starts_ns: 0,
            start: at.at,
            first: there,
            last: there,
            ends_ns: 0,
            end: at,
            goal,
            walk: None,
            scout: Approach::default(),
        }
    }

    /// Begins a way to a goal from wherever the unit is; `None` where no way leads.
    pub(super) fn towards(&mut self, ways: Ways<'_>, mode: usize, now_ns: u64, goal: Goal) -> Option<()> {
        self.begin(ways, mode, now_ns, goal, |node| ways.drive_ns(mode, node, goal))
    }

    /// The same where whoever asks has the times to the goal's node ready.
    pub(super) fn begin(
        &mut self,
        ways: Ways<'_>,
        mode: usize,
        now_ns: u64,
        goal: Goal,
        drive_ns: impl FnOnce(u32) -> Option<u64>,
    ) -> Option<()> {
        let start = self.position(ways, now_ns);
        let turn = self.turn(ways, mode, now_ns);
        let end = ways.spot(goal);
        let drive_ns = drive_ns(turn.node)?;
        let first = Passed { node: turn.node, at_ns: now_ns + turn.in_ns };
        let last = Passed { node: end.node, at_ns: first.at_ns + drive_ns };
        let ends_ns = last.at_ns + ways.timetable.off_road_ns(mode, end.off_road_km);
        let scout = std::mem::take(&mut self.scout);
        *self = Self { mode, starts_ns: now_ns, start, first, last, ends_ns, end, goal, walk: None, scout };
        Some(())
    }

    /// The station or hospital at which the unit stands, when it does.
    pub(super) fn stands_at(&self, now_ns: u64) -> Option<usize> {
        match self.goal {
            Goal::Site(site) if now_ns >= self.ends_ns => Some(site),
            Goal::Site(_) | Goal::Call(_) => None,
        }
    }

    /// When it ends, nanoseconds from the start.
    pub(super) fn ends_ns(&self) -> u64 {
        self.ends_ns
    }

    /// Its first node, and how long it takes over the network, nanoseconds.
    pub(super) fn on_network(&self) -> (u32, u64) {
        (self.first.node, self.last.at_ns - self.first.at_ns)
    }

    /// Where the unit can turn elsewhere, if it goes on in a mode: the next node of its way; past the last one, or at the end,
    /// back to that.
    pub(super) fn turn(&mut self, ways: Ways<'_>, mode: usize, now_ns: u64) -> Turn {
        let (network, timetable) = (ways.network, ways.timetable);
        if now_ns >= self.ends_ns {
            return Turn { node: self.last.node, in_ns: timetable.off_road_ns(mode, self.end.off_road_km) };
        }
        if now_ns <= self.first.at_ns {
            return Turn { node: self.first.node, in_ns: self.first.at_ns - now_ns };
        }
        if now_ns >= self.last.at_ns {
            let ratio = timetable.off_road_ratio(mode, self.mode);
            let in_ns = ((now_ns - self.last.at_ns) as f64 * ratio).round() as u64;
            return Turn { node: self.last.node, in_ns };
        }
        let (walk, at) = self.on_chain(ways, now_ns);
        let along = network.chains().along(self.mode, walk.chain);
        let next_ns = walk.begins_ns + along[at as usize + 1] - along[walk.from as usize];
        Turn { node: network.chains().node_on(walk.chain, at + 1), in_ns: next_ns - now_ns }
    }

    /// The least time, nanoseconds, in which the unit could be at a node: less work than to find where it can turn.
    pub(super) fn least_ns(&self, ways: Ways<'_>, mode: usize, now_ns: u64, node: u32) -> u64 {
        let network = ways.network;
        if now_ns >= self.last.at_ns {
            return network.least_ns(mode, self.last.node, node);
        }
        if now_ns <= self.first.at_ns {
            return network.least_ns(mode, self.first.node, node) + (self.first.at_ns - now_ns);
        }
        // From wherever it is now it cannot be nearer than by what it has driven since its first node, or has yet to drive.
        let slower = |mode: usize| network.least_ns(mode, self.first.node, node);
        let from_first = slower(mode).min(slower(self.mode)).saturating_sub(now_ns - self.first.at_ns);
        let last = |mode: usize| network.least_ns(mode, self.last.node, node);
        from_first.max(last(mode).min(last(self.mode)).saturating_sub(self.last.at_ns - now_ns))
    }

    /// Where the unit is.
    pub(super) fn position(&mut self, ways: Ways<'_>, now_ns: u64) -> Point {
        let network = ways.network;
        let node = |node: u32| network.ground().node(node);
        if now_ns >= self.ends_ns {
            self.end.at
        } else if now_ns <= self.first.at_ns {
            between(self.start, node(self.first.node), self.starts_ns, self.first.at_ns, now_ns)
        } else if now_ns >= self.last.at_ns {
            between(node(self.last.node), self.end.at, self.last.at_ns, self.ends_ns, now_ns)
        } else {
            let (walk, at) = self.on_chain(ways, now_ns);
            let along = network.chains().along(self.mode, walk.chain);
            let time = |at: u32| walk.begins_ns + along[at as usize] - along[walk.from as usize];
            let nodes = [at, at + 1].map(|at| node(network.chains().node_on(walk.chain, at)));
            between(nodes[0], nodes[1], time(at), time(at + 1), now_ns)
        }
    }

    /// The chain the unit is on, and the last of its nodes that was passed.
    fn on_chain(&mut self, ways: Ways<'_>, now_ns: u64) -> (Walk, u32) {
        let network = ways.network;
        if self.walk.is_none() && matches!(self.goal, Goal::Call(_)) {
            self.scout.to(network, self.mode, self.last.node);
        }
        let mut walk = self.walk.unwrap_or_else(|| self.first_walk(ways));
        loop {
            if now_ns < walk.ends_ns {
                self.walk = Some(walk);
                let along = &network.chains().along(self.mode, walk.chain)[..=walk.to as usize];
                let begin = along[walk.from as usize];
                let passed =
                    along[walk.from as usize..].partition_point(|ns| ns - begin <= now_ns - walk.begins_ns);
                return (walk, walk.from + passed as u32 - 1);
            }
            let (_, junction) = network.chains().ends(walk.chain);
            let (junction, at_ns) = self.passed(ways, (junction, walk.ends_ns), now_ns);
            walk = self.walk_from(ways, junction, at_ns);
        }
    }

    /// The last junction on the way from one that the unit has passed, and when; it may have passed more where that is not at hand.
    fn passed(&self, ways: Ways<'_>, (mut junction, mut at_ns): (u32, u64), now_ns: u64) -> (u32, u64) {
        if let Goal::Site(site) = self.goal {
            while let Some(onward) = ways.onward(self.mode, site, junction)
                && at_ns + onward.ns <= now_ns
            {
                (junction, at_ns) = (onward.to, at_ns + onward.ns);
            }
        }
        (junction, at_ns)
    }

    fn first_walk(&self, ways: Ways<'_>) -> Walk {
        let (chains, mode) = (ways.network.chains(), self.mode);
        let drive_ns = self.last.at_ns - self.first.at_ns;
        let Place::Inner(slots) = chains.place(self.first.node) else {
            let Place::Junction(junction) = chains.place(self.first.node) else { unreachable!() };
            return self.walk_from(ways, junction, self.first.at_ns);
        };
        let begins_ns = self.first.at_ns;
        for on in slots.into_iter().flatten() {
            let along = chains.along(mode, on.chain);
            let to_here = |other: OnChain| {
                other.chain == on.chain
                    && other.at > on.at
                    && along[other.at as usize] - along[on.at as usize] == drive_ns
            };
            if let Some(end) = chains.place(self.last.node).positions().find(|other| to_here(*other)) {
                let ends_ns = begins_ns + drive_ns;
                return Walk { chain: on.chain, from: on.at, to: end.at, begins_ns, ends_ns };
            }
            let (_, junction) = chains.ends(on.chain);
            let to = along.len() as u32 - 1;
            let gate_ns = along[to as usize] - along[on.at as usize];
            if gate_ns <= drive_ns && self.rest_ns(ways, junction) == Some(drive_ns - gate_ns) {
                let ends_ns = begins_ns + gate_ns;
                return Walk { chain: on.chain, from: on.at, to, begins_ns, ends_ns };
            }
        }
        unreachable!("the shortest way begins on one of the chains of its first node")
    }

    /// The way on from a junction.
    fn walk_from(&self, ways: Ways<'_>, junction: u32, begins_ns: u64) -> Walk {
        let (chains, mode) = (ways.network.chains(), self.mode);
        let left_ns = self.last.at_ns - begins_ns;
        let whole = |chain: u32| {
            let to = chains.along(mode, chain).len() as u32 - 1;
            Walk { chain, from: 0, to, begins_ns, ends_ns: begins_ns + chains.chain_ns(mode, chain) }
        };
        if let Goal::Site(site) = self.goal
            && let Some(onward) = ways.onward(mode, site, junction)
        {
            return whole(onward.chain);
        }
        for on in chains.place(self.last.node).positions() {
            if chains.ends(on.chain).0 == junction && chains.along(mode, on.chain)[on.at as usize] == left_ns
            {
                let ends_ns = self.last.at_ns;
                return Walk { chain: on.chain, from: 0, to: on.at, begins_ns, ends_ns };
            }
        }
        let rest_ns = |chain: u32| left_ns.checked_sub(chains.chain_ns(mode, chain));
        let could_lead_on = |chain: &u32| {
            let head = chains.node_of(chains.ends(*chain).1);
            rest_ns(*chain).is_some_and(|ns| ways.network.least_ns(mode, head, self.last.node) <= ns)
        };
        let mut could_lead_on = chains.leaving(junction).filter(could_lead_on).peekable();
        while let Some(chain) = could_lead_on.next() {
            // One of them does: the last that is left needs no look.
            if could_lead_on.peek().is_none() || self.rest_ns(ways, chains.ends(chain).1) == rest_ns(chain) {
                return whole(chain);
            }
        }
        unreachable!("the shortest way goes on over one of the chains of each of its junctions")
    }

    /// Time from a junction to the last node, nanoseconds.
    fn rest_ns(&self, ways: Ways<'_>, junction: u32) -> Option<u64> {
        match self.goal {
            Goal::Site(site) => ways.return_ns(self.mode, site, junction),
            Goal::Call(_) => self.scout.junction_ns(ways.network, junction),
        }
    }
}

fn between(a: Point, b: Point, from_ns: u64, to_ns: u64, at_ns: u64) -> Point {
    if to_ns <= from_ns {
        return b;
    }
    // A crew that has yet to roll stands where it stood.
    let at_ns = at_ns.max(from_ns);
    let share = (at_ns - from_ns) as f64 / (to_ns - from_ns) as f64;
    Point { x: a.x + (b.x - a.x) * share, y: a.y + (b.y - a.y) * share }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::network_tests::{scale, streets};
    use crate::case::{Network, Timetable};
    use crate::chance::Chance;
    use crate::twin::ways::Sites;

    /// Wherever a unit is on its way, the time to where it can turn and the shortest time on from there are what is left of it; and
    /// it is nowhere else sooner than the least time says.
    #[test]
    fn at_every_moment_the_rest_of_a_way_is_the_shortest() {
        let mut chance = Chance::of(1, "ways", 0);
        let mut moments = 0;
        for seed in 0..150 {
            let network = Network::new(streets(seed), scale());
            let timetable = Timetable::of_one_set(&[1e6, 3e6], [0, 0, 1]);
            let count = network.ground().node_count();
            let mut spot = || {
                let node = chance.below(count) as u32;
                Spot { at: network.ground().node(node), node, off_road_km: chance.between(0.0, 1e-4) }
            };
            let places: Vec<Spot> = (0..6).map(|_| spot()).collect();
            let sites = Sites::of(&network, &timetable, places.clone(), 6);
            let ways = Ways { network: &network, timetable: &timetable, sites: &sites };
            for (start, end) in (0..6).flat_map(|a| (0..6).map(move |b| (a, b))) {
                let goal = if (start + end) % 2 == 0 { Goal::Site(end) } else { Goal::Call(places[end]) };
                let mode = (start + seed as usize) % 2;
                let mut route = Route::standing(Goal::Call(places[start]), places[start]);
                if route.towards(ways, mode, 1_000, goal).is_none() {
                    continue;
                }
                let last_ns = route.last.at_ns;
                let mut times: Vec<u64> = (0..8).map(|_| 1_000 + chance.number() % (last_ns - 999)).collect();
                times.sort_unstable();
                for now_ns in times {
                    let turn = route.turn(ways, mode, now_ns);
                    let rest_ns = network.time_ns(mode, turn.node, places[end].node).unwrap();
                    assert_eq!(
                        now_ns + turn.in_ns + rest_ns,
                        last_ns,
                        "seed {seed}, {start} to {end} at {now_ns}"
                    );
                    for (mode, place) in
                        [0, 1].into_iter().flat_map(|mode| places.iter().map(move |p| (mode, p)))
                    {
                        let turn = route.turn(ways, mode, now_ns);
                        let Some(rest_ns) = network.time_ns(mode, turn.node, place.node) else { continue };
                        let bound_ns = route.least_ns(ways, mode, now_ns, place.node);
                        assert!(
                            bound_ns <= turn.in_ns + rest_ns,
                            "seed {seed}, {start} to {end} at {now_ns}"
                        );
                    }
                    moments += 1;
                }
            }
        }
        assert!(moments > 20_000, "{moments}");
    }
}
