//! The network drawn together: junctions, and the chains of nodes between them. A road that only bends costs a search nothing.

use serde::{Deserialize, Serialize};

use super::Point;
use super::streets::Streets;

/// Junctions and chains.
#[derive(Debug, Serialize, Deserialize)]
pub struct Chains {
    /// The node of each junction. What lies near each other has numbers near each other: whoever follows a way finds what is known of
    /// its junctions side by side.
    junctions: Vec<u32>,
    /// Where each node lies.
    places: Vec<Place>,
    rows: Vec<Chain>,
    /// The nodes of all chains, one chain after the other, both ends included.
    nodes: Vec<u32>,
    /// Time from a chain's begin to each of its nodes, mode by mode, nanoseconds.
    along_ns: Vec<Vec<u64>>,
    /// Time over each whole chain, mode by mode, nanoseconds.
    whole_ns: Vec<Vec<u64>>,
    /// The first chain that leaves each junction; those of one junction follow each other.
    first_out: Vec<u32>,
}

/// Where a node lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Place {
    /// It is a junction, with this number.
    Junction(u32),
    /// It is on one chain or on two (one for each direction).
    Inner([Option<OnChain>; 2]),
}

impl Place {
    /// The chains it is on, and where on them; none for a junction.
    pub fn positions(self) -> impl Iterator<Item = OnChain> {
        let slots = match self {
            Self::Junction(_) => [None; 2],
            Self::Inner(slots) => slots,
        };
        slots.into_iter().flatten()
    }
}

/// A position on a chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct OnChain {
    /// Which chain.
    pub chain: u32,
    /// Which of its nodes, from 0.
    pub at: u32,
}

#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
struct Chain {
    from: u32,
    to: u32,
    first: u32,
    last: u32,
}

impl Chains {
    /// Draws the roads together.
    pub fn new(streets: &Streets) -> Self {
        let count = streets.nodes.len();
        let out = Neighbours::new(count, streets.arcs.iter().map(|&(from, to)| (from, to)));
        let into = Neighbours::new(count, streets.arcs.iter().map(|&(from, to)| (to, from)));
        let mut is_junction: Vec<bool> = (0..count as u32).map(|n| decides(&out, &into, n)).collect();
        mark_lone_rings(&out, &mut is_junction);
        let mut junctions: Vec<u32> = (0..count as u32).filter(|&n| is_junction[n as usize]).collect();
        let curve = Curve::over(&streets.nodes);
        junctions.sort_by_cached_key(|&n| (curve.place(streets.nodes[n as usize]), n));
        let mut places = vec![Place::Inner([None; 2]); count];
        for (number, &node) in junctions.iter().enumerate() {
            places[node as usize] = Place::Junction(number as u32);
        }
        let mut drawn = Self {
            junctions,
            places,
            rows: Vec::new(),
            nodes: Vec::new(),
            along_ns: vec![Vec::new(); streets.arc_ns.len()],
            whole_ns: Vec::new(),
            first_out: vec![0],
        };
        for junction in 0..drawn.junctions.len() as u32 {
            for &(next, arc) in out.of(drawn.junctions[junction as usize]) {
                drawn.follow(streets, &out, junction, next, arc);
            }
            drawn.first_out.push(drawn.rows.len() as u32);
        }
        let whole = |along: &Vec<u64>| drawn.rows.iter().map(|chain| along[chain.last as usize]).collect();
        drawn.whole_ns = drawn.along_ns.iter().map(whole).collect();
        drawn
    }

    fn follow(&mut self, streets: &Streets, out: &Neighbours, from: u32, next: u32, arc: u32) {
        let number = self.rows.len() as u32;
        let first = self.nodes.len() as u32;
        let mut previous = self.junctions[from as usize];
        self.nodes.push(previous);
        self.along_ns.iter_mut().for_each(|along| along.push(0));
        let (mut node, mut arc) = (next, arc);
        loop {
            self.nodes.push(node);
            for (along, times) in self.along_ns.iter_mut().zip(&streets.arc_ns) {
                let so_far = along.last().copied().unwrap_or_default();
                along.push(so_far + times[arc as usize]);
            }
            let at = self.nodes.len() as u32 - 1 - first;
            match &mut self.places[node as usize] {
                Place::Junction(to) => {
                    let last = self.nodes.len() as u32 - 1;
                    self.rows.push(Chain { from, to: *to, first, last });
                    return;
                }
                Place::Inner(slots) => {
                    if let Some(slot) = slots.iter_mut().find(|slot| slot.is_none()) {
                        *slot = Some(OnChain { chain: number, at });
                    }
                }
            }
            let onwards = out.of(node).iter().find(|(to, _)| *to != previous);
            // A node that decides nothing has exactly one way on.
            let &(to, by) = onwards.expect("invariant: an inner node of a chain leads on");
            (previous, node, arc) = (node, to, by);
        }
    }

    /// How many junctions there are.
    pub fn junction_count(&self) -> usize {
        self.junctions.len()
    }

    /// The node of a junction.
    pub fn node_of(&self, junction: u32) -> u32 {
        self.junctions[junction as usize]
    }

    /// Where a node lies.
    pub fn place(&self, node: u32) -> Place {
        self.places[node as usize]
    }

    /// The chains that leave a junction.
    pub fn leaving(&self, junction: u32) -> std::ops::Range<u32> {
        self.first_out[junction as usize]..self.first_out[junction as usize + 1]
    }

    /// The junctions a chain leads from and to.
    pub fn ends(&self, chain: u32) -> (u32, u32) {
        let chain = &self.rows[chain as usize];
        (chain.from, chain.to)
    }

    /// How many chains there are.
    pub fn chain_count(&self) -> usize {
        self.rows.len()
    }

    /// Time over a whole chain, nanoseconds.
    pub fn chain_ns(&self, mode: usize, chain: u32) -> u64 {
        self.whole_ns[mode][chain as usize]
    }

    /// Times from a chain's begin to each of its nodes, nanoseconds.
    pub fn along(&self, mode: usize, chain: u32) -> &[u64] {
        let chain = &self.rows[chain as usize];
        &self.along_ns[mode][chain.first as usize..=chain.last as usize]
    }

    /// A node of a chain.
    pub fn node_on(&self, chain: u32, at: u32) -> u32 {
        self.nodes[(self.rows[chain as usize].first + at) as usize]
    }
}

/// A line that winds through all the ground and seldom leaps (Morton 1966).
struct Curve {
    low: Point,
    /// Steps of the line per degree.
    steps: Point,
}

impl Curve {
    fn over(nodes: &[Point]) -> Self {
        let least = |of: fn(&Point) -> f64| nodes.iter().map(of).fold(f64::MAX, f64::min);
        let most = |of: fn(&Point) -> f64| nodes.iter().map(of).fold(f64::MIN, f64::max);
        let low = Point { x: least(|p| p.x), y: least(|p| p.y) };
        let steps = |width: f64| f64::from(u16::MAX) / width.max(f64::MIN_POSITIVE);
        Self { low, steps: Point { x: steps(most(|p| p.x) - low.x), y: steps(most(|p| p.y) - low.y) } }
    }

    /// How far along the line a place is.
    fn place(&self, at: Point) -> u32 {
        let (x, y) = ((at.x - self.low.x) * self.steps.x, (at.y - self.low.y) * self.steps.y);
        spread_bits(x as u16) | (spread_bits(y as u16) << 1)
    }
}

/// Each bit at twice its place.
fn spread_bits(number: u16) -> u32 {
    (0..u16::BITS).fold(0, |spread, bit| spread | (u32::from((number >> bit) & 1) << (2 * bit)))
}

/// A node where one may choose, or where a road ends.
fn decides(out: &Neighbours, into: &Neighbours, node: u32) -> bool {
    let (mut leads_to, mut comes_from): (Vec<u32>, Vec<u32>) =
        (out.of(node).iter().map(|n| n.0).collect(), into.of(node).iter().map(|n| n.0).collect());
    leads_to.sort_unstable();
    comes_from.sort_unstable();
    match (leads_to.as_slice(), comes_from.as_slice()) {
        ([to], [from]) => to == from || *to == node,
        ([a, b], from) => [*a, *b] != *from || a == b || *a == node || *b == node,
        _ => true,
    }
}

/// A ring without any junction gets one.
fn mark_lone_rings(out: &Neighbours, is_junction: &mut [bool]) {
    let mut seen = is_junction.to_vec();
    let mut stack: Vec<u32> = (0..seen.len() as u32).filter(|&n| seen[n as usize]).collect();
    let mut next = 0;
    loop {
        while let Some(node) = stack.pop() {
            for &(to, _) in out.of(node) {
                if !std::mem::replace(&mut seen[to as usize], true) {
                    stack.push(to);
                }
            }
        }
        let Some(lone) = (next..seen.len()).find(|&n| !seen[n]) else { return };
        next = lone;
        is_junction[lone] = true;
        seen[lone] = true;
        stack.push(lone as u32);
    }
}

/// Neighbours of each node with the arc that leads there.
struct Neighbours {
    first: Vec<u32>,
    ends: Vec<(u32, u32)>,
}

impl Neighbours {
    fn new(count: usize, arcs: impl Iterator<Item = (u32, u32)> + Clone) -> Self {
        let mut first = vec![0u32; count + 1];
        for (from, _) in arcs.clone() {
            first[from as usize + 1] += 1;
        }
        for n in 0..count {
            first[n + 1] += first[n];
        }
        let mut next = first.clone();
        let mut ends = vec![(0, 0); first[count] as usize];
        for (arc, (from, to)) in arcs.enumerate() {
            ends[next[from as usize] as usize] = (to, arc as u32);
            next[from as usize] += 1;
        }
        Self { first, ends }
    }

    fn of(&self, node: u32) -> &[(u32, u32)] {
        &self.ends[self.first[node as usize] as usize..self.first[node as usize + 1] as usize]
    }
}
