//! The pages in a real browser: Debian's Chromium takes a call to handover and looks at the arrival board and the report.
//! The steps are `console/e2e/take_call.mjs`; here its demo is started and its verdict read.

use std::time::Duration;

use anyhow::Result;
use system_tests::browser::{ecg, walk};
use system_tests::scratch::Scratch;

use crate::running::{Demo, Wanted};

const WALK_WITHIN: Duration = Duration::from_mins(7);
/// Half as fast as the demo: here somebody looks at pages while the ambulance drives.
const WANTED: Wanted<'static> = Wanted { units: 4, seats: "none", clock_rate: 15 };

#[tokio::test]
async fn a_dispatcher_takes_a_call_to_handover_in_the_browser() -> Result<()> {
    let scratch = Scratch::new("browser")?;
    let state = scratch.join("demo");
    std::fs::create_dir(&state)?;
    let demo = Demo::start(&state, &WANTED).await?;
    let terminal = demo.terminal(0);
    let ecg = ecg(&state)?;
    let known = [
        ("JICHI_CENTRE", demo.api().base()),
        ("JICHI_TERMINAL", terminal.as_str()),
        ("JICHI_ECG", ecg.as_str()),
    ];
    walk("take_call.mjs", &known, &scratch.join("browser.log"), WALK_WITHIN).await
}
