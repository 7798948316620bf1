//! Makes the calls of a case by its own distributions and seeds. Everything by chance in a call is drawn here, each kind of draw
//! from a stream of its own, so that every policy meets the same days.

use roxmltree::Node;

use super::expression::{Named, named};
use super::priority::Priority;
use super::streets::days_to_ns;
use super::{CallRow, CaseError, Folder, Point, Raster, config};
use crate::chance::Chance;

/// Which seeds: what is tuned on one set is judged on another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SeedSet {
    /// For tuning.
    Train,
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

/// What may be drawn from; times in days.
#[derive(Debug, Clone, PartialEq)]
enum Distribution {
    Exponential(f64),
    Normal(f64, f64),
    Uniform(f64, f64),
    Bernoulli(f64),
    Categorical(Vec<f64>),
}

impl Generator {
    /// Reads the generator of a case: `gen_config_train.xml` or `gen_config_test.xml`, else the one its configuration names.
    pub fn read(folder: &Folder, named_in_config: Option<&str>, seeds: SeedSet) -> Result<Self, CaseError> {
        let own = match seeds {
            SeedSet::Train => "gen_config_train.xml",
            SeedSet::Test => "gen_config_test.xml",
        };
        let (file, text) = match (folder.text(own), named_in_config) {
            (Ok(text), _) => (own, text),
            (Err(_), Some(named)) => (named, folder.text(named)?),
            (Err(missing), None) => return Err(missing),
        };
        let document = config::parse(file, &text)?;
        let inside = |node: Node<'_, '_>, name: &str| {
            config::child(node, name)
                .map(|node| node.id())
                .ok_or_else(|| CaseError::new(file, format!("has no element <{name}>")))
        };
        let node = |id| document.get_node(id).expect("invariant: the id is of this document");
        let sim = node(inside(document.root_element(), "sim")?);
        let distributions = node(inside(sim, "callDistributions")?);
        let raster_node = node(inside(sim, "callDensityRaster")?);
        let drawn = |name: &str| Drawn::read(file, node(inside(distributions, name)?), name);
        let raster = Raster::read(folder)?;
        let (mut cells, mut up_to, mut sum) = (Vec::new(), Vec::new(), 0.0);
        for (middle, amount) in raster.cells() {
            sum += amount;
            cells.push(middle);
            up_to.push(sum);
        }
        if cells.is_empty() {
            return Err(CaseError::new("raster.f32.gz", "is empty: nobody calls"));
        }
        Ok(Self {
            interarrival: drawn("interarrivalTime")?,
            priority: drawn("priority")?,
            dispatch_delay: drawn("dispatchDelay")?,
            on_scene: drawn("onSceneDuration")?,
            transport: drawn("transport")?,
            handover: drawn("handoverDuration")?,
            cell_seed: seed(file, raster_node, "cellSeed")?,
            place_seed: seed(file, raster_node, "cellLocSeed")?,
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
            let urgency = (self.priority.from.draw(&mut priority) as usize).min(last);
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

    fn cell(&self, chance: &mut Chance) -> Point {
        let total = self.up_to.last().copied().unwrap_or_default();
        let at = chance.unit() * total;
        let cell = self.up_to.partition_point(|up_to| *up_to <= at);
        self.cells[cell.min(self.cells.len() - 1)]
    }
}

impl Drawn {
    fn read(file: &str, node: Node<'_, '_>, name: &str) -> Result<Self, CaseError> {
        let text = config::content(node).unwrap_or_default();
        let from = named(&text).as_ref().and_then(Distribution::of).ok_or_else(|| {
            let known =
                "Exponential(mean), Normal(mean, sd), Uniform(a, b), Bernoulli(p), Categorical([p, ...])";
            CaseError::new(file, format!("<{name}> is `{text}`, not one of {known}"))
        })?;
        Ok(Self { seed: seed(file, node, "seed")?, from })
    }
}

fn seed(file: &str, node: Node<'_, '_>, name: &str) -> Result<u64, CaseError> {
    let text = node.attribute(name).unwrap_or_default();
    text.parse().map_err(|_| {
        let element = node.tag_name().name();
        CaseError::new(file, format!("<{element}> has `{name}=\"{text}\"`, not a whole number"))
    })
}

impl Distribution {
    fn of(named: &Named) -> Option<Self> {
        let sound = named.arguments.iter().all(|argument| *argument >= 0.0);
        match (named.name.as_str(), named.arguments.as_slice()) {
            _ if !sound => None,
            ("Exponential", &[mean]) => Some(Self::Exponential(mean)),
            ("Normal", &[mean, deviation]) => Some(Self::Normal(mean, deviation)),
            ("Uniform", &[low, high]) if low <= high => Some(Self::Uniform(low, high)),
            ("Bernoulli", &[p]) if p <= 1.0 => Some(Self::Bernoulli(p)),
            ("Categorical", weights) if weights.iter().sum::<f64>() > 0.0 => {
                Some(Self::Categorical(weights.to_vec()))
            }
            _ => None,
        }
    }

    /// One draw, never negative: a time in days, 0 or 1, or the place of a category from 0.
    fn draw(&self, chance: &mut Chance) -> f64 {
        match self {
            Self::Exponential(mean) => mean * exponential(chance),
            Self::Normal(mean, deviation) if *deviation > 0.0 => (mean + deviation * normal(chance)).max(0.0),
            Self::Normal(mean, _) => *mean,
            Self::Uniform(low, high) => chance.between(*low, *high),
            Self::Bernoulli(p) => f64::from(u8::from(chance.yes(*p))),
            Self::Categorical(weights) => chance.weighted(weights.iter().copied()) as f64,
        }
    }
}

/// An exponential draw of mean 1 by comparisons alone (von Neumann 1951): the same bits on any machine, which a logarithm is not.
fn exponential(chance: &mut Chance) -> f64 {
    let mut whole = 0.0;
    loop {
        let first = chance.unit();
        let (mut last, mut falling) = (first, 1_u32);
        loop {
            let next = chance.unit();
            if next > last {
                break;
            }
            (last, falling) = (next, falling + 1);
        }
        if falling % 2 == 1 {
            return whole + first;
        }
        whole += 1.0;
    }
}

/// A normal draw of mean 0 and deviation 1, from exponential ones (Kahn): no square root of a logarithm.
fn normal(chance: &mut Chance) -> f64 {
    loop {
        let size = exponential(chance);
        if exponential(chance) >= (size - 1.0) * (size - 1.0) / 2.0 {
            return if chance.yes(0.5) { size } else { -size };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mean_and_variance(draw: impl Fn(&mut Chance) -> f64) -> (f64, f64) {
        let mut chance = Chance::of(3, "draws", 0);
        let draws: Vec<f64> = (0..200_000).map(|_| draw(&mut chance)).collect();
        let mean = draws.iter().sum::<f64>() / draws.len() as f64;
        let variance = draws.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / draws.len() as f64;
        (mean, variance)
    }

    #[test]
    fn draws_have_the_moments_of_their_distributions() {
        let (mean, variance) = mean_and_variance(exponential);
        assert!((mean - 1.0).abs() < 0.01 && (variance - 1.0).abs() < 0.03, "{mean} {variance}");
        let (mean, variance) = mean_and_variance(normal);
        assert!(mean.abs() < 0.01 && (variance - 1.0).abs() < 0.02, "{mean} {variance}");
    }
}
