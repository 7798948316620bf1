//! The computer's own clock, by which certificates are judged until the satellites have set the agent's, against what can be and what they say.

use super::finding::{About, Finding};
use super::words::words;
use crate::clock::{is_plausible, rfc3339};

/// More than this is no matter of rounding and waiting.
const OFF_MS_MAX: i64 = 10_000;

/// `satellite_unix_ms`: the receiver's time at the same moment, where one is known.
pub(super) fn look(now_unix_ms: i64, satellite_unix_ms: Option<i64>) -> Finding {
    let now = rfc3339(now_unix_ms);
    let remedy = || {
        words(
            "校时: timedatectl set-time, 并让 chrony 以 gpsd 或网络为时间源; 卫星授时之前, 证书的有效期按本机时钟判断",
            "set it: timedatectl set-time, and let chrony follow gpsd or the network; until the first fix certificates are judged by this clock",
        )
    };
    if !is_plausible(now_unix_ms) {
        let problem = words(format!("本机时间 {now} 不可能正确"), format!("{now} cannot be now"));
        return Finding::bad(About::Clock, problem, remedy());
    }
    let Some(off_ms) = satellite_unix_ms.map(|satellite| now_unix_ms - satellite) else {
        let shown =
            words(format!("{now}, 无卫星时间可比"), format!("{now}; no satellite time to compare with"));
        return Finding::good(About::Clock, shown);
    };
    let seconds = off_ms.abs() / 1000;
    if off_ms.abs() > OFF_MS_MAX {
        let (zh, en) = if off_ms > 0 { ("快", "ahead of") } else { ("慢", "behind") };
        let problem = words(
            format!("{now}, 比卫星时间{zh} {seconds} 秒"),
            format!("{now} is {seconds} s {en} the satellites' time"),
        );
        return Finding::bad(About::Clock, problem, remedy());
    }
    let shown = words(
        format!("{now}, 与卫星时间相差 {seconds} 秒"),
        format!("{now}, within {} s of the satellites' time", seconds + 1),
    );
    Finding::good(About::Clock, shown)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOON: i64 = 1_795_262_400_000;

    #[test]
    fn a_clock_is_right_off_or_impossible() {
        assert!(look(NOON, None).is_good());
        assert!(look(NOON, Some(NOON - 9_000)).is_good());
        assert!(!look(NOON, Some(NOON - 11_000)).is_good());
        assert!(!look(NOON, Some(NOON + 3 * 3_600_000)).is_good());
        assert!(!look(0, None).is_good(), "a computer without a battery wakes up in 1970");
    }
}
