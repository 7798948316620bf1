//! A small city in every form its files may take, and damaged in the ways that files are.

mod changes;
mod fuzz;
mod keep;
pub(crate) mod sketch;

use std::io::Write;
use std::path::Path;

use super::*;
use crate::twin::{Outcome, Twin};
use sketch::Sketch;

fn lived_through(folder: &Path, policy: &str) -> Result<Outcome, String> {
    let case = Case::read(folder).map_err(|error| error.to_string())?;
    let twin = Twin::new(case, true).map_err(|error| error.to_string())?;
    let generator = Generator::read(twin.case(), SeedSet::Test).map_err(|error| error.to_string())?;
    let calls = generator.calls(0, 3.0);
    twin.run(policy, &calls, &twin.spots(&calls)).map_err(|error| error.to_string())
}

/// Edits that change nothing in what the files say.
type Variant = (&'static str, fn(&mut Sketch));

const SAME: [Variant; 15] = [
    ("windows", |s| s.0.iter_mut().for_each(|(_, text)| *text = text.replace('\n', "\r\n"))),
    ("marks", |s| {
        s.0.iter_mut()
            .filter(|(name, _)| name.ends_with("csv"))
            .for_each(|(_, text)| text.insert(0, '\u{feff}'));
    }),
    ("semicolons", |s| {
        let text = s.text("hospitals.csv");
        *text = text.replace(',', ";");
    }),
    ("order", |s| {
        s.edit(
            "hospitals.csv",
            "index,x,y\n1,10.011,50.011\n2,10.033,50.028",
            "y,index,x\n50.011,1,10.011\n50.028,2,10.033",
        );
    }),
    ("comments", |s| s.edit("stations.csv", "1,10.001", "# the oldest\n1,10.001")),
    ("named as read", |s| s.edit("sim_config.xml", "nodes.csv", "$jemssDir\\data\\roads\\nodes.csv")),
    ("older names", |s| {
        s.edit(
            "gen_config_train.xml",
            "<transport seed=\"5\">Bernoulli(0.8)</transport>",
            "<transfer seed=\"5\">Bernoulli(0.8)</transfer>",
        );
        s.edit("priorities.csv", "targetResponseTime", "targetResponseDuration");
    }),
    ("ranges", |s| s.edit("demand.csv", "[1; 2; 3]", "1:3")),
    ("lists", |s| s.edit("demand.csv", "[1; 2; 3]", "\"[1, 2, 3]\"")),
    ("sums", |s| {
        s.edit("gen_config_train.xml", "Exponential(1/60)", " Exponential( 1/(2*30) ) <!-- a day -->");
    }),
    ("a constant", |s| s.edit("gen_config_train.xml", "Normal(0.0006, 0)", "0.0006")),
    ("no class", |s| {
        s.edit("ambulances.csv", "index,stationIndex,class,note\n1,1,1,\n", "index,stationIndex\n1,1\n");
    }),
    ("priorities by number", |s| s.edit("travel.csv", "1,highPriority,1", "1,1,1")),
    ("every road twice", |s| s.edit("arcs.csv", "directed", "undirected")),
    ("everywhere", |s| {
        for (name, _) in &mut s.0 {
            *name = name.replace("network/", "a/b/").replace("config/", "");
        }
    }),
];

#[test]
fn the_same_city_in_other_forms_has_the_same_days() {
    let plain = Sketch::new().write("plain");
    let expected = lived_through(&plain.0, "closest-preempt+dmexclp:0.4").unwrap();
    assert!(expected.answers.len() > 120, "{}", expected.answers.len());
    assert!(expected.answers.iter().all(|answer| answer.arrived_ns > 0));
    for (what, edit) in SAME {
        let mut sketch = Sketch::new();
        edit(&mut sketch);
        let written = sketch.write(&what.replace(' ', "-"));
        let outcome = lived_through(&written.0, "closest-preempt+dmexclp:0.4");
        assert!(outcome == Ok(expected.clone()), "{what}: {:?}", outcome.err());
    }
}

#[test]
fn packed_files_are_unpacked() {
    let plain = Sketch::new();
    let expected = lived_through(&plain.write("unpacked").0, "closest").unwrap();
    let written = plain.write("packed");
    let network = written.0.join("network");
    let mut archive = zip::ZipWriter::new(std::fs::File::create(network.join("roads.zip")).unwrap());
    for name in ["nodes.csv", "arcs.csv"] {
        archive.start_file(format!("roads/{name}"), zip::write::SimpleFileOptions::default()).unwrap();
        archive.write_all(&std::fs::read(network.join(name)).unwrap()).unwrap();
        std::fs::remove_file(network.join(name)).unwrap();
    }
    archive.finish().unwrap();
    let stations = written.0.join("config/stations.csv");
    let packed = std::fs::File::create(stations.with_extension("csv.gz")).unwrap();
    let mut packed = flate2::write::GzEncoder::new(packed, flate2::Compression::fast());
    packed.write_all(&std::fs::read(&stations).unwrap()).unwrap();
    packed.finish().unwrap();
    std::fs::remove_file(stations).unwrap();
    assert!(lived_through(&written.0, "closest") == Ok(expected));
}

/// Files that may be missing, and other cities that are cities.
const OTHERS: [Variant; 9] = [
    ("no redispatch", |s| s.edit("sim_config.xml", "<redispatch>redispatch.csv</redispatch>", "")),
    ("no raster", |s| s.remove("people.xyz")),
    ("no demand", |s| s.edit("sim_config.xml", "<demand>demand.csv</demand>", "")),
    ("no cover times", |s| s.edit("sim_config.xml", "<demandCoverage>x/coverage.csv</demandCoverage>", "")),
    ("one mode", |s| {
        s.edit("arcs.csv", "directed,2", "directed,1");
        *s.text("travel.csv") = "travelModes,\ntravelModeIndex,offRoadSpeed\n1,900\n,\ntravelSets,,\ntravelSetIndex,priority,travelModeIndex\n1,highPriority,1\n1,medPriority,1\n1,lowPriority,1\n,,\ntravelSetsTiming,\nstartTime,travelSetIndex\n0,1\n".to_owned();
    }),
    ("sets in time", |s| {
        s.edit("travel.csv", "0,1,", "0,1,\n0.3,2,\n0.7,1,");
        s.edit(
            "travel.csv",
            "1,lowPriority,2\n",
            "1,lowPriority,2\n2,highPriority,2\n2,medPriority,2\n2,lowPriority,2\n",
        );
    }),
    ("two priorities", |s| {
        s.edit("priorities.csv", "3,lowPriority,0.0139\n", "");
        s.edit("gen_config_train.xml", "[0.5, 0.3, 0.2]", "[0.5, 0.5]");
    }),
    ("as another travels", |s| {
        s.edit("priorities.csv", "targetResponseTime\n1,highPriority,0.00556\n2,medPriority,0.00556\n3,lowPriority,0.0139", "targetResponseTime,responseTravelPriority\n1,highPriority,0.00556,highPriority\n2,medPriority,0.00556,lowPriority\n3,lowPriority,0.0139,lowPriority");
    }),
    ("other draws", |s| {
        s.edit("gen_config_train.xml", "Exponential(0.008)", "Truncated(LogNormal(-5, 0.5), 0, 0.05)");
        s.edit("gen_config_train.xml", "Weibull(2.5, 0.02)", "Gamma(2, 0.01)");
    }),
];

#[test]
fn other_cities_are_lived_through() {
    let expected = lived_through(&Sketch::new().write("first").0, "closest-preempt+dmexclp:0.4").unwrap();
    for (what, edit) in OTHERS {
        let mut sketch = Sketch::new();
        edit(&mut sketch);
        let written = sketch.write(&format!("other-{}", what.replace(' ', "-")));
        let outcome = lived_through(&written.0, "closest-preempt+dmexclp:0.4")
            .unwrap_or_else(|e| panic!("{what}: {e}"));
        assert!(outcome.answers.iter().all(|answer| answer.arrived_ns > 0), "{what}");
        assert!(outcome != expected, "{what} changes something");
    }
}

/// A file, what is put in the place of what, and what is said about it.
const DAMAGES: [(&str, &str, &str, &str); 30] = [
    ("sim_config.xml", "<map>map.csv</map>", "", "sim_config.xml: has no file in <simFiles><map>"),
    (
        "sim_config.xml",
        "map.csv",
        "nowhere.csv",
        "nowhere.csv: is in no folder of the case and in none of its zip files",
    ),
    (
        "sim_config.xml",
        "</simFiles>",
        "",
        "sim_config.xml: is not XML: expected 'simFiles' tag, not 'simConfig'",
    ),
    (
        "ambulances.csv",
        "2,2,2",
        "2,9,2",
        "ambulances.csv: line 4: `stationIndex` is `9`, not a whole number from 1 to 3",
    ),
    (
        "ambulances.csv",
        "2,2,2",
        "3,2,2",
        "ambulances.csv: line 4: `index` is `3`, not 2: rows are numbered from 1 without gaps",
    ),
    (
        "ambulances.csv",
        "stationIndex",
        "station",
        "ambulances.csv: line 2: table `ambulances` has no column `stationIndex`",
    ),
    (
        "ambulances.csv",
        "ambulances,",
        "vans,",
        "ambulances.csv: has no table `ambulances`; tables in it: `vans`",
    ),
    ("hospitals.csv", "50.011", "", "hospitals.csv: line 3: `y` is ``, not a number"),
    (
        "hospitals.csv",
        "10.011,50.011",
        "50.011,10.011",
        "hospitals.csv: line 3: `x` is `50.011`, not near a road",
    ),
    ("stations.csv", "10.001", "1e300", "stations.csv: line 3: `x` is `1e300`, not from -100000 to 100000"),
    ("map.csv", "71.5", "0", "map.csv: line 3: `xScale` is `0`, not above 0"),
    (
        "priorities.csv",
        "medPriority",
        "urgent",
        "priorities.csv: line 4: `name` is `urgent`, not highPriority, medPriority or lowPriority",
    ),
    (
        "priorities.csv",
        "0.0139",
        "20000",
        "priorities.csv: line 5: `targetResponseTime` is `20000`, not at most 10000: times are in days",
    ),
    (
        "travel.csv",
        "1128",
        "0",
        "travel.csv: line 3: `offRoadSpeed` is `0`, not a speed from 24 to 100000 km a day",
    ),
    (
        "travel.csv",
        "1,lowPriority,2",
        "1,lowPriority,3",
        "travel.csv: line 10: `travelModeIndex` is `3`, not a whole number from 1 to 2",
    ),
    (
        "travel.csv",
        "1,lowPriority,2",
        "1,medPriority,2",
        "travel.csv: line 10: `priority` is `medPriority`, not named once only in its set",
    ),
    (
        "redispatch.csv",
        "medPriority,highPriority",
        "highPriority,lowPriority",
        "redispatch.csv: lets priorities take a unit from each other in a ring",
    ),
    (
        "demand.csv",
        "[1; 2; 3]",
        "[1; 2; 4]",
        "demand.csv: line 13: `modeIndices` is `[1; 2; 4]`, not a list of modes",
    ),
    ("demand.csv", "30,", "many,", "demand.csv: line 7: `arrivalRate` is `many`, not a number"),
    ("coverage.csv", "0.01,", "soon,", "coverage.csv: line 5: `coverTime` is `soon`, not a number"),
    ("nodes.csv", "3,10.020", "4,10.020", "nodes.csv: line 5: `index` is `4`, not 3"),
    ("arcs.csv", "1,1,2,", "1,1,26,", "arcs.csv: line 7: `toNode` is `26`, not a whole number from 1 to 25"),
    (
        "arcs.csv",
        "0.00070",
        "-0.00070",
        "arcs.csv: line 7: `mode_1` is `-0.00070`, not above 0 and below 1 day",
    ),
    ("arcs.csv", "directed", "both", "arcs.csv: line 3: `arcForm` is `both`, not `directed` or `undirected`"),
    ("arcs.csv", "mode_2", "mode_b", "arcs.csv: line 6: table `arcs` has no column `mode_2`"),
    (
        "people.xyz",
        "10.015 50.015 60",
        "10.015 50.015",
        "people.xyz: line 2 is `10.015 50.015`, not `x y amount`",
    ),
    (
        "gen_config_train.xml",
        "Weibull",
        "Cauchy",
        "gen_config_train.xml: line 9: <handoverDuration> is `Cauchy(2.5, 0.02)`, not one of",
    ),
    (
        "gen_config_train.xml",
        "Exponential(1/60)",
        "Exponential(1e-9)",
        "gen_config_train.xml: <interarrivalTime> gives more than 100000 calls a day",
    ),
    (
        "gen_config_train.xml",
        "[0.5, 0.3, 0.2]",
        "[0.4, 0.3, 0.2, 0.1]",
        "gen_config_train.xml: <priority> must draw 1, 2 or 3",
    ),
    (
        "gen_config_train.xml",
        "seed=\"4\"",
        "seed=\"four\"",
        "gen_config_train.xml: line 7: <onSceneDuration> has `seed=\"four\"`, not a whole number",
    ),
];

#[test]
fn what_is_wrong_is_said_in_one_line() {
    for (number, (file, from, to, wanted)) in DAMAGES.into_iter().enumerate() {
        let mut sketch = Sketch::new();
        sketch.edit(file, from, to);
        let written = sketch.write(&format!("damage-{number}"));
        let said = lived_through(&written.0, "dmexclp:0.4").expect_err(wanted);
        assert!(said.contains(wanted) && !said.contains('\n'), "{said}\nis not\n{wanted}");
    }
}

#[test]
fn a_file_without_its_end_never_panics() {
    let sketch = Sketch::new();
    for (number, (name, text)) in sketch.0.iter().enumerate() {
        for part in 0..8 {
            let mut cut = Sketch(sketch.0.clone());
            let end = text.len() * part / 8;
            cut.text(name).truncate(end);
            let written = cut.write(&format!("cut-{number}-{part}"));
            // Some cuts leave a city; all of them leave an answer.
            if let Err(said) = lived_through(&written.0, "closest-preempt") {
                assert!(!said.contains('\n'), "{name} cut at {end}: {said}");
            }
        }
    }
}
