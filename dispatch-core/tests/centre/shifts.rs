//! The shift table at work: who is off duty is not proposed, and goes only on somebody's word; who is soon is marked.

use dispatch_core::assignment::{LeftOutReason, ProposalInputs, Reason, Stage, gather, propose};
use dispatch_core::fleet::FleetPicture;
use dispatch_core::ids::{IncidentId, ProposalId};
use dispatch_core::incident::Level;
use dispatch_core::rules::Rules;
use dispatch_core::vehicle::{Shift, ShiftTable};
use dispatch_core::{Action, Refusal, Span};

use crate::city::{City, unit};

/// The city's clocks show 21:00 when a test begins. A01 is on until `to`, A02 from midnight on, A03 always.
fn city(to: &str) -> City {
    let mut city = City::new();
    let shift = |from: &str, to: &str, code: &str| Shift {
        name: "班".to_owned(),
        from: from.parse().unwrap(),
        to: to.parse().unwrap(),
        units: [unit(code)].into(),
    };
    let shifts = ShiftTable(vec![shift("09:00", to, "A01"), shift("00:00", "08:00", "A02")]);
    city.does(Action::AdoptRules { rules: Rules { shifts, ..Rules::default() } });
    city
}

fn gathered(city: &City, incident: IncidentId) -> ProposalInputs {
    let picture = FleetPicture::new(city.now, Vec::new());
    gather(city.centre.record(), &picture, None, incident, city.now).unwrap()
}

#[test]
fn a_unit_off_duty_is_no_candidate_until_its_shift_begins() {
    let mut city = city("23:00");
    let incident = city.incident(Level::II);
    let names = |inputs: &ProposalInputs| -> Vec<String> {
        inputs.candidates.iter().map(|candidate| candidate.unit.to_string()).collect()
    };
    let inputs = gathered(&city, incident);
    assert_eq!(names(&inputs), ["A01", "A03"]);
    let left: Vec<_> = inputs.left_out.iter().map(|out| (out.unit, out.why)).collect();
    assert_eq!(left, [(unit("A02"), LeftOutReason::OffDuty)]);
    city.wait(3 * 3600);
    assert_eq!(names(&gathered(&city, incident)), ["A02", "A03"]);
}

#[test]
fn a_unit_whose_shift_ends_soon_is_marked() {
    for (to, marked) in [("21:30", true), ("21:31", false)] {
        let mut city = city(to);
        let incident = city.incident(Level::II);
        let proposal = propose(ProposalId::new(city.uuid()), gathered(&city, incident));
        let first = proposal.ranked.iter().find(|candidate| candidate.unit == unit("A01")).unwrap();
        let said = first.reasons.contains(&Reason::ShiftEnds { in_s: Span::seconds(1800) });
        assert_eq!(said, marked, "{to}");
    }
}

#[test]
fn whoever_stays_on_does_so_on_somebodys_word() {
    let mut city = city("23:00");
    let incident = city.incident(Level::II);
    let action = city.sending(incident, "A02", None);
    assert_eq!(city.refused(action), Refusal::OffDuty { unit: unit("A02") });
    let action = city.sending(incident, "A02", Some("加班"));
    city.does(action);
}

#[test]
fn a_shift_that_ends_on_the_way_ends_no_order() {
    let mut city = city("21:01");
    let incident = city.incident(Level::II);
    let assignment = city.sends(incident, "A01");
    city.wait(120);
    city.presses(assignment, &[Stage::Acknowledged, Stage::Rolling, Stage::OnScene, Stage::Available]);
    assert!(city.centre.record().unit(unit("A01")).unwrap().is_free());
    let next = city.incident(Level::II);
    assert!(gathered(&city, next).candidates.iter().all(|candidate| candidate.unit != unit("A01")));
}
