//! The publisher: the thread that shows what may be shown and answers those who wait for it, in the journal's order. On a node of two it
//! also hands the centre to the owner when the node comes to lead, for it has shown everything by then.

use std::sync::Arc;
use std::thread::JoinHandle;

use crossbeam_channel::{Receiver, Sender};

use crate::centre::{Board, Outbox};
use crate::clock::Clock;
use crate::event_loop::{Control, Led};
use crate::journal::writer::{Decided, Durable};

/// The publisher's own things.
#[derive(Debug)]
pub(crate) struct Publisher {
    /// What may be shown.
    pub(crate) durable: Receiver<Durable>,
    /// Where it is shown.
    pub(crate) board: Arc<Board>,
    /// What is to be said to vehicles.
    pub(crate) outbox: Arc<Outbox>,
    /// Must not tell an earlier time than another node's events.
    pub(crate) clock: Clock,
    /// The way to the owner.
    pub(crate) control: Sender<Control>,
}

impl Publisher {
    /// Starts the thread. `shown` is told after each batch that held events.
    pub(crate) fn start(self, shown: impl Fn() + Send + 'static) -> std::io::Result<JoinHandle<()>> {
        std::thread::Builder::new().name("publisher".to_owned()).spawn(move || {
            for durable in &self.durable {
                match durable {
                    Durable::Decided(batch) => {
                        if self.show(batch) {
                            shown();
                        }
                    }
                    Durable::Lead(epoch, keys) => {
                        let centre = self.board.lead(epoch);
                        // An owner that has gone leads nothing; the centre is stopping.
                        let _ = self.control.send(Control::Lead(Box::new(Led { centre, keys, epoch })));
                    }
                    Durable::SetAside | Durable::BroughtIn(_) | Durable::Mark => {}
                }
            }
        })
    }

    /// Shows the events and gives the answers. Whether there were events.
    fn show(&self, batch: Vec<Decided>) -> bool {
        let mut news = false;
        for journalled in batch.iter().flat_map(|decided| &decided.events) {
            self.clock.not_before(journalled.event.at);
            self.board.show(journalled, |record| self.outbox.tell(journalled, record));
            news = true;
        }
        // All is shown before anybody is answered: those who look at the record next share one copy of it.
        for (waiting, outcome) in batch.into_iter().filter_map(|decided| decided.reply) {
            // Whoever asked may have gone; the command stands.
            let _ = waiting.send(outcome);
        }
        news
    }
}
