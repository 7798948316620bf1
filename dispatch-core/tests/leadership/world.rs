//! A state of the model: two nodes with their disks, PostgreSQL, what is under way between them, and what clients were told.

use std::collections::BTreeMap;

use dispatch_core::journal::Epoch;
use dispatch_core::leadership::{
    Answer, Ask, Disk, Input, LeaseRow, Message, Moment, Node, Output, Position, Quarantine, Said, Setup,
    State, Table, Timing,
};

use crate::postgres::{Database, Entry, Flaws, history};

/// The nodes always look at their clocks at this moment; what they remember recedes instead. Longer ago than any limit is at 0.
pub(crate) const NOW: Moment = Moment(4);

/// What may happen in a run of the model, and how often.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Budget {
    pub(crate) writes: u8,
    pub(crate) crashes: u8,
    /// Messages that arrive in another moment than they were sent in.
    pub(crate) delays: u8,
    /// Messages that arrive twice.
    pub(crate) repeats: u8,
    /// Answers of PostgreSQL that arrive late, or not at all.
    pub(crate) late_answers: u8,
    pub(crate) lost_commits: u8,
    pub(crate) fail_overs: u8,
    pub(crate) hand_overs: u8,
    pub(crate) promotions: u8,
    pub(crate) slips: u8,
}

/// One run of the model.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Scenario {
    pub(crate) name: &'static str,
    pub(crate) timing: Timing,
    pub(crate) has_peer: bool,
    pub(crate) budget: Budget,
    pub(crate) term_max: u64,
    pub(crate) flaws: Flaws,
    /// Everything that is sent in a moment arrives in it, or not, by which cables are cut: far fewer interleavings, so that far more can
    /// go wrong. Otherwise every question and every message is carried out or lost by itself, in any order.
    pub(crate) by_cables: bool,
    /// How the cable between the nodes may be cut.
    pub(crate) peer_cuts: PeerCuts,
    /// Moments in which only one clock may slip once: the production's margin is for clocks that differ by a quarter at most.
    pub(crate) slip_apart: u8,
    /// What must be seen to happen at least once.
    pub(crate) must_see: &'static [&'static str],
}

/// How the cable between the nodes may be cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PeerCuts {
    Never,
    BothWays,
    OneWayToo,
}

/// A question under way to PostgreSQL.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Question {
    pub(crate) sent: Moment,
    pub(crate) ask: Ask,
    pub(crate) bodies: Vec<Entry>,
}

/// A node and what is around it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub(crate) struct Machine {
    /// None while the process does not run.
    pub(crate) node: Option<Node>,
    pub(crate) journal: Vec<Entry>,
    pub(crate) quarantine: Vec<Entry>,
    /// The highest epoch it led under.
    pub(crate) led: Option<Epoch>,
    pub(crate) question: Option<Question>,
    /// A question whose connection was dropped: it may be carried out all the same.
    pub(crate) ghost: Option<Question>,
    pub(crate) answer: Option<(Moment, Answer, Vec<Entry>)>,
    /// Messages to this node, one of each kind.
    pub(crate) inbox: BTreeMap<u8, Letter>,
}

/// Which cables are whole in a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Cables {
    /// From each node to PostgreSQL.
    pub(crate) store: [bool; 2],
    /// To each node from its peer.
    pub(crate) peer: [bool; 2],
}

/// A moment in which so much happens has gone wrong.
const FLOW_ROUNDS_MAX: usize = 40;

/// A message under way.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Letter {
    pub(crate) message: Message,
    /// The events that travel beside it.
    pub(crate) bodies: Vec<Entry>,
    /// It is not lost when the moment passes.
    pub(crate) delayed: bool,
}

/// A state of the model.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct World {
    pub(crate) machines: [Machine; 2],
    pub(crate) primary: Database,
    pub(crate) standby: Database,
    pub(crate) left: Budget,
    /// Moments until a clock may slip again.
    pub(crate) slip_wait: u8,
    /// What was acknowledged as safe: number and word.
    pub(crate) acknowledged: Vec<(u64, u8)>,
    /// Under which epochs somebody led.
    pub(crate) led: Vec<Epoch>,
    pub(crate) words: u8,
    pub(crate) seen: Seen,
    /// A law that was broken on the way here.
    pub(crate) broken: Option<&'static str>,
}

/// What has happened at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub(crate) struct Seen {
    pub(crate) journal_acknowledged: bool,
    pub(crate) promoted: bool,
}

impl World {
    /// Both nodes run, the first leads, and the second has seen so.
    pub(crate) fn begin(scenario: &Scenario) -> Self {
        let mut world = Self {
            machines: Default::default(),
            primary: Database::default(),
            standby: Database::default(),
            left: scenario.budget,
            slip_wait: 0,
            acknowledged: Vec::new(),
            led: Vec::new(),
            words: 0,
            seen: Seen::default(),
            broken: None,
        };
        let count = if scenario.has_peer { 2 } else { 1 };
        for at in 0..count {
            world.start(scenario, at);
        }
        for _ in 0..20 {
            for at in 0..count {
                while world.machines[at].question.is_some() {
                    world.carry_out(scenario, at, false);
                    world.deliver_answer(scenario, at);
                }
            }
            if world.machines[0].node.as_ref().is_some_and(|node| node.state() == State::Normal) {
                return world;
            }
            world.pass(scenario, None);
        }
        panic!("nobody leads at the beginning: {world:?}");
    }

    /// A process starts with what its disk holds.
    pub(crate) fn start(&mut self, scenario: &Scenario, at: usize) {
        let setup = Setup { node: at as u32 + 1, has_peer: scenario.has_peer, timing: scenario.timing };
        let machine = &mut self.machines[at];
        let disk = Disk {
            journal: history(&machine.journal),
            highest: machine.led.unwrap_or(Position::START.epoch),
            in_doubt: false,
            quarantine: Quarantine::default(),
        };
        let (node, out) = Node::start(setup, disk, NOW);
        machine.node = Some(node);
        self.perform(scenario, at, out, &[]);
    }

    /// A process ends; what it asked may still be carried out.
    pub(crate) fn end(&mut self, at: usize) {
        let machine = &mut self.machines[at];
        machine.node = None;
        machine.ghost = machine.question.take().or(machine.ghost.take());
        machine.answer = None;
        machine.inbox.clear();
    }

    /// A node is told something; what it wants is done. `bodies` are the events that came along.
    pub(crate) fn tell(&mut self, scenario: &Scenario, at: usize, input: Input, bodies: &[Entry]) {
        let Some(node) = &mut self.machines[at].node else { return };
        let out = node.step(input, NOW);
        self.perform(scenario, at, out, bodies);
        // Within a moment as well, which the laws see only at its end.
        if self.leaders().count() > 1 {
            self.broken = Some("two never lead at once");
        }
    }

    /// Machines whose node certainly leads, as it thinks itself. After a promotion only who has the row is asked: the one that was outranked
    /// is stopped at its next commit, and can acknowledge nothing before.
    pub(crate) fn leaders(&self) -> impl Iterator<Item = &Machine> {
        let row = self.primary.row.map(|row| row.epoch);
        self.machines.iter().filter(move |machine| {
            let leads = |node: &Node| node.has_authority(NOW) && (!self.seen.promoted || node.epoch() == row);
            machine.node.as_ref().is_some_and(leads)
        })
    }

    fn perform(&mut self, scenario: &Scenario, at: usize, out: Vec<Output>, bodies: &[Entry]) {
        for output in out {
            match output {
                Output::Ask { sent, ask } => {
                    let bodies = match ask {
                        Ask::Append { expected_seq, up_to_seq, .. } => {
                            self.machines[at].journal[expected_seq as usize - 1..up_to_seq as usize].to_vec()
                        }
                        _ => Vec::new(),
                    };
                    self.machines[at].question = Some(Question { sent, ask, bodies });
                }
                Output::DropConnection => {
                    let machine = &mut self.machines[at];
                    machine.ghost = machine.question.take().or(machine.ghost.take());
                    machine.answer = None;
                }
                Output::Say { message } => self.send(at, message),
                Output::Store { after, runs } => {
                    let up_to = runs.last().map_or(after.seq, |run| run.last_seq);
                    // Bodies end where the answer or the message ended.
                    let skip = bodies.len() - (up_to - after.seq) as usize;
                    assert_eq!(self.machines[at].journal.len() as u64, after.seq, "stored behind the end");
                    self.machines[at].journal.extend_from_slice(&bodies[skip..]);
                    for run in runs {
                        let head = Position { seq: run.last_seq, epoch: run.epoch };
                        self.tell(scenario, at, Input::Durable { head }, &[]);
                    }
                }
                Output::Quarantine { quarantined } => {
                    let machine = &mut self.machines[at];
                    let moved = machine.journal.split_off(quarantined.after_seq as usize);
                    machine.quarantine.extend(moved);
                }
                Output::RewriteTail => self.tell(scenario, at, Input::TailRewritten, &[]),
                Output::Lead { epoch } => self.note_lead(at, epoch),
                Output::Acknowledge { up_to_seq, under } => {
                    self.note_acknowledged(at, up_to_seq, under, scenario);
                }
                Output::State { state: State::HandOver } => self.tell(scenario, at, Input::Settled, &[]),
                Output::Stop { .. } => self.end(at),
                Output::State { .. } | Output::Declined { .. } => {}
            }
        }
    }

    fn note_lead(&mut self, at: usize, epoch: Epoch) {
        if epoch.node != at as u32 + 1 || self.led.contains(&epoch) {
            self.broken = Some("epochs are never shared");
        }
        if self.led.last().is_some_and(|last| *last >= epoch) && !self.seen.promoted {
            self.broken = Some("epochs grow");
        }
        self.led.push(epoch);
        self.machines[at].led = Some(epoch);
    }

    fn note_acknowledged(&mut self, at: usize, up_to_seq: u64, under: State, scenario: &Scenario) {
        let own = self.machines[at].journal.clone();
        let first = self.acknowledged.iter().map(|(seq, _)| *seq).max().unwrap_or(0) + 1;
        self.seen.journal_acknowledged |= under == State::Journal;
        if under == State::Island {
            return;
        }
        for seq in first..=up_to_seq {
            let entry = own[seq as usize - 1];
            let holds = |events: &[Entry]| events.get(seq as usize - 1) == Some(&entry);
            let copies =
                usize::from(holds(&self.machines[1 - at].journal)) + usize::from(holds(&self.standby.events));
            let enough = copies > 0 || (under == State::Journal && !scenario.has_peer);
            if !enough {
                self.broken = Some("an acknowledged event has two copies");
            }
            self.acknowledged.push((seq, entry.word));
        }
    }

    fn send(&mut self, from: usize, message: Message) {
        let bodies = match &message.said {
            Said::Tail { after, runs, .. } => {
                let up_to = runs.last().map_or(after.seq, |run| run.last_seq);
                self.machines[from].journal[after.seq as usize..up_to as usize].to_vec()
            }
            _ => Vec::new(),
        };
        let to = &mut self.machines[1 - from];
        if to.node.is_some() {
            to.inbox.insert(kind(&message.said), Letter { message, bodies, delayed: false });
        }
    }

    /// PostgreSQL carries a question out; the answer is on its way unless it is to be lost.
    pub(crate) fn carry_out(&mut self, scenario: &Scenario, at: usize, ghost: bool) {
        let stamp = self.fresh_stamp();
        let machine = &mut self.machines[at];
        let Some(question) = (if ghost { machine.ghost.take() } else { machine.question.take() }) else {
            return;
        };
        let Question { sent, ask, bodies } = question;
        let (answer, rows) = self.primary.carry_out(at as u32 + 1, &ask, &bodies, stamp, scenario.flaws);
        let commits = matches!(answer, Answer::Taken { .. } | Answer::Appended);
        if commits && !scenario.flaws.answers_early {
            self.standby = self.primary.clone();
        }
        if !ghost {
            machine.answer = Some((sent, answer, rows));
        }
    }

    /// The primary restarts while a commit waits for the standby: the commit is there, and only there, and nobody hears of it.
    pub(crate) fn carry_out_half(&mut self, scenario: &Scenario, at: usize) {
        let stamp = self.fresh_stamp();
        let Some(Question { ask, bodies, .. }) = self.machines[at].question.take() else { return };
        let _ = self.primary.carry_out(at as u32 + 1, &ask, &bodies, stamp, scenario.flaws);
    }

    pub(crate) fn deliver_answer(&mut self, scenario: &Scenario, at: usize) {
        if let Some((sent, answer, bodies)) = self.machines[at].answer.take() {
            self.tell(scenario, at, Input::Answered { sent, answer }, &bodies);
        }
    }

    /// A moment passes. One clock may stand still meanwhile.
    pub(crate) fn pass(&mut self, scenario: &Scenario, slipping: Option<usize>) {
        self.slip_wait = self.slip_wait.saturating_sub(1);
        for machine in &mut self.machines {
            machine.inbox.retain(|_, letter| letter.delayed);
        }
        for at in (0..2).filter(|at| Some(*at) != slipping) {
            let machine = &mut self.machines[at];
            if let Some(node) = &mut machine.node {
                node.set_clock_back(1, NOW);
            }
            for question in machine.question.iter_mut().chain(&mut machine.ghost) {
                question.sent = question.sent.set_back(1);
            }
            if let Some((sent, ..)) = &mut machine.answer {
                *sent = sent.set_back(1);
            }
            // What this node asked, and what it was answered, carries its own clock's time.
            for letter in machine.inbox.values_mut().filter(|letter| is_answer(&letter.message.said)) {
                letter.message.set_back(1);
            }
            for letter in self.machines[1 - at].inbox.values_mut() {
                if !is_answer(&letter.message.said) {
                    letter.message.set_back(1);
                }
            }
        }
        for at in 0..2 {
            self.tell(scenario, at, Input::Tick, &[]);
        }
    }

    /// What is under way arrives where the cables are whole, and so does what comes of it.
    pub(crate) fn flow(&mut self, scenario: &Scenario, cables: Cables) {
        for _ in 0..FLOW_ROUNDS_MAX {
            let mut still = true;
            for at in 0..2 {
                if cables.store[at] && self.machines[at].question.is_some() {
                    still = false;
                    self.carry_out(scenario, at, false);
                    self.deliver_answer(scenario, at);
                }
                while cables.peer[at]
                    && let Some((_, Letter { message, bodies, .. })) = self.machines[at].inbox.pop_first()
                {
                    still = false;
                    self.tell(scenario, at, Input::Heard { message }, &bodies);
                }
            }
            if still {
                return;
            }
        }
        self.broken = Some("a moment comes to rest");
    }

    /// Takes away what can have no effect any more: the state is the same without it.
    pub(crate) fn tidy(&mut self, scenario: &Scenario) {
        let (row, end) = (self.primary.row, self.primary.events.len() as u64 + 1);
        let may_fall_back = self.left.fail_overs > 0 && self.primary != self.standby;
        for machine in &mut self.machines {
            machine.ghost = machine.ghost.take_if(|question| match question.ask {
                Ask::Look { .. } => false,
                Ask::Take { seen, .. } => seen == row || may_fall_back || scenario.flaws.no_comparison,
                Ask::Append { epoch, expected_seq, .. } => {
                    let fits = row.is_some_and(|row| row.epoch == epoch) && expected_seq >= end;
                    fits || may_fall_back || scenario.flaws.no_fence
                }
            });
            let Some(node) = &machine.node else { continue };
            let (highest, leads) = (node.highest(), node.leading_epoch());
            machine.inbox.retain(|_, Letter { message, .. }| {
                let news = message.highest > highest;
                match &message.said {
                    Said::Here => news,
                    Said::Granted { epoch, .. } | Said::Reaches { epoch, .. } | Said::Holds { epoch, .. } => {
                        news || leads == Some(*epoch)
                    }
                    Said::AskGrant { sent, .. } => news || NOW.since(*sent) < scenario.timing.lease_us,
                    Said::Tail { .. } | Said::StoodDown { .. } => true,
                }
            });
        }
    }

    /// The smallest stamp that nobody refers to: as good as a new one, and the states stay finite.
    fn fresh_stamp(&self) -> u64 {
        let mut known: Vec<u64> = Vec::new();
        let mut note = |row: Option<LeaseRow>| known.extend(row.map(|row| row.stamp));
        note(self.primary.row);
        note(self.standby.row);
        for machine in &self.machines {
            machine.node.iter().flat_map(Node::lease_rows_seen).for_each(|row| note(Some(row)));
            for question in machine.question.iter().chain(&machine.ghost) {
                if let Ask::Take { seen, .. } = question.ask {
                    note(seen);
                }
            }
            if let Some((_, answer, _)) = &machine.answer {
                note(table_of(answer).and_then(|table| table.lease));
            }
        }
        (1..=known.len() as u64 + 1)
            .find(|stamp| !known.contains(stamp))
            .expect("invariant: one more number than are known")
    }
}

fn table_of(answer: &Answer) -> Option<&Table> {
    match answer {
        Answer::Shown { table, .. } | Answer::Taken { table, .. } | Answer::Refused { table } => Some(table),
        Answer::Appended => None,
    }
}

fn is_answer(said: &Said) -> bool {
    matches!(said, Said::Granted { .. } | Said::Reaches { .. })
}

fn kind(said: &Said) -> u8 {
    match said {
        Said::AskGrant { .. } => 0,
        Said::Granted { .. } => 1,
        Said::Reaches { .. } => 2,
        Said::Tail { .. } => 3,
        Said::Holds { .. } => 4,
        Said::StoodDown { .. } => 5,
        Said::Here => 6,
    }
}
