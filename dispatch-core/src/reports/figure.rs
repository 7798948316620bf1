//! The numbers of one figure: count, mean, percentiles, share in target. Whole microseconds, so that every machine gets the same.

use serde::Serialize;

use super::Measure;
use crate::incident::AreaClass;
use crate::time::Span;

/// One figure with its definition and a row for each area and the total.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Figure {
    /// Which one.
    pub measure: Measure,
    /// Its Chinese name.
    pub zh: &'static str,
    /// Its English name.
    pub en: &'static str,
    /// What exactly is measured, Chinese.
    pub definition_zh: &'static str,
    /// What exactly is measured, English.
    pub definition_en: &'static str,
    /// The share that should be in target, where one is set.
    pub share_wanted: Option<f64>,
    /// The total first, then area by area.
    pub rows: Vec<FigureRow>,
}

/// The numbers of one figure in one area.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FigureRow {
    /// The class of area; `None` is the total.
    pub area: Option<AreaClass>,
    /// How many values.
    pub n: usize,
    /// Arithmetic mean.
    pub mean_s: Option<Span>,
    /// Half are at most this.
    pub p50_s: Option<Span>,
    /// Nine of ten are at most this.
    pub p90_s: Option<Span>,
    /// Nineteen of twenty are at most this.
    pub p95_s: Option<Span>,
    /// The target, where it is one for all of the row.
    pub target_s: Option<Span>,
    /// How many of the values have a target, by their area.
    pub n_with_target: usize,
    /// How many of these are in target; the limit itself is.
    pub in_target: usize,
    /// Share of these, to four decimals.
    pub share_in_target: Option<f64>,
    /// Whether the mean meets the target, where the policy sets one for the mean.
    pub mean_in_target: Option<bool>,
    /// How many values lie at or under each limit.
    pub bins: Vec<Bin>,
}

/// How many values lie at or under a limit.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Bin {
    /// The limit; it belongs to the bin.
    pub within_s: Span,
    /// How many.
    pub n: usize,
    /// Share of all, to four decimals.
    pub share: Option<f64>,
}

impl Figure {
    /// The figure of these values, each with the area it belongs to.
    pub(super) fn of(measure: Measure, values: &[(AreaClass, Span)]) -> Self {
        let about = measure.row();
        let areas = [AreaClass::CityCore, AreaClass::CountyCore, AreaClass::Rural];
        let by_area = areas.iter().filter(|_| measure.by_area()).map(|&area| Some(area));
        let rows =
            std::iter::once(None).chain(by_area).map(|area| FigureRow::of(measure, area, values)).collect();
        Self {
            measure,
            zh: about.zh,
            en: about.en,
            definition_zh: about.definition_zh,
            definition_en: about.definition_en,
            share_wanted: about.share_wanted,
            rows,
        }
    }

    /// The row of all areas together.
    pub fn total(&self) -> &FigureRow {
        &self.rows[0]
    }
}

impl FigureRow {
    fn of(measure: Measure, area: Option<AreaClass>, values: &[(AreaClass, Span)]) -> Self {
        let chosen = || values.iter().filter(move |(of, _)| area.is_none_or(|area| *of == area));
        let mut sorted: Vec<Span> = chosen().map(|&(_, value)| value).collect();
        sorted.sort_unstable();
        let judged: Vec<bool> =
            chosen().filter_map(|&(of, value)| measure.target(of).map(|target| value <= target)).collect();
        let in_target = judged.iter().filter(|&&met| met).count();
        let target_s = match area {
            Some(area) => measure.target(area),
            None => one_target_for_all(measure),
        };
        let mean_s = mean(&sorted);
        let bin = |&limit_s: &i64| {
            let within_s = Span::seconds(limit_s);
            let n = sorted.partition_point(|&value| value <= within_s);
            Bin { within_s, n, share: share(n, sorted.len()) }
        };
        Self {
            area,
            n: sorted.len(),
            mean_s,
            p50_s: percentile(&sorted, 50),
            p90_s: percentile(&sorted, 90),
            p95_s: percentile(&sorted, 95),
            target_s,
            n_with_target: judged.len(),
            in_target,
            share_in_target: share(in_target, judged.len()),
            mean_in_target: mean_s.zip(target_s).and_then(|(mean, target)| measure.mean_meets(mean, target)),
            bins: measure.row().bins_s.iter().map(bin).collect(),
        }
    }
}

/// The percentile by nearest rank: the smallest value that at least `percent` of all values do not exceed.
pub fn percentile(sorted: &[Span], percent: usize) -> Option<Span> {
    let rank = (sorted.len() * percent).div_ceil(100).max(1);
    sorted.get(rank - 1).copied()
}

/// How percentiles are counted, as the report prints it, Chinese.
pub const PERCENTILE_ZH: &str = "百分位数按最近秩法：至少有该百分比的数值不超过它的最小数值";
/// How percentiles are counted, as the report prints it, English.
pub const PERCENTILE_EN: &str =
    "percentiles by nearest rank: the smallest value that at least that many per cent do not exceed";

fn one_target_for_all(measure: Measure) -> Option<Span> {
    let target = measure.target(AreaClass::Rural)?;
    let others = [AreaClass::CityCore, AreaClass::CountyCore];
    others.iter().all(|&area| measure.target(area) == Some(target)).then_some(target)
}

/// To the nearest microsecond.
fn mean(values: &[Span]) -> Option<Span> {
    let n = i128::try_from(values.len()).ok().filter(|&n| n > 0)?;
    let total: i128 = values.iter().map(|value| i128::from(value.micros())).sum();
    i64::try_from((total + n / 2).div_euclid(n)).ok().map(Span::from_micros)
}

pub(super) fn share(part: usize, whole: usize) -> Option<f64> {
    (whole > 0).then(|| ((part * 10_000 + whole / 2) / whole) as f64 / 10_000.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seconds(values: &[f64]) -> Vec<(AreaClass, Span)> {
        values.iter().map(|&value| (AreaClass::CityCore, Span::from_secs_f64(value))).collect()
    }

    #[test]
    fn limits_fall_on_the_right_side() {
        let departure = Figure::of(Measure::Departure, &seconds(&[120.0, 121.0, 180.0, 181.0]));
        let counts: Vec<_> = departure.total().bins.iter().map(|bin| bin.n).collect();
        assert_eq!((counts, departure.total().in_target), (vec![1, 3, 4], 3));
        let answer = Figure::of(Measure::Answer, &seconds(&[10.0, 10.1]));
        assert_eq!((answer.total().in_target, answer.total().share_in_target), (1, Some(0.5)));
    }

    #[test]
    fn a_mean_of_exactly_the_target_departs_in_time_and_responds_too_late() {
        let departure = Figure::of(Measure::Departure, &seconds(&[180.0]));
        let response = Figure::of(Measure::Response, &seconds(&[900.0]));
        assert_eq!(departure.total().mean_in_target, Some(true));
        assert_eq!((response.rows[1].mean_in_target, response.rows[1].in_target), (Some(false), 1));
    }

    #[test]
    fn percentiles_by_nearest_rank() {
        let values: Vec<Span> = (1..=20).map(Span::seconds).collect();
        let table = [(50, 10), (90, 18), (95, 19), (100, 20), (1, 1)];
        for (percent, expected) in table {
            assert_eq!(percentile(&values, percent), Some(Span::seconds(expected)), "{percent}");
        }
        assert_eq!(percentile(&[], 50), None);
        assert_eq!(percentile(&[Span::seconds(7)], 95), Some(Span::seconds(7)));
    }

    #[test]
    fn each_area_has_its_own_target_and_the_total_none() {
        let value = Span::seconds(700);
        let values = [AreaClass::CityCore, AreaClass::CountyCore, AreaClass::Rural].map(|area| (area, value));
        let figure = Figure::of(Measure::Response, &values);
        let seen: Vec<_> =
            figure.rows.iter().map(|row| (row.n, row.target_s, row.n_with_target, row.in_target)).collect();
        let (city, county) = (Some(Span::seconds(900)), Some(Span::seconds(600)));
        assert_eq!(seen, [(3, None, 2, 1), (1, city, 1, 1), (1, county, 1, 0), (1, None, 0, 0)]);
    }
}
