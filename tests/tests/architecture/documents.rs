//! Documents that stay true: links lead somewhere, the glossary holds the words the code uses, the map names each part.

use std::path::Path;

use system_tests::tree;

/// A decision is one page.
const DECISION_LINES_MAX: usize = 70;

/// The words of the field that everybody meets, in the language of the control room.
const TERMS: [&str; 20] = [
    "呼救",
    "事件",
    "任务",
    "车组",
    "派车",
    "接令",
    "出车",
    "出车时间",
    "急救反应时间",
    "交接",
    "急救站",
    "待命",
    "空车",
    "改派",
    "预检分级",
    "绿色通道",
    "院前电子病历",
    "调度员",
    "医院",
    "测试",
];

#[test]
fn every_relative_link_leads_somewhere() {
    let mut dead = Vec::new();
    for path in tree::written(&[".md"]).unwrap() {
        let folder = path.parent().unwrap_or(Path::new(""));
        for link in links(&tree::text(&path).unwrap()) {
            if !tree::root().join(folder).join(&link).exists() {
                dead.push(format!("{}: {link}", path.display()));
            }
        }
    }
    assert!(dead.is_empty(), "links to nothing: {dead:#?}");
}

#[test]
fn the_glossary_holds_the_words_of_the_field() {
    let glossary = text("docs/glossary.md");
    let missing: Vec<_> = TERMS.iter().filter(|term| !glossary.contains(**term)).collect();
    assert!(missing.is_empty(), "docs/glossary.md lacks {missing:?}");
}

#[test]
fn the_map_names_every_part_and_what_must_be_absent() {
    let map = text("ARCHITECTURE.md");
    for part in [
        "dispatch-core/",
        "roads/",
        "server/",
        "vehicle-agent/",
        "vehicle-agent/link/",
        "console/",
        "sim/",
        "tests/",
    ] {
        assert!(map.contains(&format!("`{part}`")), "ARCHITECTURE.md does not name `{part}`");
    }
    assert!(map.matches("**Invariant:**").count() >= 7, "each part says what must be absent from it");
}

#[test]
fn the_readme_gives_the_two_commands_and_ci_runs_the_gate() {
    let readme = text("README.md");
    assert!(readme.contains("./x demo") && readme.contains("./x test"), "README.md lacks a command");
    assert!(text(".ci/run").contains("./x "), "CI runs the same command a person does");
}

#[test]
fn decisions_are_one_page_and_say_what_was_refused() {
    let decisions: Vec<_> = tree::written(&[".md"])
        .unwrap()
        .into_iter()
        .filter(|path| path.starts_with("docs/decisions"))
        .collect();
    assert!(!decisions.is_empty(), "no decision is written down");
    for path in decisions {
        let text = tree::text(&path).unwrap();
        assert!(text.lines().count() <= DECISION_LINES_MAX, "{} is longer than a page", path.display());
        for part in ["## Question", "## Choice", "## Refused", "## What would change our mind"] {
            assert!(text.contains(part), "{} lacks `{part}`", path.display());
        }
    }
}

#[test]
fn the_link_check_itself_finds_links() {
    let found = links("see [a](b.md#part), [c](https://example.org/d), [e](#f) and ![g](docs/g.png)");
    assert_eq!(found, ["b.md", "docs/g.png"]);
}

/// The files that a Markdown text points at: relative targets without their fragment.
fn links(text: &str) -> Vec<String> {
    text.split("](")
        .skip(1)
        .filter_map(|rest| rest.split_once(')').map(|(target, _)| target))
        .filter(|target| {
            !target.contains("://") && !target.starts_with('#') && !target.starts_with("mailto:")
        })
        .map(|target| target.split('#').next().unwrap_or_default().to_owned())
        .collect()
}

fn text(path: &str) -> String {
    tree::text(Path::new(path)).expect("the document is there")
}
