//! An electrocardiogram of twelve leads, by seed, written as HL7's annotated ECG (aECG, `urn:hl7-org:v3`): ten seconds at 500 samples a
//! second. A beat is a sum of five bells (P, Q, R, S, T), which is no heart's, and looks enough like one to be read.

use std::fmt::Write;

use jiff::{SignedDuration, Timestamp};

use crate::chance::Chance;

/// Samples a second.
pub const RATE_HZ: u32 = 500;
/// Length.
pub const SECONDS: u32 = 10;
/// Microvolts of one step of the written numbers.
const STEP_UV: f64 = 2.5;

/// What a heart does.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Heart {
    /// Beats a minute.
    pub rate_per_min: f64,
    /// How far the ST segment of the inferior leads (II, III, aVF) is lifted, millivolts; 0 in a healthy heart.
    pub st_inferior_mv: f64,
}

/// A bell: when in the beat (seconds from the R wave), how wide, and how high in each of I, II, V1 to V6, millivolts.
type Bell = (f64, f64, [f64; 8]);

const BELLS: [Bell; 5] = [
    (-0.17, 0.022, [0.08, 0.14, 0.06, 0.08, 0.09, 0.09, 0.09, 0.08]),
    (-0.035, 0.009, [-0.06, -0.09, 0.0, 0.0, -0.04, -0.08, -0.09, -0.08]),
    (0.0, 0.011, [0.65, 1.05, 0.22, 0.45, 0.80, 1.40, 1.30, 0.95]),
    (0.035, 0.011, [-0.12, -0.16, -0.95, -1.25, -0.80, -0.40, -0.18, -0.10]),
    (0.27, 0.05, [0.20, 0.28, -0.08, 0.35, 0.42, 0.38, 0.30, 0.22]),
];
/// The lifted ST segment: from the end of the QRS to the T wave.
const ST: Bell = (0.13, 0.06, [-0.35, 1.0, -0.1, -0.2, 0.0, 0.0, 0.15, 0.2]);
/// I, II and the chest leads are made; the others follow from I and II.
const MEASURED: [&str; 8] = ["I", "II", "V1", "V2", "V3", "V4", "V5", "V6"];

/// An ECG that begins at a moment.
pub fn annotated(seed: u64, heart: Heart, begun: Timestamp) -> String {
    let leads = leads(seed, heart);
    let stamp = |at: Timestamp| at.strftime("%Y%m%d%H%M%S").to_string();
    let (low, high) = (stamp(begun), stamp(begun + SignedDuration::from_secs(i64::from(SECONDS))));
    let mut text = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <AnnotatedECG xmlns=\"urn:hl7-org:v3\" xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\">\n\
         <code code=\"93000\" codeSystem=\"2.16.840.1.113883.6.12\"/>\n\
         <effectiveTime><low value=\"{low}\"/><high value=\"{high}\"/></effectiveTime>\n\
         <component><series><code code=\"RHYTHM\" codeSystem=\"2.16.840.1.113883.5.4\"/><component><sequenceSet>\n\
         <component><sequence><code code=\"TIME_ABSOLUTE\" codeSystem=\"2.16.840.1.113883.5.4\"/>\
         <value xsi:type=\"GLIST_TS\"><head value=\"{low}\"/><increment value=\"{}\" unit=\"s\"/></value>\
         </sequence></component>\n",
        1.0 / f64::from(RATE_HZ)
    );
    for (name, samples) in &leads {
        // Writing into a text cannot fail.
        let _ = write!(
            text,
            "<component><sequence><code code=\"MDC_ECG_LEAD_{name}\" codeSystem=\"2.16.840.1.113883.6.24\"/>\
             <value xsi:type=\"SLIST_PQ\"><origin value=\"0\" unit=\"uV\"/><scale value=\"{STEP_UV}\" unit=\"uV\"/><digits>"
        );
        for sample in samples {
            let _ = write!(text, "{} ", (sample * 1000.0 / STEP_UV).round() as i32);
        }
        text.push_str("</digits></value></sequence></component>\n");
    }
    text.push_str("</sequenceSet></component></series></component>\n</AnnotatedECG>\n");
    text
}

/// The twelve leads in their usual order, millivolts.
fn leads(seed: u64, heart: Heart) -> Vec<(&'static str, Vec<f64>)> {
    let beats = beats(seed, heart.rate_per_min);
    let measured: Vec<Vec<f64>> =
        (0..MEASURED.len()).map(|lead| measured(seed, lead, &beats, heart.st_inferior_mv)).collect();
    let (one, two) = (&measured[0], &measured[1]);
    let of = |weigh: fn(f64, f64) -> f64| one.iter().zip(two).map(|(a, b)| weigh(*a, *b)).collect::<Vec<_>>();
    let mut all = vec![
        ("I", one.clone()),
        ("II", two.clone()),
        ("III", of(|one, two| two - one)),
        ("AVR", of(|one, two| -f64::midpoint(one, two))),
        ("AVL", of(|one, two| one - two / 2.0)),
        ("AVF", of(|one, two| two - one / 2.0)),
    ];
    all.extend(MEASURED.into_iter().zip(measured).skip(2));
    all
}

/// When the R waves are, seconds: no heart is a clock.
fn beats(seed: u64, rate_per_min: f64) -> Vec<f64> {
    let mut chance = Chance::of(seed, "beats", 0);
    let between_s = 60.0 / rate_per_min;
    let mut beats = vec![-between_s / 2.0];
    while beats.last().is_some_and(|last| *last < f64::from(SECONDS) + 1.0) {
        let last = beats.last().copied().unwrap_or_default();
        beats.push(last + between_s * chance.between(0.97, 1.03));
    }
    beats
}

fn measured(seed: u64, lead: usize, beats: &[f64], st_mv: f64) -> Vec<f64> {
    let mut chance = Chance::of(seed, "lead", lead as u64);
    let (breath, phase) = (chance.between(0.2, 0.3), chance.between(0.0, std::f64::consts::TAU));
    let lifted = (ST.0, ST.1, ST.2.map(|share| share * st_mv));
    let bell = |from_r: f64, (at, width, heights): &Bell| {
        let away = (from_r - at) / width;
        // What is four widths away is nothing.
        if away.abs() > 4.0 { 0.0 } else { heights[lead] * libm::exp(-away * away / 2.0) }
    };
    let sample = |number: u32| {
        let at_s = f64::from(number) / f64::from(RATE_HZ);
        let near = beats.iter().map(|beat| at_s - beat).filter(|from_r| (-0.4..0.6).contains(from_r));
        let heart: f64 =
            near.flat_map(|from_r| BELLS.iter().chain([&lifted]).map(move |it| bell(from_r, it))).sum();
        let wander = 0.04 * libm::sin(std::f64::consts::TAU * breath * at_s + phase);
        heart + wander + chance.between(-0.012, 0.012)
    };
    (0..SECONDS * RATE_HZ).map(sample).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const WELL: Heart = Heart { rate_per_min: 72.0, st_inferior_mv: 0.0 };

    #[test]
    fn twelve_leads_that_belong_together() {
        let leads = leads(7, WELL);
        let names: Vec<_> = leads.iter().map(|(name, _)| *name).collect();
        assert_eq!(names, ["I", "II", "III", "AVR", "AVL", "AVF", "V1", "V2", "V3", "V4", "V5", "V6"]);
        let of = |name: &str| &leads.iter().find(|(known, _)| *known == name).unwrap().1;
        for at in (0..5_000).step_by(97) {
            assert!((of("I")[at] + of("III")[at] - of("II")[at]).abs() < 1e-9, "Einthoven's law");
            assert!((of("AVR")[at] + of("AVL")[at] + of("AVF")[at]).abs() < 1e-9, "Goldberger's");
        }
        let peaks = of("II").windows(3).filter(|it| it[1] > 0.8 && it[1] > it[0] && it[1] >= it[2]).count();
        assert!((10..=26).contains(&peaks), "{peaks} R waves in ten seconds");
    }

    #[test]
    fn a_seed_writes_the_same_again_and_a_sick_heart_another() {
        let written = |seed, heart| annotated(seed, heart, Timestamp::UNIX_EPOCH);
        assert_eq!(written(7, WELL), written(7, WELL));
        assert_ne!(written(7, WELL), written(8, WELL));
        let sick = Heart { st_inferior_mv: 0.3, ..WELL };
        assert_ne!(written(7, WELL), written(7, sick));
        let text = written(7, WELL);
        assert_eq!(text.matches("MDC_ECG_LEAD_").count(), 12);
        let digits = text.split("<digits>").nth(1).unwrap().split("</digits>").next().unwrap();
        assert_eq!(digits.split_whitespace().count(), 5_000);
    }
}
