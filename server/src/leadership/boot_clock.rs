//! The node's own time: a clock that goes on while the machine is suspended, and that nobody can set.

use dispatch_core::leadership::Moment;
use rustix::time::{ClockId, clock_gettime};

/// Now, by this machine's `CLOCK_BOOTTIME`.
pub(crate) fn boot_now() -> Moment {
    let now = clock_gettime(ClockId::Boottime);
    Moment(now.tv_sec as u64 * 1_000_000 + now.tv_nsec as u64 / 1_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_never_goes_back() {
        let moments: Vec<Moment> = (0..1_000).map(|_| boot_now()).collect();
        assert!(moments.is_sorted());
        assert!(moments[0].0 > 0);
    }
}
