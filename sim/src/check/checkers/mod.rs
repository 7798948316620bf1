//! The laws, one a file. Each watches the whole run and knows nothing of how it was made.

pub mod a_reserved_unit_is_kept;
pub mod accident_sums_add_up;
pub mod each_call_belongs_once;
pub mod effects_repeat_harmless;
pub mod every_order_answered_or_escalated;
pub mod no_double_assignment;
pub mod no_lost_incident;
pub mod no_offer_forgotten;
pub mod now_never_moves_back;
pub mod replay_gives_same_record;

use dispatch_core::ids::UnitId;
use dispatch_core::{Command, DispatchCentre, Event, UtcTime};

pub use a_reserved_unit_is_kept::AReservedUnitIsKept;
pub use accident_sums_add_up::AccidentSumsAddUp;
pub use each_call_belongs_once::EachCallBelongsOnce;
pub use effects_repeat_harmless::EffectsRepeatHarmless;
pub use every_order_answered_or_escalated::EveryOrderAnsweredOrEscalated;
pub use no_double_assignment::NoDoubleAssignment;
pub use no_lost_incident::NoLostIncident;
pub use no_offer_forgotten::NoOfferForgotten;
pub use now_never_moves_back::NowNeverMovesBack;
pub use replay_gives_same_record::ReplayGivesSameRecord;

use super::reference::Reference;

/// What a checker may look at.
#[derive(Debug, Clone, Copy)]
pub struct View<'a> {
    /// Domain time, UTC.
    pub now: UtcTime,
    /// The centre.
    pub centre: &'a DispatchCentre,
    /// Every event it took in, oldest first.
    pub journal: &'a [Event],
    /// The same, by slow and obvious rules.
    pub reference: &'a Reference,
}

/// One law.
pub trait Checker {
    /// Its name: the file's.
    fn name(&self) -> &'static str;

    /// An event was taken in: the last of the journal.
    fn event(&mut self, _view: &View<'_>) -> Result<(), String> {
        Ok(())
    }

    /// A command was carried out.
    fn carried_out(&mut self, _view: &View<'_>, _command: &Command) -> Result<(), String> {
        Ok(())
    }

    /// A position came in.
    fn position(&mut self, _view: &View<'_>, _unit: UnitId) -> Result<(), String> {
        Ok(())
    }

    /// Everything up to now is done: what was due has happened.
    fn moment(&mut self, _view: &View<'_>) -> Result<(), String> {
        Ok(())
    }

    /// Everything in the journal is durable: effects may be sent.
    fn durable(&mut self, _view: &View<'_>) -> Result<(), String> {
        Ok(())
    }

    /// The process ended and was built again from what was durable.
    fn restarted(&mut self, _view: &View<'_>) -> Result<(), String> {
        Ok(())
    }
}

/// All of them.
pub fn all() -> Vec<Box<dyn Checker>> {
    vec![
        Box::new(NoDoubleAssignment),
        Box::new(NoLostIncident),
        Box::new(EachCallBelongsOnce),
        Box::new(NoOfferForgotten),
        Box::new(AReservedUnitIsKept),
        Box::<AccidentSumsAddUp>::default(),
        Box::<ReplayGivesSameRecord>::default(),
        Box::new(EveryOrderAnsweredOrEscalated),
        Box::<NowNeverMovesBack>::default(),
        Box::<EffectsRepeatHarmless>::default(),
    ]
}

/// Short histories for the tests that prove that each law can be found broken.
#[cfg(test)]
pub(crate) mod broken;
