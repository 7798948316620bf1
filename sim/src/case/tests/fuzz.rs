//! The files of a case with bytes nobody would write on purpose: an error that names the file, or a case whose calls can be drawn; never a
//! panic.

use super::*;

#[test]
fn files_of_a_case() {
    let names: Vec<String> = Sketch::new().0.into_iter().map(|(name, _)| name).collect();
    bolero::check!(name = "case").with_iterations(ITERATIONS).with_max_len(64).for_each(|input: &[u8]| {
        let [which, edits @ ..] = input else { return };
        let mut sketch = Sketch::new();
        let name = &names[usize::from(*which) % names.len()];
        let text = sketch.text(name);
        *text = damaged(text, edits);
        let written = sketch.write("fuzz");
        if let Ok(case) = Case::read(&written.0)
            && let Ok(generator) = Generator::read(&case, SeedSet::Test)
            && generator.calls_per_day().iter().all(|rate| (0.0..=CALLS_PER_DAY_MAX).contains(rate))
        {
            let _ = generator.calls(0, 0.1);
        }
    });
}

/// Pieces of what such files hold, put in the place of a few bytes: two bytes say where, one says what.
fn damaged(text: &str, edits: &[u8]) -> String {
    let mut bytes = text.as_bytes().to_vec();
    for edit in edits.chunks_exact(3) {
        let at = (usize::from(edit[0]) << 8 | usize::from(edit[1])) % (bytes.len() + 1);
        let piece = PIECES[usize::from(edit[2]) % PIECES.len()].as_bytes();
        let until = bytes.len().min(at + piece.len());
        bytes.splice(at..until, piece.iter().copied());
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

const PIECES: [&str; 24] = [
    "0",
    "-1",
    "1e308",
    "1e999",
    "nan",
    "inf",
    "99999999999999999999",
    "0.0000000001",
    ",",
    ",,,,",
    "\n",
    "\n\n",
    "\"",
    ";",
    "<",
    "</",
    "&#0;",
    "[",
    "]",
    "1:999999999",
    "Exponential(0)",
    "Weibull(-1, 0)",
    "Categorical([])",
    "\u{feff}",
];
/// More than this a day is a mistake of the file, and would only take long.
const CALLS_PER_DAY_MAX: f64 = 10_000.0;
const ITERATIONS: usize = 150;
