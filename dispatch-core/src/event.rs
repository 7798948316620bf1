//! Everything that can have happened: one variant each, in the past tense. The journal holds these and nothing else.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::accident::{AccidentChange, AccidentNumber, AccidentSketch};
use crate::actor::Actor;
use crate::assignment::{Choice, Outcome, Proposal, Stage, StampSource};
use crate::destination::{Diversion, HospitalSpec};
use crate::effect::EffectId;
use crate::erasure::Subject;
use crate::escalation::EscalationKey;
use crate::ids::{
    AccidentId, AssignmentId, CallId, ClosureId, HospitalId, IncidentId, ProposalId, StationId, UnitId,
};
use crate::incident::{
    CallEnd, CallSource, IncidentChange, IncidentNumber, IncidentSketch, Offered, Place, Speaker,
};
use crate::paper::{PaperCall, PaperIncident};
use crate::patient::PatientEntry;
use crate::policy::cover::CoverZones;
use crate::policy::dmexclp::MoveUp;
use crate::private::Private;
use crate::roadworks::Closure;
use crate::rules::Rules;
use crate::time::UtcTime;
use crate::vehicle::{CrewRole, Station, UnitSpec};

/// Something happened.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Event {
    /// When the centre decided it, UTC.
    pub at: UtcTime,
    /// Who made it happen.
    pub by: Actor,
    /// What.
    pub fact: Fact,
}

/// What can have happened. Facts are moved about a great deal: what is large and rare in them is boxed, so that all stay small.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "fact", rename_all = "snake_case")]
pub enum Fact {
    /// The centre's settings were put in force.
    RulesAdopted { rules: Box<Rules> },
    /// A station became known, or changed.
    StationRegistered { station: Box<Station> },
    /// A unit became known, or changed.
    UnitRegistered { unit: Box<UnitSpec> },
    /// A hospital became known, or changed.
    HospitalRegistered { hospital: Box<HospitalSpec> },
    /// What free units cover from the stations was put in force.
    CoverAdopted { zones: Arc<CoverZones> },

    /// A call came in.
    CallReceived {
        call: CallId,
        source: CallSource,
        #[serde(with = "crate::private::journal")]
        phone: Private,
        text_only: bool,
        place: Box<Place>,
    },
    /// A person took the call.
    CallAnswered { call: CallId },
    /// A line was written in a text call.
    LineWritten { call: CallId, from: Speaker, text: String },
    /// The caller was located.
    CallLocated { call: CallId, place: Box<Place> },
    /// The same event was called in again.
    CallJoined { call: CallId, incident: IncidentId },
    /// A call turned out to be about another event than the incident it belonged to.
    CallParted { call: CallId, from: IncidentId },
    /// A call ended.
    CallEnded { call: CallId, how: CallEnd },
    /// The caller's full number was shown.
    CallerRevealed { call: CallId },
    /// A call that was taken on paper was put on record with its true times. `at` of the event is when it was entered.
    CallEnteredFromPaper { call: CallId, paper: Box<PaperCall> },

    /// An incident was created.
    IncidentCreated {
        incident: IncidentId,
        number: IncidentNumber,
        call: Option<CallId>,
        sketch: Arc<IncidentSketch>,
    },
    /// An incident that was led on paper was put on record, over as it is, with every run of it.
    IncidentEnteredFromPaper {
        incident: IncidentId,
        number: IncidentNumber,
        call: CallId,
        sketch: Arc<IncidentSketch>,
        paper: Box<PaperIncident>,
    },
    /// What is known of it changed.
    IncidentChanged { incident: IncidentId, change: Box<IncidentChange> },
    /// Two incidents turned out to be one.
    IncidentMerged { incident: IncidentId, into: IncidentId },
    /// Two incidents that were made one are two: `incident` goes on by itself, with the calls that came with it.
    IncidentSplit { incident: IncidentId, from: IncidentId },
    /// It was put aside on purpose.
    IncidentHeld { incident: IncidentId, reason: String, until: UtcTime },
    /// It was brought back, by a person or by its time.
    IncidentWoken { incident: IncidentId },
    /// It was called off.
    IncidentCancelled { incident: IncidentId, reason: String },
    /// A booked run keeps a unit for itself.
    UnitReserved { incident: IncidentId, unit: UnitId },
    /// It keeps it no more.
    ReservationReleased { incident: IncidentId, unit: UnitId },
    /// It needs no ambulance: another service was named to the caller.
    IncidentRedirected { incident: IncidentId, to: String, reason: String },
    /// A call or an incident was offered to another centre. It stays ours until that takes it.
    HandoffOffered { about: Offered, to: String, reason: String },
    /// The other centre took it, as a person here was told.
    HandoffAccepted { about: Offered, to: String, accepted_by: String },
    /// The offer was taken back, or refused there.
    HandoffWithdrawn { about: Offered, reason: String },
    /// Every unit that was wanted came and finished.
    IncidentDone { incident: IncidentId },

    /// Several incidents, or one with many casualties, are led as one.
    AccidentDeclared {
        accident: AccidentId,
        number: AccidentNumber,
        test: bool,
        sketch: Box<AccidentSketch>,
        scenes: Vec<IncidentId>,
    },
    /// Something of it changed.
    AccidentChanged { accident: AccidentId, change: Box<AccidentChange> },
    /// It is over.
    AccidentClosed { accident: AccidentId, reason: String },

    /// A ranked list of units was made; empty when none was free.
    ProposalMade { proposal: Arc<Proposal> },
    /// A unit was ordered to an incident.
    UnitAssigned {
        assignment: AssignmentId,
        incident: IncidentId,
        unit: UnitId,
        proposal: Option<ProposalId>,
        /// Why another than the first proposed was taken.
        reason: Option<String>,
        /// What else is recorded of the choice.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        choice: Option<Box<Choice>>,
    },
    /// A step was reached. `advances` is false when it only adds a time to a step already passed.
    StageReported { assignment: AssignmentId, stage: Stage, at: UtcTime, source: StampSource, advances: bool },
    /// A recorded time was corrected.
    StageCorrected { assignment: AssignmentId, stage: Stage, at: UtcTime, reason: String },
    /// An assignment ended; the unit is free of it. `at` is the true time.
    AssignmentEnded {
        assignment: AssignmentId,
        outcome: Outcome,
        at: UtcTime,
        reason: String,
        source: StampSource,
    },
    /// A destination was chosen.
    DestinationChosen { assignment: AssignmentId, hospital: HospitalId, reason: String },
    /// The hospital said that it knows.
    ArrivalAcknowledged { assignment: AssignmentId },
    /// Something became known of a patient. `at` is the true time; `incident` is whose key its words are kept under.
    PatientCharted {
        assignment: AssignmentId,
        incident: IncidentId,
        patient: u8,
        at: UtcTime,
        entry: Box<PatientEntry>,
    },
    /// A message was written to a crew.
    CrewMessaged { unit: UnitId, text: String },

    /// A person signed on.
    SignedOn { unit: UnitId, name: String, role: CrewRole },
    /// A person signed off.
    SignedOff { unit: UnitId, name: String },
    /// A unit was taken out of service.
    UnitPaused { unit: UnitId, reason: String },
    /// It was put back.
    UnitResumed { unit: UnitId },
    /// A unit that became free was advised to stand by elsewhere.
    MoveUpAdvised { advice: Arc<MoveUp> },
    /// The advice was taken down by a person.
    MoveUpDeclined { unit: UnitId },
    /// A unit was told where to stand by.
    UnitPosted { unit: UnitId, station: StationId },
    /// A unit that should be heard was not.
    UnitSilent { unit: UnitId, since: UtcTime },
    /// It was heard again.
    UnitHeard { unit: UnitId },
    /// A hospital asked not to be sent patients, or takes them again.
    HospitalDiverted { hospital: HospitalId, diversion: Option<Diversion> },
    /// A stretch of road was closed.
    RoadClosed { closure: Box<Closure> },
    /// It was opened again.
    RoadOpened { closure: ClosureId },

    /// An effect reached whom it was for.
    EffectDelivered { effect: EffectId },
    /// Somebody must look at something.
    EscalationRaised { escalation: EscalationKey },
    /// Somebody took it on.
    EscalationAcknowledged { escalation: EscalationKey },
    /// The events just before, as many as `events`, were written by another node that this one's record lacked: they have their own times
    /// and authors, and a person brought them in. `left_out` did not fit and stay aside there.
    EventsBroughtIn { node: u32, events: u32, left_out: u32, calls: Vec<CallId>, incidents: Vec<IncidentId> },
    /// Names, telephone numbers, addresses and words of these were erased for good.
    PersonalDataErased { subjects: Vec<Subject>, reason: String },
}
