//! Makes the calls of a case by its own distributions and seeds. Everything by chance in a call is drawn here, each kind of draw
//! from a stream of its own, so that every policy meets the same days.

use roxmltree::{Document, Node};

use super::distribution::Distribution;
use super::expression::{named, number};
use super::folder::base_name;
use super::priority::Priority;
use super::streets::days_to_ns;
use super::{CallRow, Case, CaseError, Folder, Point, Raster, config};
use crate::chance::{Chance, text_number};

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
        if interarrival.from.expected() <= 0.0 {
            return Err(CaseError::new(
                &source.file,
                "<interarrivalTime> has a mean of 0: calls without end",
            ));
        }
        let (mut cells, mut up_to, mut sum) = (Vec::new(), Vec::new(), 0.0);
        for (middle, amount) in raster.cells() {
            sum += amount;
            cells.push(middle);
            up_to.push(sum);
        }
        Ok(Self {
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

    /// The calls of one replication, from the start until `days` have passed.
    pub fn calls(&self, replication: u64, days: f64) -> Vec<CallRow> {
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
            arrives += self.interarrival.from.draw(&mut interarrival);
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
                dispatch_delay_ns: days_to_ns(self.dispatch_delay.from.draw(&mut delay)),
                on_scene_ns: days_to_ns(self.on_scene.from.draw(&mut on_scene)),
                transport: self.transport.from.draw(&mut transport) > 0.0,
                handover_ns: days_to_ns(self.handover.from.draw(&mut handover)),
                hospital: None,
            });
        }
    }

    /// Calls a day of each priority, on average.
    pub fn calls_per_day(&self) -> [f64; 3] {
        let weights = self.priority.from.weights().unwrap_or_default();
        let total: f64 = weights.iter().sum();
        let per_day = 1.0 / self.interarrival.from.expected();
        std::array::from_fn(|place| weights.get(place).map_or(0.0, |weight| per_day * weight / total))
    }

    /// How long until somebody may be sent, on average, days.
    pub fn dispatch_delay_days(&self) -> f64 {
        self.dispatch_delay.from.expected()
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
        let own = [format!("gen_config_{name}.xml"), format!("{name}/gen_config.xml")];
        // A plain name may be in several folders: only that of the set's own folder is its own.
        let is_own = |file: &String| folder.has_exactly(file);
        if let Some(file) = own.into_iter().find(is_own) {
            return Ok(Self { text: folder.text(&file)?, file, salt: 0 });
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
        let from = named(&text)
            .as_ref()
            .and_then(Distribution::of)
            .ok_or_else(|| CaseError::new(&self.file, format!("<{name}> is `{text}`, not one of {KNOWN}")))?;
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
                let problem = format!("<{element}> has `{attribute}=\"{text}\"`, not a whole number");
                return Err(CaseError::new(&self.file, problem));
            }
        };
        Ok(seed.wrapping_add(self.salt))
    }
}

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
        assert_eq!(problem("e"), "gen.xml: <e> has `seed=\"x\"`, not a whole number");
        assert!(problem("f").starts_with("gen.xml: <f> is `Chi(1)`, not one of Exponential(mean)"));
        assert_eq!(problem("g"), "gen.xml: has no element <g> in <callDistributions>");
        // The old names of an element do as well.
        assert_eq!(plain.drawn(document.root_element(), &["g", "a"]).unwrap().seed, 12);
    }
}
