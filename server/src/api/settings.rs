//! What the centre runs by: its rules, its clock, its map.

use axum::extract::State;
use dispatch_core::assignment::OverrideReason;
use dispatch_core::rules::Rules;
use dispatch_core::vehicle::Shift;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::Api;
use super::answer::Answer;
use super::doc::ReadProblems;
use super::views::{BasisWord, MutualAidView, StationAreasView, Time, TrafficView, seconds};

pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(read_rules)).routes(routes!(read_time)).routes(routes!(read_map))
}

/// Deadlines, targets and policy in force.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Rules)]
pub(crate) struct RulesView {
    utc_offset_s: f64,
    answer_within_s: f64,
    take_within_s: f64,
    propose_within_s: f64,
    assign_within_s: f64,
    deliver_within_s: f64,
    acknowledge_within_s: f64,
    roll_warn_s: f64,
    roll_within_s: f64,
    motion_disagreement_s: f64,
    hospital_acknowledge_within_s: f64,
    handoff_within_s: f64,
    silent_after_s: f64,
    scheduled_lead_s: f64,
    scheduled_run_s: f64,
    ended_kept_s: f64,
    policy: String,
    candidates_max: usize,
    /// Whether proposals name units that are about to be free at hospital.
    about_to_be_free: bool,
    automatic_dispatch: bool,
    /// The next proposed unit is sent without a person where one did not roll in time.
    send_next_when_late: bool,
    /// Who is on duty when, by the city's clocks.
    shifts: Vec<ShiftView>,
    /// Whether the units of a station's area go first in it.
    station_areas: StationAreasView,
    /// Whether units of neighbouring centres are offered.
    mutual_aid: MutualAidView,
    /// At which hours ambulances drive slower or faster than usual; the first row that suits holds.
    traffic: Vec<TrafficView>,
    /// A unit whose duty ends within this time is marked.
    shift_end_warn_s: f64,
    /// Covered means reached by a free unit within this time of its being sent.
    cover_within_s: f64,
    /// Moving a unit up is advised when it adds this share of all demand at least.
    move_up_gain_min: f64,
    /// Why another than the first proposed may be sent, in the order of the list.
    override_reasons: Vec<OverrideReasonView>,
}

/// One reason for sending another than the first proposed.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = OverrideReason)]
pub(crate) struct OverrideReasonView {
    #[schema(example = "closer")]
    code: String,
    zh: String,
    en: String,
    /// Whether it needs words beside it.
    words: bool,
}

/// One shift, the same hours every day.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Shift)]
pub(crate) struct ShiftView {
    name: String,
    #[schema(example = "07:30")]
    from: String,
    #[schema(example = "19:30")]
    to: String,
    units: Vec<String>,
}

/// The domain clock.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TimeNow {
    now: Time,
    /// Domain seconds in a second.
    rate: f64,
}

/// The map that is drawn and driven on.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Map)]
pub(crate) struct MapView {
    /// The centre's name.
    name: String,
    /// The hash of the map: tiles stay the same as long as it does. `null` without a map.
    id: Option<String>,
    bounds: Option<BoundsView>,
    /// Whose data it is; shown on every map.
    attribution: String,
    /// What travel times rest on.
    basis: BasisWord,
}

/// A box in WGS-84 degrees.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Bounds)]
pub(crate) struct BoundsView {
    west: f64,
    south: f64,
    east: f64,
    north: f64,
}

/// The rules in force.
#[utoipa::path(get, path = "/api/v1/rules", tag = "settings", responses((status = 200, body = RulesView), ReadProblems))]
async fn read_rules(State(api): State<Api>) -> Answer<RulesView> {
    Answer::ok(RulesView::from(api.centre().snapshot().record.rules()))
}

/// The domain clock: in a demonstration it may run faster.
#[utoipa::path(get, path = "/api/v1/time", tag = "settings", responses((status = 200, body = TimeNow), ReadProblems))]
async fn read_time(State(api): State<Api>) -> Answer<TimeNow> {
    let clock = api.centre().clock();
    Answer::ok(TimeNow { now: clock.now().into(), rate: clock.rate() })
}

/// The map.
#[utoipa::path(get, path = "/api/v1/map", tag = "settings", responses((status = 200, body = MapView), ReadProblems))]
async fn read_map(State(api): State<Api>) -> Answer<MapView> {
    let roads = api.centre().roads();
    let bounds = roads.as_ref().map(|roads| roads.map.bounds());
    Answer::ok(MapView {
        name: api.name().to_owned(),
        id: roads.as_ref().map(|roads| roads.map.id().to_owned()),
        bounds: bounds.map(|bounds| BoundsView {
            west: bounds.south_west.longitude(),
            south: bounds.south_west.latitude(),
            east: bounds.north_east.longitude(),
            north: bounds.north_east.latitude(),
        }),
        attribution: api.attribution().to_owned(),
        basis: if roads.is_some() { BasisWord::Road } else { BasisWord::StraightLine },
    })
}

impl From<&Rules> for RulesView {
    fn from(rules: &Rules) -> Self {
        Self {
            utc_offset_s: seconds(rules.utc_offset_s),
            answer_within_s: seconds(rules.answer_within_s),
            take_within_s: seconds(rules.take_within_s),
            propose_within_s: seconds(rules.propose_within_s),
            assign_within_s: seconds(rules.assign_within_s),
            deliver_within_s: seconds(rules.deliver_within_s),
            acknowledge_within_s: seconds(rules.acknowledge_within_s),
            roll_warn_s: seconds(rules.roll_warn_s),
            roll_within_s: seconds(rules.roll_within_s),
            motion_disagreement_s: seconds(rules.motion_disagreement_s),
            hospital_acknowledge_within_s: seconds(rules.hospital_acknowledge_within_s),
            handoff_within_s: seconds(rules.handoff_within_s),
            silent_after_s: seconds(rules.silent_after_s),
            scheduled_lead_s: seconds(rules.scheduled_lead_s),
            scheduled_run_s: seconds(rules.scheduled_run_s),
            ended_kept_s: seconds(rules.ended_kept_s),
            policy: rules.policy.clone(),
            candidates_max: rules.candidates_max,
            about_to_be_free: rules.about_to_be_free,
            automatic_dispatch: rules.automatic_dispatch,
            send_next_when_late: rules.send_next_when_late,
            shifts: rules.shifts.0.iter().map(ShiftView::from).collect(),
            station_areas: StationAreasView::from(&rules.station_areas),
            mutual_aid: MutualAidView::from(&rules.mutual_aid),
            traffic: rules.traffic.0.iter().map(TrafficView::from).collect(),
            shift_end_warn_s: seconds(rules.shift_end_warn_s),
            cover_within_s: seconds(rules.cover_within_s),
            move_up_gain_min: rules.move_up_gain_min,
            override_reasons: rules.override_reasons.0.iter().map(OverrideReasonView::from).collect(),
        }
    }
}

impl From<&Shift> for ShiftView {
    fn from(shift: &Shift) -> Self {
        Self {
            name: shift.name.clone(),
            from: shift.from.to_string(),
            to: shift.to.to_string(),
            units: shift.units.iter().map(ToString::to_string).collect(),
        }
    }
}

impl From<&OverrideReason> for OverrideReasonView {
    fn from(reason: &OverrideReason) -> Self {
        let OverrideReason { code, zh, en, words } = reason;
        Self { code: code.to_string(), zh: zh.clone(), en: en.clone(), words: *words }
    }
}
