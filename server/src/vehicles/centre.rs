//! The running centre as its vehicles see it.

use std::future::pending;
use std::sync::Arc;
use std::time::Duration;

use dispatch_core::actor::Actor;
use dispatch_core::assignment::{Outcome, StampSource};
use dispatch_core::centre::HeldOrder;
use dispatch_core::effect::EffectId;
use dispatch_core::fleet::Fix;
use dispatch_core::ids::{AssignmentId, IncidentId, UnitId};
use dispatch_core::{Action, Command, UtcTime};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use futures_util::stream::{BoxStream, StreamExt, unfold};
use link::v1::{
    self, Delivery, DeliveryAck, DeliveryOutcome, FileAnswer, FileOffer, FilePart, Hello, OrderHeld,
    PatientReport, Position, Report, ReportSource, report,
};
use prost::Message;
use sha2::{Digest, Sha256};
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::{broadcast, watch};
use tokio::time::{Interval, MissedTickBehavior};
use tracing::warn;
use uuid::Uuid;

use super::centre_port::{CentrePort, Greeting, News, ReportAnswer};
use super::ways::{WayFinder, Ways};
use super::{card, charting, files, settings};
use crate::centre::{CentreHandle, IdempotencyKey, Outgoing, Submission, SubmitError};
use crate::config::TerminalConfig;
use crate::floods::FloodKind;
use crate::leadership::Standing;

/// A running centre with what it takes to speak to vehicles.
#[derive(Debug, Clone)]
pub struct VehicleCentre {
    centre: CentreHandle,
    ways: WayFinder,
    terminal: Arc<TerminalConfig>,
}

impl VehicleCentre {
    /// The door to a running centre. `terminal`: what the crews' terminals are set to.
    pub fn new(centre: CentreHandle, terminal: TerminalConfig) -> Self {
        Self { centre, ways: WayFinder::default(), terminal: terminal.into() }
    }

    fn settings(&self) -> v1::Settings {
        settings::of(&self.centre.snapshot().record, &self.terminal)
    }

    /// Puts the words to a message, off the async threads, for its ways are searched. A message whose ways cannot be had
    /// goes without: the road is a help, the order is not.
    async fn worded(&self, outgoing: Arc<Outgoing>) -> Delivery {
        let snapshot = self.centre.snapshot();
        let (door, it, at) = (self.clone(), Arc::clone(&outgoing), Arc::clone(&snapshot));
        let searched =
            tokio::task::spawn_blocking(move || door.ways.find(&door.centre, &it, &at.record)).await;
        let ways = searched.unwrap_or_else(|error| {
            tracing::error!(%error, "the search for an order's way broke off");
            Ways::default()
        });
        card::delivery(&outgoing, ways, &snapshot.record, snapshot.at)
    }

    /// Puts what a vehicle tells on record. `key`: what the vehicle calls it, `bytes`: what it says, so that a repeat is known.
    fn record(
        &self,
        unit: &str,
        key: &str,
        bytes: &[u8],
        asked: impl FnOnce(UnitId) -> Result<Action, String>,
    ) -> BoxFuture<'static, ReportAnswer> {
        let malformed = |problem: String| std::future::ready(ReportAnswer::Malformed(problem)).boxed();
        let Ok(unit) = unit.parse::<UnitId>() else { return malformed("unit".into()) };
        let action = match asked(unit) {
            Ok(action) => action,
            Err(problem) => return malformed(problem),
        };
        let key = IdempotencyKey::new(&format!("vehicle {unit} {key}"));
        let digest = Sha256::digest(bytes).into();
        let centre = self.centre.clone();
        async move {
            let command = Command { by: Actor::Crew { unit }, action };
            let submission = match key {
                Some(key) => Submission::keyed(command, key, digest, ""),
                None => Submission::new(command),
            };
            match centre.submit(submission).await {
                Ok(_) => ReportAnswer::Accepted,
                Err(SubmitError::Refused(refusal)) => ReportAnswer::Refused(refusal.to_string()),
                Err(error @ SubmitError::KeyReused) => ReportAnswer::Malformed(error.to_string()),
                Err(
                    SubmitError::Busy
                    | SubmitError::NotWritable(_)
                    | SubmitError::NotLeading { .. }
                    | SubmitError::Stopping,
                ) => ReportAnswer::Unavailable,
            }
        }
        .boxed()
    }
}

impl CentrePort for VehicleCentre {
    fn leads(&self) -> bool {
        self.centre.serves()
    }

    fn greet(&self, unit: &str, hello: &Hello) -> Option<Greeting> {
        let snapshot = self.centre.snapshot();
        let unit = snapshot.record.unit(unit.parse().ok()?)?;
        let station = snapshot.record.stations().get(&unit.spec.station);
        let station = station.map_or("", |station| station.name.as_str());
        let epoch = v1::Epoch { term: snapshot.epoch.term, node: snapshot.epoch.node };
        if hello.highest_epoch.is_some_and(|highest| highest > epoch) {
            warn!(unit = %unit.spec.id, highest = ?hello.highest_epoch, ours = ?epoch, "vehicle has met a later epoch");
        }
        Some(Greeting {
            epoch,
            now_unix_ms: CentrePort::now_unix_ms(self),
            label: format!("{} {station}", unit.spec.id).trim_end().to_owned(),
            settings: settings::of(&snapshot.record, &self.terminal),
        })
    }

    fn take_in_held(&self, unit: String, held: Vec<OrderHeld>) -> BoxFuture<'static, bool> {
        let centre = self.centre.clone();
        async move {
            let Ok(unit) = unit.parse::<UnitId>() else { return true };
            for held in held {
                if !take_in(&centre, unit, &held).await {
                    return false;
                }
            }
            true
        }
        .boxed()
    }

    fn now_unix_ms(&self) -> i64 {
        card::unix_ms(self.centre.clock().now())
    }

    fn note_link(&self, unit: &str, up: bool) {
        if let Ok(unit) = unit.parse() {
            self.centre.note_link(unit, up);
        }
    }

    fn note_flood(&self, unit: &str, messages: u64) {
        self.centre.floods().note(FloodKind::Vehicle, unit, messages);
    }

    fn position(&self, unit: &str, position: &Position) -> Result<(), &'static str> {
        let unit: UnitId = unit.parse().map_err(|_| "unit")?;
        self.centre.observe(unit, fix(position).ok_or("position")?);
        Ok(())
    }

    fn history(&self, unit: &str, positions: &[Position]) {
        // The fleet knows late positions by their numbers and keeps "now" as it is.
        for position in positions {
            if CentrePort::position(self, unit, position).is_err() {
                metrics::counter!("jichi_vehicles_bad_messages_total", "reason" => "position").increment(1);
            }
        }
    }

    fn report(&self, unit: String, report: Report) -> BoxFuture<'static, ReportAnswer> {
        let key = format!("{} {}", report.boot, report.seq);
        let asked = |unit| action(unit, &report).map_err(str::to_owned);
        self.record(&unit, &key, &report.encode_to_vec(), asked)
    }

    fn patient_report(&self, unit: String, report: PatientReport) -> BoxFuture<'static, ReportAnswer> {
        let key = format!("patient {} {}", report.boot, report.seq);
        self.record(&unit, &key, &report.encode_to_vec(), |_| charting::action(&report))
    }

    fn file_offer(&self, unit: String, offer: FileOffer) -> BoxFuture<'static, Option<FileAnswer>> {
        files::offered(self.centre.clone(), unit, offer).boxed()
    }

    fn file_part(
        &self,
        unit: String,
        offer: FileOffer,
        part: FilePart,
    ) -> BoxFuture<'static, Option<FileAnswer>> {
        files::part(self.centre.clone(), unit, offer, part).boxed()
    }

    fn file_kept(&self, file_id: String) -> BoxFuture<'static, ()> {
        files::kept(self.centre.clone(), file_id).boxed()
    }

    fn undelivered<'a>(&'a self, unit: &str) -> BoxFuture<'a, Vec<Delivery>> {
        let waiting = unit.parse().map(|unit| self.centre.undelivered(unit)).unwrap_or_default();
        async move {
            let mut deliveries = Vec::with_capacity(waiting.len());
            for outgoing in waiting {
                if self.centre.may_go(&outgoing) {
                    deliveries.push(self.worded(outgoing).await);
                }
            }
            deliveries
        }
        .boxed()
    }

    fn delivered(&self, unit: String, ack: DeliveryAck) -> BoxFuture<'static, bool> {
        let centre = self.centre.clone();
        async move {
            let arrived = match ack.outcome() {
                DeliveryOutcome::Stored | DeliveryOutcome::UnknownAssignment => true,
                // It stays undelivered, so that its deadline puts it in front of a person.
                outcome @ (DeliveryOutcome::Unspecified
                | DeliveryOutcome::RefusedLowerEpoch
                | DeliveryOutcome::Malformed
                | DeliveryOutcome::Unsupported
                | DeliveryOutcome::Full) => {
                    warn!(
                        unit,
                        effect = ack.effect_id,
                        ?outcome,
                        text = ack.text,
                        "vehicle did not take a delivery"
                    );
                    false
                }
            };
            let (Ok(unit), Ok(effect)) = (unit.parse::<UnitId>(), ack.effect_id.parse::<EffectId>()) else {
                metrics::counter!("jichi_vehicles_bad_messages_total", "reason" => "delivery_ack")
                    .increment(1);
                return true;
            };
            if !arrived {
                return true;
            }
            match centre.confirm(unit, effect).await {
                // A refusal means that it was confirmed before, or has lost its meaning.
                Ok(()) | Err(SubmitError::Refused(_) | SubmitError::KeyReused) => true,
                Err(
                    SubmitError::Busy
                    | SubmitError::NotWritable(_)
                    | SubmitError::NotLeading { .. }
                    | SubmitError::Stopping,
                ) => false,
            }
        }
        .boxed()
    }

    fn news(&self) -> BoxStream<'static, News> {
        let standing = self.centre.leadership().map(|leadership| leadership.follow());
        let settings = self.settings();
        let mut looks = tokio::time::interval(SETTINGS_LOOKED_AT);
        looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let all = All { door: self.clone(), effects: self.centre.effects(), standing, settings, looks };
        unfold(all, |mut all| async move { all.next().await.map(|news| (news, all)) }).boxed()
    }
}

/// Puts one order that a vehicle holds in front of a dispatcher, if the centre does not know it.
async fn take_in(centre: &CentreHandle, unit: UnitId, held: &OrderHeld) -> bool {
    let snapshot = centre.snapshot();
    let known = held.assignment_id.parse().ok().and_then(|id| snapshot.record.assignment(id));
    if known.is_some_and(|assignment| assignment.unit == unit) {
        return true;
    }
    metrics::counter!("jichi_vehicles_unknown_orders_total").increment(1);
    let (assignment, number) = (&held.assignment_id, &held.incident_number);
    warn!(%unit, assignment, number, "vehicle holds an order that this centre does not know");
    // A vehicle of another program's: nothing can be made of it.
    let Ok(assignment) = assignment.parse::<AssignmentId>() else { return true };
    let number: String = number.chars().filter(|c| !c.is_control()).take(NUMBER_CHARS_MAX).collect();
    let held = HeldOrder { assignment, unit, number, stage: card::stage(held.stage()) };
    let incident = IncidentId::new(Uuid::now_v7());
    let command = Command { by: Actor::Crew { unit }, action: Action::TakeInHeld { held, incident } };
    match centre.submit(Submission::new(command)).await {
        Ok(_) => true,
        Err(SubmitError::Refused(refusal)) => {
            warn!(%unit, %refusal, "an order that a vehicle holds cannot be taken in");
            true
        }
        Err(_) => false,
    }
}

/// As much of an incident's number as is shown to a dispatcher.
const NUMBER_CHARS_MAX: usize = 40;

/// How often it is looked whether what the vehicles are set to has changed.
const SETTINGS_LOOKED_AT: Duration = Duration::from_secs(1);

/// All that is to be said, and what leading means for it.
struct All {
    door: VehicleCentre,
    effects: broadcast::Receiver<Arc<Outgoing>>,
    standing: Option<watch::Receiver<Standing>>,
    /// What the vehicles are set to, and when it is looked at next: a diversion shows on their terminals while it is news.
    settings: v1::Settings,
    looks: Interval,
}

impl All {
    async fn next(&mut self) -> Option<News> {
        loop {
            let standing = async {
                match &mut self.standing {
                    Some(standing) => {
                        if standing.changed().await.is_err() {
                            // A node that has gone says nothing more; the process ends.
                            pending::<()>().await;
                        }
                    }
                    None => pending().await,
                }
            };
            let outgoing = tokio::select! {
                outgoing = self.effects.recv() => outgoing,
                _ = self.looks.tick() => {
                    let settings = self.door.settings();
                    if settings == self.settings {
                        continue;
                    }
                    self.settings = settings.clone();
                    return Some(News::Settings(Box::new(settings)));
                }
                () = standing => {
                    return Some(if self.door.centre.serves() { News::Missed } else { News::NotLeading });
                }
            };
            match outgoing {
                Ok(outgoing) if !self.door.centre.may_go(&outgoing) => {
                    metrics::counter!("jichi_vehicles_held_back_total").increment(1);
                }
                Ok(outgoing) => {
                    let unit = outgoing.unit.to_string();
                    return Some(News::For { unit, delivery: Box::new(self.door.worded(outgoing).await) });
                }
                Err(RecvError::Lagged(_)) => return Some(News::Missed),
                Err(RecvError::Closed) => return None,
            }
        }
    }
}

fn fix(position: &Position) -> Option<Fix> {
    Some(Fix {
        boot: position.boot,
        seq: position.seq,
        at: time(position.fix_time_unix_ms)?,
        position: roads::Wgs84::new(position.longitude_deg, position.latitude_deg).ok()?,
        speed_kmh: position.speed_kmh,
        heading_deg: position.heading_deg,
        accuracy_m: (position.accuracy_m > 0.0).then_some(position.accuracy_m),
    })
}

/// What a report asks of the centre.
fn action(unit: UnitId, report: &Report) -> Result<Action, &'static str> {
    let at = time(report.happened_at_unix_ms).ok_or("happened_at_unix_ms is out of range")?;
    let source = match report.source() {
        ReportSource::CrewButton => StampSource::Terminal,
        ReportSource::Motion => StampSource::Motion,
        ReportSource::Unspecified => return Err("source is missing"),
    };
    let assignment =
        |id: &str| id.parse::<AssignmentId>().map_err(|_| "assignment_id is not one of this centre");
    match report.content.as_ref().ok_or("the report is empty or of a kind unknown here")? {
        report::Content::Stage(reached) => Ok(Action::ReportStage {
            assignment: assignment(&reached.assignment_id)?,
            stage: card::stage(reached.stage()).ok_or("this stage is not recorded here")?,
            at,
            source,
        }),
        report::Content::Refuse(refuse) => Ok(Action::EndAssignment {
            assignment: assignment(&refuse.assignment_id)?,
            outcome: Outcome::RefusedOrder,
            at,
            reason: refuse.reason.clone(),
            source,
        }),
        report::Content::Abort(abort) => {
            let (outcome, words) = card::aborted(abort.reason()).ok_or("reason is missing")?;
            let reason =
                if abort.text.is_empty() { words.to_owned() } else { format!("{words}: {}", abort.text) };
            Ok(Action::EndAssignment {
                assignment: assignment(&abort.assignment_id)?,
                outcome,
                at,
                reason,
                source,
            })
        }
        report::Content::CrewSignOn(on) => Ok(Action::SignOn {
            unit,
            name: on.name.clone(),
            role: card::role(on.role()).ok_or("role is missing")?,
        }),
        report::Content::Roadside(roadside) => Ok(Action::OpenRoadside {
            assignment: assignment(&roadside.assignment_id)?,
            incident: IncidentId::new(Uuid::now_v7()),
            unit,
            sketch: Arc::new(card::roadside(roadside, report.position.as_ref())),
            at,
        }),
        report::Content::CrewSignOff(off) => Ok(Action::SignOff { unit, name: off.name.clone() }),
    }
}

pub(super) fn time(unix_ms: i64) -> Option<UtcTime> {
    unix_ms.checked_mul(1_000).map(UtcTime::from_micros)
}
