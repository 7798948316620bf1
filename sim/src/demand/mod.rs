//! Who calls: when, where, for what, and what goes otherwise than planned. The calls of an hour depend on the seed and that hour
//! alone, so that a city that is stopped and started goes on with the same calls.

pub mod days;
pub mod fit;
pub mod hours;
pub mod kinds;
pub mod learn;
pub mod log;
pub mod places;
pub mod profile;
pub mod spread;
pub mod table;

use dispatch_core::UtcTime;
use dispatch_core::incident::{CallSource, Level, Sex, Skill};
use roads::Wgs84;
use serde::{Deserialize, Serialize};

use crate::chance::Chance;
use crate::city::person_name;
use kinds::Kind;
use places::Places;
use profile::Profile;

/// One call as the city means it, with all its chance drawn beforehand, so that two policies can be compared on the same calls.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CallPlan {
    /// The hour it belongs to (since 1970, UTC) and its place in that hour: its name.
    pub key: (u64, u32),
    /// When it rings, UTC.
    pub at: UtcTime,
    /// By which channel.
    pub source: CallSource,
    /// The caller's number.
    pub phone: String,
    /// Where, WGS-84.
    pub position: Wgs84,
    /// Where, in words.
    pub address: String,
    /// What is wrong.
    pub complaint: String,
    /// Words for the crew.
    pub note: String,
    /// How bad.
    pub level: Level,
    /// What must come.
    pub skills: Vec<Skill>,
    /// How many units.
    pub units: u8,
    /// The patient's name.
    pub patient: String,
    /// The patient's sex.
    pub sex: Sex,
    /// The patient's age.
    pub age_years: u8,
    /// What the call turns out to be.
    pub turn: Turn,
    /// How long the call-taker rings before answering, and then asks.
    pub answer_s: f64,
    /// See `answer_s`.
    pub talk_s: f64,
    /// How long the dispatcher looks at the proposal.
    pub decide_s: f64,
}

/// What a call turns out to be.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(tag = "turn", rename_all = "snake_case")]
pub enum Turn {
    /// An emergency to its end.
    Plain,
    /// Somebody else calls about the same event.
    CalledTwice {
        /// So long after the first call, seconds.
        after_s: f64,
    },
    /// The caller calls it off.
    Cancelled {
        /// So long after the first call, seconds.
        after_s: f64,
    },
    /// Advice is enough.
    Advice,
    /// Nobody speaks, or no help was wanted.
    Nuisance,
    /// A patient is moved between hospitals.
    Transfer,
    /// The centre tests itself.
    Test,
}

/// How often what happens. Assumptions, but for the cancelled: of San Francisco's dispatched ambulances 12.1 % never reached the
/// scene, through calls called off and units called back.
const TURNS: [(Turn, f64); 7] = [
    (Turn::Plain, 0.0), // the rest
    (Turn::CalledTwice { after_s: 0.0 }, 0.05),
    (Turn::Cancelled { after_s: 0.0 }, 0.07),
    (Turn::Advice, 0.04),
    (Turn::Nuisance, 0.03),
    (Turn::Transfer, 0.04),
    (Turn::Test, 0.01),
];
/// Share of text calls.
const TEXT_SHARE: f64 = 0.03;
/// Share of emergencies that want two units at once.
const TWO_UNITS_SHARE: f64 = 0.03;

/// The calls of one city.
#[derive(Debug)]
pub struct Demand {
    seed: u64,
    calls_per_day: f64,
    utc_offset_h: u64,
    places: Places,
    profile: Option<Profile>,
}

impl Demand {
    /// Calls over the places of a map. Local time is eight hours ahead of UTC.
    pub fn new(seed: u64, calls_per_day: f64, places: Places) -> Self {
        Self { seed, calls_per_day, utc_offset_h: 8, places, profile: None }
    }

    /// The same with the hours of the week, the times at the desk and the share called off that were learned from a log.
    #[must_use]
    pub fn with_profile(self, profile: Profile) -> Self {
        Self { profile: Some(profile), ..self }
    }

    /// Calls in an hour (counted from 1970, UTC), on average.
    fn calls_in(&self, hour: u64) -> f64 {
        let local = hour + self.utc_offset_h;
        match &self.profile {
            // 1970 began on a Thursday.
            Some(profile) => {
                let of_week = (local as usize + 3 * 24) % profile::HOURS;
                profile.calls_per_hour[of_week] * self.calls_per_day / profile.calls_per_day()
            }
            None => hours::calls_per_hour(self.calls_per_day, (local % 24) as usize),
        }
    }

    /// The calls of an hour (counted from 1970, UTC), in order of time.
    pub fn hour(&self, hour: u64) -> Vec<CallPlan> {
        let mut chance = Chance::of(self.seed, "arrivals", hour);
        // A coin for each tenth of a second: as good as a Poisson process, without a logarithm.
        let share = self.calls_in(hour) / TENTHS_AN_HOUR as f64;
        let tenths = (0..TENTHS_AN_HOUR).filter(|_| chance.yes(share)).collect::<Vec<u64>>();
        let call = |(number, tenth): (usize, u64)| {
            let at = UtcTime::from_micros(((hour * TENTHS_AN_HOUR + tenth) * 100_000) as i64);
            self.call((hour, number as u32), at)
        };
        tenths.into_iter().enumerate().filter_map(call).collect()
    }

    /// One call; `None` on a map without streets.
    fn call(&self, key: (u64, u32), at: UtcTime) -> Option<CallPlan> {
        let mut chance = Chance::of(self.seed, "call", key.0 * 100_000 + u64::from(key.1));
        let address = self.places.draw(&mut chance)?;
        let kind = Kind::draw(&mut chance);
        let level = kind.draw_level(&mut chance);
        let turn = draw_turn(&mut chance, self.profile.as_ref().map(|profile| profile.cancelled));
        let transfer = turn == Turn::Transfer;
        let source = match turn {
            Turn::Transfer => CallSource::Hospital,
            _ if chance.yes(TEXT_SHARE) => CallSource::Text,
            _ if kind.skills.contains(&Skill::Trauma) && chance.yes(0.4) => CallSource::Police,
            _ => CallSource::Telephone,
        };
        let learned = |of: fn(&profile::Times) -> &fit::Fitted, usual: f64, chance: &mut Chance| {
            self.profile
                .as_ref()
                .map_or(usual, |profile| of(&profile.times).model.draw_s(chance).min(DESK_S_MAX))
        };
        let two = turn == Turn::Plain && level == Level::I && chance.yes(TWO_UNITS_SHARE * 8.0);
        Some(CallPlan {
            key,
            at,
            source,
            phone: format!("13{:09}", chance.below(1_000_000_000)),
            position: address.position,
            address: address.words,
            complaint: if transfer {
                "转院：需监护转运".to_owned()
            } else {
                kind.complaint.to_owned()
            },
            note: kind.note.to_owned(),
            level: if transfer { Level::III } else { level },
            skills: if transfer { vec![Skill::Als] } else { kind.skills.to_vec() },
            units: if two { 2 } else { 1 },
            patient: person_name(&mut chance),
            sex: if chance.yes(0.53) && kind.skills != [Skill::Maternal] { Sex::Male } else { Sex::Female },
            age_years: kind.draw_age(&mut chance),
            turn,
            answer_s: spread::ANSWER.draw_s(&mut chance),
            talk_s: {
                let usual = spread::TALK.draw_s(&mut chance);
                learned(|times| &times.triage, usual, &mut chance)
            },
            decide_s: {
                let usual = spread::DECIDE.draw_s(&mut chance) * spread::DECIDE_FACTOR;
                learned(|times| &times.decision, usual, &mut chance)
            },
        })
    }
}

fn draw_turn(chance: &mut Chance, cancelled: Option<f64>) -> Turn {
    let share = |&(turn, share): &(Turn, f64)| match (turn, cancelled) {
        (Turn::Cancelled { .. }, Some(learned)) => learned,
        _ => share,
    };
    let known: f64 = TURNS.iter().map(share).sum();
    let weight = |of: &(Turn, f64)| if of.0 == Turn::Plain { (1.0 - known).max(0.0) } else { share(of) };
    let turn = TURNS[chance.weighted(TURNS.iter().map(weight))].0;
    match turn {
        Turn::CalledTwice { .. } => Turn::CalledTwice { after_s: chance.between(25.0, 280.0) },
        Turn::Cancelled { .. } => Turn::Cancelled { after_s: chance.between(100.0, 900.0) },
        Turn::Plain | Turn::Advice | Turn::Nuisance | Turn::Transfer | Turn::Test => turn,
    }
}

/// Nobody is kept on the line, or looked at, for longer.
const DESK_S_MAX: f64 = 1_800.0;
const TENTHS_AN_HOUR: u64 = 36_000;

#[cfg(test)]
mod tests {
    use super::*;

    fn demand(seed: u64) -> Demand {
        let map = crate::city::generate_map(1).unwrap();
        Demand::new(seed, 2_400.0, Places::of(&map))
    }

    #[test]
    fn the_same_seed_gives_the_same_calls_and_another_gives_others() {
        let (one, same, other) = (demand(5), demand(5), demand(6));
        assert_eq!(one.hour(495_000), same.hour(495_000));
        assert_ne!(one.hour(495_000), other.hour(495_000));
        // An hour does not depend on the hours before it.
        assert_eq!(one.hour(495_001), one.hour(495_001));
    }

    #[test]
    fn a_day_has_about_the_calls_and_turns_asked_for() {
        let demand = demand(1);
        let calls: Vec<CallPlan> = (0..72).flat_map(|hour| demand.hour(494_976 + hour)).collect();
        assert!((6_900..7_500).contains(&calls.len()), "{}", calls.len());
        assert!(calls.windows(2).all(|pair| pair[0].at < pair[1].at));
        let share = |which: fn(&CallPlan) -> bool| {
            calls.iter().filter(|c| which(c)).count() as f64 / calls.len() as f64
        };
        let text = share(|c| c.source == CallSource::Text);
        let twice = share(|c| matches!(c.turn, Turn::CalledTwice { .. }));
        assert!((0.02..0.04).contains(&text) && (0.04..0.06).contains(&twice), "{text} {twice}");
    }
}
