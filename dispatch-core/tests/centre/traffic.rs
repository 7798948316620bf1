//! Travel at this hour's speeds: the rules say how fast, the proposal says by which hours.

use dispatch_core::assignment::{Basis, Proposal, RoadsView, Scratch, gather, propose};
use dispatch_core::fleet::FleetPicture;
use dispatch_core::ids::{IncidentId, ProposalId};
use dispatch_core::incident::Level;
use dispatch_core::rules::Rules;
use dispatch_core::{Action, Refusal};
use roads::{MapBuilder, Profile, RoadClass, RoadMap, WaySpec, Weights};

use crate::city::{City, here};

/// The city's clocks show 21:00, on a Saturday.
fn rules(factor: f64) -> Rules {
    let row = format!(
        r#"{{"name": "夜市", "days": "weekend", "from": "20:30", "to": "23:00", "main_roads": {factor}}}"#
    );
    serde_json::from_str(&format!(r#"{{"traffic": [{row}]}}"#)).unwrap()
}

fn proposed(city: &mut City, map: Option<&RoadMap>, incident: IncidentId) -> Proposal {
    let (now, record) = (city.now, city.centre.record());
    let weights = map.map(|map| {
        let network = map.network();
        Weights::at_hour(network, Profile::LightsAndSirens, &record.rules().speeds_at(now)).unwrap()
    });
    let mut scratch = Scratch::default();
    let view =
        map.zip(weights.as_ref()).map(|(map, weights)| RoadsView { map, weights, scratch: &mut scratch });
    let inputs = gather(record, &FleetPicture::empty(now), view, incident, now).unwrap();
    let proposal = propose(ProposalId::new(city.uuid()), inputs);
    let kept: Proposal = serde_json::from_str(&serde_json::to_string(&proposal).unwrap()).unwrap();
    assert_eq!(propose(kept.id, kept.inputs), proposal, "what the journal keeps makes it again");
    proposal
}

/// One primary road past both stations.
fn road() -> RoadMap {
    let mut builder = MapBuilder::new();
    let nodes = (0..=11).map(|step| builder.add_node(here(113.99 + 0.0125 * f64::from(step)))).collect();
    builder.add_way(WaySpec::new(1, RoadClass::Primary, nodes));
    builder.build(&mut |_| {}).unwrap()
}

fn slower(map: Option<&RoadMap>, basis: Basis) {
    let mut city = City::new();
    let incident = city.incident(Level::I);
    let usual = proposed(&mut city, map, incident);
    city.does(Action::AdoptRules { rules: rules(0.5) });
    let slow = proposed(&mut city, map, incident);
    assert_eq!(slow.inputs.traffic.as_ref().map(|row| row.name.as_str()), Some("夜市"));
    assert_eq!(slow.inputs.road_weights == usual.inputs.road_weights, map.is_none());
    for (slow, usual) in slow.ranked.iter().zip(&usual.ranked) {
        assert_eq!((slow.unit, slow.basis), (usual.unit, basis));
        let apart = slow.travel_s.micros() - 2 * usual.travel_s.micros();
        assert!(apart.abs() < 1_000, "{} against {}", slow.travel_s.micros(), usual.travel_s.micros());
        assert_eq!(slow.mobilisation_s, usual.mobilisation_s);
        let words: Vec<_> = slow.reasons.iter().map(|reason| reason.texts().1).collect();
        assert!(words.contains(&"at the speeds of 夜市 (50 %)".to_owned()), "{words:?}");
    }
    // Two hours later nobody is about.
    city.wait(2 * 3_600);
    let later = proposed(&mut city, map, incident);
    assert_eq!((&later.inputs.traffic, later.ranked[0].travel_s), (&None, usual.ranked[0].travel_s));
    assert!(later.ranked[0].reasons.iter().all(|reason| !reason.texts().1.contains("speeds")));
}

#[test]
fn the_hour_decides_how_long_an_estimate_takes() {
    slower(None, Basis::StraightLine);
}

#[test]
fn the_hour_decides_how_long_a_road_takes() {
    slower(Some(&road()), Basis::Road);
}

#[test]
fn a_table_that_makes_no_sense_is_refused() {
    let refusal = City::new().refused(Action::AdoptRules { rules: rules(0.0) });
    assert!(matches!(refusal, Refusal::Traffic { .. }), "{refusal}");
    assert!(refusal.to_string().contains("factors from 0.1 to 3"), "{refusal}");
}
