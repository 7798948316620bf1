//! Everything that can be asked of the centre: one variant each, in the imperative.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::accident::{AccidentRequest, AccidentSketch};
use crate::actor::Actor;
use crate::aside::AsideMatter;
use crate::assignment::{Grounds, Outcome, Proposal, Stage, StampSource};
use crate::centre::HeldOrder;
use crate::destination::{Diversion, HospitalSpec};
use crate::effect::EffectId;
use crate::erasure::Subject;
use crate::escalation::EscalationKey;
use crate::ids::{
    AccidentId, AssignmentId, CallId, ClosureId, HospitalId, IncidentId, ProposalId, StationId, UnitId,
};
use crate::incident::{CallEnd, CallSource, IncidentChange, IncidentSketch, Offered, Place, Speaker};
use crate::paper::PaperForm;
use crate::patient::PatientEntry;
use crate::policy::cover::CoverZones;
use crate::private::Private;
use crate::roadworks::Closure;
use crate::rules::Rules;
use crate::time::UtcTime;
use crate::vehicle::{CrewRole, Station, UnitSpec};

/// Somebody asks for something.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Command {
    /// Who asks.
    pub by: Actor,
    /// For what.
    pub action: Action,
}

/// What can be asked.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "action", rename_all = "snake_case")]
pub enum Action {
    // Master data.
    /// Put the centre's settings in force.
    AdoptRules { rules: Rules },
    /// Make a station known, or change it.
    RegisterStation { station: Station },
    /// Make a unit known, or change it.
    RegisterUnit { unit: UnitSpec },
    /// Make a hospital known, or change it.
    RegisterHospital { hospital: HospitalSpec },
    /// Put in force what free units cover from the stations.
    AdoptCover { zones: Arc<CoverZones> },

    // Calls.
    /// A call comes in.
    ReceiveCall {
        call: CallId,
        source: CallSource,
        #[serde(with = "crate::private::journal")]
        phone: Private,
        text_only: bool,
        place: Place,
        /// The first line of a text call.
        text: Option<String>,
    },
    /// A person takes the call.
    AnswerCall { call: CallId },
    /// Write to, or as, the caller of a text call.
    WriteLine { call: CallId, from: Speaker, text: String },
    /// Say where the caller is.
    LocateCall { call: CallId, place: Place },
    /// The same event called in again.
    JoinCall { call: CallId, incident: IncidentId },
    /// A call is about another event than the incident it belongs to: it makes an incident of its own, whose clock began when it rang.
    SplitCall { call: CallId, incident: IncidentId, sketch: Arc<IncidentSketch> },
    /// End a call that leads to no incident.
    EndCall { call: CallId, how: CallEnd },
    /// Show the caller's full number to whoever asks, and put on record that it was shown.
    RevealCaller { call: CallId },

    // Incidents.
    /// Create an incident, from a call or without one.
    CreateIncident { incident: IncidentId, call: Option<CallId>, sketch: Arc<IncidentSketch> },
    /// Put a form of the paper hours on record: its call, its incident, and every unit that went, with the true times.
    EnterPaperForm { call: CallId, incident: IncidentId, form: Box<PaperForm> },
    /// Bring a matter onto the record that another node wrote and this one lacks.
    BringIn { matter: Box<AsideMatter> },
    /// Change what is known of it. Refused when it is no longer at `version`.
    ChangeIncident { incident: IncidentId, version: Option<u32>, change: IncidentChange },
    /// Two incidents are one: `incident` ends, its calls and units move to `into`.
    MergeIncident { incident: IncidentId, into: IncidentId },
    /// Two incidents that were made one are two after all: this one goes on by itself, with the calls that came with it. Units stay
    /// where they are.
    SplitIncident { incident: IncidentId },
    /// Put it aside on purpose.
    HoldIncident { incident: IncidentId, reason: String, until: UtcTime },
    /// Bring it back.
    WakeIncident { incident: IncidentId },
    /// Call it off, and recall every unit without a patient.
    CancelIncident { incident: IncidentId, reason: String },

    /// Keep a unit for a booked run: from when that enters the queue nobody else gets it.
    ReserveUnit { incident: IncidentId, unit: UnitId },
    /// Keep it no more.
    ReleaseUnit { incident: IncidentId },
    /// It needs no ambulance: name another service to the caller.
    RedirectIncident { incident: IncidentId, to: String, reason: String },
    /// Offer a call or an incident to another centre.
    OfferHandoff { about: Offered, to: String, reason: String },
    /// The other centre took it: recorded by a person, with who took it there.
    AcceptHandoff { about: Offered, accepted_by: String },
    /// Take the offer back; or it was refused there.
    WithdrawHandoff { about: Offered, reason: String },

    // Accidents.
    /// Lead several incidents, or one with many casualties, as one.
    DeclareAccident { accident: AccidentId, sketch: AccidentSketch, scenes: Vec<IncidentId> },
    /// Change something of it. Refused when it is no longer at `version`.
    ChangeAccident { accident: AccidentId, version: Option<u32>, request: AccidentRequest },
    /// It is over: nobody waits and nobody is on the way.
    CloseAccident { accident: AccidentId, reason: String },

    // Deciding and sending.
    /// Put a proposal on record.
    RecordProposal { proposal: Arc<Proposal> },
    /// Send a unit. A unit other than the first proposed needs a reason: a code, or words.
    AssignUnit {
        assignment: AssignmentId,
        incident: IncidentId,
        unit: UnitId,
        proposal: Option<ProposalId>,
        reason: Option<String>,
        #[serde(default)]
        grounds: Grounds,
    },
    /// A vehicle holds an order that may be unknown here: if it is, it becomes an incident with this id, in front of a dispatcher.
    TakeInHeld { held: HeldOrder, incident: IncidentId },
    /// A crew was flagged down and is with a patient: it becomes an incident with this id, and the crew's own assignment on it.
    OpenRoadside {
        assignment: AssignmentId,
        incident: IncidentId,
        unit: UnitId,
        sketch: Arc<IncidentSketch>,
        at: UtcTime,
    },
    /// Call a unit back.
    RecallUnit { assignment: AssignmentId, reason: String },
    /// A step was reached, at its true time.
    ReportStage { assignment: AssignmentId, stage: Stage, at: UtcTime, source: StampSource },
    /// A recorded time was wrong. The old value stays.
    CorrectStage { assignment: AssignmentId, stage: Stage, at: UtcTime, reason: String },
    /// It ended otherwise than by being handed over and free.
    EndAssignment {
        assignment: AssignmentId,
        outcome: Outcome,
        at: UtcTime,
        reason: String,
        source: StampSource,
    },
    /// Choose where the patient goes.
    ChooseDestination { assignment: AssignmentId, hospital: HospitalId, reason: String },
    /// The hospital says that it knows.
    AcknowledgeArrival { assignment: AssignmentId },
    /// Enter something in a patient's chart, at its true time. `patient`: 1 to 20.
    ChartPatient { assignment: AssignmentId, patient: u8, at: UtcTime, entry: Box<PatientEntry> },
    /// Write to the crew.
    MessageCrew { unit: UnitId, text: String },

    // Units, hospitals, roads.
    /// A person signs on to a unit.
    SignOn { unit: UnitId, name: String, role: CrewRole },
    /// A person signs off.
    SignOff { unit: UnitId, name: String },
    /// Take a unit out of service.
    PauseUnit { unit: UnitId, reason: String },
    /// Put it back.
    ResumeUnit { unit: UnitId },
    /// Have a unit stand by at a station, its own or another.
    PostUnit { unit: UnitId, station: StationId },
    /// Follow the standing advice that a unit stands by at a station. Refused when it no longer holds.
    AcceptMoveUp { unit: UnitId, station: StationId },
    /// Take that advice down.
    DeclineMoveUp { unit: UnitId, station: StationId },
    /// A unit that should be heard is not, since the time given.
    NoteSilence { unit: UnitId, since: UtcTime },
    /// A silent unit is heard again.
    NoteHeard { unit: UnitId },
    /// A hospital asks not to be sent patients, or (`None`) takes them again.
    DivertHospital { hospital: HospitalId, diversion: Option<Diversion> },
    /// Close a stretch of road.
    CloseRoad { closure: Closure },
    /// Open it again.
    OpenRoad { closure: ClosureId },

    // Housekeeping.
    /// An effect has reached whom it was for.
    ConfirmDelivery { effect: EffectId },
    /// Somebody takes an escalation on.
    AcknowledgeEscalation { escalation: EscalationKey },
    /// Erase for good the names, telephone numbers, addresses and words of these. Refused while one of them goes on.
    ErasePersonalData { subjects: Vec<Subject>, reason: String },
}
