//! A proposal as a dispatcher reads it: ranked units with their reasons in words, units left out and why, and where the
//! patient would go.

use std::collections::BTreeMap;

use dispatch_core::Record;
use dispatch_core::assignment::{Candidate, LeftOut, Proposal, Reason, Slot};
use dispatch_core::ids::UnitId;
use serde::Serialize;
use utoipa::ToSchema;

use super::TrafficView;
use super::destination::DestinationChoiceView;
use super::place::{Time, seconds, share};
use super::second_opinion::SecondOpinionView;
use super::words::{BasisWord, DispatchLevelWord, LeftOutWord, SkillWord, UnitStateWord};

/// Units ranked for one incident.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(as = Proposal)]
pub(crate) struct ProposalView {
    #[schema(example = "proposal_0192f000-0000-7000-8000-000000000005")]
    id: String,
    incident: String,
    made_at: Time,
    /// How units were ranked.
    policy: String,
    /// Which road weights the travel times come from; empty without a road map.
    road_weights: String,
    /// The hours that held, where ambulances do not drive at their usual speed; `null` otherwise.
    traffic: Option<TrafficView>,
    /// The units, best first; empty when none is free.
    candidates: Vec<CandidateView>,
    /// Units at hospital that would be there as soon once they are free, best first; none of them may be sent before.
    about_to_be_free: Vec<CandidateView>,
    /// Who would take which of several slots, the most demanding first; empty where one unit is wanted.
    team: Vec<SlotView>,
    /// Units that may not be sent, and why.
    left_out: Vec<LeftOutView>,
    /// Where the patient would go, best first.
    destinations: Vec<DestinationChoiceView>,
    /// What a look ahead says, once it is there; `null` before, and where nothing is said.
    second_opinion: Option<SecondOpinionView>,
}

/// One ranked unit.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(as = Candidate)]
pub(crate) struct CandidateView {
    unit: String,
    /// The name of its station.
    station: String,
    /// What it was doing.
    state: UnitStateWord,
    /// Expected time until its wheels roll.
    mobilisation_s: f64,
    /// Expected time on the road.
    travel_s: f64,
    /// Expected time until it is free; `null` for whoever may be sent now.
    free_in_s: Option<f64>,
    /// Expected time until it arrives: the sum.
    arrival_s: f64,
    basis: BasisWord,
    /// How old its position was.
    position_age_s: f64,
    /// What is wanted and it cannot do.
    lacks: Vec<SkillWord>,
    /// What the rules say of that.
    level: DispatchLevelWord,
    /// Which neighbour must be asked for it; `null` for the centre's own units.
    aid: Option<String>,
    /// Whether it is of the station in whose area the incident is.
    own_area: bool,
    /// Share of all demand that free units would cover no more if it went; `null` where cover is not known.
    cover_loss: Option<f64>,
    /// Why it stands where it stands, most important first.
    reasons: Vec<ReasonView>,
}

/// One of several slots that are to be filled.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(as = Slot)]
pub(crate) struct SlotView {
    /// What whoever takes it must be able to do.
    skills: Vec<SkillWord>,
    /// Who would take it; `null`: nobody who may go can do all of that.
    unit: Option<String>,
}

/// Why a unit stands where it stands.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(as = Reason)]
pub(crate) struct ReasonView {
    reason: ReasonWord,
    /// By how much it is later than the first.
    #[serde(skip_serializing_if = "Option::is_none")]
    later_s: Option<f64>,
    /// By how much it would be there before anybody who can go now.
    #[serde(skip_serializing_if = "Option::is_none")]
    sooner_s: Option<f64>,
    /// How old its position was.
    #[serde(skip_serializing_if = "Option::is_none")]
    age_s: Option<f64>,
    zh: String,
    en: String,
}

/// A reason by its word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ReasonWord {
    FirstToArrive,
    LaterBy,
    AlreadyDriving,
    Lacks,
    PositionOld,
    AssumedAtStation,
    StraightLine,
    Interrupts,
    OnItsWay,
    KeptForAnother,
    LosesCover,
    ShiftEnds,
    Blocked,
    AboutToBeFree,
    SoonerBy,
    Traffic,
    OwnArea,
    MutualAid,
}

/// A unit that was not considered.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(as = LeftOut)]
pub(crate) struct LeftOutView {
    unit: String,
    why: LeftOutWord,
    zh: String,
    en: String,
}

impl ProposalView {
    pub(crate) fn of(
        record: &Record,
        proposal: &Proposal,
        destinations: Vec<DestinationChoiceView>,
        second_opinion: Option<SecondOpinionView>,
    ) -> Self {
        let inputs = &proposal.inputs;
        let all = inputs.candidates.iter().chain(&inputs.about_to_be_free);
        let seen: BTreeMap<UnitId, _> = all.map(|input| (input.unit, input)).collect();
        let candidate = |ranked: &Candidate| {
            let input = seen.get(&ranked.unit)?;
            let station = record.unit(ranked.unit).and_then(|unit| record.stations().get(&unit.spec.station));
            Some(CandidateView {
                unit: ranked.unit.to_string(),
                station: station.map(|station| station.name.clone()).unwrap_or_default(),
                state: input.state.into(),
                mobilisation_s: seconds(ranked.mobilisation_s),
                travel_s: seconds(ranked.travel_s),
                free_in_s: ranked.free_in_s.map(seconds),
                arrival_s: seconds(ranked.arrival_s),
                basis: ranked.basis.into(),
                position_age_s: seconds(input.position_age_s),
                lacks: ranked.lacks.iter().copied().map(SkillWord::from).collect(),
                level: ranked.level.into(),
                aid: ranked.aid.clone(),
                own_area: ranked.own_area,
                cover_loss: inputs.cover_loss_ppm(input).map(share),
                reasons: ranked.reasons.iter().map(ReasonView::from).collect(),
            })
        };
        Self {
            id: proposal.id.to_string(),
            incident: inputs.incident.to_string(),
            made_at: inputs.at.into(),
            policy: inputs.policy.clone(),
            road_weights: inputs.road_weights.clone(),
            traffic: inputs.traffic.as_ref().map(TrafficView::from),
            candidates: proposal.ranked.iter().filter_map(candidate).collect(),
            about_to_be_free: proposal.about_to_be_free.iter().filter_map(candidate).collect(),
            team: proposal.team.iter().map(SlotView::from).collect(),
            left_out: inputs.left_out.iter().map(LeftOutView::from).collect(),
            destinations,
            second_opinion,
        }
    }
}

impl From<&Slot> for SlotView {
    fn from(slot: &Slot) -> Self {
        Self {
            skills: slot.skills.iter().copied().map(SkillWord::from).collect(),
            unit: slot.unit.map(|unit| unit.to_string()),
        }
    }
}

impl From<&Reason> for ReasonView {
    fn from(reason: &Reason) -> Self {
        let (zh, en) = reason.texts();
        let word = match reason {
            Reason::FirstToArrive => ReasonWord::FirstToArrive,
            Reason::LaterBy { .. } => ReasonWord::LaterBy,
            Reason::AlreadyDriving => ReasonWord::AlreadyDriving,
            Reason::Lacks { .. } => ReasonWord::Lacks,
            Reason::PositionOld { .. } => ReasonWord::PositionOld,
            Reason::AssumedAtStation => ReasonWord::AssumedAtStation,
            Reason::StraightLine => ReasonWord::StraightLine,
            Reason::Interrupts { .. } => ReasonWord::Interrupts,
            Reason::OnItsWay => ReasonWord::OnItsWay,
            Reason::KeptForAnother => ReasonWord::KeptForAnother,
            Reason::LosesCover { .. } => ReasonWord::LosesCover,
            Reason::Blocked { .. } => ReasonWord::Blocked,
            Reason::ShiftEnds { .. } => ReasonWord::ShiftEnds,
            Reason::AboutToBeFree { .. } => ReasonWord::AboutToBeFree,
            Reason::SoonerBy { .. } => ReasonWord::SoonerBy,
            Reason::Traffic { .. } => ReasonWord::Traffic,
            Reason::OwnArea => ReasonWord::OwnArea,
            Reason::MutualAid { .. } => ReasonWord::MutualAid,
        };
        let later_s = if let Reason::LaterBy { later_s } = reason { Some(seconds(*later_s)) } else { None };
        let age_s = if let Reason::PositionOld { age_s } = reason { Some(seconds(*age_s)) } else { None };
        let sooner_s =
            if let Reason::SoonerBy { sooner_s } = reason { Some(seconds(*sooner_s)) } else { None };
        Self { reason: word, later_s, sooner_s, age_s, zh, en }
    }
}

impl From<&LeftOut> for LeftOutView {
    fn from(left_out: &LeftOut) -> Self {
        let (zh, en) = left_out.why.texts();
        Self {
            unit: left_out.unit.to_string(),
            why: left_out.why.into(),
            zh: zh.to_owned(),
            en: en.to_owned(),
        }
    }
}
