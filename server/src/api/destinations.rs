//! Where a patient would go: the core's ranking on the four headings of the policy, fed with the ways as they are.

use dispatch_core::assignment::{Assignment, Stage};
use dispatch_core::destination::{DestinationInput, DestinationInputs, rank_destinations};
use dispatch_core::ids::IncidentId;
use dispatch_core::incident::Incident;
use roads::Wgs84;

use super::scene::Scene;
use super::views::DestinationChoiceView;

/// Hospitals for an incident, from where it is; none while nobody knows where that is.
pub(crate) fn for_incident(scene: &Scene, incident: IncidentId) -> Vec<DestinationChoiceView> {
    let Some(incident) = scene.record().incident(incident) else { return Vec::new() };
    let place = incident.sketch.place.position;
    place.map(|place| ranked(scene, incident, place)).unwrap_or_default()
}

/// Hospitals for an assignment, from where the vehicle is once it is with the patient.
pub(crate) fn for_assignment(scene: &Scene, assignment: &Assignment) -> Vec<DestinationChoiceView> {
    let Some(incident) = scene.record().incident(assignment.incident) else { return Vec::new() };
    let with_patient = assignment.stage >= Stage::OnScene;
    let vehicle = scene.picture.unit(assignment.unit).map(|unit| unit.fix.position).filter(|_| with_patient);
    let place = vehicle.or(incident.sketch.place.position);
    place.map(|place| ranked(scene, incident, place)).unwrap_or_default()
}

fn ranked(scene: &Scene, incident: &Incident, place: Wgs84) -> Vec<DestinationChoiceView> {
    let record = scene.record();
    let times = scene.hospital_times(place);
    let inputs = times.iter().filter_map(|time| {
        let hospital = record.hospitals().get(&time.hospital)?;
        Some(DestinationInput {
            hospital: time.hospital,
            name: hospital.spec.name.clone(),
            skills: hospital.spec.skills.clone(),
            diverted: hospital
                .diversion
                .as_ref()
                .is_some_and(|diversion| diversion.until > scene.snapshot.at),
            travel_s: time.travel,
            basis: time.basis,
        })
    });
    let sketch = &incident.sketch;
    let inputs = DestinationInputs {
        level: sketch.triage.level,
        skills: sketch.needs.skills.clone(),
        wish: sketch.wish,
        hospitals: inputs.collect(),
    };
    rank_destinations(&inputs).iter().map(DestinationChoiceView::from).collect()
}
