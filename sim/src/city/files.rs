//! The files of a city: the map, the centre's configuration, one for each vehicle's agent, and the one for `sim drive`.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context;
use dispatch_core::incident::{AreaClass, Skill};
use roads::Wgs84;

use super::City;

/// Addresses and clock that the written files name.
#[derive(Debug, Clone)]
pub struct CityFiles {
    /// The folder to write to.
    pub out: PathBuf,
    /// The domain clock's file, for a demonstration that runs faster than the wall.
    pub clock_file: Option<PathBuf>,
    /// Domain seconds per second of the wall, for the vehicles' agents.
    pub clock_rate: f64,
    /// The centre's HTTP address.
    pub api: String,
    /// The centre's address for vehicles.
    pub vehicles: String,
    /// The first agent's terminal; the others follow.
    pub first_terminal_port: u16,
    /// The first vehicle's position feed; the others follow.
    pub first_feed_port: u16,
    /// Calls a day.
    pub calls_per_day: f64,
    /// The seed of everything by chance.
    pub seed: u64,
}

/// Writes them; gives back the paths written.
pub fn write(city: &City, files: &CityFiles) -> anyhow::Result<Vec<PathBuf>> {
    let agents = files.out.join("agents");
    for folder in [&agents, &files.out.join("spool")] {
        fs::create_dir_all(folder).with_context(|| format!("cannot make the folder {}", folder.display()))?;
    }
    let mut written = vec![put(&files.out.join("city.map"), &city.map.to_bytes())?];
    written.push(put(&files.out.join("centre.toml"), centre(city, files).as_bytes())?);
    for (number, unit) in city.units.iter().enumerate() {
        written
            .push(put(&agents.join(format!("{}.toml", unit.id)), agent(&unit.id, number, files).as_bytes())?);
    }
    written.push(put(&files.out.join("drive.toml"), drive(city, files).as_bytes())?);
    Ok(written)
}

fn put(path: &Path, bytes: &[u8]) -> anyhow::Result<PathBuf> {
    fs::write(path, bytes).with_context(|| format!("cannot write {}", path.display()))?;
    Ok(path.to_owned())
}

/// Lines of TOML, laid out for people who will edit them.
#[derive(Default)]
struct Lines(String);

impl Lines {
    fn line(&mut self, text: &str) -> &mut Self {
        self.0.push_str(text);
        self.0.push('\n');
        self
    }

    fn text(&mut self, key: &str, value: &str) -> &mut Self {
        writeln!(self.0, "{key} = {}", quoted(value)).expect("invariant: writing to a string does not fail");
        self
    }

    fn value(&mut self, key: &str, value: impl std::fmt::Display) -> &mut Self {
        writeln!(self.0, "{key} = {value}").expect("invariant: writing to a string does not fail");
        self
    }
}

fn quoted(text: &str) -> String {
    toml::Value::from(text).to_string()
}

fn position(at: Wgs84) -> String {
    // Six decimals: 10 cm, and the same digits wherever it is written.
    format!("{{ longitude = {:.6}, latitude = {:.6} }}", at.longitude(), at.latitude())
}

fn skills(of: &BTreeSet<Skill>) -> String {
    let names: Vec<String> = of.iter().filter_map(|skill| serde_json::to_string(skill).ok()).collect();
    format!("[{}]", names.join(", "))
}

fn area(class: AreaClass) -> &'static str {
    match class {
        AreaClass::CityCore => "city_core",
        AreaClass::CountyCore => "county_core",
        AreaClass::Rural => "rural",
    }
}

fn centre(city: &City, files: &CityFiles) -> String {
    let mut to = Lines::default();
    to.line("# The centre's configuration, written by `sim city`. Paths are relative to this file.");
    if let Some(clock) = &files.clock_file {
        to.value("demo", true).text("clock_file", &clock.display().to_string());
    }
    to.text("map", "city.map");
    if let Some(attribution) = city.map_attribution {
        to.text("map_attribution", attribution);
    }
    to.line("\n[centre]").text("name", &format!("{}急救中心", city.name));
    to.line("\n[api]").text("listen", &files.api);
    to.line("\n[vehicles]").text("listen", &files.vehicles).text("certificates", "certificates");
    to.line("\n[data]").text("dir", "data");
    if files.clock_file.is_some() {
        to.line("\n[second_opinion]").value("on", true);
    }
    for s in &city.stations {
        to.line("\n[[stations]]")
            .text("id", &s.id)
            .text("name", &s.name)
            .value("position", position(s.position));
    }
    for h in &city.hospitals {
        to.line("\n[[hospitals]]").text("id", &h.id).text("name", &h.name);
        to.value("position", position(h.position)).value("skills", skills(&h.skills));
    }
    for u in &city.units {
        to.line("\n[[units]]").text("id", &u.id).text("station", &u.station).text("plate", &u.plate);
        to.text("phone", &u.phone).value("skills", skills(&u.skills));
    }
    for d in &city.districts {
        let border: Vec<String> = d.border.iter().map(|&at| format!("  {}", position(at))).collect();
        to.line("\n[[districts]]").text("name", &d.name).text("area", area(d.area));
        to.value("polygon", format!("[\n{},\n]", border.join(",\n")));
    }
    to.0
}

fn agent(unit: &str, number: usize, files: &CityFiles) -> String {
    let mut to = Lines::default();
    to.line("# A vehicle's configuration, written by `sim city`. Paths are relative to this file.");
    to.text("unit", unit).text("centre", &files.vehicles);
    to.text("certificates", &format!("../certificates/{unit}"))
        .text("spool", &format!("../spool/{unit}.sqlite"));
    to.text("gnss", &format!("tcp://{}", feed(number, files))).text("terminal", &terminal(number, files));
    // `dispatchd pack-map --out city.mbtiles` makes it; without it the terminals draw the way alone.
    to.text("map", "../city.mbtiles");
    if files.clock_file.is_some() {
        to.value("clock_rate", format!("{:?}", files.clock_rate));
    }
    to.0
}

fn terminal(number: usize, files: &CityFiles) -> String {
    format!("127.0.0.1:{}", usize::from(files.first_terminal_port) + number)
}

fn feed(number: usize, files: &CityFiles) -> String {
    format!("127.0.0.1:{}", usize::from(files.first_feed_port) + number)
}

fn drive(city: &City, files: &CityFiles) -> String {
    let mut to = Lines::default();
    to.line("# The city that drives a running centre (`sim drive`), written by `sim city`. Paths are relative to this file.");
    to.text("centre", &format!("http://{}", files.api)).text("map", "city.map");
    if let Some(clock) = &files.clock_file {
        to.text("clock_file", &clock.display().to_string());
    }
    to.text("state", "drive-state.json").value("seed", files.seed);
    to.line("# Before duplicates. The distributions behind it: see `sim calls --help`.");
    to.value("calls_per_day", format!("{:?}", files.calls_per_day));
    to.line("# \"all\", \"calls-only\" (people dispatch) or \"none\" (calls ring until a person answers).");
    to.text("seats", "all").value("seat_count", 4).value("traffic_factor", "1.0");
    to.value("calm", false);
    for (list, sites) in [
        ("stations", city.stations.iter().map(|s| (&s.id, &s.name, s.position)).collect::<Vec<_>>()),
        ("hospitals", city.hospitals.iter().map(|h| (&h.id, &h.name, h.position)).collect()),
    ] {
        for (id, name, at) in sites {
            to.line(&format!("\n[[{list}]]"))
                .text("id", id)
                .text("name", name)
                .value("position", position(at));
        }
    }
    for (number, u) in city.units.iter().enumerate() {
        let person =
            |(name, role): &(String, &str)| format!("{{ name = {}, role = {} }}", quoted(name), quoted(role));
        let crew: Vec<String> = u.crew.iter().map(person).collect();
        to.line("\n[[units]]").text("id", &u.id).text("station", &u.station);
        to.text("terminal", &format!("http://{}", terminal(number, files)))
            .text("feed", &feed(number, files));
        to.value("crew", format!("[{}]", crew.join(", ")));
    }
    to.0
}
