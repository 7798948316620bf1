//! The crews of the day that is lived again: each step of their work, pressed when it is reached.

use roads::Wgs84;

use super::agenda::Happening;
use super::course::{After, Conveyance, Course, Step};
use super::world::World;
use crate::actor::Actor;
use crate::assignment::{Assignment, Outcome, Stage, StampSource};
use crate::command::Action;
use crate::ids::{AssignmentId, HospitalId};
use crate::record::Record;
use crate::time::Span;

impl World<'_> {
    /// A crew has its order: what it will do first is known.
    pub(super) fn set_out(&mut self, assignment: AssignmentId, course: Course, way: (Wgs84, Wgs84)) {
        let Some(unit) = self.centre.record().assignment(assignment).map(|held| held.unit) else { return };
        let rolls = self.now + course.mobilise;
        self.whereabouts.drives(unit, way, rolls, rolls + course.travel);
        self.courses.insert(assignment, course);
        self.plan(assignment, Step::Acknowledge, course.acknowledge);
        self.plan(assignment, Step::Roll, course.mobilise);
        if let Some((_, after)) = course.gives_back {
            self.plan(assignment, Step::GiveBack, after);
        }
    }

    fn plan(&mut self, assignment: AssignmentId, step: Step, after: Span) {
        self.agenda.note(self.now + after, Happening::Step(assignment, step));
    }

    /// A crew is at the next point of its work, if the order still stands.
    pub(super) fn step(&mut self, id: AssignmentId, step: Step) {
        let held = self.centre.record().assignment(id).filter(|held| held.is_open()).cloned();
        let (Some(held), Some(course)) = (held, self.courses.get(&id).copied()) else {
            self.courses.remove(&id);
            return;
        };
        match (step, course.after) {
            (Step::Acknowledge, _) => self.press(&held, Stage::Acknowledged),
            (Step::Roll, _) => {
                self.press(&held, Stage::Rolling);
                self.plan(id, Step::Arrive, course.travel);
            }
            (Step::Arrive, after) => {
                self.press(&held, Stage::OnScene);
                if let Some(walk) = course.at_patient.filter(|walk| *walk < course.scene) {
                    self.plan(id, Step::ReachPatient, walk);
                }
                let next = if matches!(after, After::Convey(_)) { Step::Leave } else { Step::BecomeFree };
                self.plan(id, next, course.scene);
            }
            (Step::ReachPatient, _) => self.press(&held, Stage::AtPatient),
            (Step::Leave, After::Convey(conveyance)) => self.leave(&held, conveyance),
            (Step::ReachHospital, After::Convey(conveyance)) => {
                self.press(&held, Stage::AtHospital);
                self.plan(id, Step::HandOver, conveyance.handover);
            }
            (Step::HandOver, After::Convey(conveyance)) => {
                self.press(&held, Stage::HandedOver);
                self.plan(id, Step::BecomeFree, conveyance.turnaround);
            }
            (Step::BecomeFree, After::Convey(_)) => self.press(&held, Stage::Available),
            (Step::BecomeFree, After::End(outcome)) => self.end(&held, outcome),
            (Step::GiveBack, _) => {
                if let Some((outcome, _)) = course.gives_back {
                    self.end(&held, outcome);
                }
            }
            (Step::Leave | Step::ReachHospital | Step::HandOver, After::End(_)) => {}
        }
    }

    fn leave(&mut self, held: &Assignment, conveyance: Conveyance) {
        let record = self.centre.record();
        let scene = record.incident(held.incident).and_then(|it| it.sketch.place.position);
        let hospital = conveyance.hospital.filter(|id| record.hospitals().contains_key(id));
        let hospital = hospital.or_else(|| nearest(record, scene?));
        let position = hospital.and_then(|id| record.hospitals().get(&id)).map(|it| it.spec.position);
        let (Some(scene), Some(hospital), Some(position)) = (scene, hospital, position) else {
            return self.end(held, Outcome::TreatedOnScene);
        };
        let transport = conveyance.transport(self.streets.go(scene, position).time);
        let reason = "重演 · replay".to_owned();
        self.report(held, Action::ChooseDestination { assignment: held.id, hospital, reason });
        self.press(held, Stage::LeftScene);
        self.whereabouts.drives(held.unit, (scene, position), self.now, self.now + transport);
        self.plan(held.id, Step::ReachHospital, transport);
    }

    fn press(&mut self, held: &Assignment, stage: Stage) {
        let action =
            Action::ReportStage { assignment: held.id, stage, at: self.now, source: StampSource::Terminal };
        self.report(held, action);
    }

    fn end(&mut self, held: &Assignment, outcome: Outcome) {
        let (at, source) = (self.now, StampSource::Terminal);
        let reason = "重演 · replay".to_owned();
        // What cannot end in this way any more, as the day went otherwise, ends as a run without a patient.
        let outcome = if outcome.allowed_from(held.stage) { outcome } else { Outcome::NoPatient };
        self.report(held, Action::EndAssignment { assignment: held.id, outcome, at, reason, source });
    }

    /// What a crew reports of its own open order in its own order of steps is never refused; were it, the order would stay
    /// open, and the figures show it.
    fn report(&mut self, held: &Assignment, action: Action) {
        let _ = self.ask(Actor::Crew { unit: held.unit }, action);
    }
}

/// The nearest hospital that takes patients, in a straight line; any, where none does.
fn nearest(record: &Record, from: Wgs84) -> Option<HospitalId> {
    let hospitals = record.hospitals().values();
    let nearest = hospitals.min_by(|a, b| {
        let rank =
            |it: &crate::destination::Hospital| (it.diversion.is_some(), from.distance_m(it.spec.position));
        let (a, b) = (rank(a), rank(b));
        a.0.cmp(&b.0).then(a.1.total_cmp(&b.1))
    });
    nearest.map(|hospital| hospital.spec.id)
}
