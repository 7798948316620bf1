//! The options of a centre: a station's own units first in its area, and neighbours' units where they are much sooner.

use dispatch_core::actor::Actor;
use dispatch_core::assignment::{Candidate, LeftOutReason, Proposal, gather, propose};
use dispatch_core::fleet::{Fix, FleetPicture, UnitFix};
use dispatch_core::ids::{IncidentId, ProposalId};
use dispatch_core::incident::{IncidentSketch, Level, Place};
use dispatch_core::rules::Rules;
use dispatch_core::{Action, Command, Fact, Refusal, Span};
use uuid::Uuid;

use crate::city::{City, desk, here, sketch, unit};

fn adopt(city: &mut City, rules: &str) {
    city.does(Action::AdoptRules { rules: serde_json::from_str::<Rules>(rules).unwrap() });
}

/// An incident at some longitude: S01 with A01 and A02 lies at 114.0, S02 with A03 at 114.1.
fn incident_at(city: &mut City, longitude: f64, level: Level) -> IncidentId {
    let incident = IncidentId::new(city.uuid());
    let place = Place { position: Some(here(longitude)), ..Place::default() };
    let sketch = IncidentSketch { place, ..sketch(level) };
    city.does(Action::CreateIncident { incident, call: None, sketch: sketch.into() });
    incident
}

/// What is proposed where some units were last seen driving somewhere.
fn proposed(city: &mut City, driving: &[(&str, f64)], incident: IncidentId) -> Proposal {
    let now = city.now;
    let mut fixes: Vec<UnitFix> = driving
        .iter()
        .map(|(code, longitude)| {
            let (position, speed_kmh) = (here(*longitude), 50.0);
            let fix =
                Fix { boot: 1, seq: 1, at: now, position, speed_kmh, heading_deg: None, accuracy_m: None };
            UnitFix { unit: unit(code), fix, heard_at: now }
        })
        .collect();
    fixes.sort_by_key(|fix| fix.unit);
    let inputs = gather(city.centre.record(), &FleetPicture::new(now, fixes), None, incident, now).unwrap();
    let proposal = propose(ProposalId::new(city.uuid()), inputs);
    let kept: Proposal = serde_json::from_str(&serde_json::to_string(&proposal).unwrap()).unwrap();
    assert_eq!(propose(kept.id, kept.inputs), proposal, "what the journal keeps makes it again");
    proposal
}

fn codes(proposal: &Proposal) -> Vec<&str> {
    proposal.ranked.iter().map(|candidate| candidate.unit.as_str()).collect()
}

fn said(candidate: &Candidate) -> String {
    candidate.reasons.iter().map(|reason| reason.texts().1).collect::<Vec<_>>().join("; ")
}

const NEAREST: &str = r#"{"station_areas": {"by": "nearest", "later_max_s": 180}}"#;

#[test]
fn the_areas_own_unit_goes_first_within_the_bound() {
    let mut city = City::new();
    let incident = incident_at(&mut city, 114.03, Level::II);
    // A03 of the other station happens to drive past.
    let passing = [("A03", 114.035)];
    assert_eq!(
        codes(&proposed(&mut city, &passing, incident))[0],
        "A03",
        "without the rule whoever arrives first"
    );
    adopt(&mut city, r#"{"station_areas": {"by": "nearest", "later_max_s": 600}}"#);
    let own = proposed(&mut city, &passing, incident);
    assert_eq!(codes(&own), ["A01", "A02", "A03"]);
    assert!(
        said(&own.ranked[0]).contains("after the first; of this area, goes first"),
        "{}",
        said(&own.ranked[0])
    );
    assert!(said(&own.ranked[2]).starts_with("arrives first"), "{}", said(&own.ranked[2]));
    // Another unit than the area's own is sent on somebody's word.
    city.does(Action::RecordProposal { proposal: own.into() });
    let sending = city.sending(incident, "A03", None);
    assert!(matches!(city.refused(sending), Refusal::ReasonNeeded { .. }));

    adopt(&mut city, r#"{"station_areas": {"by": "nearest", "later_max_s": 180}}"#);
    assert_eq!(codes(&proposed(&mut city, &passing, incident))[0], "A03", "nobody waits longer than that");
}

#[test]
fn an_area_is_the_nearest_stations_or_as_drawn_and_for_some_levels() {
    let mut city = City::new();
    let passing = [("A03", 114.02)];
    let first = |city: &mut City, level| {
        let incident = incident_at(city, 114.03, level);
        codes(&proposed(city, &passing, incident))[0].to_owned()
    };
    adopt(&mut city, r#"{"station_areas": {"by": "nearest", "later_max_s": 600, "levels": ["III", "IV"]}}"#);
    assert_eq!(
        (first(&mut city, Level::I), first(&mut city, Level::IV)),
        ("A03".to_owned(), "A01".to_owned())
    );
    let corner =
        |east: f64, north: f64| format!(r#"{{"longitude": {}, "latitude": {}}}"#, 114.0 + east, 30.0 + north);
    let polygon =
        [corner(0.02, -0.01), corner(0.04, -0.01), corner(0.04, 0.01), corner(0.02, 0.01)].join(", ");
    let drawn = |station: &str| {
        let area = format!(r#"{{"station": "{station}", "polygon": [{polygon}]}}"#);
        format!(r#"{{"station_areas": {{"by": "drawn", "later_max_s": 600, "areas": [{area}]}}}}"#)
    };
    adopt(&mut city, &drawn("S01"));
    assert_eq!(first(&mut city, Level::I), "A01");
    adopt(&mut city, &drawn("S02"));
    assert_eq!(first(&mut city, Level::I), "A03");
}

#[test]
fn a_unit_of_the_area_is_found_however_many_are_nearer() {
    let mut city = City::new();
    adopt(&mut city, r#"{"candidates_max": 1, "station_areas": {"by": "nearest", "later_max_s": 600}}"#);
    let incident = incident_at(&mut city, 114.03, Level::II);
    let passing = [("A02", 114.2), ("A03", 114.031)];
    assert_eq!(codes(&proposed(&mut city, &passing, incident)), ["A01"]);
}

/// A03 is a neighbour's.
fn with_aid(gain_s: i64) -> String {
    format!(
        r#"{{"mutual_aid": {{"gain_s": {gain_s}, "from": [{{"name": "江北急救中心", "units": ["A03"]}}]}}}}"#
    )
}

#[test]
fn a_neighbour_is_asked_only_where_it_is_enough_sooner() {
    let mut city = City::new();
    adopt(&mut city, &with_aid(300));
    let far = incident_at(&mut city, 114.1, Level::II);
    let near = incident_at(&mut city, 114.05, Level::II);
    let kept = proposed(&mut city, &[], near);
    assert_eq!(codes(&kept), ["A01", "A02"]);
    let why = kept.inputs.left_out.iter().find(|out| out.unit == unit("A03")).map(|out| out.why);
    assert_eq!(why, Some(LeftOutReason::MutualAid));

    let asked = proposed(&mut city, &[], far);
    assert_eq!(codes(&asked), ["A03", "A01", "A02"]);
    assert_eq!(asked.ranked[0].aid.as_deref(), Some("江北急救中心"));
    assert!(said(&asked.ranked[0]).starts_with("arrives first; mutual aid: ask 江北急救中心 first"));
    assert!(asked.inputs.left_out.is_empty(), "{:?}", asked.inputs.left_out);
    // To do without the neighbour needs no word, and to ask it neither.
    city.does(Action::RecordProposal { proposal: asked.clone().into() });
    let sending = city.sending(far, "A01", None);
    city.does(sending);
    let asked = proposed(&mut city, &[], far);
    city.does(Action::RecordProposal { proposal: asked.into() });
    let sending = city.sending(far, "A03", None);
    city.does(sending);
}

#[test]
fn a_neighbour_is_asked_where_nobody_else_can_go() {
    let mut city = City::new();
    adopt(&mut city, &with_aid(3_600));
    let incident = incident_at(&mut city, 114.0, Level::II);
    for code in ["A01", "A02"] {
        city.does(Action::PauseUnit { unit: unit(code), reason: "加油".to_owned() });
    }
    assert_eq!(codes(&proposed(&mut city, &[], incident)), ["A03"]);
}

#[test]
fn no_machine_asks_a_neighbour() {
    let mut city = City::new();
    let rules = with_aid(60).replacen('{', r#"{"automatic_dispatch": true, "#, 1);
    adopt(&mut city, &rules);
    let incident = incident_at(&mut city, 114.1, Level::II);
    let proposal = proposed(&mut city, &[], incident);
    assert_eq!(codes(&proposal)[0], "A03");
    // Times by road: estimates are never sent without a person.
    let mut inputs = proposal.inputs;
    inputs.candidates.iter_mut().for_each(|input| input.basis = dispatch_core::assignment::Basis::Road);
    let proposal = propose(ProposalId::new(Uuid::from_u128(7)), inputs).into();
    let by = Actor::rule("proposal");
    let events = city.centre.execute(&Command { by, action: Action::RecordProposal { proposal } }, city.now);
    let sent = events.unwrap().into_iter().find_map(|event| match event.fact {
        Fact::UnitAssigned { unit, .. } => Some(unit),
        _ => None,
    });
    assert_eq!(sent, Some(unit("A01")));
}

#[test]
fn off_and_as_before_unless_a_centre_chooses() {
    let mut city = City::new();
    let incident = incident_at(&mut city, 114.09, Level::II);
    let proposal = proposed(&mut city, &[], incident);
    let text = serde_json::to_string(&proposal).unwrap();
    assert!(!text.contains("own_area") && !text.contains("aid") && !text.contains("area_later"), "{text}");
    for wrong in [
        r#"{"station_areas": {"by": "drawn"}}"#,
        r#"{"mutual_aid": {"from": [{"name": "", "units": ["A03"]}]}}"#,
    ] {
        let rules = serde_json::from_str::<Rules>(wrong).unwrap();
        let refusal = city.by(desk(), Action::AdoptRules { rules }).unwrap_err();
        assert!(matches!(refusal, Refusal::StationAreas { .. } | Refusal::MutualAid { .. }), "{refusal}");
    }
    assert_eq!(Rules::default().station_areas.later_max_s, Span::seconds(180));
    assert!(serde_json::from_str::<Rules>(NEAREST).is_ok());
}
