//! A patient's chart: the entries by their own time, as many as a screen shows. The journal keeps all.

use serde::{Deserialize, Serialize};

use super::{Alert, AlertKind, FileCard, Findings, PatientEntry, Score, ScoreKind, Vitals};
use crate::ids::{FileId, IncidentId};
use crate::time::UtcTime;

/// Something with the time it is true of.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Timed<T> {
    /// True time, UTC.
    pub at: UtcTime,
    /// What.
    pub it: T,
}

/// What is known of one patient.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Chart {
    /// Which of the assignment's patients, from 1.
    pub patient: u8,
    /// The newest findings, and the incident under whose key the journal keeps them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub findings: Option<(IncidentId, Timed<Findings>)>,
    /// The newest measurings, oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub vitals: Vec<Timed<Vitals>>,
    /// The newest scores, oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub scores: Vec<Timed<Score>>,
    /// The newest word on each kind of alert.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub alerts: Vec<Timed<Alert>>,
    /// The files, oldest first, each with the incident under whose key the journal keeps its own.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<(IncidentId, Timed<FileCard>)>,
}

impl Chart {
    /// Measurings kept: half an hour of one each half minute.
    pub const VITALS_MAX: usize = 60;
    /// Scores kept.
    pub const SCORES_MAX: usize = 20;

    pub(crate) fn new(patient: u8) -> Self {
        Self {
            patient,
            findings: None,
            vitals: Vec::new(),
            scores: Vec::new(),
            alerts: Vec::new(),
            files: Vec::new(),
        }
    }

    /// The newest measuring.
    pub fn newest_vitals(&self) -> Option<&Timed<Vitals>> {
        self.vitals.last()
    }

    /// The newest score of a kind.
    pub fn newest_score(&self, kind: ScoreKind) -> Option<&Timed<Score>> {
        self.scores.iter().rev().find(|score| score.it.kind == kind)
    }

    /// The alerts that stand, with the time of each.
    pub fn standing_alerts(&self) -> impl Iterator<Item = (AlertKind, UtcTime)> {
        self.alerts.iter().filter(|alert| !alert.it.withdrawn).map(|alert| (alert.it.kind, alert.at))
    }

    /// A file of this patient.
    pub fn file(&self, id: FileId) -> Option<&FileCard> {
        self.files.iter().map(|(_, file)| &file.it).find(|card| card.id == id)
    }

    /// Whether an entry says nothing that is not there.
    pub(crate) fn has(&self, at: UtcTime, entry: &PatientEntry) -> bool {
        match entry {
            PatientEntry::Vitals(it) => self.vitals.iter().any(|known| known.at == at && known.it == *it),
            PatientEntry::Findings(it) => {
                self.findings.as_ref().is_some_and(|(_, known)| known.at == at && known.it == *it)
            }
            PatientEntry::Score(it) => self.scores.iter().any(|known| known.at == at && known.it == *it),
            PatientEntry::Alert(it) => self.alerts.iter().any(|known| known.at == at && known.it == *it),
            // By its name: whoever tells of it again seals it with another key.
            PatientEntry::File(it) => self.file(it.id).is_some(),
        }
    }

    pub(crate) fn enter(&mut self, incident: IncidentId, at: UtcTime, entry: &PatientEntry) {
        match entry {
            PatientEntry::Vitals(it) => insert(&mut self.vitals, at, it, Self::VITALS_MAX),
            PatientEntry::Score(it) => insert(&mut self.scores, at, it, Self::SCORES_MAX),
            PatientEntry::Findings(it) => {
                if self.findings.as_ref().is_none_or(|(_, known)| known.at <= at) {
                    self.findings = Some((incident, Timed { at, it: it.clone() }));
                }
            }
            PatientEntry::Alert(it) => {
                let later = |known: &Timed<Alert>| known.it.kind == it.kind && known.at > at;
                if !self.alerts.iter().any(later) {
                    self.alerts.retain(|known| known.it.kind != it.kind);
                    self.alerts.push(Timed { at, it: *it });
                }
            }
            PatientEntry::File(it) => {
                let place = self.files.partition_point(|(_, known)| known.at <= at);
                self.files.insert(place, (incident, Timed { at, it: it.clone() }));
            }
        }
    }
}

/// Puts something in by its time; of two at the same time the one that came later stands later. The oldest go first.
fn insert<T: Clone>(all: &mut Vec<Timed<T>>, at: UtcTime, it: &T, count_max: usize) {
    let place = all.partition_point(|known| known.at <= at);
    all.insert(place, Timed { at, it: it.clone() });
    if all.len() > count_max {
        all.remove(0);
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn at(s: i64) -> UtcTime {
        UtcTime::from_micros(s * 1_000_000)
    }

    fn heart(rate: u16) -> PatientEntry {
        PatientEntry::Vitals(Vitals { heart_rate_per_min: Some(rate), ..Vitals::default() })
    }

    #[test]
    fn late_entries_fill_the_past_and_leave_now_alone() {
        let incident = IncidentId::new(Uuid::from_u128(1));
        let mut chart = Chart::new(1);
        chart.enter(incident, at(60), &heart(90));
        chart.enter(incident, at(30), &heart(120));
        let rates: Vec<_> = chart.vitals.iter().map(|it| it.it.heart_rate_per_min).collect();
        assert_eq!(rates, [Some(120), Some(90)]);
        let alert = |withdrawn| PatientEntry::Alert(Alert { kind: AlertKind::Stroke, withdrawn });
        chart.enter(incident, at(50), &alert(true));
        chart.enter(incident, at(40), &alert(false));
        assert_eq!(chart.standing_alerts().count(), 0, "the withdrawal is the newer word");
        chart.enter(incident, at(70), &alert(false));
        assert_eq!(chart.standing_alerts().collect::<Vec<_>>(), [(AlertKind::Stroke, at(70))]);
        let found = |text: &str| {
            PatientEntry::Findings(Findings { judgement: text.to_owned(), ..Findings::default() })
        };
        chart.enter(incident, at(20), &found("new"));
        chart.enter(incident, at(10), &found("old"));
        assert_eq!(chart.findings.as_ref().unwrap().1.it.judgement, "new");
        assert!(chart.has(at(20), &found("new")) && !chart.has(at(10), &found("old")));
    }

    #[test]
    fn a_chart_keeps_the_newest() {
        let incident = IncidentId::new(Uuid::from_u128(1));
        let mut chart = Chart::new(1);
        for minute in 0..100 {
            chart.enter(incident, at(minute), &heart(u16::try_from(minute).unwrap()));
        }
        assert_eq!(chart.vitals.len(), Chart::VITALS_MAX);
        assert_eq!(chart.vitals[0].at, at(40));
        assert_eq!(chart.newest_vitals().unwrap().at, at(99));
    }
}
