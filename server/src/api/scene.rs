//! Everything an answer is made from, at one moment: the durable record, where the units are, and what is expected when.

use std::sync::Arc;

use dispatch_core::Record;
use dispatch_core::accident::Accident;
use dispatch_core::assignment::{Assignment, Proposal};
use dispatch_core::fleet::FleetPicture;
use dispatch_core::ids::{AccidentId, AssignmentId, CallId, ClosureId, HospitalId, IncidentId, UnitId};
use dispatch_core::incident::{Call, Incident};
use dispatch_core::vehicle::Unit;
use roads::Wgs84;

use super::Api;
use super::destinations;
use super::estimate::{Etas, HospitalTime, HospitalTimes};
use super::problem::Problem;
use super::second_opinions::SecondOpinions;
use super::views::{
    AccidentView, ArrivalAccidentView, ArrivalView, ArrivalsView, AssignmentView, CallView, ClosureView,
    EscalationView, EtaView, HospitalView, IncidentView, LinkWord, ProposalView, SecondOpinionView, UnitView,
};
use crate::centre::{CentreHandle, Snapshot};
use crate::positions::LinkState;
use crate::road_weights::RoadsNow;

/// One moment of the centre. Kept only as long as an answer is written.
pub(crate) struct Scene {
    pub(crate) snapshot: Arc<Snapshot>,
    pub(crate) picture: Arc<FleetPicture>,
    pub(crate) roads: Option<Arc<RoadsNow>>,
    etas: Arc<Etas>,
    hospital_times: Arc<HospitalTimes>,
    second_opinions: Arc<SecondOpinions>,
    centre: CentreHandle,
}

impl Api {
    /// This moment.
    pub(crate) fn scene(&self) -> Scene {
        Scene {
            snapshot: self.centre().snapshot(),
            picture: self.centre().picture(),
            roads: self.centre().roads(),
            etas: self.etas(),
            hospital_times: self.hospital_times(),
            second_opinions: Arc::clone(self.second_opinions()),
            centre: self.centre().clone(),
        }
    }
}

impl Scene {
    pub(crate) fn record(&self) -> &Record {
        &self.snapshot.record
    }

    /// The ways from a place to every hospital.
    pub(crate) fn hospital_times(&self, place: Wgs84) -> Arc<Vec<HospitalTime>> {
        self.hospital_times.from(self.record(), self.roads.as_deref(), self.snapshot.at, place)
    }

    pub(crate) fn known_call(&self, id: CallId) -> Result<&Call, Problem> {
        self.record().call(id).ok_or_else(|| Problem::unknown("call", "呼救", &id.to_string()))
    }

    pub(crate) fn known_incident(&self, id: IncidentId) -> Result<&Incident, Problem> {
        self.record().incident(id).ok_or_else(|| Problem::unknown("incident", "事件", &id.to_string()))
    }

    pub(crate) fn known_accident(&self, id: AccidentId) -> Result<&Accident, Problem> {
        self.record().accident(id).ok_or_else(|| Problem::unknown("accident", "事故", &id.to_string()))
    }

    pub(crate) fn accident(&self, id: AccidentId) -> Result<AccidentView, Problem> {
        self.known_accident(id).map(|it| AccidentView::of(self.record(), it))
    }

    pub(crate) fn known_assignment(&self, id: AssignmentId) -> Result<&Assignment, Problem> {
        self.record().assignment(id).ok_or_else(|| Problem::unknown("assignment", "任务", &id.to_string()))
    }

    pub(crate) fn known_unit(&self, id: UnitId) -> Result<&Unit, Problem> {
        self.record().unit(id).ok_or_else(|| Problem::unknown("unit", "车组", id.as_str()))
    }

    pub(crate) fn call(&self, id: CallId) -> Result<CallView, Problem> {
        self.known_call(id).map(CallView::from)
    }

    pub(crate) fn incident(&self, id: IncidentId) -> Result<IncidentView, Problem> {
        self.known_incident(id).map(|incident| self.show_incident(incident))
    }

    pub(crate) fn show_incident(&self, incident: &Incident) -> IncidentView {
        IncidentView::of(self.record(), incident, self.snapshot.at)
    }

    pub(crate) fn assignment(&self, id: AssignmentId) -> Result<AssignmentView, Problem> {
        self.known_assignment(id).map(|assignment| self.show_assignment(assignment))
    }

    pub(crate) fn show_assignment(&self, assignment: &Assignment) -> AssignmentView {
        AssignmentView::of(self.record(), assignment, self.etas.of(assignment))
    }

    pub(crate) fn eta(&self, assignment: &Assignment) -> Option<EtaView> {
        self.etas.of(assignment)
    }

    pub(crate) fn unit(&self, id: UnitId) -> Result<UnitView, Problem> {
        self.known_unit(id).map(|unit| self.show_unit(unit))
    }

    pub(crate) fn show_unit(&self, unit: &Unit) -> UnitView {
        let id = unit.spec.id;
        UnitView::of(self.record(), unit, self.snapshot.at, self.picture.unit(id), self.link(id))
    }

    pub(crate) fn link(&self, unit: UnitId) -> LinkWord {
        match self.centre.link_state(unit) {
            LinkState::Up => LinkWord::Up,
            LinkState::Tracked => LinkWord::Tracked,
            LinkState::Down => LinkWord::Down,
        }
    }

    pub(crate) fn hospital(&self, id: HospitalId) -> Result<HospitalView, Problem> {
        let hospital = self.record().hospitals().get(&id);
        let hospital = hospital.ok_or_else(|| Problem::unknown("hospital", "医院", id.as_str()))?;
        Ok(HospitalView::from(hospital.as_ref()))
    }

    pub(crate) fn closure(&self, id: ClosureId) -> Result<ClosureView, Problem> {
        let closure = self.record().closures().get(&id);
        let closure = closure.ok_or_else(|| Problem::unknown("closure", "封路", &id.to_string()))?;
        Ok(ClosureView::of(closure, self.roads.as_ref().map(|roads| roads.map.network())))
    }

    pub(crate) fn proposal(&self, proposal: &Proposal) -> ProposalView {
        let destinations = destinations::for_incident(self, proposal.inputs.incident);
        let opinion = self.second_opinions.on(proposal.id);
        ProposalView::of(
            self.record(),
            proposal,
            destinations,
            opinion.as_deref().map(SecondOpinionView::from),
        )
    }

    pub(crate) fn escalations(&self) -> Vec<EscalationView> {
        self.record().escalations().values().map(EscalationView::from).collect()
    }

    /// What is coming to one hospital: its own ambulances and no others.
    pub(crate) fn arrivals(&self, id: HospitalId) -> Result<ArrivalsView, Problem> {
        use dispatch_core::assignment::Stage;
        let hospital = self.record().hospitals().get(&id);
        let hospital = hospital.ok_or_else(|| Problem::unknown("hospital", "医院", id.as_str()))?;
        let (mut items, mut handing_over) = (Vec::new(), Vec::new());
        for assignment in self.record().arrivals_at(id) {
            let heard = self.picture.unit(assignment.unit).map(|unit| unit.heard_at);
            let arrival = ArrivalView::of(self.record(), assignment, self.etas.of(assignment), heard);
            let list = if assignment.stage >= Stage::AtHospital { &mut handing_over } else { &mut items };
            list.extend(arrival);
        }
        items.sort_by_key(ArrivalView::rank);
        let (hospital, name) = (id.to_string(), hospital.spec.name.clone());
        let open = self.record().open_accidents();
        let accidents = open.filter_map(|it| ArrivalAccidentView::of(self.record(), it, id)).collect();
        Ok(ArrivalsView { hospital, name, at: self.snapshot.at.into(), items, handing_over, accidents })
    }
}
