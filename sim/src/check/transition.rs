//! What can happen next, and how often: the menu of a simulated day in which much goes wrong.

use crate::chance::Chance;

/// One thing that can happen. Who and what exactly is drawn when it is carried out, from what there is then.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Transition {
    /// Somebody calls.
    CallArrives,
    /// A call-taker does the next thing with some call: answers, opens an incident, joins it to another, ends it.
    CallTaker,
    /// A proposal is made where one is wanted.
    Propose,
    /// A dispatcher sends the first proposed unit.
    Assign,
    /// A dispatcher sends any unit, also one that may not go.
    AssignAnyhow,
    /// An incident changes: another place, level, number of units.
    Change,
    /// Units are called back, incidents called off, put aside, woken, merged, split, handed to another centre.
    CallOff,
    /// Something is done about an accident: declared, counted, shared out, closed.
    Accident,
    /// A crew does its next step, or one that is not its turn.
    CrewStep,
    /// A crew breaks off or refuses.
    CrewEnds,
    /// The desk enters or corrects a step as heard by radio.
    DeskStep,
    /// The desk enters a form of some paper hours.
    PaperForm,
    /// A destination is chosen; a hospital says that it knows.
    Hospital,
    /// A hospital diverts, or takes patients again; a road closes or opens.
    Outside,
    /// People sign on and off; units are paused and go on.
    Readiness,
    /// Something owed to a terminal arrives there, perhaps twice.
    Deliver,
    /// Somebody takes an escalation on.
    TakeOn,
    /// The vehicles report where they are.
    Positions,
    /// A vehicle falls silent, or is heard again.
    Silence,
    /// The journal is on disk up to now.
    Durable,
    /// The process ends and starts again, with what is on disk.
    Restart,
}

/// What can happen, and how often in relation to the others.
pub const MENU: [(Transition, f64); 21] = [
    (Transition::CallArrives, 2.0),
    (Transition::CallTaker, 8.0),
    (Transition::Propose, 8.0),
    (Transition::Assign, 6.0),
    (Transition::AssignAnyhow, 0.7),
    (Transition::Change, 0.6),
    (Transition::CallOff, 0.7),
    (Transition::Accident, 2.0),
    (Transition::CrewStep, 14.0),
    (Transition::CrewEnds, 0.6),
    (Transition::DeskStep, 0.8),
    (Transition::Hospital, 3.0),
    (Transition::Outside, 0.3),
    (Transition::Readiness, 0.8),
    (Transition::Deliver, 8.0),
    (Transition::TakeOn, 1.5),
    (Transition::Positions, 10.0),
    (Transition::Silence, 0.6),
    (Transition::Durable, 12.0),
    (Transition::Restart, 0.15),
    (Transition::PaperForm, 0.3),
];

impl Transition {
    /// What happens next.
    pub fn draw(chance: &mut Chance) -> Self {
        MENU[chance.weighted(MENU.iter().map(|(_, share)| *share))].0
    }
}
