//! What the gateway needs of a centre. The running centre is one; the gateway's own tests bring another.

use futures_util::future::BoxFuture;
use futures_util::stream::BoxStream;
use link::v1::{
    Delivery, DeliveryAck, Epoch, FileAnswer, FileOffer, FilePart, Hello, OrderHeld, PatientReport, Position,
    Report, Settings,
};

/// What a vehicle that connects is told.
#[derive(Clone, Debug)]
pub struct Greeting {
    /// The epoch of whoever leads.
    pub epoch: Epoch,
    /// The domain clock, milliseconds since 1970, UTC.
    pub now_unix_ms: i64,
    /// The unit for people: "A12 城东站".
    pub label: String,
    /// What the centre sets on its vehicles.
    pub settings: Settings,
}

/// What became of a report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReportAnswer {
    /// It is durable, or was already.
    Accepted,
    /// The rules say no, in words for the crew. That, too, rests on the durable record.
    Refused(String),
    /// It makes no sense.
    Malformed(String),
    /// The centre cannot take it now: the vehicle must send it again later.
    Unavailable,
}

/// Something to be said to a vehicle.
#[derive(Clone, Debug)]
pub enum News {
    /// To this unit.
    For {
        /// The unit's name.
        unit: String,
        /// What.
        delivery: Box<Delivery>,
    },
    /// So much was said that some of it was missed, or what was held back may go: ask for what is undelivered.
    Missed,
    /// What the centre sets on its vehicles has changed: to all of them.
    Settings(Box<Settings>),
    /// Another centre leads, or is about to: every vehicle must go there.
    NotLeading,
}

/// A centre as its vehicles see it. Units are named as in their certificates.
pub trait CentrePort: Send + Sync + 'static {
    /// Whether this centre leads: only then are vehicles let in.
    fn leads(&self) -> bool;

    /// What to tell a unit that connects. `None`: there is no such unit.
    fn greet(&self, unit: &str, hello: &Hello) -> Option<Greeting>;

    /// Takes in the orders that a unit holds, before it is let in: what the centre does not know comes in front of a dispatcher. Comes
    /// back when that is durable; `false`: it cannot be put on record now.
    fn take_in_held(&self, unit: String, held: Vec<OrderHeld>) -> BoxFuture<'static, bool>;

    /// The domain clock, milliseconds since 1970, UTC.
    fn now_unix_ms(&self) -> i64;

    /// A unit's connection came up, was heard (`true` again) (`true`) or went down.
    fn note_link(&self, unit: &str, up: bool);

    /// So many messages of a unit were refused because it sends too many, or too many that make no sense.
    fn note_flood(&self, unit: &str, messages: u64);

    /// A position that is new. Never waits. The error is a word for metrics.
    fn position(&self, unit: &str, position: &Position) -> Result<(), &'static str>;

    /// Positions of a dead zone, oldest first: they fill history and never move "now".
    fn history(&self, unit: &str, positions: &[Position]);

    /// A report. Comes back when the outcome is durable.
    fn report(&self, unit: String, report: Report) -> BoxFuture<'static, ReportAnswer>;

    /// What is told of a patient. Comes back when the outcome is durable.
    fn patient_report(&self, unit: String, report: PatientReport) -> BoxFuture<'static, ReportAnswer>;

    /// A file that the unit has. `None`: nothing can be taken now.
    fn file_offer(&self, unit: String, offer: FileOffer) -> BoxFuture<'static, Option<FileAnswer>>;

    /// A piece of it, whose place in its file the unit has been told to send. `None`: nothing can be taken now.
    fn file_part(
        &self,
        unit: String,
        offer: FileOffer,
        part: FilePart,
    ) -> BoxFuture<'static, Option<FileAnswer>>;

    /// Comes back when a file that is whole is where it lasts.
    fn file_kept(&self, file_id: String) -> BoxFuture<'static, ()>;

    /// Everything that the unit has not confirmed, oldest first.
    fn undelivered<'a>(&'a self, unit: &str) -> BoxFuture<'a, Vec<Delivery>>;

    /// The unit has a delivery. Comes back when that is durable; `false`: it could not be recorded.
    fn delivered(&self, unit: String, ack: DeliveryAck) -> BoxFuture<'static, bool>;

    /// What is to be said from now on.
    fn news(&self) -> BoxStream<'static, News>;
}
