//! When the rules say no: a value for the person who asked, never a failure of the system.

use serde::Serialize;

use crate::accident::{AccidentNumber, Colour, Tag};
use crate::assignment::Stage;
use crate::ids::{
    AccidentId, AssignmentId, CallId, ClosureId, HospitalId, IncidentId, OverrideCode, ProposalId, StationId,
    UnitId,
};
use crate::incident::{IncidentNumber, Skill};
use crate::paper::PaperMoment;
use crate::policy::UnknownPolicy;
use crate::time::{Span, UtcTime};

impl From<UnknownPolicy> for Refusal {
    fn from(unknown: UnknownPolicy) -> Self {
        Self::UnknownPolicy { problem: unknown.to_string() }
    }
}

/// Why a command was refused, with what the person needs to go on.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, Serialize)]
#[serde(tag = "refusal", rename_all = "snake_case")]
pub enum Refusal {
    /// No such call.
    #[error("there is no call {call}")]
    UnknownCall { call: CallId },
    /// No such incident.
    #[error("there is no incident {incident}")]
    UnknownIncident { incident: IncidentId },
    /// No such assignment.
    #[error("there is no assignment {assignment}")]
    UnknownAssignment { assignment: AssignmentId },
    /// No such unit.
    #[error("there is no unit {unit}")]
    UnknownUnit { unit: UnitId },
    /// No such station.
    #[error("there is no station {station}")]
    UnknownStation { station: StationId },
    /// No such hospital.
    #[error("there is no hospital {hospital}")]
    UnknownHospital { hospital: HospitalId },
    /// No such proposal for this incident.
    #[error("there is no proposal {proposal} for this incident")]
    UnknownProposal { proposal: ProposalId },
    /// No such closure, or it is open again.
    #[error("there is no closed road {closure}")]
    UnknownClosure { closure: ClosureId },
    /// No such escalation stands.
    #[error("no such escalation stands: it was cleared, or never raised")]
    UnknownEscalation,
    /// The id is taken by something else.
    #[error("the id {id} is already in use: make a new one for each new thing")]
    IdInUse { id: String },
    /// Somebody else changed it first.
    #[error("it was changed meanwhile: it is at version {version} now, look again")]
    Changed { version: u32 },
    /// The unit is on another order.
    #[error("{unit} is on incident {number} ({stage:?}){}", expected_free(*.free_in_s))]
    UnitTaken {
        unit: UnitId,
        assignment: AssignmentId,
        incident: IncidentId,
        number: IncidentNumber,
        stage: Stage,
        /// Expected time until it is free, where it is at hospital.
        #[serde(skip_serializing_if = "Option::is_none")]
        free_in_s: Option<Span>,
    },
    /// Nobody is signed on.
    #[error("nobody is signed on to {unit}: the crew signs on first, or the desk does it for them")]
    NoCrew { unit: UnitId },
    /// The unit is out of service.
    #[error("{unit} is paused: {reason}")]
    UnitPaused { unit: UnitId, reason: String },
    /// The unit was not proposed first, and no reason was given for taking it.
    #[error("{unit} is not the first proposed: say why it is taken")]
    ReasonNeeded { unit: UnitId },
    /// The list of the centre holds no such code.
    #[error("the centre's list of reasons has no code {code}: GET /api/v1/rules shows it")]
    UnknownOverrideCode { code: OverrideCode },
    /// The code says nothing by itself.
    #[error("the code {code} needs words beside it")]
    WordsNeeded { code: OverrideCode },
    /// The list of reasons contradicts itself.
    #[error("the list of override reasons: {problem}")]
    OverrideReasons { problem: String },
    /// The advice where a unit should stand by is no longer the best, or no longer given.
    #[error(
        "the advice that {unit} stands by at {station} no longer holds: leave it where it is, or post it yourself"
    )]
    MoveUpStale { unit: UnitId, station: StationId },
    /// It lacks what the rules want, and no reason was given for sending it all the same.
    #[error(
        "the rules block {unit} for this incident, as it lacks {}: say why it is sent all the same",
        lacking(.lacks)
    )]
    Blocked { unit: UnitId, lacks: Vec<Skill> },
    /// It lacks what the rules never do without.
    #[error("the rules do not let {unit} go to this incident: it lacks {}", lacking(.lacks))]
    Unfit { unit: UnitId, lacks: Vec<Skill> },
    /// The response plans contradict themselves.
    #[error("the response plans: {problem}")]
    ResponsePlans { problem: String },
    /// Its shift has ended or not begun, and no reason was given for sending it.
    #[error("{unit} is off duty by the shift table: say why it is sent")]
    OffDuty { unit: UnitId },
    /// The shift table contradicts itself.
    #[error("the shift table: {problem}")]
    Shifts { problem: String },
    /// The traffic table makes no sense.
    #[error("the traffic table: {problem}")]
    Traffic { problem: String },
    /// The rule of station areas makes no sense.
    #[error("the station areas: {problem}")]
    StationAreas { problem: String },
    /// The rule of mutual aid makes no sense.
    #[error("the mutual aid: {problem}")]
    MutualAid { problem: String },
    /// A step that does not follow from the present one.
    #[error("{to:?} does not follow {from:?}: use a correction to change what is recorded")]
    StageOrder { from: Stage, to: Stage },
    /// The step has no time to correct.
    #[error("{stage:?} has no time recorded that could be corrected")]
    StageEmpty { stage: Stage },
    /// A time that cannot be: in the future, or before the order.
    #[error("the time given is {problem}")]
    BadTime { problem: String },
    /// Two times of a paper form stand in the wrong order.
    #[error("{}{} comes before {} on the form: look at both again", of_unit(*.unit), later.texts().1, earlier.texts().1)]
    PaperOrder {
        #[serde(skip_serializing_if = "Option::is_none")]
        unit: Option<UnitId>,
        earlier: PaperMoment,
        later: PaperMoment,
    },
    /// By the record the unit was on another order at the time of the form.
    #[error(
        "{unit} was on incident {number} from {from} to {to}: look at both again, or say why both are right (overlap_reason)"
    )]
    PaperOverlap { unit: UnitId, number: IncidentNumber, from: UtcTime, to: UtcTime },
    /// The assignment is over.
    #[error("this assignment has ended")]
    AssignmentEnded { assignment: AssignmentId },
    /// The order is another unit's.
    #[error("this order is not for {unit}")]
    NotYours { unit: UnitId },
    /// The incident is over.
    #[error("incident {number} has ended")]
    IncidentEnded { number: IncidentNumber },
    /// Cancelled or merged with units still on the way: recall them first, or together.
    #[error("incident {number} still has units on it")]
    UnitsOnIt { number: IncidentNumber },
    /// The call is in a state that does not allow it.
    #[error("this call is {state}: {expected}")]
    CallState { state: &'static str, expected: &'static str },
    /// An incident cannot be merged into itself or a finished one.
    #[error("an incident can only be merged into another open one")]
    MergeTarget,
    /// The unit is not going to a hospital.
    #[error("this assignment has no destination yet")]
    NoDestination,
    /// A text too long.
    #[error("the text is longer than {chars_max} characters")]
    TooLong { chars_max: usize },
    /// Nothing was written.
    #[error("{what} must not be empty")]
    Empty { what: &'static str },
    /// Too many of something.
    #[error("there are more than {count_max} {what}")]
    TooMany { what: &'static str, count_max: usize },
    /// A number of units that makes no sense.
    #[error("an incident wants between 1 and {units_max} units")]
    UnitsWanted { units_max: u8 },
    /// A booked run keeps the unit for itself.
    #[error("{unit} is reserved for incident {number}: release it there first")]
    UnitReserved { unit: UnitId, incident: IncidentId, number: IncidentNumber },
    /// Nothing is booked.
    #[error("incident {number} is not booked for a time: send a unit instead")]
    NotBooked { number: IncidentNumber },
    /// It was not offered to another centre.
    #[error("it was not offered to another centre")]
    NotOffered,
    /// It was not merged into another.
    #[error("incident {number} was not merged into another")]
    NotMerged { number: IncidentNumber },
    /// No such accident.
    #[error("there is no accident {accident}")]
    UnknownAccident { accident: AccidentId },
    /// The accident is over.
    #[error("accident {number} is closed")]
    AccidentClosed { number: AccidentNumber },
    /// The incident is a scene of another accident.
    #[error("incident {number} is a scene of accident {accident}")]
    SceneTaken { number: IncidentNumber, accident: AccidentNumber },
    /// No casualty has this tag.
    #[error("there is no casualty {tag} in this accident")]
    UnknownCasualty { tag: Tag },
    /// The casualty is not where the request takes it to be, or named twice.
    #[error("casualty {tag} is not there: look at the table again")]
    CasualtyElsewhere { tag: Tag },
    /// The hospital has no bed of this colour left.
    #[error("{hospital} has no bed left for {}: ask it for more, or choose another", colour.texts().1)]
    NoBed { hospital: HospitalId, colour: Colour },
    /// More beds were given than the hospital now wants to offer.
    #[error("{hospital} has given {given} beds for {} already: free some first", colour.texts().1)]
    BedsGiven { hospital: HospitalId, colour: Colour, given: u16 },
    /// Fewer casualties than are known, taken care of or taken away.
    #[error("{count_min} {} casualties of this scene are known or gone already: it cannot be fewer", colour.texts().1)]
    CountTooLow { colour: Colour, count_min: u16 },
    /// Casualties are still there.
    #[error("{count} casualties are still there")]
    CasualtiesWait { count: usize },
    /// Nobody is named.
    #[error("every action needs a named person and seat")]
    Unnamed,
    /// The policy is none that there is.
    #[error("{problem}")]
    UnknownPolicy { problem: String },
    /// Whoever asks may not do this.
    #[error("{what}")]
    NotAllowed { what: &'static str },
}

/// When a unit at hospital may be sent, in words.
fn expected_free(free_in: Option<Span>) -> String {
    let minutes = |free_in: Span| (free_in.micros() + 59_999_999) / 60_000_000;
    free_in.map_or_else(String::new, |free_in| {
        format!(": it may be sent when it is free, expected in {} min", minutes(free_in))
    })
}

/// Whose times, in words.
fn of_unit(unit: Option<UnitId>) -> String {
    unit.map_or_else(String::new, |unit| format!("{unit}: "))
}

/// Skills in words.
fn lacking(skills: &[Skill]) -> String {
    crate::assignment::skill_list(&skills.iter().copied().collect()).1
}
