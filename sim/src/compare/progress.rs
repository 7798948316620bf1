//! How far a long run is: a bar on standard error, and only where a person looks at it.

use indicatif::{ProgressBar, ProgressStyle};

/// A bar; it goes away when it is dropped.
pub(super) struct Bar(ProgressBar);

impl Bar {
    /// A bar of so many steps. Where standard error is no terminal, nothing is drawn.
    pub(super) fn new(steps: u64, what: &str) -> Self {
        let bar = ProgressBar::new(steps).with_message(what.to_owned());
        if let Ok(style) =
            ProgressStyle::with_template("{msg} {bar:40} {pos}/{len} · {elapsed} · 剩余 left {eta}")
        {
            bar.set_style(style);
        }
        Self(bar)
    }

    /// One more is done.
    pub(super) fn step(&self) {
        self.0.inc(1);
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}
