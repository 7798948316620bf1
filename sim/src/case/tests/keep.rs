//! What is kept of a case is what would be made of it, and never stands in for what changed.

use super::sketch::Sketch;
use super::*;

fn outcome(case: Case) -> Outcome {
    let twin = Twin::new(case, true).unwrap();
    let calls = Generator::read(twin.case(), SeedSet::Test).unwrap().calls(0, 3.0);
    twin.run("dmexclp:0.4", &calls, &twin.spots(&calls)).unwrap()
}

fn files(folder: &Path) -> Vec<std::path::PathBuf> {
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().path()).collect();
    files.sort();
    files
}

#[test]
fn a_case_that_was_kept_is_the_case_that_was_made() {
    let mut sketch = Sketch::new();
    let (written, beside) = (sketch.write("kept"), sketch.write("kept-cache"));
    let cache = beside.0.join("cases");
    let read = |folder: &Path| {
        Case::read_kept(folder, |files| Keep::within(cache.clone(), files).map(Some)).unwrap()
    };
    let made = outcome(Case::read(&written.0).unwrap());
    assert_eq!(outcome(read(&written.0)), made, "made and kept");
    let kept = files(&cache);
    assert_eq!(kept.len(), 2, "roads and cover: {kept:?}");
    assert_eq!(outcome(read(&written.0)), made, "from what was kept");
    assert_eq!(files(&cache), kept);

    // Not whole: made again.
    let [cover, roads] = kept.as_slice() else { panic!("{kept:?}") };
    let mut bytes = std::fs::read(cover).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    std::fs::write(cover, bytes).unwrap();
    let bytes = std::fs::read(roads).unwrap();
    std::fs::write(roads, &bytes[..bytes.len() / 2]).unwrap();
    assert_eq!(outcome(read(&written.0)), made, "from damaged files");

    // Another demand: nothing of what was kept is for it.
    sketch.edit("demand.csv", "[1; 2; 3]", "[3; 2; 1]");
    let changed = sketch.write("kept-changed");
    outcome(read(&changed.0));
    assert_eq!(files(&cache).len(), 4);
}
