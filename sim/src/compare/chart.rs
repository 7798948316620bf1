//! A plain chart as SVG: a frame with two scales, lines, points and bars of uncertainty. Colours come from the page, so that one
//! drawing serves by day and by night.

use std::fmt::Write;

/// A chart being drawn.
pub(super) struct Chart {
    svg: String,
    x: Scale,
    y: Scale,
    bottom: f64,
}

/// From values to places.
#[derive(Clone, Copy)]
struct Scale {
    low: f64,
    high: f64,
    from: f64,
    to: f64,
}

impl Scale {
    fn at(self, value: f64) -> f64 {
        self.from + (value - self.low) / (self.high - self.low).max(1e-12) * (self.to - self.from)
    }
}

/// What an axis shows.
pub(super) struct Axis<'a> {
    pub(super) from: f64,
    pub(super) to: f64,
    pub(super) label: &'a str,
    /// Written after each number.
    pub(super) unit: &'a str,
}

impl Chart {
    /// A chart with numbers along both sides.
    pub(super) fn new(title: &str, height: f64, x: &Axis<'_>, y: &Axis<'_>) -> Self {
        let mut chart = Self::bare(title, height, x, LEFT);
        chart.y = Scale { low: y.from, high: y.to, from: chart.bottom, to: TOP };
        for tick in ticks(y.from, y.to) {
            let at = chart.y.at(tick);
            let (left, right) = (LEFT, WIDTH - RIGHT);
            chart.add(&format!("<path class='grid' d='M{left} {at:.1}H{right}'/>"));
            chart.text(LEFT - 8.0, at + 4.0, "end", &format!("{}{}", number(tick), y.unit));
        }
        chart.text(LEFT, TOP - 12.0, "start", y.label);
        chart
    }

    /// A chart with rows that have names.
    pub(super) fn of_rows(title: &str, rows: &[String], x: &Axis<'_>) -> Self {
        let height = TOP + BOTTOM + ROW * rows.len() as f64;
        // About as wide as the longest name: a Chinese character is as wide as two others.
        let wide = |name: &String| name.chars().map(|c| if c.is_ascii() { 6.8 } else { 13.0 }).sum::<f64>();
        let left = rows.iter().map(wide).fold(LEFT, f64::max).min(WIDTH / 2.0) + 16.0;
        let mut chart = Self::bare(title, height, x, left);
        chart.y = Scale { low: 0.0, high: rows.len() as f64, from: TOP, to: chart.bottom };
        for (place, row) in rows.iter().enumerate() {
            let at = chart.row(place);
            chart.text(left - 10.0, at + 4.0, "end", row);
        }
        chart
    }

    fn bare(title: &str, height: f64, x: &Axis<'_>, left: f64) -> Self {
        let svg = format!(
            "<svg viewBox='0 0 {WIDTH} {height:.0}' role='img' aria-label='{0}'><title>{0}</title>",
            escaped(title)
        );
        let bottom = height - BOTTOM;
        let x_scale = Scale { low: x.from, high: x.to, from: left, to: WIDTH - RIGHT };
        let mut chart = Self { svg, x: x_scale, y: x_scale, bottom };
        for tick in ticks(x.from, x.to) {
            let at = x_scale.at(tick);
            chart.add(&format!("<path class='grid' d='M{at:.1} {TOP}V{bottom:.1}'/>"));
            chart.text(at, bottom + 18.0, "middle", &format!("{}{}", number(tick), x.unit));
        }
        chart.text(WIDTH - RIGHT, bottom + 38.0, "end", x.label);
        chart
    }

    /// A line through points, in the colour of a number.
    pub(super) fn line(&mut self, colour: usize, points: impl Iterator<Item = (f64, f64)>) {
        let mut path = String::new();
        for (x, y) in points {
            let sign = if path.is_empty() { 'M' } else { 'L' };
            let x = self.x.at(x.clamp(self.x.low, self.x.high));
            let _ = write!(path, "{sign}{x:.1} {:.1}", self.y.at(y.clamp(self.y.low, self.y.high)));
        }
        self.add(&format!("<path class='line c{}' d='{path}'/>", colour % COLOURS));
    }

    /// A point in a row with the interval around it; `off` moves it up or down within the row, from -0.5 to 0.5.
    pub(super) fn interval(&mut self, colour: usize, (row, off): (usize, f64), mean: f64, half: f64) {
        let y = self.row(row) + off * ROW * 0.7;
        let place = |x: f64| self.x.at(x.clamp(self.x.low, self.x.high));
        let (from, to, middle) = (place(mean - half), place(mean + half), place(mean));
        let colour = colour % COLOURS;
        self.add(&format!("<path class='line c{colour}' d='M{from:.1} {y:.1}H{to:.1}'/>"));
        self.add(&format!("<circle class='dot c{colour}' cx='{middle:.1}' cy='{y:.1}' r='4'/>"));
    }

    /// A faint point in a row.
    pub(super) fn dot(&mut self, colour: usize, row: usize, value: f64) {
        let (x, y) = (self.x.at(value.clamp(self.x.low, self.x.high)), self.row(row));
        self.add(&format!("<circle class='dot faint c{}' cx='{x:.1}' cy='{y:.1}' r='5'/>", colour % COLOURS));
    }

    /// A line across all rows at a value.
    pub(super) fn upright(&mut self, value: f64) {
        let (x, bottom) = (self.x.at(value), self.bottom);
        self.add(&format!("<path class='zero' d='M{x:.1} {TOP}V{bottom:.1}'/>"));
    }

    /// The drawing.
    pub(super) fn drawn(mut self) -> String {
        self.svg.push_str("</svg>");
        self.svg
    }

    fn row(&self, place: usize) -> f64 {
        self.y.at(place as f64 + 0.5)
    }

    fn add(&mut self, piece: &str) {
        self.svg.push_str(piece);
    }

    fn text(&mut self, x: f64, y: f64, anchor: &str, text: &str) {
        self.add(&format!("<text x='{x:.1}' y='{y:.1}' text-anchor='{anchor}'>{}</text>", escaped(text)));
    }
}

/// Round numbers between two others, about six.
fn ticks(from: f64, to: f64) -> Vec<f64> {
    let span = (to - from).max(1e-9);
    let power = 10_f64.powf((span / 6.0).log10().floor());
    let step = [1.0, 2.0, 5.0, 10.0].map(|factor| factor * power).into_iter().find(|step| span / step <= 7.0);
    let step = step.unwrap_or(10.0 * power);
    let first = (from / step - 1e-9).ceil() as i64;
    let last = (to / step + 1e-9).floor() as i64;
    (first..=last).map(|number| number as f64 * step).collect()
}

/// A number without a tail of noughts.
fn number(value: f64) -> String {
    let shown = format!("{value:.3}");
    let shown = shown.trim_end_matches('0').trim_end_matches('.');
    if shown == "-0" { "0".to_owned() } else { shown.replace('-', "−") }
}

/// Text that may stand in a page.
pub(super) fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace(['\'', '"'], "&#39;")
}

/// Colours that the page has.
pub(super) const COLOURS: usize = 6;
const WIDTH: f64 = 580.0;
const LEFT: f64 = 62.0;
const RIGHT: f64 = 18.0;
const TOP: f64 = 34.0;
const BOTTOM: f64 = 46.0;
const ROW: f64 = 34.0;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_round_and_within() {
        assert_eq!(ticks(0.0, 24.0), [0.0, 5.0, 10.0, 15.0, 20.0]);
        assert_eq!(ticks(-1.0, 1.0).len(), 5);
        assert_eq!((number(-0.5), number(20.0), number(-0.000_1)), ("−0.5".into(), "20".into(), "0".into()));
        assert_eq!(escaped("<a & 'b'>"), "&lt;a &amp; &#39;b&#39;&gt;");
    }
}
