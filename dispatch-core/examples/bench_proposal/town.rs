//! Units and incidents on a real map: most units at their stations, some driving, a third of them advanced; a smaller town is the
//! beginning of a larger one.

use std::error::Error;

use dispatch_core::actor::Actor;
use dispatch_core::fleet::{Fix, Fleet, FleetPicture};
use dispatch_core::ids::{IncidentId, StationId, UnitId};
use dispatch_core::incident::{
    IncidentKind, IncidentNumber, IncidentSketch, Level, Needs, Place, Skill, Triage,
};
use dispatch_core::vehicle::{CrewRole, Station, UnitSpec};
use dispatch_core::{Event, Fact, Record, UtcTime};
use roads::{ArcId, RoadMap, Snap, Wgs84};
use uuid::Uuid;

/// A record and a picture to make proposals from.
pub(crate) struct Town {
    pub(crate) record: Record,
    pub(crate) picture: FleetPicture,
    pub(crate) units: Vec<Wgs84>,
    pub(crate) incidents: Vec<(IncidentId, Wgs84)>,
}

impl Town {
    pub(crate) fn of(map: &RoadMap, unit_count: usize) -> Result<Self, Box<dyn Error>> {
        let mut record = Record::default();
        let mut apply = |fact: Fact| {
            record.apply(&Event { at: start(), by: Actor::rule("bench"), fact }, &mut Vec::new());
        };
        let arcs: Vec<ArcId> =
            map.network().ways().flat_map(|way| map.network().arcs_of_way(way.id)).collect();
        let place = |chance: &mut Chance| {
            let fraction = chance.below(1_000) as f64 / 999.0;
            Snap::on_arc(map.network(), arcs[chance.below(arcs.len())], fraction).asked
        };
        let mut fleet = Fleet::new();
        let (mut units, mut chance) = (Vec::new(), Chance(7));
        for number in 0..unit_count {
            let (id, station): (UnitId, StationId) =
                (format!("U{number:05}").parse()?, format!("S{number:05}").parse()?);
            let (home, driving, advanced) = (place(&mut chance), chance.below(5) == 0, chance.below(3) == 0);
            apply(Fact::StationRegistered {
                station: Station { id: station, name: station.to_string(), position: home }.into(),
            });
            let skills = if advanced { [Skill::Als].into() } else { [].into() };
            let unit = UnitSpec { id, station, skills, plate: String::new(), phone: String::new() };
            apply(Fact::UnitRegistered { unit: unit.into() });
            apply(Fact::SignedOn { unit: id, name: "crew".to_owned(), role: CrewRole::Driver });
            let position = if driving { place(&mut chance) } else { home };
            let speed_kmh = if driving { 40.0 } else { 0.0 };
            let (heading_deg, accuracy_m) = (None, Some(5.0));
            fleet.observe(
                id,
                Fix { boot: 1, seq: 1, at: start(), position, speed_kmh, heading_deg, accuracy_m },
                start(),
            );
            units.push(position);
        }
        let (mut incidents, mut chance) = (Vec::new(), Chance(42));
        for number in 0..400_u32 {
            let incident = IncidentId::new(Uuid::from_u128(u128::from(number) + 1));
            let position = place(&mut chance);
            let needs = if chance.below(3) == 0 {
                Needs { skills: [Skill::Als].into(), ..Needs::default() }
            } else {
                Needs::default()
            };
            let sketch = sketch(position, needs);
            let number = IncidentNumber { date: 20_261_121, count: number + 1 };
            apply(Fact::IncidentCreated { incident, number, call: None, sketch: sketch.into() });
            incidents.push((incident, position));
        }
        let picture = fleet.picture(start());
        Ok(Self { record, picture, units, incidents })
    }
}

fn sketch(position: Wgs84, needs: Needs) -> IncidentSketch {
    IncidentSketch {
        kind: IncidentKind::Emergency,
        complaint: "bench".to_owned(),
        triage: Triage::level(Level::I),
        place: Place { position: Some(position), ..Place::default() },
        patients: Vec::new(),
        needs,
        notes: String::new(),
        wish: None,
        text_only: false,
        test: false,
        scheduled_at: None,
    }
}

/// The moment of every proposal.
pub(crate) fn start() -> UtcTime {
    UtcTime::from_micros(1_795_233_600_000_000)
}

/// The same numbers in every run (splitmix64).
struct Chance(u64);

impl Chance {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) % bound as u64) as usize
    }
}
