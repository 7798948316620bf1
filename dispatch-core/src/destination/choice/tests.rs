//! Who comes first among hospitals, case by case.

use std::fmt::Write;

use super::*;

fn hospital(code: &str, minutes: i64, skills: &[Skill], diverted: bool) -> DestinationInput {
    DestinationInput {
        hospital: code.parse().unwrap(),
        name: code.to_owned(),
        skills: skills.iter().copied().collect(),
        diverted,
        travel_s: Span::seconds(minutes * 60),
        basis: Basis::Road,
    }
}

fn order(level: Level, needs: &[Skill], wish: Option<&str>, hospitals: &[DestinationInput]) -> String {
    let inputs = DestinationInputs {
        level,
        skills: needs.iter().copied().collect(),
        wish: wish.map(|code| code.parse().unwrap()),
        hospitals: hospitals.to_vec(),
    };
    let codes: Vec<String> =
        rank_destinations(&inputs).iter().map(|choice| choice.hospital.to_string()).collect();
    codes.join(" ")
}

#[test]
fn the_four_principles_decide() {
    use Level::{I, II, III, IV};
    use Skill::{Als, ChestPain};
    let plain = [
        hospital("N", 5, &[], false),
        hospital("C", 14, &[ChestPain], false),
        hospital("F", 40, &[ChestPain], false),
    ];
    let table = [
        ("nearness alone", III, &[][..], None, "N C F"),
        ("a specialty is worth 20 minutes", III, &[ChestPain], None, "C N F"),
        ("at every level", I, &[ChestPain], None, "C N F"),
        ("what only a vehicle can do asks nothing of a hospital", I, &[Als], None, "N C F"),
        ("a wish is worth 10 minutes", III, &[], Some("C"), "C N F"),
        ("and no more", III, &[], Some("F"), "N C F"),
        ("15 when it is not urgent", IV, &[], Some("C"), "C N F"),
        ("less when it is critical", II, &[], Some("C"), "N C F"),
        ("and does not take a patient from the specialists", III, &[ChestPain], Some("N"), "C N F"),
    ];
    for (case, level, needs, wish, expected) in table {
        assert_eq!(order(level, needs, wish, &plain), expected, "{case}");
    }
}

#[test]
fn a_diversion_is_heeded_unless_it_would_refuse_an_emergency() {
    use Level::{I, II, III};
    let close = [hospital("D", 5, &[], true), hospital("O", 14, &[], false)];
    let far = [hospital("D", 5, &[], true), hospital("O", 15, &[], false)];
    let only = [hospital("D", 5, &[], true)];
    for (level, hospitals, expected) in
        [(I, &close[..], "O D"), (I, &far, "D O"), (II, &far, "D O"), (III, &far, "O D"), (III, &only, "D")]
    {
        assert_eq!(order(level, &[], None, hospitals), expected, "{level:?}");
    }
}

#[test]
fn every_heading_says_what_it_did() {
    let inputs = DestinationInputs {
        level: Level::I,
        skills: [Skill::ChestPain].into(),
        wish: Some("N".parse().unwrap()),
        hospitals: vec![
            hospital("N", 5, &[], true),
            DestinationInput { basis: Basis::StraightLine, ..hospital("C", 15, &[Skill::ChestPain], false) },
        ],
    };
    let mut said = String::new();
    for choice in rank_destinations(&inputs) {
        writeln!(said, "{} {}", choice.hospital, choice.score).unwrap();
        for reason in choice.reasons {
            writeln!(said, "  {:?} {} {} | {}", reason.heading, reason.points, reason.zh, reason.en).unwrap();
        }
    }
    expect_test::expect![[r"
        C -1800
          Nearness -600 15分钟，比最近者多10分钟（直线估算） | 15:00, 10:00 more than the nearest (straight-line estimate)
          Urgency -1200 危重，路上时间加权 | critical, time on the road weighs more
          Specialty 0 具备：胸痛 | equipped for: chest pain
          Wish 0 非患者所选 | not the patient's wish
        N -3600
          Nearness 0 最近，5分钟 | nearest, 5:00
          Urgency 0 危重，最快到达；已请求分流，但其他医院远得多，急危重症不得拒诊 | critical, reached first; on diversion, but every other is much farther: an emergency is not refused
          Specialty -3600 不具备：胸痛 | not equipped for: chest pain
          Wish 0 患者意愿；病情危急，以救命为先 | the patient's wish, which yields to saving life
    "]]
    .assert_eq(&said);
}

#[test]
fn the_order_of_the_inputs_does_not_matter() {
    let mut hospitals =
        vec![hospital("B", 5, &[], false), hospital("A", 5, &[], false), hospital("C", 4, &[], true)];
    let one_way = order(Level::II, &[], None, &hospitals);
    hospitals.reverse();
    assert_eq!(order(Level::II, &[], None, &hospitals), one_way);
    assert_eq!(one_way, "A B C");
    assert_eq!(order(Level::II, &[], None, &[]), "");
}
