//! Sharing out: nobody is forgotten, no hospital is filled while others stand by, the most urgent come first.

use std::collections::BTreeMap;

use super::*;

fn incident() -> IncidentId {
    IncidentId::new(uuid::Uuid::from_u128(7))
}

fn hospital(code: &str, reds: u16, skills: &[Skill]) -> SharingHospital {
    SharingHospital {
        hospital: code.parse().unwrap(),
        name: code.to_owned(),
        skills: skills.iter().copied().collect(),
        diverted: false,
        free: ByColour { red: reds, yellow: 2, green: 50, black: 0 },
        gets: ByColour::default(),
    }
}

fn casualties(colour: Colour, tags: std::ops::RangeInclusive<Tag>) -> Vec<SharingCasualty> {
    tags.map(|tag| SharingCasualty { tag, scene: incident(), colour, skills: BTreeSet::new() }).collect()
}

fn inputs(
    casualties: Vec<SharingCasualty>,
    hospitals: Vec<SharingHospital>,
    minutes: &[i64],
) -> SharingInputs {
    let way = |(it, minutes): (&SharingHospital, &i64)| SharingWay {
        hospital: it.hospital,
        travel_s: Span::seconds(minutes * 60),
        basis: Basis::Road,
    };
    let ways = hospitals.iter().zip(minutes).map(way).collect();
    SharingInputs { casualties, hospitals, ways: BTreeMap::from([(incident(), ways)]) }
}

fn count(sharing: &Sharing, code: &str) -> usize {
    sharing.shared.iter().filter(|it| it.allotment.hospital.as_str() == code).count()
}

#[test]
fn the_nearest_hospital_is_not_filled_while_others_stand_by() {
    let three = vec![hospital("H01", 10, &[]), hospital("H02", 10, &[]), hospital("H03", 10, &[])];
    let sharing = share_out(&inputs(casualties(Colour::Red, 1..=9), three, &[5, 6, 9]));
    assert!(sharing.without_bed.is_empty(), "{:?}", sharing.without_bed);
    let counts = ["H01", "H02", "H03"].map(|code| count(&sharing, code));
    assert_eq!(counts, [4, 3, 2], "{:#?}", sharing.shared);
    assert_eq!(sharing.shared[0].allotment.hospital.as_str(), "H01", "the first goes to the nearest");
    assert!(sharing.shared[0].zh.contains("第 1 名红"), "{}", sharing.shared[0].zh);
}

#[test]
fn a_far_hospital_is_spared_while_the_near_ones_can_cope() {
    let two = vec![hospital("H01", 10, &[]), hospital("H02", 10, &[])];
    let sharing = share_out(&inputs(casualties(Colour::Red, 1..=3), two, &[5, 60]));
    assert_eq!((count(&sharing, "H01"), count(&sharing, "H02")), (3, 0));
}

#[test]
fn beds_run_out_for_the_least_urgent_first_and_nobody_is_forgotten() {
    let mut all = casualties(Colour::Green, 1..=3);
    all.extend(casualties(Colour::Red, 4..=6));
    all.extend(casualties(Colour::Yellow, 7..=9));
    let sharing = share_out(&inputs(all, vec![hospital("H01", 2, &[])], &[5]));
    let tags: Vec<Tag> = sharing.shared.iter().map(|it| it.allotment.casualty).collect();
    assert_eq!(tags, [4, 5, 7, 8, 1, 2, 3], "red before yellow before green");
    assert_eq!(sharing.without_bed, [6, 9]);
}

#[test]
fn who_needs_a_special_department_goes_past_the_nearest() {
    let mut one = casualties(Colour::Red, 1..=2);
    one[1].skills.insert(Skill::Trauma);
    let two = vec![hospital("H01", 10, &[]), hospital("H02", 10, &[Skill::Trauma])];
    let sharing = share_out(&inputs(one, two, &[5, 12]));
    let first = &sharing.shared[0];
    assert_eq!((first.allotment.casualty, first.allotment.hospital.as_str()), (2, "H02"));
    assert!(first.en.contains("equipped for"), "{}", first.en);
}

#[test]
fn a_hospital_that_gets_casualties_already_counts_them() {
    let mut busy = hospital("H01", 10, &[]);
    busy.gets.red = 4;
    let sharing =
        share_out(&inputs(casualties(Colour::Red, 1..=2), vec![busy, hospital("H02", 10, &[])], &[5, 9]));
    assert_eq!(count(&sharing, "H02"), 2);
}
