//! The areas of a city as a small map: each in a shade for its figure.

use std::fmt::Write;

use sim::case::Point;

use super::chart::escaped;

/// One area: its outline, its shade from -1 to 1 (0 is neutral), and words for who points at it.
pub(super) struct Shaded<'a> {
    pub(super) outline: &'a [Point],
    /// `None` where nothing is known.
    pub(super) shade: Option<f64>,
    pub(super) words: String,
}

/// The map as SVG.
pub(super) fn drawn(title: &str, areas: &[Shaded<'_>]) -> String {
    let corners = || areas.iter().flat_map(|area| area.outline);
    let least = |of: fn(&Point) -> f64| corners().map(of).fold(f64::INFINITY, f64::min);
    let most = |of: fn(&Point) -> f64| corners().map(of).fold(f64::NEG_INFINITY, f64::max);
    let (west, south, east, north) = (least(|p| p.x), least(|p| p.y), most(|p| p.x), most(|p| p.y));
    if !(west < east && south < north) {
        return String::new();
    }
    // A degree of longitude is shorter the further it is from the equator.
    let narrow = f64::midpoint(south, north).to_radians().cos();
    let scale = (SIDE / ((east - west) * narrow)).min(SIDE / (north - south));
    let (width, height) = ((east - west) * narrow * scale, (north - south) * scale);
    let mut svg = format!(
        "<svg class='map' viewBox='-2 -2 {:.0} {:.0}' role='img' aria-label='{2}'><title>{2}</title>",
        width + 4.0,
        height + 4.0,
        escaped(title)
    );
    for area in areas {
        let mut points = String::new();
        for corner in area.outline {
            let (x, y) = ((corner.x - west) * narrow * scale, (north - corner.y) * scale);
            let _ = write!(points, "{x:.1},{y:.1} ");
        }
        let (class, strength) = match area.shade {
            None => ("nothing", 1.0),
            Some(shade) if shade < 0.0 => ("worse", (-shade).min(1.0)),
            Some(shade) => ("better", shade.min(1.0)),
        };
        let _ = write!(
            svg,
            "<polygon class='{class}' style='fill-opacity:{:.2}' points='{}'><title>{}</title></polygon>",
            0.06 + 0.9 * strength,
            points.trim_end(),
            escaped(&area.words)
        );
    }
    svg.push_str("</svg>");
    svg
}

const SIDE: f64 = 340.0;
