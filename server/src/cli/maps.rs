//! `import-map`: from an OpenStreetMap extract to the map file that the centre loads.

use std::path::Path;
use std::time::Instant;

use anyhow::Context;
use roads::{Progress, RoadMap};

use super::{complain, say};

pub(super) fn import(extract: &Path, out: &Path) -> anyhow::Result<()> {
    let bytes = std::fs::read(extract).with_context(|| format!("cannot read {}", extract.display()))?;
    let begun = Instant::now();
    let mut shown = Shown::default();
    let map = RoadMap::from_osm_pbf(&bytes, &mut |progress| shown.show(progress, begun))
        .with_context(|| extract.display().to_string())?;
    let file = map.to_bytes();
    // Under another name until it is whole: a broken import must not pass for a map.
    let partial = out.with_extension("map.partial");
    let written = std::fs::write(&partial, &file).and_then(|()| std::fs::rename(&partial, out));
    written.with_context(|| format!("cannot write {}", out.display()))?;
    say(&format!(
        "{}: map {}, {} bytes, {:.1} s",
        out.display(),
        map.id(),
        file.len(),
        begun.elapsed().as_secs_f64()
    ))
}

/// Says where an import is: each new stage and each further tenth of it.
#[derive(Default)]
struct Shown {
    last: Option<(roads::Stage, u64)>,
}

impl Shown {
    fn show(&mut self, progress: Progress, begun: Instant) {
        let tenth = (progress.done * 10).checked_div(progress.total).unwrap_or(0);
        if self.last == Some((progress.stage, tenth)) {
            return;
        }
        self.last = Some((progress.stage, tenth));
        let seconds = begun.elapsed().as_secs_f64();
        complain(&format!("{seconds:6.1} s  {} {} %", progress.stage.words(), tenth * 10));
    }
}
