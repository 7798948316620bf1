//! How long things take: measured distributions by their quantiles. Between two quantiles a time is as likely as any other, so a draw
//! needs multiplication alone and comes out the same on every machine.

use crate::chance::Chance;

/// A distribution of times by its quantiles: (share, minutes), the shares growing from 0 to 1.
#[derive(Debug)]
pub struct Spread(&'static [(f64, f64)]);

/// From the call's arrival to the incident's entry. San Francisco, 31 Dec 2016 to 7 Jan 2017, ambulances: mean 1.40 min, P50 1.27,
/// P90 2.90, P95 3.45. The ends are assumptions.
pub const TALK: Spread = Spread(&[(0.0, 0.15), (0.5, 1.27), (0.9, 2.90), (0.95, 3.45), (1.0, 5.0)]);
/// From the entry to the order. San Francisco: mean 1.96 min, P50 0.63, P90 4.16, P95 8.63 (queues included).
pub const DECIDE: Spread = Spread(&[(0.0, 0.05), (0.5, 0.63), (0.9, 4.16), (0.95, 8.63), (1.0, 15.0)]);
/// From the order to rolling wheels. San Francisco: mean 0.47 min, P50 0.22, P90 1.07, P95 1.66.
pub const TURNOUT: Spread = Spread(&[(0.0, 0.03), (0.5, 0.22), (0.9, 1.07), (0.95, 1.66), (1.0, 3.0)]);
/// From arrival to leaving with the patient. San Francisco: mean 19.41 min, P50 18.02, P90 30.74, P95 34.94.
pub const SCENE: Spread = Spread(&[(0.0, 3.0), (0.5, 18.02), (0.9, 30.74), (0.95, 34.94), (1.0, 50.0)]);
/// From arrival at the hospital to available. San Francisco: mean 34.16 min, P50 31.77, P90 47.27, P95 54.85.
pub const HOSPITAL: Spread = Spread(&[(0.0, 12.0), (0.5, 31.77), (0.9, 47.27), (0.95, 54.85), (1.0, 80.0)]);
/// From the terminal's ring to the crew's press. Assumption: most within ten seconds, a few forget it over half a minute.
pub const ACKNOWLEDGE: Spread = Spread(&[(0.0, 0.03), (0.5, 0.10), (0.9, 0.30), (0.96, 0.50), (1.0, 1.5)]);
/// From the vehicle's stop to the patient's side (stairs, lifts). Assumption after studies of "vertical" response.
pub const TO_PATIENT: Spread = Spread(&[(0.0, 0.3), (0.5, 1.8), (0.9, 4.0), (1.0, 8.0)]);
/// From ringing to the call-taker's answer. Assumption: 95 % within ten seconds, the plan's aim.
pub const ANSWER: Spread = Spread(&[(0.0, 0.02), (0.5, 0.06), (0.95, 0.16), (1.0, 0.40)]);
/// From an arrival's first showing on the board to the nurse's acknowledgement. Assumption: one in ten after the minute.
pub const NURSE: Spread = Spread(&[(0.0, 0.08), (0.5, 0.35), (0.9, 0.95), (1.0, 4.0)]);

/// What a San Francisco turnout is multiplied by here: a crew that must come down to its vehicle, 95 % about the three minutes of
/// the Chinese plan.
pub const TURNOUT_FACTOR: f64 = 1.8;
/// What the decision is multiplied by: the proposal is ready when the incident is entered.
pub const DECIDE_FACTOR: f64 = 0.3;
/// What the time on scene is multiplied by. Assumption.
pub const SCENE_FACTOR: f64 = 0.7;
/// What the time at the hospital is multiplied by: turnaround in San Francisco is long. Assumption.
pub const HOSPITAL_FACTOR: f64 = 0.5;

impl Spread {
    /// A time by chance, in seconds.
    pub fn draw_s(&self, chance: &mut Chance) -> f64 {
        self.at(chance.unit()) * 60.0
    }

    /// The time in minutes below which a share (0 to 1) lies.
    pub fn at(&self, share: f64) -> f64 {
        let above = self.0.iter().position(|&(at, _)| at >= share).unwrap_or(self.0.len() - 1).max(1);
        let ((s0, t0), (s1, t1)) = (self.0[above - 1], self.0[above]);
        t0 + (t1 - t0) * ((share - s0) / (s1 - s0)).clamp(0.0, 1.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_and_means_are_those_measured() {
        for (spread, mean, p50, p90, p95) in [
            (&TALK, 1.40, 1.27, 2.90, 3.45),
            (&DECIDE, 1.96, 0.63, 4.16, 8.63),
            (&TURNOUT, 0.47, 0.22, 1.07, 1.66),
            (&SCENE, 19.41, 18.02, 30.74, 34.94),
            (&HOSPITAL, 34.16, 31.77, 47.27, 54.85),
        ] {
            let close = |a: f64, b: f64, off: f64| (a / b - 1.0).abs() < off;
            assert!(
                close(spread.at(0.5), p50, 1e-9)
                    && close(spread.at(0.9), p90, 1e-9)
                    && close(spread.at(0.95), p95, 1e-9)
            );
            let mut chance = Chance::of(1, "spread", 0);
            let drawn = (0..20_000).map(|_| spread.draw_s(&mut chance)).sum::<f64>() / 20_000.0 / 60.0;
            assert!(close(drawn, mean, 0.15), "drawn mean {drawn}, measured {mean}");
        }
    }
}
