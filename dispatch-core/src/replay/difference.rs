//! One emergency after the other in all three results, and how far the model can be believed.

use std::collections::BTreeMap;

use serde::Serialize;

use super::comparison::{Departed, Side};
use super::medians::median;
use crate::assignment::Stage;
use crate::ids::{IncidentId, UnitId};
use crate::incident::{AreaClass, Level};
use crate::reports::{Emergency, Ledger, Measure, Period, response_times};
use crate::time::{Span, UtcTime};

/// How near the model under the day's own policy comes to what was recorded, over the emergencies with a response time in both.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Fidelity {
    /// How many emergencies.
    pub n: usize,
    /// To how many of them the same unit went first.
    pub same_unit: usize,
    /// Mean of model less record.
    pub mean_difference_s: Option<Span>,
    /// Half of them differ by at most this, either way.
    pub p50_apart_s: Option<Span>,
}

/// One emergency in all three results.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Difference {
    /// The number that people say.
    pub number: String,
    /// The incident.
    pub incident: IncidentId,
    /// The triage level.
    pub level: Level,
    /// The class of area.
    pub area: AreaClass,
    /// When the first call was received, UTC.
    pub received_at: UtcTime,
    /// What was recorded.
    pub recorded: Option<Answer>,
    /// The model under the day's own policy.
    pub modelled: Option<Answer>,
    /// The model under the plan.
    pub planned: Option<Answer>,
}

/// How an emergency was answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Answer {
    /// The unit that was on scene first; while none was, the first that was ordered.
    pub unit: UnitId,
    /// When it was ordered, UTC.
    pub ordered_at: UtcTime,
    /// Order to rolling.
    pub departure_s: Option<Span>,
    /// First call received to on scene.
    pub response_s: Option<Span>,
}

/// One result: its figures, and how each of its emergencies was answered.
pub(super) struct Sheet {
    pub(super) side: Side,
    answers: BTreeMap<IncidentId, (Emergency, Option<Answer>)>,
}

impl Sheet {
    pub(super) fn of(ledger: &Ledger, period: &Period, refused: u64) -> Self {
        let report = response_times(ledger, period);
        let row = |measure: Measure| report.figure(measure).total().clone();
        let side = Side {
            emergencies: report.call_counts.emergencies,
            without_order: report.call_counts.without_order,
            departure: row(Measure::Departure),
            response: row(Measure::Response),
            refused,
            departed: None,
        };
        let answers = ledger.emergencies(period).into_iter().map(|emergency| {
            let answer = Answer::of(ledger, &emergency);
            (emergency.incident, (emergency, answer))
        });
        Self { side, answers: answers.collect() }
    }

    fn answer(&self, incident: IncidentId) -> Option<Answer> {
        self.answers.get(&incident).and_then(|(_, answer)| answer.clone())
    }
}

impl Answer {
    fn of(ledger: &Ledger, emergency: &Emergency) -> Option<Self> {
        let (_, assignment) = emergency.first_on_scene.or(emergency.first_ordered)?;
        let run = ledger.run(assignment)?;
        let after = |from: UtcTime, to: UtcTime| Some(to.since(from)).filter(|took| *took >= Span::ZERO);
        let ordered_at = run.times.at(Stage::Ordered)?;
        Some(Self {
            unit: run.unit,
            ordered_at,
            departure_s: run.times.at(Stage::Rolling).and_then(|at| after(ordered_at, at)),
            response_s: emergency.first_on_scene.and_then(|(at, _)| after(emergency.received_at, at)),
        })
    }
}

/// Every emergency of any of the results: those of the day itself by their own numbers, and what a plan adds by the number of the
/// one that it repeats, with a plus sign.
pub(super) fn differences(
    recorded: &Sheet,
    modelled: &Sheet,
    planned: &Sheet,
    originals: &BTreeMap<IncidentId, IncidentId>,
) -> Vec<Difference> {
    let added = planned.answers.values().filter(|(it, _)| !recorded.answers.contains_key(&it.incident));
    let line = |it: &Emergency, number: String| Difference {
        number,
        incident: it.incident,
        level: it.level,
        area: it.area,
        received_at: it.received_at,
        recorded: recorded.answer(it.incident),
        modelled: modelled.answer(it.incident),
        planned: planned.answer(it.incident),
    };
    let repeated = |it: &Emergency| {
        let original = originals.get(&it.incident).and_then(|id| recorded.answers.get(id));
        original.map_or_else(|| ADDED.to_owned(), |(original, _)| format!("{}{ADDED}", original.number))
    };
    let mut lines: Vec<(UtcTime, Difference)> = recorded
        .answers
        .values()
        .map(|(it, _)| (it.received_at, line(it, it.number.to_string())))
        .chain(added.map(|(it, _)| (it.received_at, line(it, repeated(it)))))
        .collect();
    lines.sort_by_key(|(at, line)| (*at, line.incident));
    lines.into_iter().map(|(_, line)| line).collect()
}

/// Where a model first sent another unit than was recorded.
pub(super) fn departed(
    calls: &[Difference],
    model: impl Fn(&Difference) -> Option<&Answer>,
) -> Option<Departed> {
    let otherwise = calls.iter().filter_map(|line| {
        let (then, now) = (line.recorded.as_ref(), model(line)?);
        let same = then.is_some_and(|then| then.unit == now.unit);
        (!same).then_some((now.ordered_at, line))
    });
    let first = otherwise.min_by_key(|(at, line)| (*at, line.incident));
    first.map(|(at, line)| Departed { number: line.number.clone(), at })
}

impl Fidelity {
    pub(super) fn of(calls: &[Difference]) -> Self {
        let pairs: Vec<(Span, bool)> = calls
            .iter()
            .filter_map(|line| {
                let (then, now) = (line.recorded.as_ref()?, line.modelled.as_ref()?);
                Some((now.response_s? - then.response_s?, now.unit == then.unit))
            })
            .collect();
        let total: i64 = pairs.iter().map(|(apart, _)| apart.micros()).sum();
        let n = i64::try_from(pairs.len()).ok().filter(|n| *n > 0);
        let apart = pairs.iter().map(|(apart, _)| Span::from_micros(apart.micros().abs()));
        Self {
            n: pairs.len(),
            same_unit: pairs.iter().filter(|(_, same)| *same).count(),
            mean_difference_s: n.map(|n| Span::from_micros(total / n)),
            p50_apart_s: median(apart),
        }
    }
}

/// Marks an emergency that the day did not have.
const ADDED: &str = "+";
