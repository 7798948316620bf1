//! Sending another unit than the first proposed: on whose word, with which code, and what is recorded and counted of it.

use dispatch_core::assignment::{Grounds, OverrideReasons};
use dispatch_core::incident::Level;
use dispatch_core::reports::{Ledger, OverrideCount, Period, Report, response_times};
use dispatch_core::rules::Rules;
use dispatch_core::{Action, Refusal, Span};

use crate::city::{City, unit};

fn code(
    city: &mut City,
    incident: dispatch_core::ids::IncidentId,
    code: &str,
    words: Option<&str>,
) -> Action {
    let Action::AssignUnit { assignment, incident, unit, proposal, reason, .. } =
        city.sending(incident, "A02", words)
    else {
        unreachable!("made just above")
    };
    let grounds = Grounds { code: Some(code.parse().unwrap()) };
    Action::AssignUnit { assignment, incident, unit, proposal, reason, grounds }
}

fn report(city: &City) -> Report {
    let period = Period::parse("2026-H2", Span::seconds(8 * 3600)).unwrap();
    response_times(&Ledger::of(&city.events), &period)
}

#[test]
fn a_code_of_the_list_says_why_and_the_record_shows_whose_place_the_unit_took() {
    let mut city = City::new();
    let incident = city.incident(Level::I);
    city.proposes(incident, &["A01", "A02"]);
    let action = code(&mut city, incident, "closer", None);
    let Action::AssignUnit { assignment, .. } = action else { unreachable!("made just above") };
    city.does(action);
    let it = city.centre.record().assignment(assignment).unwrap();
    let choice = it.choice.as_ref().unwrap();
    assert_eq!((choice.passed_over, choice.code), (Some(unit("A01")), Some("closer".parse().unwrap())));
    assert_eq!(it.override_reason, None);
}

#[test]
fn a_code_that_is_not_on_the_list_or_says_nothing_by_itself_is_refused() {
    let mut city = City::new();
    let incident = city.incident(Level::I);
    city.proposes(incident, &["A01", "A02"]);
    let action = code(&mut city, incident, "mood", Some("x"));
    assert_eq!(city.refused(action), Refusal::UnknownOverrideCode { code: "mood".parse().unwrap() });
    let action = code(&mut city, incident, "other", Some("  "));
    assert_eq!(city.refused(action), Refusal::WordsNeeded { code: "other".parse().unwrap() });
    let action = code(&mut city, incident, "other", Some("听班长指示"));
    city.does(action);
}

#[test]
fn words_alone_are_enough_as_ever() {
    let mut city = City::new();
    let incident = city.incident(Level::I);
    city.proposes(incident, &["A01", "A02"]);
    let assignment = city.sends(incident, "A02");
    let it = city.centre.record().assignment(assignment).unwrap();
    assert_eq!(it.override_reason.as_deref(), Some("听班长指示"));
    assert_eq!(it.choice.as_ref().unwrap().passed_over, Some(unit("A01")));
}

#[test]
fn the_first_proposed_leaves_nothing_to_record() {
    let mut city = City::new();
    let incident = city.incident(Level::I);
    city.proposes(incident, &["A01", "A02"]);
    let action = city.sending(incident, "A01", None);
    let Action::AssignUnit { assignment, .. } = action else { unreachable!("made just above") };
    city.does(action);
    assert_eq!(city.centre.record().assignment(assignment).unwrap().choice, None);
    assert_eq!((report(&city).overrides.orders, report(&city).overrides.overridden), (1, 0));
}

#[test]
fn the_report_counts_how_often_and_why() {
    let mut city = City::new();
    for said in [Some("closer"), Some("closer"), None] {
        let incident = city.incident(Level::I);
        city.proposes(incident, &["A01", "A02"]);
        let assignment = match said {
            Some(said) => {
                let action = code(&mut city, incident, said, None);
                let Action::AssignUnit { assignment, .. } = action else { unreachable!("made just above") };
                city.does(action);
                assignment
            }
            None => city.sends(incident, "A02"),
        };
        city.does(Action::RecallUnit { assignment, reason: "误报".to_owned() });
    }
    let overrides = report(&city).overrides;
    assert_eq!((overrides.orders, overrides.overridden, overrides.share), (3, 3, Some(1.0)));
    let line = |count: &OverrideCount| format!("{} {} {:?}", count.n, count.zh, count.items);
    let lines: Vec<_> = overrides.reasons.iter().map(line).collect();
    expect_test::expect![[r#"
        2 实际更近 ["20261121-0001 A02 (A01)", "20261121-0002 A02 (A01)"]
        1 仅有文字说明 ["20261121-0003 A02 (A01)"]"#]]
    .assert_eq(&lines.join("\n"));
}

#[test]
fn a_list_that_contradicts_itself_is_not_adopted() {
    let mut city = City::new();
    let mut reasons = OverrideReasons::default();
    reasons.0[1].code = reasons.0[0].code;
    let rules = Rules { override_reasons: reasons, ..Rules::default() };
    assert!(matches!(city.refused(Action::AdoptRules { rules }), Refusal::OverrideReasons { .. }));
}
