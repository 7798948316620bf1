//! Who leads, where each event is, and what may be acknowledged: the lease, the grant, append and take-over of a centre with two nodes and
//! a PostgreSQL, as one pure state machine.
//!
//! [`Node::start`] and [`Node::step`] are the whole face: inputs and the node's own time go in, what is to be done comes out, in order.
//! The same code runs in the server, in the seeded simulation and in the model checker. `docs/leadership.md` explains the protocol.

mod append;
mod follower;
mod grant;
mod hand_over;
mod history;
mod input;
mod island;
mod leader;
mod lease;
mod message;
mod moment;
mod output;
mod quarantine;
mod setup;
mod state;
mod store;
mod take_over;

use serde::{Deserialize, Serialize};

pub use history::{History, Position, RUNS_MAX, Run};
pub use input::{Answer, Disk, Input, LeaseRow, Order, Table};
pub use message::{Message, Said};
pub use moment::Moment;
pub use output::{Ask, Declined, Output, Stop};
pub use quarantine::{QUARANTINED_MAX, Quarantine, Quarantined};
pub use setup::{PROMOTION_TERMS, Setup, Timing};
pub use state::{Orders, State};

use crate::journal::Epoch;
use follower::Follower;
use leader::{Leader, Stage};
use moment::SetBack;
use store::Store;

/// One of a centre's nodes.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Node {
    setup: Setup,
    /// What the own journal holds durably.
    own: History,
    /// Where it will end once what is being stored is durable.
    storing: Option<Position>,
    /// Its end must be written anew before this node leads, grants, or counts as a copy.
    in_doubt: bool,
    /// The highest epoch known.
    highest: Epoch,
    started: Moment,
    store: Store,
    follower: Follower,
    leader: Option<Leader>,
    fenced: bool,
    quarantine: Quarantine,
    /// The state last said.
    told: State,
}

impl Node {
    /// A node starts, as a follower, with what its disk says.
    pub fn start(setup: Setup, disk: Disk, now: Moment) -> (Self, Vec<Output>) {
        let highest = disk.highest.max(disk.journal.head().epoch);
        let mut node = Self {
            setup,
            own: disk.journal,
            storing: None,
            in_doubt: disk.in_doubt,
            highest,
            started: now,
            store: Store::default(),
            follower: Follower::default(),
            leader: None,
            fenced: false,
            quarantine: disk.quarantine,
            told: State::Follower,
        };
        let mut out = vec![Output::State { state: State::Follower }];
        if node.in_doubt {
            out.push(Output::RewriteTail);
        }
        node.settle(now, &mut out);
        (node, out)
    }

    /// Something happened. What comes back is to be done in this order. After [`Output::Stop`] nothing more comes.
    pub fn step(&mut self, input: Input, now: Moment) -> Vec<Output> {
        let mut out = Vec::new();
        if self.fenced {
            return out;
        }
        match input {
            Input::Tick => {}
            Input::Answered { sent, answer } => self.answered(sent, answer, now, &mut out),
            Input::Broken { sent } => {
                if self.store.broken(sent) {
                    self.forget_where_it_ends();
                }
            }
            Input::Heard { message } => self.heard(message, now, &mut out),
            Input::Durable { head } => self.durable(head, &mut out),
            Input::Settled => self.settled(),
            Input::TailRewritten => self.in_doubt = false,
            Input::BroughtIn { quarantined } => self.quarantine.forget(&quarantined),
            Input::Ordered { order } => self.ordered(&order, now, &mut out),
        }
        self.settle(now, &mut out);
        out
    }

    /// The state it is in.
    pub fn state(&self) -> State {
        self.told
    }

    /// The epoch it leads under, if it does.
    pub fn epoch(&self) -> Option<Epoch> {
        self.leader.as_ref().filter(|leader| leader.stage == Stage::Acting).map(|leader| leader.epoch)
    }

    /// The epoch of the lease that it holds or held, also before it leads and while it hands over.
    pub fn leading_epoch(&self) -> Option<Epoch> {
        self.leader.as_ref().map(|leader| leader.epoch)
    }

    /// The highest epoch it knows of.
    pub fn highest(&self) -> Epoch {
        self.highest
    }

    /// What its own journal holds durably.
    pub fn journal(&self) -> &History {
        &self.own
    }

    /// What waits for a person.
    pub fn quarantine(&self) -> &Quarantine {
        &self.quarantine
    }

    /// Whether orders may leave it now.
    pub fn orders(&self, now: Moment) -> Orders {
        let promoted = self.leader.as_ref().is_some_and(|leader| leader.promoted);
        match self.told {
            State::Normal | State::Journal if self.has_authority(now) => Orders::Freely,
            State::Island if promoted => Orders::Freely,
            State::Island => Orders::AfterConfirmation,
            _ => Orders::No,
        }
    }

    /// Sets everything that it remembers of its clock back, and forgets what no longer matters, so that two nodes that differ only in when they are looked at are equal:
    /// the model checker stands still in time and lets the past recede.
    pub fn set_clock_back(&mut self, by_us: u64, now: Moment) {
        let (clock, timing) = (SetBack { by_us, now }, self.setup.timing);
        clock.kept(&mut self.started, timing.start_us);
        self.store.set_back(clock, &timing);
        self.follower.set_back(clock, &timing);
        if let Some(leader) = &mut self.leader {
            leader.set_back(clock, &timing);
        }
    }

    fn settle(&mut self, now: Moment, out: &mut Vec<Output>) {
        if self.fenced {
            return;
        }
        if self.leader.is_none() {
            self.settle_follower(now, out);
        }
        if self.leader.is_some() {
            self.settle_leader(now, out);
        }
        let state = self.state_of_leader(now);
        if state != self.told {
            self.told = state;
            out.push(Output::State { state });
        }
    }

    fn answered(&mut self, sent: Moment, answer: Answer, now: Moment, out: &mut Vec<Output>) {
        // An answer to a question that was given up counts for nothing: somebody may have been granted something since.
        let Some(ask) = self.store.answered(sent) else { return };
        if let Answer::Shown { table, .. } | Answer::Taken { table, .. } | Answer::Refused { table } = &answer
        {
            self.highest = table.lease.map_or(self.highest, |row| self.highest.max(row.epoch));
        }
        let leads = self.leader.is_some();
        match (answer, ask) {
            (Answer::Shown { table, after, rows }, _) if leads => {
                self.shown_to_leader(&table, after, rows, out);
            }
            (Answer::Shown { table, after, rows }, _) => {
                self.shown_to_follower(&table, after, rows, now, out);
            }
            (Answer::Refused { table }, _) if leads => {
                self.shown_to_leader(&table, Position::START, Vec::new(), out);
            }
            (Answer::Refused { table }, _) => {
                self.shown_to_follower(&table, Position::START, Vec::new(), now, out);
            }
            (Answer::Taken { epoch, table }, Ask::Take { .. }) => {
                self.highest = self.highest.max(epoch);
                if leads {
                    self.taken_by_leader(epoch, &table, sent, out);
                } else {
                    self.taken(epoch, &table, sent, out);
                }
            }
            (Answer::Appended, Ask::Append { epoch, up_to_seq, .. }) => {
                if self.leader.as_ref().is_some_and(|leader| leader.epoch == epoch) {
                    self.appended(sent, up_to_seq);
                }
            }
            // An answer to another kind of question than was asked.
            (Answer::Taken { .. } | Answer::Appended, _) => self.forget_where_it_ends(),
        }
    }

    fn heard(&mut self, message: Message, now: Moment, out: &mut Vec<Output>) {
        if !self.setup.has_peer {
            return;
        }
        self.follower.peer_heard = Some(now);
        let Message { highest, said } = message;
        let stale = highest < self.highest;
        self.highest = self.highest.max(highest);
        if self.leader.as_ref().is_some_and(|leader| highest > leader.epoch) {
            self.outranked(highest, out);
            return;
        }
        match said {
            Said::AskGrant { .. } | Said::Tail { .. } | Said::StoodDown { .. }
                if stale || self.leader.is_some() =>
            {
                self.say(Said::Here, out);
            }
            Said::AskGrant { .. } | Said::Tail { .. } if self.in_doubt => {}
            Said::AskGrant { epoch, sent } => self.asked_for_grant(epoch, sent, now, out),
            Said::Tail { epoch, after, runs } => self.heard_tail(epoch, after, &runs, out),
            Said::StoodDown { epoch } => self.heard_stood_down(epoch),
            Said::Granted { epoch, .. } | Said::Reaches { epoch, .. } | Said::Holds { epoch, .. } => {
                self.heard_answer(epoch, &said);
            }
            Said::Here => {}
        }
    }

    /// The follower answers the leader.
    fn heard_answer(&mut self, epoch: Epoch, said: &Said) {
        let Some(leader) = self.leader.as_mut().filter(|leader| leader.epoch == epoch) else { return };
        match said {
            Said::Granted { sent, .. } => leader.grant.granted(*sent),
            Said::Reaches { sent, .. } => leader.grant.reaches(*sent),
            _ => {}
        }
        if let Said::Granted { history, .. } | Said::Reaches { history, .. } | Said::Holds { history, .. } =
            said
            && let Some(common) = self.own.common(history)
        {
            leader.peer_holds(common);
        }
    }

    fn durable(&mut self, head: Position, out: &mut Vec<Output>) {
        self.own.extend([Run { epoch: head.epoch, last_seq: head.seq }]);
        if self.storing.is_some_and(|storing| storing.seq <= head.seq) {
            self.storing = None;
            if self.leader.is_none() {
                self.say_what_it_holds(out);
            }
        }
    }

    fn ordered(&mut self, order: &Order, now: Moment, out: &mut Vec<Output>) {
        match order {
            Order::HandOver => self.order_hand_over(now, out),
            Order::Promote { persons } => self.order_promotion(persons, now, out),
        }
    }

    fn ask(&mut self, ask: Ask, now: Moment, out: &mut Vec<Output>) {
        self.store.ask(ask.clone(), now);
        out.push(Output::Ask { sent: now, ask });
    }

    fn say(&mut self, said: Said, out: &mut Vec<Output>) {
        out.push(Output::Say { message: Message { highest: self.highest, said } });
    }

    fn give_up_question(&mut self, now: Moment, out: &mut Vec<Output>) {
        if self.store.give_up(now, self.setup.timing.ask_us_max) {
            self.forget_where_it_ends();
            out.push(Output::DropConnection);
        }
    }

    /// Whether the last commit went through is not known: it must be read.
    fn forget_where_it_ends(&mut self) {
        if let Some(leader) = &mut self.leader {
            leader.next_seq = None;
            leader.looked = None;
        }
    }

    fn stop(&mut self, why: Stop, out: &mut Vec<Output>) {
        self.fenced = true;
        self.leader = None;
        self.told = State::Fenced;
        out.extend([Output::State { state: State::Fenced }, Output::Stop { why }]);
    }
}
