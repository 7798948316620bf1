//! Makes the calls of a case by its own distributions and seeds. Everything by chance in a call is drawn here, each kind of draw
//! from a stream of its own, so that every policy meets the same days.

use std::collections::BTreeSet;

use roxmltree::{Document, Node};

use super::distribution::{Distribution, exponential};
use super::expression::{named, number};
use super::folder::base_name;
use super::priority::Priority;
use super::streets::days_to_ns;
use super::{CallRow, Case, CaseError, Folder, Point, Raster, config};
use crate::chance::{Chance, text_number};
use crate::demand::days::{Conduct, LearnedDays};
use crate::demand::profile::Profile;
use crate::twin::Silence;

/// Which seeds: what is tuned on one set is chosen on another and judged on a third.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SeedSet {
    /// For tuning.
    Train,
    /// For choosing among what was tuned.
    Validate,
    /// For judging.
    Test,
}

/// The generator of a case's calls.
#[derive(Debug)]
pub struct Generator {
    seeds: SeedSet,
    /// How many times the calls come in.
    factor: f64,
    /// How often a day each unit falls silent, and for how many minutes on average.
    silences: Option<(f64, f64)>,
    /// Days of a profile instead of the case's own.
    learned: Option<LearnedDays>,
    interarrival: Drawn,
    priority: Drawn,
    dispatch_delay: Drawn,
    on_scene: Drawn,
    transport: Drawn,
    handover: Drawn,
    cell_seed: u64,
    place_seed: u64,
    cells: Vec<Point>,
    /// Sum of the amounts up to and with each cell.
    up_to: Vec<f64>,
    size: Point,
}

/// A distribution with its seed.
#[derive(Debug, Clone)]
struct Drawn {
    seed: u64,
    from: Distribution,
}

impl Drawn {
    fn draw_ns(&self, chance: &mut Chance) -> u64 {
        days_to_ns(self.from.draw(chance).min(DURATION_DAYS_MAX))
    }
}

impl SeedSet {
    /// Its name, as in `gen_config_train.xml`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Train => "train",
            Self::Validate => "validate",
            Self::Test => "test",
        }
    }
}

impl Generator {
    /// Reads the generator of a case: `gen_config_train.xml` (`validate`, `test`) or `train/gen_config.xml`, else the one that its
    /// configuration names with other seeds made from those in it.
    pub fn read(case: &Case, seeds: SeedSet) -> Result<Self, CaseError> {
        let source = Source::find(&case.folder, case.config.call_gen_config.as_deref(), seeds)?;
        let document = config::parse(&source.file, &source.text)?;
        let (sim, distributions) = source.elements(&document)?;
        let raster_node = config::child(sim, "callDensityRaster");
        let named_raster =
            raster_node.and_then(|node| config::child(node, "filename")).and_then(config::content);
        let raster = match Raster::read(&case.folder, named_raster.as_deref())? {
            Some(raster) => raster,
            None => case.even_raster(),
        };
        let drawn = |names: &[&str]| source.drawn(distributions, names);
        let priority = drawn(&["priority"])?;
        let count = priority.from.weights().map(|weights| weights.len());
        if count.is_none_or(|count| count > Priority::ALL.len()) {
            let problem = "<priority> must draw 1, 2 or 3, such as Categorical([0.6, 0.2, 0.2])";
            return Err(CaseError::new(&source.file, problem));
        }
        let interarrival = drawn(&["interarrivalTime"])?;
        if interarrival.from.expected() < 1.0 / CALLS_PER_DAY_MAX {
            let problem = format!("<interarrivalTime> gives more than {CALLS_PER_DAY_MAX} calls a day");
            return Err(CaseError::new(&source.file, problem));
        }
        let (mut cells, mut up_to, mut sum) = (Vec::new(), Vec::new(), 0.0);
        for (middle, amount) in raster.cells() {
            sum += amount;
            cells.push(middle);
            up_to.push(sum);
        }
        Ok(Self {
            seeds,
            factor: 1.0,
            silences: None,
            learned: None,
            interarrival,
            priority,
            dispatch_delay: drawn(&["dispatchDelay"])?,
            on_scene: drawn(&["onSceneDuration"])?,
            transport: drawn(&["transport", "transfer"])?,
            handover: drawn(&["handoverDuration", "transferDuration"])?,
            cell_seed: source.seed(raster_node, "callDensityRaster", "cellSeed")?,
            place_seed: source.seed(raster_node, "callDensityRaster", "cellLocSeed")?,
            cells,
            up_to,
            size: raster.cell_size(),
        })
    }

    /// The same, with so many times the calls.
    #[must_use]
    pub fn times(mut self, factor: f64) -> Self {
        self.factor = factor;
        self
    }

    /// The same seeds, but days as a profile has them.
    #[must_use]
    pub fn learned(mut self, case: &Case, profile: &Profile, conduct: Conduct) -> Self {
        let usual = self.calls_per_day().iter().sum();
        let seed = self.interarrival.seed ^ text_number(self.seeds.name());
        self.learned = Some(LearnedDays::of(profile, conduct, case, usual, seed));
        self
    }

    /// Whether the places are those of a profile of this city.
    pub fn has_learned_places(&self) -> bool {
        self.learned.as_ref().is_some_and(LearnedDays::is_of_this_city)
    }

    /// Whose seeds they are.
    pub fn seeds(&self) -> SeedSet {
        self.seeds
    }

    /// The calls of one replication, from the start until `days` have passed.
    pub fn calls(&self, replication: u64, days: f64) -> Vec<CallRow> {
        if let Some(learned) = &self.learned {
            return learned.calls((replication, self.factor), days, |chance| self.somewhere(chance));
        }
        let stream = |drawn: &Drawn| Chance::of(drawn.seed, "case", replication);
        let mut interarrival = stream(&self.interarrival);
        let mut priority = stream(&self.priority);
        let mut delay = stream(&self.dispatch_delay);
        let mut on_scene = stream(&self.on_scene);
        let mut transport = stream(&self.transport);
        let mut handover = stream(&self.handover);
        let mut cell = Chance::of(self.cell_seed, "cell", replication);
        let mut place = Chance::of(self.place_seed, "place", replication);
        let (mut calls, mut arrives) = (Vec::new(), 0.0);
        loop {
            arrives += self.interarrival.from.draw(&mut interarrival) / self.factor;
            if arrives >= days {
                return calls;
            }
            let last = Priority::ALL.len() - 1;
            let urgency = (self.priority.from.draw(&mut priority) as usize - 1).min(last);
            let middle = self.cell(&mut cell);
            calls.push(CallRow {
                index: calls.len() as u32 + 1,
                priority: Priority::ALL[urgency],
                at: Point {
                    x: middle.x + (place.unit() - 0.5) * self.size.x,
                    y: middle.y + (place.unit() - 0.5) * self.size.y,
                },
                arrives_ns: days_to_ns(arrives),
                dispatch_delay_ns: self.dispatch_delay.draw_ns(&mut delay),
                on_scene_ns: self.on_scene.draw_ns(&mut on_scene),
                transport: (self.transport.from.draw(&mut transport) - 1.0).abs() < 0.5,
                handover_ns: self.handover.draw_ns(&mut handover),
                hospital: None,
                turnout_ns: 0,
                called_off_ns: None,
            });
        }
    }

    /// The same, with units that fall silent: how often each does a day, and for how long on average, minutes.
    #[must_use]
    pub fn with_silences(mut self, a_day: f64, minutes: f64) -> Self {
        self.silences = Some((a_day, minutes));
        self
    }

    /// The units that fall silent in one replication, and when.
    pub fn silences(&self, replication: u64, days: f64, case: &Case) -> Vec<Silence> {
        let Some((a_day, minutes)) = self.silences else { return Vec::new() };
        let mut silences = Vec::new();
        for unit in 0..case.ambulances.len() as u32 {
            let about = replication << 20 | u64::from(unit);
            let mut chance = Chance::of(self.interarrival.seed, "silence", about);
            let mut at = exponential(&mut chance) / a_day;
            while at < days {
                let until = at + exponential(&mut chance) * minutes / (24.0 * 60.0);
                silences.push(Silence { unit, begins_ns: days_to_ns(at), ends_ns: days_to_ns(until) });
                at = until + exponential(&mut chance) / a_day;
            }
        }
        silences
    }

    /// Calls a day of each priority, on average.
    pub fn calls_per_day(&self) -> [f64; 3] {
        let weights = self.priority.from.weights().unwrap_or_default();
        let total: f64 = weights.iter().sum();
        let per_day = self.factor / self.interarrival.from.expected();
        std::array::from_fn(|place| weights.get(place).map_or(0.0, |weight| per_day * weight / total))
    }

    /// How long until somebody may be sent, on average, days.
    pub fn dispatch_delay_days(&self) -> f64 {
        self.dispatch_delay.from.expected()
    }

    fn somewhere(&self, chance: &mut Chance) -> Point {
        let middle = self.cell(chance);
        Point {
            x: middle.x + (chance.unit() - 0.5) * self.size.x,
            y: middle.y + (chance.unit() - 0.5) * self.size.y,
        }
    }

    fn cell(&self, chance: &mut Chance) -> Point {
        let total = self.up_to.last().copied().unwrap_or_default();
        let at = chance.unit() * total;
        let cell = self.up_to.partition_point(|up_to| *up_to <= at);
        self.cells[cell.min(self.cells.len() - 1)]
    }
}

/// The file that a set of seeds is read from.
struct Source {
    file: String,
    text: String,
    /// Added to every seed of a file that is not the set's own, so that no two sets ever meet the same days.
    salt: u64,
}

impl Source {
    fn find(folder: &Folder, in_config: Option<&str>, seeds: SeedSet) -> Result<Self, CaseError> {
        let name = seeds.name();
        if let Some((file, text)) = Self::own(folder, seeds)? {
            let mut taken = BTreeSet::new();
            for set in [SeedSet::Train, SeedSet::Validate].into_iter().take_while(|set| *set != seeds) {
                taken.extend(Self::own(folder, set)?.iter().flat_map(|(_, text)| seeds_in(text)));
            }
            // Sets with the same seeds would be the same days.
            let shared = seeds_in(&text).any(|seed| taken.contains(&seed));
            return Ok(Self { text, file, salt: if shared { text_number(name) } else { 0 } });
        }
        let others = ["gen_config_train.xml", "gen_config.xml", "gen_config_test.xml"];
        let borrowed = in_config.into_iter().chain(others).find(|file| folder.has(file));
        let Some(file) = borrowed else {
            let shown = folder.root().display().to_string();
            let problem = format!("has no gen_config_{name}.xml, nor another generator of calls");
            return Err(CaseError::new(shown, problem));
        };
        Ok(Self { text: folder.text(file)?, file: base_name(file).to_owned(), salt: text_number(name) })
    }

    /// The file that belongs to a set alone, with its text.
    fn own(folder: &Folder, seeds: SeedSet) -> Result<Option<(String, String)>, CaseError> {
        let name = seeds.name();
        let own = [format!("gen_config_{name}.xml"), format!("{name}/gen_config.xml")];
        // A plain name may be in several folders: only that of the set's own folder is its own.
        let found = own.into_iter().find(|file| folder.has_exactly(file));
        let Some(file) = found else { return Ok(None) };
        let text = folder.text(&file)?;
        Ok(Some((file, text)))
    }

    fn elements<'a, 'i>(
        &self,
        document: &'a Document<'i>,
    ) -> Result<(Node<'a, 'i>, Node<'a, 'i>), CaseError> {
        let inside = |node: Node<'a, 'i>, name: &str| {
            config::child(node, name)
                .ok_or_else(|| CaseError::new(&self.file, format!("has no element <{name}>")))
        };
        let sim = inside(document.root_element(), "sim")?;
        Ok((sim, inside(sim, "callDistributions")?))
    }

    /// What an element says is drawn from; of several names the first that is there.
    fn drawn(&self, distributions: Node<'_, '_>, names: &[&str]) -> Result<Drawn, CaseError> {
        let found = names.iter().find_map(|name| Some((name, config::child(distributions, name)?)));
        let (name, node) = found.ok_or_else(|| {
            CaseError::new(&self.file, format!("has no element <{}> in <callDistributions>", names[0]))
        })?;
        let text = config::content(node).unwrap_or_default();
        let line = config::line(node);
        let constant = || number(&text).map(Distribution::Dirac);
        let from = named(&text).as_ref().and_then(Distribution::of).or_else(constant).ok_or_else(|| {
            CaseError::new(&self.file, format!("line {line}: <{name}> is `{text}`, not one of {KNOWN}"))
        })?;
        if from.expected() > DURATION_DAYS_MAX {
            let problem =
                format!("line {line}: <{name}> has a mean of over {DURATION_DAYS_MAX}: times are in days");
            return Err(CaseError::new(&self.file, problem));
        }
        Ok(Drawn { seed: self.seed(Some(node), names[0], "seed")?, from })
    }

    /// The seed an attribute gives; where there is none, one made from the element's name.
    fn seed(&self, node: Option<Node<'_, '_>>, element: &str, attribute: &str) -> Result<u64, CaseError> {
        let text = node.and_then(|node| node.attribute(attribute)).map_or("", str::trim);
        let given = text.parse::<u64>().ok().or_else(|| {
            let whole = number(text).filter(|value| value.fract() == 0.0);
            whole.map(|value| value as i64 as u64)
        });
        let seed = match given {
            Some(seed) => seed,
            None if text.is_empty() => text_number(element) ^ text_number(attribute),
            None => {
                let line = node.map_or(0, config::line);
                let problem =
                    format!("line {line}: <{element}> has `{attribute}=\"{text}\"`, not a whole number");
                return Err(CaseError::new(&self.file, problem));
            }
        };
        Ok(seed.wrapping_add(self.salt))
    }
}

/// The seeds that a generator's file gives, as they are written.
fn seeds_in(text: &str) -> impl Iterator<Item = String> + '_ {
    let values = ["seed=\"", "Seed=\""].into_iter().flat_map(|name| text.split(name).skip(1));
    values.filter_map(|rest| rest.split('"').next()).map(|seed| seed.trim().to_owned())
}

/// More than any centre has in a day.
const CALLS_PER_DAY_MAX: f64 = 100_000.0;
const DURATION_DAYS_MAX: f64 = 100.0;
const KNOWN: &str = "Exponential(mean), Normal(mean, sd), Uniform(a, b), Bernoulli(p), Categorical([p, ...]), Weibull(shape, scale), \
    Gamma(shape, scale), LogNormal(mean, sd), TriangularDist(a, b, peak), Dirac(x), Truncated(distribution, low, high)";

#[cfg(test)]
mod tests {
    use super::*;

    fn source(text: &str, salt: u64) -> Source {
        Source { file: "gen.xml".to_owned(), text: text.to_owned(), salt }
    }

    #[test]
    fn seeds_are_numbers_sums_or_made_from_the_name_and_sets_never_share_one() {
        let text = r#"<d><a seed="12">Exponential(1)</a><b seed="3*4">Exponential(1)</b><c>Exponential(1)</c>
            <e seed="x">Exponential(1)</e><f seed="1">Chi(1)</f></d>"#;
        let (plain, salted) = (source(text, 0), source(text, text_number("test")));
        let document = config::parse("gen.xml", text).unwrap();
        let seed = |source: &Source, name| source.drawn(document.root_element(), &[name]).map(|d| d.seed);
        assert_eq!((seed(&plain, "a"), seed(&plain, "b")), (Ok(12), Ok(12)));
        assert_eq!(seed(&plain, "c"), seed(&plain, "c"));
        assert_ne!(seed(&plain, "a"), seed(&salted, "a"));
        let problem = |name| seed(&plain, name).unwrap_err().to_string();
        assert_eq!(problem("e"), "gen.xml: line 2: <e> has `seed=\"x\"`, not a whole number");
        assert!(problem("f").starts_with("gen.xml: line 2: <f> is `Chi(1)`, not one of Exponential(mean)"));
        assert_eq!(problem("g"), "gen.xml: has no element <g> in <callDistributions>");
        // The old names of an element do as well.
        assert_eq!(plain.drawn(document.root_element(), &["g", "a"]).unwrap().seed, 12);
    }
}
