//! What can happen next, named as in the code, and how the model goes on from there.

use dispatch_core::leadership::{Input, Node, Order, Position, State};
use stateright::{Model, Property};

use crate::laws;
use crate::postgres::Entry;
use crate::world::{Cables, Letter, PeerCuts, Scenario, World};

/// Something that happens. The number says at which node.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Action {
    /// A moment passes for both.
    Pass,
    /// A moment passes, and this node's clock stands still.
    Slip(usize),
    /// What was sent arrives where the cables are whole; then a moment passes, and the clock of one node may stand still.
    Moment(Cables, Option<usize>),
    /// PostgreSQL carries this node's question out.
    CarryOut(usize),
    /// PostgreSQL carries out what this node has given up.
    CarryOutGhost(usize),
    /// The primary restarts in the middle of this node's commit.
    CarryOutHalf(usize),
    /// PostgreSQL carries this node's question out, and the answer comes late or never.
    CarryOutUnheard(usize),
    /// The late answer arrives.
    Answered(usize),
    /// The standby becomes the primary.
    FailOver,
    /// A message arrives.
    Heard(usize, u8),
    /// A message arrives, and may arrive again.
    HeardAgain(usize, u8),
    /// A message stays under way for longer than a moment.
    Delay(usize, u8),
    /// The leader decides something, and it is durable.
    Durable(usize),
    /// The process ends.
    End(usize),
    /// The process starts.
    Start(usize),
    /// A person orders the hand-over.
    OrderHandOver(usize),
    /// Two people promote the node.
    OrderPromote(usize),
}

impl Model for Scenario {
    type State = World;
    type Action = Action;

    fn init_states(&self) -> Vec<World> {
        vec![World::begin(self)]
    }

    fn actions(&self, world: &World, actions: &mut Vec<Action>) {
        if self.by_cables {
            self.moments(world, actions);
        } else {
            actions.push(Action::Pass);
        }
        if world.primary != world.standby && world.left.fail_overs > 0 {
            actions.push(Action::FailOver);
        }
        let nodes = if self.has_peer { 2 } else { 1 };
        for at in 0..nodes {
            let machine = &world.machines[at];
            if machine.ghost.is_some() {
                actions.push(Action::CarryOutGhost(at));
            }
            let Some(node) = &machine.node else {
                actions.push(Action::Start(at));
                continue;
            };
            if machine.question.is_some() {
                if !self.by_cables {
                    actions.push(Action::CarryOut(at));
                }
                if world.left.late_answers > 0 {
                    actions.push(Action::CarryOutUnheard(at));
                }
                if world.left.lost_commits > 0 {
                    actions.push(Action::CarryOutHalf(at));
                }
            }
            if machine.answer.is_some() {
                actions.push(Action::Answered(at));
            }
            for (kind, letter) in &machine.inbox {
                if !self.by_cables {
                    actions.push(Action::Heard(at, *kind));
                }
                if world.left.delays > 0 && !letter.delayed {
                    actions.push(Action::Delay(at, *kind));
                }
                if world.left.repeats > 0 {
                    actions.push(Action::HeardAgain(at, *kind));
                }
            }
            let writes = matches!(node.state(), State::Normal | State::Journal | State::Island);
            if world.left.writes > 0 && node.epoch().is_some() && writes {
                actions.push(Action::Durable(at));
            }
            if world.left.crashes > 0 {
                actions.push(Action::End(at));
            }
            if world.left.slips > 0 && world.slip_wait == 0 && self.has_peer && !self.by_cables {
                actions.push(Action::Slip(at));
            }
            if world.left.hand_overs > 0 && node.state() == State::Normal {
                actions.push(Action::OrderHandOver(at));
            }
            // The second node: promoting the one that leads at the beginning says no more, and twice the states.
            if at == 1 && world.left.promotions > 0 && matches!(node.state(), State::Island | State::Follower)
            {
                actions.push(Action::OrderPromote(at));
            }
        }
    }

    fn next_state(&self, last: &World, action: Action) -> Option<World> {
        let mut world = last.clone();
        world.happen(self, action);
        world.tidy(self);
        (world != *last).then_some(world)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        let mut properties = laws::always();
        properties.extend(laws::sometimes().into_iter().filter(|law| self.must_see.contains(&law.name)));
        properties
    }

    fn within_boundary(&self, world: &World) -> bool {
        let term = |row: Option<dispatch_core::leadership::LeaseRow>| row.map_or(0, |row| row.epoch.term);
        term(world.primary.row) % dispatch_core::leadership::PROMOTION_TERMS <= self.term_max
    }
}

impl Scenario {
    fn moments(&self, world: &World, actions: &mut Vec<Action>) {
        let bit = |cut: u8, at: u8| cut & (1 << at) == 0;
        let cuts = if self.has_peer { 16 } else { 2 };
        for cut in 0..cuts {
            let cables = Cables { store: [bit(cut, 0), bit(cut, 1)], peer: [bit(cut, 2), bit(cut, 3)] };
            let fits = match self.peer_cuts {
                PeerCuts::Never => cables.peer == [true, true],
                PeerCuts::BothWays => cables.peer[0] == cables.peer[1],
                PeerCuts::OneWayToo => true,
            };
            if !fits {
                continue;
            }
            actions.push(Action::Moment(cables, None));
            if world.left.slips > 0 && world.slip_wait == 0 && self.has_peer {
                actions.extend([0, 1].map(|at| Action::Moment(cables, Some(at))));
            }
        }
    }
}

impl World {
    fn happen(&mut self, scenario: &Scenario, action: Action) {
        match action {
            Action::Pass => self.pass(scenario, None),
            Action::Slip(at) => {
                self.left.slips -= 1;
                self.pass(scenario, Some(at));
                self.slip_wait = scenario.slip_apart;
            }
            Action::Moment(cables, slipping) => {
                self.flow(scenario, cables);
                self.pass(scenario, slipping);
                if slipping.is_some() {
                    self.left.slips -= 1;
                    self.slip_wait = scenario.slip_apart;
                }
            }
            Action::CarryOut(at) => {
                self.carry_out(scenario, at, false);
                self.deliver_answer(scenario, at);
            }
            Action::CarryOutUnheard(at) => {
                self.left.late_answers -= 1;
                self.carry_out(scenario, at, false);
            }
            Action::CarryOutGhost(at) => self.carry_out(scenario, at, true),
            Action::CarryOutHalf(at) => {
                self.left.lost_commits -= 1;
                self.carry_out_half(scenario, at);
            }
            Action::Answered(at) => self.deliver_answer(scenario, at),
            Action::FailOver => {
                self.left.fail_overs -= 1;
                self.primary = self.standby.clone();
            }
            Action::Heard(at, kind) => {
                if let Some(Letter { message, bodies, .. }) = self.machines[at].inbox.remove(&kind) {
                    self.tell(scenario, at, Input::Heard { message }, &bodies);
                }
            }
            Action::HeardAgain(at, kind) => {
                self.left.repeats -= 1;
                if let Some(Letter { message, bodies, .. }) = self.machines[at].inbox.get(&kind).cloned() {
                    self.tell(scenario, at, Input::Heard { message }, &bodies);
                }
            }
            Action::Delay(at, kind) => {
                self.left.delays -= 1;
                if let Some(letter) = self.machines[at].inbox.get_mut(&kind) {
                    letter.delayed = true;
                }
            }
            Action::Durable(at) => self.write(scenario, at),
            Action::End(at) => {
                self.left.crashes -= 1;
                self.end(at);
            }
            Action::Start(at) => self.start(scenario, at),
            Action::OrderHandOver(at) => {
                self.left.hand_overs -= 1;
                self.tell(scenario, at, Input::Ordered { order: Order::HandOver }, &[]);
            }
            Action::OrderPromote(at) => {
                self.left.promotions -= 1;
                self.seen.promoted = true;
                let persons = ["王芳".to_owned(), "李强".to_owned()];
                self.tell(scenario, at, Input::Ordered { order: Order::Promote { persons } }, &[]);
            }
        }
    }

    fn write(&mut self, scenario: &Scenario, at: usize) {
        let Some(epoch) = self.machines[at].node.as_ref().and_then(Node::epoch) else { return };
        self.left.writes -= 1;
        self.words += 1;
        self.machines[at].journal.push(Entry { epoch, word: self.words });
        let head = Position { seq: self.machines[at].journal.len() as u64, epoch };
        self.tell(scenario, at, Input::Durable { head }, &[]);
    }
}
