//! The centre's own settings that decide things: deadlines, targets, policy. Kept in the journal, so that a replay uses
//! what was in force.

use serde::{Deserialize, Serialize};

use crate::assignment::{DispatchLevels, OverrideReasons};
use crate::incident::ResponsePlans;
use crate::policy::Preemptions;
use crate::time::Span;
use crate::traffic::TrafficTable;
use crate::vehicle::{MutualAid, ShiftTable, StationAreas};

/// Deadlines, targets and policy of one centre.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "the switches of a centre, each by its own name in the configuration"
)]
pub struct Rules {
    /// How far the city's clocks are ahead of UTC: it decides when the day's numbers restart.
    pub utc_offset_s: Span,
    /// A call must be answered within this time of ringing. National plan 2020: 10 s.
    pub answer_within_s: Span,
    /// An answered call must lead to an incident or be ended within this time.
    pub take_within_s: Span,
    /// An incident must have a proposal within this time.
    pub propose_within_s: Span,
    /// An incident must have the units it wants, or be held on purpose, within this time.
    pub assign_within_s: Span,
    /// The order must have reached the terminal within this time, else somebody telephones.
    pub deliver_within_s: Span,
    /// The crew must have acknowledged within this time of the order.
    pub acknowledge_within_s: Span,
    /// The departure clock turns amber.
    pub roll_warn_s: Span,
    /// The departure clock turns red and the next unit is proposed: the policy's three minutes.
    pub roll_within_s: Span,
    /// The crew's press and the vehicle's motion may differ by this much.
    pub motion_disagreement_s: Span,
    /// The hospital must have said that it knows within this time of being told.
    pub hospital_acknowledge_within_s: Span,
    /// Another centre must have taken what is offered to it within this time, else somebody telephones.
    pub handoff_within_s: Span,
    /// A unit on an order that was not heard for this long is called silent.
    pub silent_after_s: Span,
    /// A booked run enters the queue, and keeps its unit, so long before its time.
    pub scheduled_lead_s: Span,
    /// How long a booked run is taken to last, to find reservations that overlap.
    pub scheduled_run_s: Span,
    /// How long a finished incident stays in the live picture; the journal keeps it for ever.
    pub ended_kept_s: Span,
    /// The policy by name: how units are ranked, and what else it does. See [`crate::policy::Policy`].
    pub policy: String,
    /// Which levels may take a unit from which, where the policy preempts.
    pub preemptions: Preemptions,
    /// Within what time of the call help should be there, by level from I to IV.
    pub response_goals_s: [Span; 4],
    /// Whether proposals say what cover each unit's leaving costs.
    pub cover_in_proposals: bool,
    /// How the time until wheels roll is expected.
    pub mobilisation: MobilisationModel,
    /// Why another than the first proposed may be sent: the codes on offer.
    pub override_reasons: OverrideReasons,
    /// Whether a unit that lacks something may go all the same.
    pub dispatch_levels: DispatchLevels,
    /// What must come to which kind of incident, where the call-taker does not say.
    pub response_plans: ResponsePlans,
    /// Who is on duty when.
    pub shifts: ShiftTable,
    /// Whether the units of a station's area go first in it.
    pub station_areas: StationAreas,
    /// Whether units of neighbouring centres are offered.
    pub mutual_aid: MutualAid,
    /// At which hours ambulances drive slower or faster than usual.
    pub traffic: TrafficTable,
    /// A unit whose duty ends within this time is marked.
    pub shift_end_warn_s: Span,
    /// Covered means reached by a free unit within this time of its being sent.
    pub cover_within_s: Span,
    /// Moving a unit up is advised when it adds this share of all demand at least, 0 to 1.
    pub move_up_gain_min: f64,
    /// How many units a proposal lists.
    pub candidates_max: usize,
    /// Whether proposals name units that are about to be free at hospital.
    pub about_to_be_free: bool,
    /// Assign the first proposed without a person. Off unless a centre decides otherwise; recorded as such.
    pub automatic_dispatch: bool,
    /// Send the next proposed unit without a person where one did not roll in time. Off unless a centre decides otherwise.
    pub send_next_when_late: bool,
}

/// How the time from the order until the wheels roll is expected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MobilisationModel {
    /// Learned from the record, station by station.
    #[default]
    Learned,
    /// None at all: crews sit in running vehicles. The reference simulator knows no other.
    None,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            utc_offset_s: Span::seconds(8 * 3600),
            answer_within_s: Span::seconds(10),
            take_within_s: Span::seconds(180),
            propose_within_s: Span::seconds(15),
            assign_within_s: Span::seconds(60),
            deliver_within_s: Span::seconds(10),
            acknowledge_within_s: Span::seconds(30),
            roll_warn_s: Span::seconds(120),
            roll_within_s: Span::seconds(180),
            motion_disagreement_s: Span::seconds(30),
            hospital_acknowledge_within_s: Span::seconds(60),
            handoff_within_s: Span::seconds(60),
            silent_after_s: Span::seconds(30),
            scheduled_lead_s: Span::seconds(30 * 60),
            scheduled_run_s: Span::seconds(2 * 3600),
            ended_kept_s: Span::seconds(24 * 3600),
            policy: "closest".to_owned(),
            preemptions: Preemptions::default(),
            // Assumption: a core city's 15 minutes for the third level, sooner for the more urgent.
            response_goals_s: [480, 720, 900, 1_800].map(Span::seconds),
            cover_in_proposals: true,
            mobilisation: MobilisationModel::Learned,
            override_reasons: OverrideReasons::default(),
            dispatch_levels: DispatchLevels::default(),
            response_plans: ResponsePlans::default(),
            shifts: ShiftTable::default(),
            station_areas: StationAreas::default(),
            mutual_aid: MutualAid::default(),
            traffic: TrafficTable::default(),
            shift_end_warn_s: Span::seconds(1800),
            cover_within_s: Span::seconds(600),
            move_up_gain_min: 0.0,
            candidates_max: 10,
            about_to_be_free: true,
            automatic_dispatch: false,
            send_next_when_late: false,
        }
    }
}
