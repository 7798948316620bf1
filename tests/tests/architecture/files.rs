//! Sizes and names: no file over 500 lines, no function over 70, a file says at its top what it is for.

use std::path::Path;

use system_tests::tree;

const FILE_LINES_MAX: usize = 500;
const FUNCTION_LINES_MAX: usize = 70;
const MEDIAN_LINES_MAX: usize = 150;

/// Names that say what kind of thing something is and not what it does.
const EMPTY_NAMES: [&str; 8] = ["common", "helper", "helpers", "imp", "manager", "service", "util", "utils"];

#[test]
fn no_file_is_longer_than_500_lines() {
    let mut long = Vec::new();
    for path in
        written(&[".rs", ".ts", ".svelte", ".mjs", ".js", ".sh", ".py", ".proto", ".css", ".html", "/x", "x"])
    {
        let lines = text(&path).lines().count();
        if lines > FILE_LINES_MAX {
            long.push(format!("{} has {lines} lines", path.display()));
        }
    }
    assert!(long.is_empty(), "there is a second room hiding in each: {long:#?}");
}

#[test]
fn the_median_rust_file_is_short() {
    let mut sizes: Vec<usize> = written(&[".rs"])
        .iter()
        .map(|path| text(path).lines().take_while(|line| line.trim() != "#[cfg(test)]").count())
        .collect();
    sizes.sort_unstable();
    let median = sizes[sizes.len() / 2];
    assert!(median <= MEDIAN_LINES_MAX, "the median file has {median} lines before its tests");
}

#[test]
fn every_rust_file_says_at_its_top_what_it_is_for() {
    let silent: Vec<_> =
        written(&[".rs"]).into_iter().filter(|path| !text(path).starts_with("//!")).collect();
    assert!(silent.is_empty(), "these open without a `//!` paragraph: {silent:#?}");
}

#[test]
fn names_say_what_a_thing_does() {
    let empty: Vec<_> = written(&[".rs", ".ts", ".svelte", ".mjs", ".sh", ".py"])
        .into_iter()
        .filter(|path| {
            path.iter().any(|part| {
                let part = part.to_string_lossy().to_lowercase();
                EMPTY_NAMES.contains(&part.split('.').next().unwrap_or_default())
            })
        })
        .collect();
    assert!(empty.is_empty(), "name these by their duty: {empty:#?}");
}

#[test]
fn functions_outside_rust_are_short_too() {
    let mut long = Vec::new();
    for path in written(&[".ts", ".svelte", ".mjs", ".sh"]) {
        long.extend(long_functions(&path, &text(&path)));
    }
    assert!(long.is_empty(), "over {FUNCTION_LINES_MAX} lines: {long:#?}");
}

#[test]
fn the_linter_measures_rust_functions_everywhere() {
    let wanted = format!("too-many-lines-threshold = {FUNCTION_LINES_MAX}");
    for path in tree::files().unwrap().into_iter().filter(|path| path.ends_with("clippy.toml")) {
        assert!(
            text(&path).contains(&wanted),
            "{} must say `{wanted}`: it replaces the one above it",
            path.display()
        );
    }
    assert!(
        text(Path::new("Cargo.toml")).contains("pedantic = { level = \"warn\""),
        "pedantic holds the length lint"
    );
}

#[test]
fn every_crate_takes_the_shared_lints() {
    let crates: Vec<_> = tree::files()
        .unwrap()
        .into_iter()
        .filter(|path| path.ends_with("Cargo.toml") && path.iter().count() > 1)
        .collect();
    assert!(crates.len() >= 7, "only {} crates found", crates.len());
    for path in crates {
        let manifest: toml::Table = text(&path).parse().unwrap();
        let shared =
            manifest.get("lints").and_then(|lints| lints.get("workspace")).and_then(toml::Value::as_bool);
        assert_eq!(shared, Some(true), "{} must have [lints] workspace = true", path.display());
    }
}

#[test]
fn the_length_check_itself_finds_a_long_function() {
    let body = "  let a = 1;\n".repeat(FUNCTION_LINES_MAX + 1);
    let long = format!("export function first() {{\n{body}}}\nfunction second() {{\n}}\n");
    assert_eq!(long_functions(Path::new("a.ts"), &long).len(), 1);
}

/// Functions that begin with a line like `function name(` or `name() {` and end with a brace at the same depth.
fn long_functions(path: &Path, text: &str) -> Vec<String> {
    let lines: Vec<&str> = text.lines().collect();
    let mut long = Vec::new();
    for (start, line) in lines.iter().enumerate().filter(|(_, line)| opens_function(line)) {
        let indent = &line[..line.len() - line.trim_start().len()];
        let closing = format!("{indent}}}");
        let length = lines[start..].iter().position(|line| line.starts_with(&closing)).unwrap_or(0);
        if length > FUNCTION_LINES_MAX {
            long.push(format!("{}:{} {} ({length} lines)", path.display(), start + 1, line.trim()));
        }
    }
    long
}

fn opens_function(line: &str) -> bool {
    let line = line.trim();
    let named = line.contains("function ") || line.contains("=> {") || line.ends_with("() {");
    named && line.ends_with('{')
}

fn written(endings: &[&str]) -> Vec<std::path::PathBuf> {
    tree::written(endings).expect("git lists the tree")
}

fn text(path: &Path) -> String {
    tree::text(path).expect("a listed file can be read")
}
