//! The conductor: the thread that steps the node and carries out what it wants. It stands between the journal and the publisher, so that
//! nothing is shown or answered before the node has acknowledged it.

use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Sender, never, select};
use dispatch_core::leadership::{
    self, Declined, Message, Order, Output, Position, Quarantined, Run, Said, State,
};
use tokio::sync::oneshot;

use super::aside::AsidePage;
use super::boot_clock::boot_now;
use super::gate::Gate;
use super::peer::{AsideLetter, Letter, PeerLink, PositionsLetter};
use super::{Leadership, MustStop, standing};
use crate::event_loop::Control;
use crate::journal::writer::{Decided, Durable, Write};
use crate::journal::{JournalReader, Portion};
use crate::mutant::Mutant;
use crate::postgres::shared::{Reply, SharedRecord};

/// What reaches the conductor from outside the process.
#[derive(Debug)]
pub(crate) enum Input {
    /// PostgreSQL answered, or did not.
    Replied(Box<Reply>),
    /// The other node said something.
    Heard(Box<Letter>),
    /// The other node said something of events that were moved aside.
    HeardAside(Box<AsideLetter>),
    /// The leader tells where units are.
    HeardPositions(PositionsLetter),
    /// Where units are is to be told to the other node.
    SayPositions(PositionsLetter),
    /// Something is to be said to it of such events.
    SayAside(Box<AsideLetter>),
    /// The leader has brought in a stretch that waited here.
    BroughtIn(Quarantined),
    /// A person orders.
    Ordered {
        /// What.
        order: Order,
        /// Who waits for yes or no.
        reply: oneshot::Sender<Result<(), Declined>>,
    },
}

/// The way in; cheap to clone.
pub(crate) type Inputs = Sender<Input>;

/// Takes in what PostgreSQL replied. There is one question at a time, so that this finds room; if not, the node gives the question up.
pub(crate) fn replied_to(inputs: &Inputs, reply: Reply) {
    let _ = inputs.try_send(Input::Replied(Box::new(reply)));
}

/// The conductor's own things.
pub(crate) struct Conductor {
    /// The node and its standing.
    pub(crate) leadership: Arc<Leadership>,
    /// What comes from outside.
    pub(crate) inputs: Receiver<Input>,
    /// What the journal has made durable.
    pub(crate) durable: Receiver<Durable>,
    /// The way to the journal.
    pub(crate) journal: Sender<Write>,
    /// The way to the publisher.
    pub(crate) publisher: Sender<Durable>,
    /// The way to the owner.
    pub(crate) owner: Sender<Control>,
    /// The own journal, to read what the other node lacks.
    pub(crate) reader: JournalReader,
    /// PostgreSQL.
    pub(crate) record: SharedRecord,
    /// The other node, where there is one.
    pub(crate) peer: Option<PeerLink>,
    /// Ends the process at once.
    pub(crate) stop: Box<dyn Fn(MustStop) + Send>,
}

/// The process is ending.
struct Ends;

struct Stage {
    shell: Conductor,
    gate: Gate,
    /// Decisions come from the own owner.
    leads: bool,
    /// Its tail is being moved aside: nothing else counts any more.
    setting_aside: bool,
    /// Who waits for the node's word on an order.
    ordered: Option<oneshot::Sender<Result<(), Declined>>>,
    /// Who waits until this node leads no more, having ordered that.
    handing_over: Option<oneshot::Sender<Result<(), Declined>>>,
    /// When the other node was last told what waits aside here.
    aside_said: Option<Instant>,
}

impl Conductor {
    /// Starts the thread with what the node wants first. It ends when the journal does.
    pub(crate) fn start(self, first: Vec<Output>) -> std::io::Result<JoinHandle<()>> {
        let stage = Stage {
            shell: self,
            gate: Gate::default(),
            leads: false,
            setting_aside: false,
            ordered: None,
            handing_over: None,
            aside_said: None,
        };
        std::thread::Builder::new().name("leadership".to_owned()).spawn(move || {
            // The journal says itself why it ended.
            let _ = stage.run(first);
        })
    }
}

impl Stage {
    fn run(mut self, first: Vec<Output>) -> Result<(), Ends> {
        self.carry_out(first, &Portion::default())?;
        loop {
            let shut = never();
            let durable = if self.takes_more() { &self.shell.durable } else { &shut };
            select! {
                recv(durable) -> durable => self.made_durable(durable.map_err(|_| Ends)?)?,
                recv(self.shell.inputs) -> input => match input {
                    Ok(input) => self.take(input)?,
                    Err(_) => std::thread::sleep(TICK),
                },
                default(TICK) => {}
            }
            self.step(leadership::Input::Tick, &Portion::default())?;
            self.tell_of_aside();
        }
    }

    /// Whoever leads must know what waits here, for it is brought in there.
    fn tell_of_aside(&mut self) {
        if self.aside_said.is_some_and(|said| said.elapsed() < ASIDE_SAID_EVERY) {
            return;
        }
        self.aside_said = Some(Instant::now());
        let mut stretches = self.shell.leadership.standing().aside;
        // The next ones are told of when these have been brought in.
        stretches.truncate(ASIDE_SAID_MAX);
        if !self.leads && !stretches.is_empty() {
            self.say_aside(&AsideLetter::Waits { stretches });
        }
    }

    fn hear_aside(&mut self, letter: AsideLetter) -> Result<(), Ends> {
        match letter {
            AsideLetter::Waits { stretches } => self.shell.leadership.note_waiting_there(stretches),
            AsideLetter::Page { stretch, after_seq, portion } => {
                self.shell.leadership.note_page(AsidePage { stretch, after_seq, portion });
            }
            AsideLetter::Send { stretch, after_seq } => {
                match self.shell.reader.aside(&stretch, after_seq, ASIDE_PAGE_EVENTS) {
                    Ok(portion) => self.say_aside(&AsideLetter::Page { stretch, after_seq, portion }),
                    Err(error) => tracing::error!(%error, "what waits aside cannot be read"),
                }
            }
            AsideLetter::BroughtIn { stretch } => self.write(Write::BroughtIn(stretch))?,
        }
        Ok(())
    }

    fn say_aside(&self, letter: &AsideLetter) {
        if let Some(peer) = &self.shell.peer {
            peer.say(letter);
        }
    }

    /// While the node gives itself up everything is taken in, for the owner has stopped.
    fn takes_more(&self) -> bool {
        self.gate.has_room() || self.shell.leadership.standing().state == State::HandOver
    }

    fn take(&mut self, input: Input) -> Result<(), Ends> {
        match input {
            Input::Replied(reply) => match *reply {
                Reply::Answered { sent, answer, portion } => {
                    self.step(leadership::Input::Answered { sent, answer }, &portion)
                }
                Reply::Broken { sent, why } => {
                    metrics::counter!("jichi_postgres_errors_total").increment(1);
                    tracing::debug!(why, "PostgreSQL did not answer");
                    self.step(leadership::Input::Broken { sent }, &Portion::default())
                }
            },
            Input::Heard(letter) => {
                let Letter { message, portion } = *letter;
                if !fits(&message, &portion) {
                    metrics::counter!("jichi_peer_bad_messages_total").increment(1);
                    return Ok(());
                }
                self.step(leadership::Input::Heard { message }, &portion)
            }
            Input::HeardAside(letter) => self.hear_aside(*letter),
            Input::HeardPositions(letter) => {
                if !self.leads {
                    self.shell.leadership.take_positions(letter.positions);
                }
                Ok(())
            }
            Input::SayPositions(letter) => {
                if let Some(peer) = &self.shell.peer {
                    peer.say(&letter);
                }
                Ok(())
            }
            Input::SayAside(letter) => {
                self.say_aside(&letter);
                Ok(())
            }
            Input::BroughtIn(stretch) => self.write(Write::BroughtIn(stretch)),
            Input::Ordered { order, reply } => {
                tracing::warn!(?order, "a person orders");
                self.ordered = Some(reply);
                self.step(leadership::Input::Ordered { order }, &Portion::default())?;
                self.obeyed();
                Ok(())
            }
        }
    }

    /// The node has not said no. A hand-over is done only when the other one has everything.
    fn obeyed(&mut self) {
        let Some(reply) = self.ordered.take() else { return };
        if self.shell.leadership.standing().state == State::HandOver {
            self.handing_over = Some(reply);
        } else {
            let _ = reply.send(Ok(()));
        }
    }

    fn made_durable(&mut self, durable: Durable) -> Result<(), Ends> {
        match durable {
            Durable::Decided(batch) => {
                let heads = heads(&batch);
                if self.leads && !Mutant::AcknowledgeEarly.lives() {
                    self.gate.put(batch);
                } else {
                    self.show(Durable::Decided(batch))?;
                }
                for head in heads {
                    self.step(leadership::Input::Durable { head }, &Portion::default())?;
                }
                self.release()
            }
            lead @ Durable::Lead(..) => {
                self.leads = true;
                self.gate.begin(self.shell.leadership.node().journal().head().seq);
                self.show(lead)
            }
            Durable::SetAside => {
                (self.shell.stop)(MustStop::SetAside);
                Err(Ends)
            }
            Durable::BroughtIn(quarantined) => {
                self.step(leadership::Input::BroughtIn { quarantined }, &Portion::default())?;
                self.aside_said = None;
                Ok(())
            }
            Durable::Mark => self.step(leadership::Input::Settled, &Portion::default()),
        }
    }

    /// Steps the node. `portion` holds the rows that the input speaks of.
    fn step(&mut self, input: leadership::Input, portion: &Portion) -> Result<(), Ends> {
        if self.setting_aside {
            return Ok(());
        }
        let outputs = self.shell.leadership.node().step(input, boot_now());
        self.carry_out(outputs, portion)?;
        self.tell();
        Ok(())
    }

    fn carry_out(&mut self, outputs: Vec<Output>, portion: &Portion) -> Result<(), Ends> {
        for output in outputs {
            if self.setting_aside {
                break;
            }
            self.carry_out_one(output, portion)?;
        }
        Ok(())
    }

    fn carry_out_one(&mut self, output: Output, portion: &Portion) -> Result<(), Ends> {
        match output {
            Output::Ask { sent, ask } => self.shell.record.ask(sent, ask),
            Output::DropConnection => self.shell.record.drop_connection(),
            Output::Say { message } => self.say(message),
            Output::Store { after, runs } => self.store(after, &runs, portion)?,
            Output::Quarantine { quarantined } => {
                tracing::error!(
                    ?quarantined,
                    "events of this node contradict the leader's: they are moved aside"
                );
                self.setting_aside = true;
                self.write(Write::SetAside { after_seq: quarantined.after_seq })?;
            }
            // A journal whose end was in doubt was written anew when it was opened.
            Output::RewriteTail => self.step(leadership::Input::TailRewritten, portion)?,
            Output::Lead { epoch } => self.write(Write::Lead(epoch))?,
            Output::Acknowledge { up_to_seq, .. } => {
                self.gate.acknowledge(up_to_seq);
                self.release()?;
            }
            Output::State { state } => self.became(state)?,
            Output::Declined { why } => self.decline(why),
            Output::Stop { why } => {
                (self.shell.stop)(why.into());
                return Err(Ends);
            }
        }
        Ok(())
    }

    fn became(&mut self, state: State) -> Result<(), Ends> {
        let before = self.shell.leadership.standing().state;
        // A follower says at its start that it is one.
        if before != state {
            tracing::warn!(?before, ?state, "the node's state");
        }
        match (before, state) {
            (_, State::HandOver) => self.control(Control::Halt),
            (State::HandOver, State::Normal | State::Journal | State::Island) => {
                self.control(Control::Resume);
            }
            (_, State::Follower | State::Fenced) => {
                self.leads = false;
                self.control(Control::Follow);
                let unacknowledged = self.gate.give_up(&self.shell.leadership.elsewhere);
                self.show(Durable::Decided(unacknowledged))?;
                if let Some(reply) = self.handing_over.take() {
                    let _ = reply.send(Ok(()));
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// Has rows of a portion written as they are.
    fn store(&mut self, after: Position, runs: &[Run], portion: &Portion) -> Result<(), Ends> {
        let Some(last) = runs.last() else { return Ok(()) };
        let rows = portion.rows.iter().filter(|row| row.seq > after.seq && row.seq <= last.last_seq);
        let portion = Portion { rows: rows.cloned().collect(), ..portion.clone() };
        self.write(Write::TakeIn(Box::new(portion)))
    }

    /// Says something to the other node; a tail goes with its rows.
    fn say(&self, message: Message) {
        let Some(peer) = &self.shell.peer else { return };
        let portion = match &message.said {
            Said::Tail { after, runs, .. } => {
                let last = runs.last().map_or(after.seq, |run| run.last_seq);
                self.shell.reader.portion(after.seq, (last - after.seq) as usize)
            }
            _ => Ok(Portion::default()),
        };
        match portion {
            Ok(portion) => peer.say(&Letter { message, portion }),
            Err(error) => tracing::error!(%error, "the journal's tail cannot be read for the other node"),
        }
    }

    fn decline(&mut self, why: Declined) {
        if let Some(reply) = self.ordered.take().or_else(|| self.handing_over.take()) {
            // Whoever ordered may have gone.
            let _ = reply.send(Err(why));
        } else {
            tracing::warn!("{why}");
        }
    }

    fn release(&mut self) -> Result<(), Ends> {
        let batch = self.gate.release();
        if batch.is_empty() { Ok(()) } else { self.show(Durable::Decided(batch)) }
    }

    /// Lets everybody know how the node stands, when that has changed.
    fn tell(&self) {
        let now = standing(&self.shell.leadership.node());
        let changed = self.shell.leadership.standing.send_if_modified(|before| {
            let changed = *before != now;
            if changed {
                before.clone_from(&now);
            }
            changed
        });
        if !changed {
            return;
        }
        for (word, state) in STATES {
            metrics::gauge!("jichi_node_state", "state" => word).set(f64::from(u8::from(state == now.state)));
        }
        let freely = now.orders == leadership::Orders::Freely;
        metrics::gauge!("jichi_node_orders_state").set(f64::from(u8::from(freely)));
        metrics::gauge!("jichi_node_aside_items").set(now.aside.len() as f64);
    }

    fn show(&self, durable: Durable) -> Result<(), Ends> {
        self.shell.publisher.send(durable).map_err(|_| Ends)
    }

    fn write(&self, write: Write) -> Result<(), Ends> {
        self.shell.journal.send(write).map_err(|_| Ends)
    }

    fn control(&self, control: Control) {
        // An owner that has gone decides nothing; the centre is stopping.
        let _ = self.shell.owner.send(control);
    }
}

/// The last event of each stretch of one epoch.
fn heads(batch: &[Decided]) -> Vec<Position> {
    let mut heads: Vec<Position> = Vec::new();
    for event in batch.iter().flat_map(|decided| &decided.events) {
        let here = Position { seq: event.seq, epoch: event.epoch };
        match heads.last_mut() {
            Some(last) if last.epoch == here.epoch => *last = here,
            _ => heads.push(here),
        }
    }
    heads
}

/// Whether a message's rows are those it speaks of.
fn fits(message: &Message, portion: &Portion) -> bool {
    let Said::Tail { after, runs, .. } = &message.said else { return portion.rows.is_empty() };
    let mut seq = after.seq;
    let mut rows = portion.rows.iter();
    runs.iter().all(|run| {
        rows.by_ref().take(run.last_seq.saturating_sub(seq) as usize).all(|row| {
            seq += 1;
            row.seq == seq && row.epoch == run.epoch
        }) && seq == run.last_seq
    }) && rows.next().is_none()
}

/// More often than the node asks for.
const TICK: Duration = Duration::from_millis(20);
/// How often a node that does not lead says what waits aside there.
const ASIDE_SAID_EVERY: Duration = Duration::from_secs(1);
/// Stretches that are told of at a time, the oldest.
const ASIDE_SAID_MAX: usize = 64;
/// Events of a stretch that travel in one letter.
pub(super) const ASIDE_PAGE_EVENTS: usize = 500;
const STATES: [(&str, State); 6] = [
    ("normal", State::Normal),
    ("journal", State::Journal),
    ("hand_over", State::HandOver),
    ("island", State::Island),
    ("follower", State::Follower),
    ("fenced", State::Fenced),
];
