//! The words of the interface: every choice that is written as one word, tied to the core's own by exhaustive matches, so
//! that a new step or outcome cannot be forgotten here.

use dispatch_core::{accident, assignment, escalation, incident, patient, vehicle};
/// Mirrors an enum of the core, variant by variant, both ways.
macro_rules! words {
    ($($(#[$doc:meta])* $name:ident = $core:path { $($variant:ident),* $(,)? })*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
        #[serde(rename_all = "snake_case")]
        pub(crate) enum $name { $($variant),* }

        impl From<$core> for $name {
            fn from(core: $core) -> Self {
                match core { $(<$core>::$variant => Self::$variant),* }
            }
        }

        impl From<$name> for $core {
            fn from(word: $name) -> Self {
                match word { $($name::$variant => <$core>::$variant),* }
            }
        }
    )*};
}
pub(super) use words;

words! {
    /// How a casualty was tagged, the most urgent first.
    ColourWord = accident::Colour { Red, Yellow, Green, Black }
    /// How somebody left the centre's care without being conveyed.
    ReleaseWord = accident::Release { Treated, Left, Dead }
    /// A step of one unit's work on one incident, in order.
    StageWord = assignment::Stage {
        Ordered, Acknowledged, Rolling, OnScene, AtPatient, LeftScene, AtHospital, HandedOver, Available,
    }
    /// How an assignment ended.
    OutcomeWord = assignment::Outcome {
        Conveyed, TreatedOnScene, NoPatient, RefusedTransport, Dead, Aborted, RefusedOrder, CancelledBeforeRolling,
        CancelledRolling, Diverted, Relieved,
    }
    /// Where a recorded time comes from.
    StampSourceWord = assignment::StampSource { Terminal, Motion, Desk, Correction, Paper, Centre }
    /// How a travel time was found: over the roads, or in a straight line, which is an estimate and must be shown as one.
    BasisWord = assignment::Basis { Road, StraightLine }
    /// What a proposed unit was doing.
    UnitStateWord = assignment::UnitState { AtStation, Standing, Driving, AssumedAtStation, AtHospital }
    /// Why a unit was not considered.
    LeftOutWord = assignment::LeftOutReason { Taken, NoCrew, Paused, Silent, NoPosition, NoWay, GaveBack, Reserved, OffDuty, MutualAid }
    /// What the rules say of sending a unit.
    DispatchLevelWord = assignment::DispatchLevel { Allow, Warn, Block, Refuse }
    /// How a call came in.
    CallSourceWord = incident::CallSource { Telephone, Text, Police, Fire, Hospital, Crew }
    /// Where a call stands.
    CallStateWord = incident::CallState { Ringing, Answered, Taken, Ended }
    /// How a call ended without leading to an incident of its own.
    CallEndWord = incident::CallEnd { Advice, NonUrgent, OtherCentre, Silent, Nuisance, Work, Finished }
    /// Who wrote a line of a text call.
    SpeakerWord = incident::Speaker { Caller, Centre }
    /// What kind of job an incident is.
    IncidentKindWord = incident::IncidentKind { Emergency, Transfer, Standby }
    /// What a unit can do, an incident needs, or a hospital offers.
    SkillWord = incident::Skill { Als, ChestPain, Stroke, Trauma, Maternal, Newborn, NegativePressure, Bariatric }
    /// What a patient's file shows.
    FileKindWord = patient::FileKind { Ecg, Photo }
    /// For what a hospital is asked to be ready.
    AlertWord = patient::AlertKind { ChestPain, Stroke, Trauma, Maternal, Newborn }
    /// A score that a crew takes.
    ScoreWord = patient::ScoreKind { Gcs, TraumaIndex, Apgar, Fast }
    /// How bad a patient is.
    SeverityWord = patient::Severity { Critical, Medium, Other }
    /// Who measured.
    VitalsSourceWord = patient::VitalsSource { Crew, Monitor }
    /// Sex as recorded by the caller's words.
    SexWord = incident::Sex { Male, Female }
    /// The class of area that decides the response target.
    AreaWord = incident::AreaClass { CityCore, CountyCore, Rural }
    /// Whether a unit may be sent, and if not, why.
    ReadinessWord = vehicle::Readiness { Ready, Taken, NoCrew, Paused, Silent }
    /// What a person of a crew does.
    CrewRoleWord = vehicle::CrewRole { Driver, Doctor, Nurse, Stretcher }
    /// How loud an escalation is.
    UrgencyWord = escalation::Urgency { Notice, Warning, Alarm }
    /// What is wrong.
    EscalationWord = escalation::EscalationKind {
        CallUnanswered, CallUnowned, NotProposed, NotAssigned, NoneFree, NotDelivered, NotAcknowledged, RollSlow,
        NotRolling, MotionDisagrees, UnitSilent, ArrivalUnacknowledged, HandoffUnaccepted, OrderUnknown,
    }
}

/// Level I to IV of the 2018 emergency triage consensus, the most urgent first.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize, utoipa::ToSchema,
)]
#[expect(clippy::upper_case_acronyms, reason = "Roman numerals, as they are written")]
pub(crate) enum LevelWord {
    I,
    II,
    III,
    IV,
}

/// The four grades of the national emergency plans, the gravest first.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize, utoipa::ToSchema,
)]
#[expect(clippy::upper_case_acronyms, reason = "Roman numerals, as they are written")]
pub(crate) enum GradeWord {
    I,
    II,
    III,
    IV,
}

impl From<accident::AccidentGrade> for GradeWord {
    fn from(grade: accident::AccidentGrade) -> Self {
        match grade {
            accident::AccidentGrade::I => Self::I,
            accident::AccidentGrade::II => Self::II,
            accident::AccidentGrade::III => Self::III,
            accident::AccidentGrade::IV => Self::IV,
        }
    }
}

impl From<GradeWord> for accident::AccidentGrade {
    fn from(word: GradeWord) -> Self {
        match word {
            GradeWord::I => Self::I,
            GradeWord::II => Self::II,
            GradeWord::III => Self::III,
            GradeWord::IV => Self::IV,
        }
    }
}

impl From<incident::Level> for LevelWord {
    fn from(level: incident::Level) -> Self {
        match level {
            incident::Level::I => Self::I,
            incident::Level::II => Self::II,
            incident::Level::III => Self::III,
            incident::Level::IV => Self::IV,
        }
    }
}

impl From<LevelWord> for incident::Level {
    fn from(word: LevelWord) -> Self {
        match word {
            LevelWord::I => Self::I,
            LevelWord::II => Self::II,
            LevelWord::III => Self::III,
            LevelWord::IV => Self::IV,
        }
    }
}
