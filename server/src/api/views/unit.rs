//! A unit with its crew, its link and where it is.

use dispatch_core::fleet::UnitFix;
use dispatch_core::ids::StationId;
use dispatch_core::vehicle::{CrewMember, Duty, Pause, Station, Unit};
use dispatch_core::{Record, UtcTime};
use serde::Serialize;
use utoipa::ToSchema;

use super::place::{Position, Time, share};
use super::words::{CrewRoleWord, ReadinessWord, SkillWord, StageWord};

/// A vehicle with its crew. What it is doing follows from its assignments.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(as = Unit)]
pub(crate) struct UnitView {
    /// Its call sign.
    #[schema(example = "A12")]
    id: String,
    /// Where it stands by.
    station: String,
    station_name: String,
    plate: String,
    /// The telephone in the vehicle, for an order by voice.
    phone: String,
    skills: Vec<SkillWord>,
    /// Whether it may be sent, and if not, why.
    readiness: ReadinessWord,
    /// The stage of its newest open assignment.
    stage: Option<StageWord>,
    crew: Vec<CrewView>,
    pause: Option<PauseView>,
    /// Whether it is on duty by the shift table.
    duty: DutyView,
    /// Where it stands by now, when that is not its own station.
    posted: Option<StandbyView>,
    /// Standing advice where it should stand by instead.
    move_up: Option<MoveUpView>,
    /// Its open assignments, oldest first.
    assignments: Vec<String>,
    /// Nothing was heard of it since this time, while it should be heard.
    silent_since: Option<Time>,
    /// Whether its terminal is connected, or a tracker that takes no orders.
    link: LinkWord,
    position: Option<UnitPositionView>,
}

/// Whether a terminal is connected. `tracked`: only a tracker is, which sends positions and takes no orders.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum LinkWord {
    Up,
    Tracked,
    Down,
}

/// One person signed on to a unit.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(as = CrewMember)]
pub(crate) struct CrewView {
    name: String,
    role: CrewRoleWord,
    since: Time,
}

/// Out of service on purpose.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(as = Pause)]
pub(crate) struct PauseView {
    reason: String,
    since: Time,
}

/// Whether a unit is on duty by the shift table, and until when that stays so; `null` for a unit that is on duty round the clock.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(as = Duty)]
pub(crate) struct DutyView {
    on: bool,
    until: Option<Time>,
}

impl DutyView {
    fn of(duty: Duty, now: UtcTime) -> Self {
        match duty {
            Duty::Always => Self { on: true, until: None },
            Duty::For(left) => Self { on: true, until: Some((now + left).into()) },
            Duty::Off(left) => Self { on: false, until: Some((now + left).into()) },
        }
    }
}

/// A station where a unit stands by.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(as = Standby)]
pub(crate) struct StandbyView {
    #[schema(example = "S03")]
    station: String,
    name: String,
}

/// Advice that a free unit should stand by elsewhere.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(as = MoveUp)]
pub(crate) struct MoveUpView {
    to: StandbyView,
    /// What it adds to the cover: share of all demand.
    gain: f64,
    since: Time,
}

impl StandbyView {
    fn of(record: &Record, station: StationId) -> Self {
        let name = record.stations().get(&station).map(|station| station.name.clone());
        Self { station: station.to_string(), name: name.unwrap_or_default() }
    }
}

/// Where a unit was, and when.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, ToSchema)]
#[schema(as = UnitPosition)]
pub(crate) struct UnitPositionView {
    longitude: f64,
    latitude: f64,
    speed_kmh: f64,
    /// Clockwise from north.
    heading_deg: Option<f64>,
    /// When the vehicle was there.
    at: Time,
}

/// A station (急救站).
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(as = Station)]
pub(crate) struct StationView {
    #[schema(example = "S03")]
    id: String,
    name: String,
    position: Position,
}

impl UnitView {
    pub(crate) fn of(
        record: &Record,
        unit: &Unit,
        now: UtcTime,
        fix: Option<&UnitFix>,
        link: LinkWord,
    ) -> Self {
        let spec = &unit.spec;
        let newest = unit.assignments.last().and_then(|id| record.assignment(*id));
        Self {
            id: spec.id.to_string(),
            station: spec.station.to_string(),
            station_name: record.stations().get(&spec.station).map(|s| s.name.clone()).unwrap_or_default(),
            plate: spec.plate.clone(),
            phone: spec.phone.clone(),
            skills: spec.skills.iter().copied().map(SkillWord::from).collect(),
            readiness: unit.readiness().into(),
            stage: newest.map(|assignment| assignment.stage.into()),
            crew: unit.crew.iter().map(CrewView::from).collect(),
            pause: unit.pause.as_ref().map(PauseView::from),
            duty: DutyView::of(record.duty(spec.id, now), now),
            posted: unit.posted.map(|station| StandbyView::of(record, station)),
            move_up: unit.advice.as_ref().map(|advice| MoveUpView {
                to: StandbyView::of(record, advice.to),
                gain: share(advice.gain_ppm),
                since: advice.since.into(),
            }),
            assignments: unit.assignments.iter().map(ToString::to_string).collect(),
            silent_since: unit.silent_since.map(Time::from),
            link,
            position: fix.map(UnitPositionView::from),
        }
    }
}

impl From<&CrewMember> for CrewView {
    fn from(member: &CrewMember) -> Self {
        Self { name: member.name.clone(), role: member.role.into(), since: member.since.into() }
    }
}

impl From<&Pause> for PauseView {
    fn from(pause: &Pause) -> Self {
        Self { reason: pause.reason.clone(), since: pause.since.into() }
    }
}

impl From<&UnitFix> for UnitPositionView {
    fn from(heard: &UnitFix) -> Self {
        let fix = &heard.fix;
        Self {
            longitude: fix.position.longitude(),
            latitude: fix.position.latitude(),
            speed_kmh: (f64::from(fix.speed_kmh) * 10.0).round() / 10.0,
            heading_deg: fix.heading_deg.map(|degrees| f64::from(degrees).round()),
            at: fix.at.into(),
        }
    }
}

impl From<&Station> for StationView {
    fn from(station: &Station) -> Self {
        Self { id: station.id.to_string(), name: station.name.clone(), position: station.position.into() }
    }
}
