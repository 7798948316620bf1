//! A proposal: units ranked by expected arrival, with everything it was made from, so that anybody can make it again.

mod area;
mod freeing;

use std::collections::BTreeSet;

use roads::Wgs84;
use serde::{Deserialize, Serialize};

use super::team::{Slot, fill};
use super::{DispatchLevel, LeftOutReason, Reason};
use crate::ids::{AssignmentId, IncidentId, ProposalId, UnitId};
use crate::incident::{Level, Skill};
use crate::policy::{Policy, relief};
use crate::time::{Span, UtcTime};
use crate::traffic::TrafficRow;
pub use freeing::Freeing;

/// Units ranked for one incident, with the inputs. The journal holds the whole of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Proposal {
    /// Its id.
    pub id: ProposalId,
    /// What it was made from.
    pub inputs: ProposalInputs,
    /// The units, best first. Empty: none is free.
    pub ranked: Vec<Candidate>,
    /// Who would take which of several slots; empty where one unit is wanted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub team: Vec<Slot>,
    /// Units that may not be sent before they are free at hospital and would be there as soon as those ranked, best first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub about_to_be_free: Vec<Candidate>,
}

/// Everything a proposal was made from: the same inputs give the same ranking, on any machine, at any time.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ProposalInputs {
    /// When the picture was taken, UTC.
    pub at: UtcTime,
    /// For which incident.
    pub incident: IncidentId,
    /// Where it is, WGS-84.
    pub target: Wgs84,
    /// How urgent it is.
    pub level: Level,
    /// How many units it lacks.
    pub units_short: u8,
    /// What the first to go must be able to do.
    pub skills: BTreeSet<Skill>,
    /// What each must be able to do of several that are to go, the most demanding first; empty where one is.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub slots: Vec<BTreeSet<Skill>>,
    /// The policy by name.
    pub policy: String,
    /// How many units to list.
    pub candidates_max: usize,
    /// Which road weights the travel times come from; empty without a road map.
    pub road_weights: String,
    /// The units that may be sent, in the order of their codes.
    pub candidates: Vec<CandidateInput>,
    /// Units that may not be sent now, and why.
    pub left_out: Vec<LeftOut>,
    /// The unit on its way that another may relieve: it stands among the candidates, as it goes on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub relieves: Option<Relieved>,
    /// How long it had been since the first call about it.
    #[serde(default)]
    pub waited_s: Span,
    /// Within what time of the call help should be there.
    #[serde(default)]
    pub goal_s: Span,
    /// The others who compete for the units, where the policy looks at all at once.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rivals: Vec<Rival>,
    /// How often help is wanted in the whole city, calls per day, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub demand_per_day: Option<f64>,
    /// Units at hospital that will be free soon: none of them may be sent before.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub about_to_be_free: Vec<CandidateInput>,
    /// The hours that held, where roads were not as usual: the travel times count with them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub traffic: Option<TrafficRow>,
    /// A unit of the area goes first if it arrives at most this much after the first; none where there are no areas.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub area_later_max_s: Option<Span>,
}

/// Another incident that competes for the units.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rival {
    /// The incident.
    pub incident: IncidentId,
    /// How urgent it is.
    pub level: Level,
    /// How long it had been since the first call about it.
    pub waited_s: Span,
    /// Within what time of the call help should be there.
    pub goal_s: Span,
    /// When the unit on its way to it is expected there; none when it waits for one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remaining_s: Option<Span>,
    /// The free units that would be there first.
    pub arrivals: Vec<FreeArrival>,
}

/// When a free unit would be somewhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct FreeArrival {
    /// The unit.
    pub unit: UnitId,
    /// Expected time until it arrives.
    pub arrival_s: Span,
}

/// The unit on its way that another may relieve.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Relieved {
    /// Its order.
    pub assignment: AssignmentId,
    /// The unit.
    pub unit: UnitId,
}

/// One unit that may be sent, as the picture showed it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CandidateInput {
    /// The unit.
    pub unit: UnitId,
    /// What it was doing.
    pub state: UnitState,
    /// Where it was, WGS-84.
    pub position: Wgs84,
    /// How old that position was.
    pub position_age_s: Span,
    /// Expected time until its wheels roll.
    pub mobilisation_s: Span,
    /// Expected time on the road.
    pub travel_s: Span,
    /// How the travel time was found.
    pub basis: Basis,
    /// What it can do.
    pub skills: BTreeSet<Skill>,
    /// What it would have to leave.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub interrupts: Option<Interrupted>,
    /// Calls per day that nobody free covers any more when it goes; none where that is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cover_loss: Option<f64>,
    /// How much longer it is on duty, where its shift ends soon.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duty_left_s: Option<Span>,
    /// What the rules say of what it lacks.
    #[serde(default, skip_serializing_if = "DispatchLevel::is_allow")]
    pub level: DispatchLevel,
    /// What it waits for before it may be sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub freeing: Option<Freeing>,
    /// Whether it is of the station in whose area the incident is.
    #[serde(default, skip_serializing_if = "is_false")]
    pub own_area: bool,
    /// Which neighbour must be asked for it; none for the centre's own units.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub aid: Option<String>,
}

impl CandidateInput {
    /// Expected time until it arrives: until it is free, until its wheels roll, and on the road.
    pub fn arrival(&self) -> Span {
        let free_in = self.freeing.as_ref().map_or(Span::ZERO, |freeing| freeing.in_s);
        free_in + self.mobilisation_s + self.travel_s
    }
}

/// The order that a unit would have to leave.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Interrupted {
    /// The order.
    pub assignment: AssignmentId,
    /// The incident that would lose the unit.
    pub incident: IncidentId,
    /// How urgent that incident is.
    pub level: Level,
}

/// What a unit that may be sent was doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UnitState {
    /// Standing by at its station.
    AtStation,
    /// Standing by elsewhere.
    Standing,
    /// Driving, free.
    Driving,
    /// It has never reported a position, and is taken to be at its station.
    AssumedAtStation,
    /// At hospital with a patient, and not free before the handover.
    AtHospital,
}

/// How a travel time was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Basis {
    /// Over the roads as they are now.
    Road,
    /// In a straight line: an estimate, and marked as such wherever it is shown.
    StraightLine,
}

/// A unit that was not considered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeftOut {
    /// The unit.
    pub unit: UnitId,
    /// Why.
    pub why: LeftOutReason,
}

/// One ranked unit.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Candidate {
    /// The unit.
    pub unit: UnitId,
    /// Expected time until its wheels roll.
    pub mobilisation_s: Span,
    /// Expected time on the road.
    pub travel_s: Span,
    /// Expected time until it is free, for one that is not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub free_in_s: Option<Span>,
    /// Expected time until it arrives: the sum.
    pub arrival_s: Span,
    /// How the travel time was found.
    pub basis: Basis,
    /// What is wanted and it cannot do.
    pub lacks: BTreeSet<Skill>,
    /// What the rules say of that.
    #[serde(default, skip_serializing_if = "DispatchLevel::is_allow")]
    pub level: DispatchLevel,
    /// What it would have to leave.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub interrupts: Option<Interrupted>,
    /// Calls per day that nobody free covers any more when it goes; none where that is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cover_loss: Option<f64>,
    /// Which neighbour must be asked for it; none for the centre's own units.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub aid: Option<String>,
    /// Whether it is of the station in whose area the incident is.
    #[serde(default, skip_serializing_if = "is_false")]
    pub own_area: bool,
    /// Another incident that gains more by it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kept_for: Option<IncidentId>,
    /// Why it stands where it stands, most important first.
    pub reasons: Vec<Reason>,
}

impl ProposalInputs {
    /// Share of all demand that free units cover no more when a candidate goes, in millionths; `None` where cover is not known.
    pub fn cover_loss_ppm(&self, candidate: &CandidateInput) -> Option<u32> {
        let demand = self.demand_per_day.filter(|demand| *demand > 0.0)?;
        // What leaves an order covers nothing now.
        let loss = if candidate.interrupts.is_some() { 0.0 } else { candidate.cover_loss? };
        Some((loss / demand * 1e6).round().clamp(0.0, 1e6) as u32)
    }
}

/// Ranks the candidates as the policy of the inputs does. The unit that arrives
/// first of all is always listed, whatever it lacks: somebody may decide that a pair of hands in three minutes is worth more.
pub fn propose(id: ProposalId, inputs: ProposalInputs) -> Proposal {
    let may_go = |input: &&CandidateInput| !inputs.left_out.iter().any(|out| out.unit == input.unit);
    let mut ranked: Vec<Candidate> = Vec::with_capacity(inputs.candidates.len());
    ranked.extend(inputs.candidates.iter().filter(may_go).map(|input| weigh(input, &inputs)));
    if let Some(relieved) = inputs.relieves {
        relief::rank(&mut ranked, relieved.unit);
    } else {
        // A name that this version does not know ranks as the plainest policy does.
        inputs.policy.parse::<Policy>().unwrap_or_default().rank(&inputs, &mut ranked);
        if let Some(later_max) = inputs.area_later_max_s {
            area::prefer(&mut ranked, later_max);
        }
    }
    // Whoever may go only on somebody's word comes after everybody else.
    ranked.sort_by_key(|candidate| !candidate.level.is_free());
    let able = |unit: UnitId, skills: &BTreeSet<Skill>| {
        let input = inputs.candidates.iter().find(|input| input.unit == unit);
        input.is_some_and(|input| skills.is_subset(&input.skills))
    };
    let team = fill(&inputs.slots, &ranked, able);
    keep_the_best(&mut ranked, inputs.candidates_max, &team);
    let first = ranked.iter().map(|c| c.arrival_s).min().unwrap_or_default();
    for candidate in &mut ranked {
        let later = candidate.arrival_s - first;
        let lead =
            if later == Span::ZERO { Reason::FirstToArrive } else { Reason::LaterBy { later_s: later } };
        candidate.reasons.insert(0, lead);
        if inputs.relieves.is_some_and(|relieved| relieved.unit == candidate.unit) {
            candidate.reasons.push(Reason::OnItsWay);
        }
        if candidate.kept_for.is_some() {
            candidate.reasons.insert(0, Reason::KeptForAnother);
        }
    }
    let about_to_be_free = freeing::rank(&inputs, &ranked);
    Proposal { id, inputs, ranked, team, about_to_be_free }
}

fn keep_the_best(ranked: &mut Vec<Candidate>, candidates_max: usize, team: &[Slot]) {
    if ranked.len() <= candidates_max {
        return;
    }
    let quickest = ranked.iter().min_by_key(|c| (c.arrival_s, c.unit)).cloned();
    let rest = ranked.split_off(candidates_max);
    let in_team = |candidate: &Candidate| team.iter().any(|slot| slot.unit == Some(candidate.unit));
    ranked.extend(rest.into_iter().filter(in_team));
    let Some(quickest) = quickest.filter(|quickest| ranked.iter().all(|c| c.unit != quickest.unit)) else {
        return;
    };
    // A list of one is for the unit that can do the job.
    if ranked.len() > 1 {
        if team.is_empty() {
            ranked.pop();
        }
        ranked.push(quickest);
    }
}

fn weigh(input: &CandidateInput, inputs: &ProposalInputs) -> Candidate {
    let lacks: BTreeSet<Skill> = inputs.skills.difference(&input.skills).copied().collect();
    let mut reasons = Vec::with_capacity(2);
    if let Some(freeing) = &input.freeing {
        reasons.push(Reason::AboutToBeFree { in_s: freeing.in_s, hospital: freeing.name.clone() });
    }
    if !lacks.is_empty() {
        reasons.push(Reason::Lacks { skills: lacks.clone() });
    }
    if !input.level.is_free() {
        reasons.push(Reason::Blocked { level: input.level });
    }
    if let Some(from) = &input.aid {
        reasons.push(Reason::MutualAid { from: from.clone() });
    }
    if input.own_area {
        reasons.push(Reason::OwnArea);
    }
    if let Some(Interrupted { level, .. }) = input.interrupts {
        reasons.push(Reason::Interrupts { level });
    }
    if let Some(in_s) = input.duty_left_s {
        reasons.push(Reason::ShiftEnds { in_s });
    }
    if let Some(loss_ppm) = inputs.cover_loss_ppm(input).filter(|loss_ppm| *loss_ppm >= COVER_LOSS_SAID_PPM) {
        reasons.push(Reason::LosesCover { loss_ppm });
    }
    match input.state {
        UnitState::Driving => reasons.push(Reason::AlreadyDriving),
        UnitState::AssumedAtStation => reasons.push(Reason::AssumedAtStation),
        UnitState::AtStation | UnitState::Standing | UnitState::AtHospital => {}
    }
    if input.position_age_s > POSITION_OLD {
        reasons.push(Reason::PositionOld { age_s: input.position_age_s });
    }
    if input.basis == Basis::StraightLine {
        reasons.push(Reason::StraightLine);
    }
    if let Some(row) = inputs.traffic.as_ref() {
        reasons.push(Reason::Traffic { name: row.name.clone(), percent: row.percent() });
    }
    Candidate {
        unit: input.unit,
        mobilisation_s: input.mobilisation_s,
        travel_s: input.travel_s,
        free_in_s: input.freeing.as_ref().map(|freeing| freeing.in_s),
        arrival_s: input.arrival(),
        basis: input.basis,
        lacks,
        level: input.level,
        interrupts: input.interrupts,
        cover_loss: input.cover_loss,
        aid: input.aid.clone(),
        own_area: input.own_area,
        kept_for: None,
        reasons,
    }
}

impl Proposal {
    /// Whether this one says something that `older` did not: another order, or an arrival off by more than `tolerance`.
    pub fn differs_from(&self, older: &Self, tolerance: Span) -> bool {
        // Whoever stands by arrives so long after being sent; whoever will be free arrives at a time that comes nearer by itself.
        let nearer = self.inputs.at.since(older.inputs.at);
        let differ = |new: &[Candidate], old: &[Candidate], nearer: Span| {
            new.len() != old.len()
                || new.iter().zip(old).any(|(new, old)| {
                    let shift = new.arrival_s + nearer - old.arrival_s;
                    new.unit != old.unit || shift.micros().abs() > tolerance.micros()
                })
        };
        self.team != older.team
            || differ(&self.ranked, &older.ranked, Span::ZERO)
            || differ(&self.about_to_be_free, &older.about_to_be_free, nearer)
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks by reference")]
fn is_false(value: &bool) -> bool {
    !*value
}

/// A loss of cover smaller than this, a tenth of a percent, is not worth a word.
const COVER_LOSS_SAID_PPM: u32 = 1_000;
/// A position older than this is said to be old.
const POSITION_OLD: Span = Span::seconds(15);

#[cfg(test)]
mod tests;
