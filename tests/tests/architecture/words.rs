//! What may not stand in the tree: somebody's machine, a registry's address, work put off.

use std::path::PathBuf;

use system_tests::tree;

/// This file must name what it forbids, so it is the one file not read.
const THIS_FILE: &str = "tests/tests/architecture/words.rs";

const TEXT: [&str; 16] = [
    ".rs", ".ts", ".svelte", ".mjs", ".js", ".sh", ".py", ".md", ".toml", ".json", ".html", ".css", ".proto",
    ".yml", "x", "run",
];

#[test]
fn nothing_names_a_place_on_somebodys_machine() {
    forbid(&TEXT, &["/work/", "/root/", "/home/", "/tmp/jichi"], "a path of one machine");
}

#[test]
fn nothing_names_a_package_registry() {
    let hosts = [
        "crates.io",
        "pypi.org",
        "files.pythonhosted.org",
        "npmjs.",
        "npmmirror",
        "deb.debian.org",
        "proxy.golang.org",
    ];
    forbid(&TEXT, &hosts, "a registry's address belongs to a person's own settings");
}

#[test]
fn no_work_is_put_off_in_the_code() {
    forbid(
        &[".rs", ".ts", ".svelte", ".mjs", ".py"],
        &["todo!(", "unimplemented!(", "FIXME", "XXX", "TODO"],
        "work put off",
    );
}

/// A test may be left out of the plain run when another test runs it, as a child process of its own.
const RUN_OTHERWISE: [&str; 1] = ["#[ignore = \"run by "];

#[test]
fn no_test_is_silenced() {
    for path in written(&[".rs"]) {
        let text = tree::text(&path).expect("a listed file can be read");
        let silenced = text.lines().map(str::trim).filter(|line| line.starts_with("#[ignore"));
        for line in silenced {
            assert!(RUN_OTHERWISE.iter().any(|start| line.starts_with(start)), "{}: {line}", path.display());
        }
    }
    forbid(
        &[".ts", ".mjs"],
        &["it.skip(", "test.skip(", "describe.skip(", "test.only(", "it.only("],
        "a silenced test",
    );
    forbid(&[".py"], &["pytest.mark.skip", "unittest.skip"], "a silenced test");
}

#[test]
fn the_reason_stands_beside_a_silenced_lint() {
    let bare: Vec<_> = written(&[".rs"])
        .into_iter()
        .filter(|path| {
            let text = tree::text(path).expect("a listed file can be read");
            let mut silenced =
                ["#[allow(", "#![allow(", "#[expect("].iter().flat_map(|mark| text.split(mark).skip(1));
            silenced.any(|rest| !rest.split(")]").next().unwrap_or_default().contains("reason"))
        })
        .collect();
    assert!(bare.is_empty(), "use #[expect(.., reason = \"..\")]: {bare:#?}");
}

fn forbid(endings: &[&str], words: &[&str], why: &str) {
    let mut found = Vec::new();
    for path in written(endings) {
        let text = tree::text(&path).expect("a listed file can be read");
        for (number, line) in text.lines().enumerate() {
            if let Some(word) = words.iter().find(|word| line.contains(**word)) {
                found.push(format!("{}:{}: {word}", path.display(), number + 1));
            }
        }
    }
    assert!(found.is_empty(), "{why}: {found:#?}");
}

fn written(endings: &[&str]) -> Vec<PathBuf> {
    let mut paths = tree::written(endings).expect("git lists the tree");
    paths.retain(|path| path != std::path::Path::new(THIS_FILE));
    paths
}
