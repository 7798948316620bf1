//! The judge: shortest times by plain relaxation from the source forwards until nothing changes. Slow, obvious, and written against
//! the public face only.

use roads::{ArcId, Network, Snap, TravelTime, U_TURN_S, Weights};

/// Time from one snap to another, or `None`. `open` are the same weights without closures.
pub(crate) fn time(
    network: &Network,
    weights: &Weights,
    open: &Weights,
    from: &Snap,
    to: &Snap,
) -> Option<TravelTime> {
    let off_road = from.off_road_time() + to.off_road_time();
    if from.node().is_some() && from.node() == to.node() {
        return Some(off_road);
    }
    let starts: Vec<_> = from.arcs(network).collect();
    let at_end = all_ends(network, weights, open, from, &starts);
    let mut best: Option<u64> = None;
    let mut offer = |us: u64| best = Some(best.map_or(us, |b| b.min(us)));
    if let Some(node) = to.node() {
        for arc in arcs(network).filter(|&arc| network.arc_ends(arc).1 == node) {
            at_end[arc.index()].into_iter().for_each(&mut offer);
        }
    } else {
        for (last, fraction) in to.arcs(network) {
            let part = along(open, last, fraction);
            for arc in arcs(network).filter(|&arc| network.may_turn(arc, last)) {
                if let Some(us) = at_end[arc.index()] {
                    offer(us + turn_us(network, arc, last) + part);
                }
            }
            for &(first, begin) in starts.iter().filter(|&&(first, begin)| first == last && begin <= fraction)
            {
                offer(part - along(open, first, begin));
            }
        }
    }
    best.map(|us| TravelTime::from_us(us) + off_road)
}

/// Time at the end of every arc.
fn all_ends(
    network: &Network,
    weights: &Weights,
    open: &Weights,
    from: &Snap,
    starts: &[(ArcId, f64)],
) -> Vec<Option<u64>> {
    let mut at_end: Vec<Option<u64>> = vec![None; network.arc_count()];
    for &(arc, fraction) in starts {
        let stands_on_it = from.node().is_none();
        if stands_on_it || weights.arc_time(arc).is_some() {
            at_end[arc.index()] = Some(along(open, arc, 1.0) - along(open, arc, fraction));
        }
    }
    loop {
        let mut changed = false;
        for from in arcs(network) {
            let Some(us) = at_end[from.index()] else { continue };
            for to in arcs(network).filter(|&to| network.may_turn(from, to)) {
                let Some(drive) = weights.arc_time(to) else { continue };
                let then = us + turn_us(network, from, to) + drive.us();
                if at_end[to.index()].is_none_or(|known| then < known) {
                    at_end[to.index()] = Some(then);
                    changed = true;
                }
            }
        }
        if !changed {
            return at_end;
        }
    }
}

fn along(open: &Weights, arc: ArcId, fraction: f64) -> u64 {
    let us = open.arc_time(arc).expect("nothing is closed here").us();
    (us as f64 * fraction).round() as u64
}

fn turn_us(network: &Network, from: ArcId, to: ArcId) -> u64 {
    if network.twin(from) == Some(to) { (U_TURN_S * 1e6) as u64 } else { 0 }
}

pub(crate) fn arcs(network: &Network) -> impl Iterator<Item = ArcId> + '_ {
    let mut arcs: Vec<ArcId> = network.ways().flat_map(|way| network.arcs_of_way(way.id)).collect();
    arcs.sort();
    arcs.into_iter()
}
