//! The largest part of the network in which every arc can be reached from every other, turn rules respected: a vehicle that
//! snaps to a road outside it could not be sent anywhere.

use crate::network::{NONE, Network, U_TURN};

/// For each arc whether it belongs to the largest strongly connected part (the first one found, on equal sizes).
pub(super) fn largest_part(network: &Network) -> Vec<bool> {
    let mut search = Tarjan::new(network);
    for arc in 0..network.arcs.len() as u32 {
        if search.index[arc as usize] == NONE {
            search.visit(arc);
        }
    }
    let largest = search.sizes.iter().enumerate().max_by_key(|&(part, &size)| (size, usize::MAX - part));
    let largest = largest.map_or(NONE, |(part, _)| part as u32);
    search.part.iter().map(|&part| part == largest).collect()
}

/// Tarjan's algorithm with a stack of its own: a city is deeper than the thread's.
struct Tarjan<'a> {
    network: &'a Network,
    index: Vec<u32>,
    low: Vec<u32>,
    part: Vec<u32>,
    sizes: Vec<u32>,
    open: Vec<u32>,
    next_index: u32,
}

impl<'a> Tarjan<'a> {
    fn new(network: &'a Network) -> Self {
        let n = network.arcs.len();
        Self {
            network,
            index: vec![NONE; n],
            low: vec![NONE; n],
            part: vec![NONE; n],
            sizes: Vec::new(),
            open: Vec::new(),
            next_index: 0,
        }
    }

    fn visit(&mut self, root: u32) {
        let network = self.network;
        let mut path = vec![(root, 0usize)];
        self.enter(root);
        while let Some(&mut (arc, ref mut at)) = path.last_mut() {
            // Strong connection is the same seen backwards, and backwards is how turns are stored.
            if let Some(&turn) = network.turns.before_arc(arc).get(*at) {
                *at += 1;
                let next = turn & !U_TURN;
                if self.index[next as usize] == NONE {
                    self.enter(next);
                    path.push((next, 0));
                } else if self.part[next as usize] == NONE {
                    self.low[arc as usize] = self.low[arc as usize].min(self.index[next as usize]);
                }
                continue;
            }
            path.pop();
            if let Some(&(above, _)) = path.last() {
                self.low[above as usize] = self.low[above as usize].min(self.low[arc as usize]);
            }
            if self.low[arc as usize] == self.index[arc as usize] {
                self.close(arc);
            }
        }
    }

    fn enter(&mut self, arc: u32) {
        self.index[arc as usize] = self.next_index;
        self.low[arc as usize] = self.next_index;
        self.next_index += 1;
        self.open.push(arc);
    }

    fn close(&mut self, root: u32) {
        let part = self.sizes.len() as u32;
        let mut size = 0;
        while let Some(arc) = self.open.pop() {
            self.part[arc as usize] = part;
            size += 1;
            if arc == root {
                break;
            }
        }
        self.sizes.push(size);
    }
}
