//! What a piece of work took on that day, in the middle: for whatever the day did not record.

use std::collections::BTreeMap;

use super::scripts::Script;
use crate::ids::IncidentId;
use crate::time::Span;

/// The medians of one day.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Medians {
    /// From somebody being free to the order.
    pub(super) desk: Span,
    /// From the order to its acknowledgement.
    pub(super) acknowledge: Span,
    /// Time to roll against what was expected.
    pub(super) mobilisation_pace: f64,
    /// Time on the road to the scene against what the roads say.
    pub(super) travel_pace: f64,
    /// The same from the scene to the hospital.
    pub(super) transport_pace: f64,
    /// On scene, where the patient was taken along.
    pub(super) scene: Span,
    /// On scene, where nobody was.
    pub(super) scene_only: Span,
    /// At hospital to handed over.
    pub(super) handover: Span,
    /// Handed over to free.
    pub(super) turnaround: Span,
    /// Most patients were taken along.
    pub(super) conveys: bool,
}

impl Medians {
    /// The medians of what was recorded; assumptions stand in where nothing was.
    pub(super) fn of(by_incident: &BTreeMap<IncidentId, Vec<Script>>) -> Self {
        let scripts = || by_incident.values().flatten();
        let span = |take: &dyn Fn(&Script) -> Option<Span>, otherwise: Span| {
            median(scripts().filter_map(take)).unwrap_or(otherwise)
        };
        let pace = |take: &dyn Fn(&Script) -> Option<f64>| {
            let micros = scripts().filter_map(take).map(Span::from_secs_f64);
            median(micros).map_or(1.0, Span::as_secs_f64)
        };
        let served = || scripts().filter(|script| script.scene.is_some());
        let conveyed = served().filter(|script| script.conveys()).count();
        Self {
            desk: span(&|it| it.desk, DESK),
            acknowledge: span(&|it| it.acknowledge, ACKNOWLEDGE),
            mobilisation_pace: pace(&Script::mobilisation_pace),
            travel_pace: pace(&Script::travel_pace),
            transport_pace: pace(&Script::transport_pace),
            scene: span(&|it| it.scene.filter(|_| it.conveys()), SCENE),
            scene_only: span(&|it| it.scene.filter(|_| !it.conveys()), SCENE),
            handover: span(&|it| it.handover, HANDOVER),
            turnaround: span(&|it| it.turnaround, TURNAROUND),
            conveys: conveyed * 2 >= served().count(),
        }
    }
}

/// The middle one; of an even number the lower of the two.
pub(super) fn median(values: impl Iterator<Item = Span>) -> Option<Span> {
    let mut values: Vec<Span> = values.collect();
    values.sort_unstable();
    values.get(values.len().saturating_sub(1) / 2).copied()
}

// Assumptions, for a day on which nobody did anything of the kind.
const DESK: Span = Span::seconds(20);
const ACKNOWLEDGE: Span = Span::seconds(15);
const SCENE: Span = Span::seconds(900);
const HANDOVER: Span = Span::seconds(900);
const TURNAROUND: Span = Span::seconds(300);
