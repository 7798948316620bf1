//! Chance, so that the vehicles of a fleet do not act in step.

/// A number from 0 to 1, from the system's randomness.
pub(super) fn chance() -> f64 {
    let mut bytes = [0_u8; 4];
    let filled = rustls::crypto::aws_lc_rs::default_provider().secure_random.fill(&mut bytes);
    // Without randomness every vehicle waits half the window, which is worse and still works.
    if filled.is_err() { 0.5 } else { f64::from(u32::from_be_bytes(bytes)) / f64::from(u32::MAX) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chance_is_chance() {
        let all: Vec<f64> = (0..20).map(|_| chance()).collect();
        assert!(all.iter().all(|one| (0.0..=1.0).contains(one)));
        assert!(all.windows(2).any(|pair| (pair[0] - pair[1]).abs() > f64::EPSILON));
    }
}
