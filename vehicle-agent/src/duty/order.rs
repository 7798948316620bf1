//! An order that the vehicle holds: the message as it came, and what became of it. The record is kept on disk beside
//! it; a stage appears once for each source, so that what was pressed and what was proved stand side by side.

use link::motion::MotionWatch;
use link::v1::{Delivery, Order, Stage, Step, Wgs84, delivery};
use prost::Message;
use serde::{Deserialize, Serialize};

use super::words::{ABORTS, AbortWords, stage_of, stage_word};
use crate::spool::OrderRow;

/// Who says that a stage was reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MarkSource {
    /// Pressed here.
    Crew,
    /// Proved by movement.
    Motion,
    /// Recorded at the desk.
    Centre,
}

/// One stage, one source, one time.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Mark {
    /// The interface's word of the stage.
    pub stage: String,
    /// UTC.
    pub at_unix_ms: i64,
    /// Who says so.
    pub source: MarkSource,
    /// (boot, seq) of the report that tells the centre.
    pub report: Option<(u64, u64)>,
    /// Why the centre's rules said no, if they did.
    pub refused: Option<String>,
}

/// How an order ended for this vehicle.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct End {
    /// The interface's word.
    pub kind: String,
    /// In words, where somebody gave some.
    pub reason: String,
    /// UTC.
    pub at_unix_ms: i64,
    /// (boot, seq) of the report that tells the centre, when it ended here.
    pub report: Option<(u64, u64)>,
}

/// What became of an order.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Record {
    /// In the order they came.
    pub marks: Vec<Mark>,
    /// Whether it is over here.
    pub end: Option<End>,
    /// Longitude and latitude, WGS-84, where the vehicle stood when ordered.
    pub stood_at: Option<(f64, f64)>,
    /// When the centre chose the hospital that the order names, UTC.
    pub hospital_chosen_unix_ms: i64,
}

/// An order on the screen.
#[derive(Debug)]
pub struct HeldOrder {
    /// The delivery that brought it; its content is an order.
    pub delivery: Delivery,
    /// UTC by the vehicle's clock.
    pub received_unix_ms: i64,
    /// What became of it.
    pub record: Record,
    /// The motion rule for it.
    pub watch: MotionWatch,
}

impl HeldOrder {
    /// A new order. `last_place`: where the vehicle is.
    pub fn new(delivery: Delivery, received_unix_ms: i64, last_place: Option<Wgs84>) -> Self {
        let record = Record {
            stood_at: last_place.map(|place| (place.longitude_deg, place.latitude_deg)),
            ..Record::default()
        };
        let watch = MotionWatch::new(last_place, None, None);
        let mut held = Self { delivery, received_unix_ms, record, watch };
        held.aim();
        held
    }

    /// An order from disk. `None` when it cannot be read.
    pub fn from_row(row: &OrderRow) -> Option<Self> {
        let delivery = Delivery::decode(row.body.as_slice()).ok()?;
        let record: Record = serde_json::from_str(&row.record).ok()?;
        let stood_at =
            record.stood_at.map(|(longitude_deg, latitude_deg)| Wgs84 { longitude_deg, latitude_deg });
        let mut held = Self {
            delivery,
            received_unix_ms: row.received_unix_ms,
            record,
            watch: MotionWatch::new(stood_at, None, None),
        };
        let proved = held.furthest(&[MarkSource::Motion]);
        let pressed = held.reached();
        held.watch = held.watch.resumed(proved, pressed);
        held.aim();
        Some(held)
    }

    /// As it is kept on disk.
    pub fn row(&self) -> OrderRow {
        OrderRow {
            assignment: self.order().assignment_id.clone(),
            received_unix_ms: self.received_unix_ms,
            body: self.delivery.encode_to_vec(),
            record: serde_json::to_string(&self.record).expect("invariant: a record is plain JSON"),
        }
    }

    /// The order itself.
    pub fn order(&self) -> &Order {
        match &self.delivery.content {
            Some(delivery::Content::Order(order)) => order,
            _ => unreachable!("invariant: a held delivery is an order"),
        }
    }

    /// The order itself, to be changed.
    pub fn order_mut(&mut self) -> &mut Order {
        match &mut self.delivery.content {
            Some(delivery::Content::Order(order)) => order,
            _ => unreachable!("invariant: a held delivery is an order"),
        }
    }

    /// Tells the motion rule where the scene and the hospital are.
    pub fn aim(&mut self) {
        let scene = self.order().location;
        let hospital = self.order().hospital.as_ref().and_then(|hospital| hospital.location);
        self.watch.set_scene(scene);
        self.watch.set_hospital(hospital);
    }

    /// The furthest stage that the crew pressed or the desk recorded, and the centre did not refuse.
    pub fn reached(&self) -> Option<Stage> {
        self.furthest(&[MarkSource::Crew, MarkSource::Centre])
    }

    /// The next step by the centre's list.
    pub fn next_step<'a>(&self, steps: &'a [Step]) -> Option<&'a Step> {
        if self.record.end.is_some() {
            return None;
        }
        link::next_step(steps, self.reached())
    }

    /// Whether the crew may still say that it cannot go.
    pub fn may_refuse(&self) -> bool {
        self.record.end.is_none() && self.reached().is_none_or(|stage| stage < Stage::Rolling)
    }

    /// The reasons for which it may be aborted now.
    pub fn abort_reasons(&self) -> impl Iterator<Item = &'static AbortWords> {
        let reached = self.reached();
        let at_scene = reached.is_some_and(|stage| stage >= Stage::OnScene);
        let closed = self.record.end.is_some() || reached.is_some_and(|stage| stage >= Stage::AtHospital);
        ABORTS.iter().filter(move |abort| !closed && abort.from_scene.is_none_or(|from| from == at_scene))
    }

    /// Notes a stage.
    pub fn mark(&mut self, stage: Stage, at_unix_ms: i64, source: MarkSource, report: Option<(u64, u64)>) {
        let stage = stage_word(stage).to_owned();
        self.record.marks.push(Mark { stage, at_unix_ms, source, report, refused: None });
    }

    fn furthest(&self, sources: &[MarkSource]) -> Option<Stage> {
        let marks = self.record.marks.iter();
        marks
            .filter(|mark| mark.refused.is_none() && sources.contains(&mark.source))
            .filter_map(|mark| stage_of(&mark.stage))
            .max()
    }
}
