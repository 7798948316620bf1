//! One node under the production's times, told by hand: what the exhaustive search leaves out.

use dispatch_core::journal::Epoch;
use dispatch_core::leadership::{
    Answer, Ask, Declined, Disk, History, Input, LeaseRow, Message, Moment, Node, Order, Orders, Output,
    Position, Quarantine, Quarantined, Run, Said, Setup, State, Table, Timing,
};

/// A node and what it last asked.
struct Told {
    node: Node,
    now: u64,
    asked: Option<(Moment, Ask)>,
    out: Vec<Output>,
}

fn epoch(term: u64, node: u32) -> Epoch {
    Epoch { term, node }
}

fn disk(runs: &[Run]) -> Disk {
    let journal = History::new(Position::START, runs.iter().copied());
    Disk { journal, highest: Position::START.epoch, in_doubt: false, quarantine: Quarantine::default() }
}

fn table(lease: Option<LeaseRow>, runs: &[Run]) -> Table {
    Table { lease, history: History::new(Position::START, runs.iter().copied()) }
}

impl Told {
    fn new(disk: Disk) -> Self {
        let setup = Setup { node: 1, has_peer: true, timing: Timing::default() };
        let (node, out) = Node::start(setup, disk, Moment(0));
        let mut told = Self { node, now: 0, asked: None, out: Vec::new() };
        told.note(out);
        told
    }

    fn note(&mut self, out: Vec<Output>) {
        for output in &out {
            if let Output::Ask { sent, ask } = output {
                self.asked = Some((*sent, ask.clone()));
            }
        }
        self.out.extend(out);
    }

    fn tell(&mut self, input: Input) {
        let out = self.node.step(input, Moment(self.now));
        self.note(out);
    }

    fn answer(&mut self, answer: Answer) {
        let (sent, _) = self.asked.take().expect("something was asked");
        self.tell(Input::Answered { sent, answer });
    }

    fn wait(&mut self, ms: u64) {
        for _ in 0..ms / 50 {
            self.now += 50_000;
            self.tell(Input::Tick);
        }
    }

    /// Answers everything that is asked as an empty PostgreSQL would, until the node leads.
    fn lead(&mut self) {
        for _ in 0..200 {
            match self.asked.clone() {
                Some((_, Ask::Look { .. })) => {
                    self.answer(Answer::Shown {
                        table: table(None, &[]),
                        after: Position::START,
                        rows: Vec::new(),
                    });
                }
                Some((_, Ask::Take { .. })) => {
                    let lease = Some(LeaseRow { epoch: epoch(1, 1), stamp: 1 });
                    self.answer(Answer::Taken { epoch: epoch(1, 1), table: table(lease, &[]) });
                }
                _ => {}
            }
            if self.node.state() == State::Normal {
                return;
            }
            self.wait(50);
        }
        panic!("it never leads: {:?}", self.out);
    }

    fn took(&mut self) -> Vec<Output> {
        std::mem::take(&mut self.out)
    }
}

#[test]
fn nobody_leads_within_three_seconds_of_its_start() {
    let mut told = Told::new(disk(&[]));
    told.lead();
    assert!(told.now >= 3_000_000, "led after {} us", told.now);
}

#[test]
fn slow_is_asked_about_and_concludes_nothing() {
    let mut told = Told::new(disk(&[]));
    told.lead();
    told.tell(Input::Durable { head: Position { seq: 1, epoch: epoch(1, 1) } });
    told.took();
    told.wait(250);
    let asks_for_grant = |out: &[Output]| {
        out.iter().any(|output| matches!(output, Output::Say { message } if matches!(message.said, Said::AskGrant { .. })))
    };
    assert!(!asks_for_grant(&told.took()));
    told.wait(400);
    assert!(asks_for_grant(&told.took()));
    assert_eq!(told.node.state(), State::Normal);
    told.answer(Answer::Appended);
    let acknowledged = Output::Acknowledge { up_to_seq: 1, under: State::Normal };
    assert!(told.took().contains(&acknowledged));
}

#[test]
fn a_grant_and_the_followers_copy_acknowledge() {
    let mut told = Told::new(disk(&[]));
    told.lead();
    told.tell(Input::Durable { head: Position { seq: 1, epoch: epoch(1, 1) } });
    told.wait(400);
    let sent = Moment(told.now);
    let history = History::default();
    let said = Said::Granted { epoch: epoch(1, 1), sent, history };
    told.tell(Input::Heard { message: Message { highest: epoch(1, 1), said } });
    assert_eq!(told.node.state(), State::Journal);
    let streamed = told
        .took()
        .iter()
        .any(|output| matches!(output, Output::Say { message } if matches!(message.said, Said::Tail { .. })));
    assert!(streamed);
    let history = History::new(Position::START, [Run { epoch: epoch(1, 1), last_seq: 1 }]);
    let said = Said::Holds { epoch: epoch(1, 1), history };
    told.tell(Input::Heard { message: Message { highest: epoch(1, 1), said } });
    assert!(told.took().contains(&Output::Acknowledge { up_to_seq: 1, under: State::Journal }));
    told.wait(5_000);
    assert_eq!(
        (told.node.state(), told.node.orders(Moment(told.now))),
        (State::Island, Orders::AfterConfirmation)
    );
}

#[test]
fn what_is_read_back_counts_after_a_commit() {
    let mut told = Told::new(disk(&[]));
    told.lead();
    told.tell(Input::Durable { head: Position { seq: 1, epoch: epoch(1, 1) } });
    told.wait(1_100);
    assert!(matches!(told.asked, Some((_, Ask::Look { .. }))), "{:?}", told.asked);
    told.took();
    let lease = Some(LeaseRow { epoch: epoch(1, 1), stamp: 2 });
    let there = table(lease, &[Run { epoch: epoch(1, 1), last_seq: 1 }]);
    told.answer(Answer::Shown { table: there, after: Position::START, rows: Vec::new() });
    let acknowledged = Output::Acknowledge { up_to_seq: 1, under: State::Normal };
    assert!(!told.took().contains(&acknowledged));
    let proof = Ask::Append { epoch: epoch(1, 1), expected_seq: 2, up_to_seq: 1 };
    assert_eq!(told.asked.as_ref().map(|(_, ask)| ask), Some(&proof));
    told.answer(Answer::Appended);
    assert!(told.took().contains(&acknowledged));
}

#[test]
fn an_answer_to_what_was_given_up_counts_for_nothing() {
    let mut told = Told::new(disk(&[]));
    while !matches!(told.asked, Some((_, Ask::Take { .. }))) {
        if told.asked.is_some() {
            told.answer(Answer::Shown { table: table(None, &[]), after: Position::START, rows: Vec::new() });
        }
        told.wait(50);
    }
    let (sent, _) = told.asked.clone().unwrap();
    told.wait(1_000);
    let lease = Some(LeaseRow { epoch: epoch(1, 1), stamp: 1 });
    told.tell(Input::Answered {
        sent,
        answer: Answer::Taken { epoch: epoch(1, 1), table: table(lease, &[]) },
    });
    assert_eq!(told.node.leading_epoch(), None);
}

#[test]
fn a_journal_in_doubt_is_rewritten_before_it_leads() {
    let mut told = Told::new(Disk { in_doubt: true, ..disk(&[]) });
    assert!(told.took().contains(&Output::RewriteTail));
    for _ in 0..200 {
        if told.asked.is_some() {
            assert!(matches!(told.asked, Some((_, Ask::Look { .. }))));
            told.answer(Answer::Shown { table: table(None, &[]), after: Position::START, rows: Vec::new() });
        }
        told.wait(50);
    }
    told.tell(Input::TailRewritten);
    told.lead();
}

#[test]
fn a_promotion_needs_two_people_and_nobody_in_sight() {
    let mut told = Told::new(disk(&[]));
    let order = |one: &str, other: &str| Input::Ordered {
        order: Order::Promote { persons: [one.to_owned(), other.to_owned()] },
    };
    told.wait(1_000);
    told.tell(order("王芳", "李强"));
    assert!(told.took().contains(&Output::Declined { why: Declined::NotAlone }));
    told.wait(4_000);
    told.tell(order("王芳", "王芳 "));
    assert!(told.took().contains(&Output::Declined { why: Declined::OnePerson }));
    told.tell(order("王芳", "李强"));
    assert_eq!(told.node.state(), State::Island);
    assert_eq!(told.node.orders(Moment(told.now)), Orders::Freely);
    assert!(told.node.epoch().unwrap().term >= 1_000_000);
}

#[test]
fn what_is_contradicted_waits_until_the_leader_has_brought_it_in() {
    let mut told = Told::new(disk(&[Run { epoch: epoch(1, 1), last_seq: 5 }]));
    told.took();
    let lease = Some(LeaseRow { epoch: epoch(2, 2), stamp: 9 });
    let runs = [Run { epoch: epoch(1, 1), last_seq: 3 }, Run { epoch: epoch(2, 2), last_seq: 4 }];
    let (after, rows) = (Position { seq: 4, epoch: epoch(2, 2) }, Vec::new());
    told.answer(Answer::Shown { table: table(lease, &runs), after, rows });
    let quarantined = Quarantined { after_seq: 3, runs: vec![Run { epoch: epoch(1, 1), last_seq: 5 }] };
    assert!(told.took().contains(&Output::Quarantine { quarantined: quarantined.clone() }));
    assert_eq!(told.node.journal().head().seq, 3);
    assert_eq!(told.node.quarantine().waiting(), std::slice::from_ref(&quarantined));
    let other = Quarantined { after_seq: 2, ..quarantined.clone() };
    told.tell(Input::BroughtIn { quarantined: other });
    assert_eq!(
        told.node.quarantine().waiting(),
        std::slice::from_ref(&quarantined),
        "only what was brought in waits no more"
    );
    told.tell(Input::BroughtIn { quarantined });
    assert!(told.node.quarantine().waiting().is_empty());
}
