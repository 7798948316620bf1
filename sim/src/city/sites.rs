//! Where help stands ready and where it takes people: stations, units, hospitals, the same whether the city is generated or real.

use std::collections::BTreeSet;

use dispatch_core::incident::Skill;
use roads::Wgs84;

use super::plane::Point;
use crate::chance::Chance;

/// A hospital of the city.
#[derive(Debug, Clone)]
pub struct HospitalPlan {
    /// Its code.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Where ambulances arrive, WGS-84.
    pub position: Wgs84,
    /// Which critical patients it is equipped for.
    pub skills: BTreeSet<Skill>,
}

/// A station of the city.
#[derive(Debug, Clone)]
pub struct StationPlan {
    /// Its code.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Where it is, WGS-84.
    pub position: Wgs84,
}

/// An ambulance of the city.
#[derive(Debug, Clone)]
pub struct UnitPlan {
    /// Its call sign.
    pub id: String,
    /// The code of its station.
    pub station: String,
    /// Its number plate.
    pub plate: String,
    /// The telephone in the vehicle.
    pub phone: String,
    /// What it can do.
    pub skills: BTreeSet<Skill>,
    /// Who signs on to it.
    pub crew: Vec<(String, &'static str)>,
}

/// The hospitals of the generated city: name, place, what for.
pub const HOSPITALS: [(&str, Point, &[Skill]); 6] = [
    (
        "海棠市第一人民医院",
        Point::new(9_900.0, 10_900.0),
        &[Skill::ChestPain, Skill::Stroke, Skill::Trauma, Skill::Newborn],
    ),
    ("海棠市中心医院（江南院区）", Point::new(11_900.0, 6_500.0), &[Skill::ChestPain, Skill::Stroke]),
    ("海棠市妇幼保健院", Point::new(12_700.0, 10_300.0), &[Skill::Maternal, Skill::Newborn]),
    ("海棠大学附属医院", Point::new(15_900.0, 12_200.0), &[Skill::ChestPain, Skill::Trauma, Skill::Stroke]),
    ("海棠市中医院", Point::new(7_000.0, 7_300.0), &[Skill::Stroke]),
    ("临溪县人民医院", Point::new(21_100.0, 4_500.0), &[Skill::ChestPain, Skill::Trauma, Skill::Maternal]),
];

/// The stations of the generated city on both banks, with how many of 40 units stand there.
pub const STATIONS: [(&str, Point, usize); 13] = [
    ("江北中心站", Point::new(10_600.0, 11_300.0), 5),
    ("老城站", Point::new(10_900.0, 9_000.0), 4),
    ("湖滨站", Point::new(5_900.0, 10_900.0), 3),
    ("大学城站", Point::new(16_100.0, 13_000.0), 3),
    ("北站", Point::new(11_300.0, 14_100.0), 3),
    ("高新站", Point::new(15_300.0, 7_700.0), 4),
    ("江南站", Point::new(11_100.0, 5_900.0), 4),
    ("西站", Point::new(6_300.0, 6_600.0), 3),
    ("临溪站", Point::new(21_300.0, 3_900.0), 4),
    ("沙洲站", Point::new(22_300.0, 9_300.0), 2),
    ("西山站", Point::new(1_900.0, 10_900.0), 2),
    ("云岭站", Point::new(17_300.0, 16_900.0), 2),
    ("石桥站", Point::new(7_200.0, 2_500.0), 1),
];

/// Units at the stations, each station getting its share of `count`.
pub fn units(stations: &[StationPlan], shares: &[usize], count: usize, seed: u64) -> Vec<UnitPlan> {
    let mut chance = Chance::of(seed, "crews", 0);
    let mut names = BTreeSet::new();
    let homes = homes(shares, count);
    let plan = |(number, home): (usize, usize)| UnitPlan {
        id: format!("A{:02}", number + 1),
        station: stations[home].id.clone(),
        plate: format!("浙X{:04}急", 1_020 + number * 7),
        phone: format!("139000{:05}", 10_000 + number),
        skills: unit_skills(number),
        crew: ["driver", "doctor", "nurse"].map(|role| (fresh_name(&mut chance, &mut names), role)).to_vec(),
    };
    homes.into_iter().enumerate().map(plan).collect()
}

/// The station of each unit: `count` units in the ratio of the shares, every station at least one while they last.
fn homes(shares: &[usize], count: usize) -> Vec<usize> {
    let mut given = vec![0usize; shares.len()];
    let mut homes: Vec<usize> = (0..count)
        .map(|_| {
            // The station that is furthest behind its share; ties to the first.
            let behind = |s: &usize| (given[*s] * 1_000) / shares[*s].max(1);
            let next = (0..shares.len()).min_by_key(behind).unwrap_or(0);
            given[next] += 1;
            next
        })
        .collect();
    homes.sort_unstable();
    homes
}

/// Two in five carry negative pressure (the plan of 2020 asks for 40 %), three in five what critical patients need.
fn unit_skills(number: usize) -> BTreeSet<Skill> {
    let mut skills = BTreeSet::new();
    if number % 5 < 3 {
        skills.extend([Skill::Als, Skill::ChestPain, Skill::Stroke, Skill::Trauma]);
    }
    if number % 5 == 2 {
        skills.extend([Skill::Maternal, Skill::Newborn]);
    }
    if number % 5 == 1 || number % 5 == 4 {
        skills.insert(Skill::NegativePressure);
    }
    if number % 11 == 3 {
        skills.insert(Skill::Bariatric);
    }
    skills
}

fn fresh_name(chance: &mut Chance, taken: &mut BTreeSet<String>) -> String {
    loop {
        let name = person_name(chance);
        if taken.insert(name.clone()) {
            return name;
        }
    }
}

/// A made-up person's name.
pub fn person_name(chance: &mut Chance) -> String {
    let family = chance.pick(&FAMILY);
    let given = chance.pick(&GIVEN_FIRST);
    let second = if chance.yes(0.6) { chance.pick(&GIVEN_SECOND) } else { "" };
    format!("{family}{given}{second}")
}

const FAMILY: [&str; 30] = [
    "王", "李", "张", "刘", "陈", "杨", "黄", "赵", "吴", "周", "徐", "孙", "马", "朱", "胡", "郭", "何",
    "林", "高", "罗", "郑", "梁", "谢", "宋", "唐", "许", "邓", "冯", "韩", "欧阳",
];
const GIVEN_FIRST: [&str; 24] = [
    "建", "志", "文", "海", "晓", "丽", "秀", "国", "明", "春", "玉", "永", "小", "雪", "红", "德", "立",
    "家", "美", "雅", "俊", "振", "新", "思",
];
const GIVEN_SECOND: [&str; 20] = [
    "华", "强", "芳", "敏", "军", "英", "平", "霞", "辉", "玲", "勇", "燕", "斌", "娟", "涛", "梅", "峰",
    "兰", "鹏", "宁",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_are_shared_out_by_weight() {
        let shares: Vec<usize> = STATIONS.iter().map(|station| station.2).collect();
        let counts = |count| {
            let homes = homes(&shares, count);
            (0..shares.len()).map(|s| homes.iter().filter(|&&home| home == s).count()).collect::<Vec<_>>()
        };
        assert_eq!(counts(40), shares);
        assert!(counts(13).iter().all(|&count| count == 1));
        assert_eq!(counts(7).iter().sum::<usize>(), 7);
    }
}
