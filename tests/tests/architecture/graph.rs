//! The dependency table. It is written here a second time on purpose: a change of the graph has to be made twice, and
//! shows in review.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use serde_json::Value;
use system_tests::tree;

/// Who may depend on whom among our own crates, in any kind of dependency.
const TABLE: [(&str, &[&str]); 7] = [
    ("dispatch-core", &["roads"]),
    ("link", &[]),
    ("roads", &[]),
    ("server", &["dispatch-core", "link", "roads"]),
    ("sim", &["dispatch-core", "link", "roads"]),
    ("system-tests", &[]),
    ("vehicle-agent", &["link"]),
];

/// The crates that decide and never do.
const PURE: [&str; 3] = ["dispatch-core", "link", "roads"];

/// What a pure crate must not reach, even through others: sockets, threads of an executor, databases, clocks.
const OUTSIDE: [&str; 17] = [
    "async-std",
    "axum",
    "chrono",
    "hyper",
    "libsqlite3-sys",
    "mio",
    "postgres-protocol",
    "quinn",
    "quinn-proto",
    "quinn-udp",
    "reqwest",
    "rusqlite",
    "rustls",
    "smol",
    "socket2",
    "tokio",
    "tokio-postgres",
];

struct Graph {
    /// Package id to crate name.
    names: BTreeMap<String, String>,
    /// Package id to what it needs: (package id, whether it is needed for more than tests).
    needs: BTreeMap<String, Vec<(String, bool)>>,
    /// Our own crates by name.
    ours: BTreeMap<String, String>,
}

#[test]
fn our_crates_depend_only_on_whom_the_table_allows() {
    let graph = Graph::read();
    let table: BTreeMap<&str, &[&str]> = TABLE.into_iter().collect();
    let members: Vec<&str> = graph.ours.keys().map(String::as_str).collect();
    assert_eq!(
        members,
        table.keys().copied().collect::<Vec<_>>(),
        "a crate came or went: amend the table and ARCHITECTURE.md"
    );

    let mut broken = Vec::new();
    for (name, id) in &graph.ours {
        for (needed, _) in &graph.needs[id] {
            let needed = &graph.names[needed];
            if graph.ours.contains_key(needed) && !table[name.as_str()].contains(&needed.as_str()) {
                broken.push(format!("{name} depends on {needed}"));
            }
        }
    }
    assert!(broken.is_empty(), "against the table: {broken:#?}");
}

#[test]
fn pure_crates_reach_no_runtime_no_socket_and_no_database() {
    let graph = Graph::read();
    let mut broken = Vec::new();
    for name in PURE {
        let reached = graph.reach(&graph.ours[name]);
        broken.extend(
            OUTSIDE
                .iter()
                .filter(|outside| reached.contains(**outside))
                .map(|outside| format!("{name} reaches {outside}")),
        );
    }
    assert!(broken.is_empty(), "the pure crates must stay pure: {broken:#?}");
}

#[test]
fn the_check_itself_sees_what_the_server_reaches() {
    let graph = Graph::read();
    let reached = graph.reach(&graph.ours["server"]);
    for expected in ["tokio", "axum", "rusqlite", "quinn", "dispatch-core", "roads", "link"] {
        assert!(reached.contains(expected), "the server reaches {expected}, so this check must see it");
    }
}

#[test]
fn the_agent_carries_nothing_of_the_centre() {
    let graph = Graph::read();
    let reached = graph.reach(&graph.ours["vehicle-agent"]);
    for foreign in ["dispatch-core", "roads", "server", "sim", "tokio-postgres"] {
        assert!(!reached.contains(foreign), "vehicle-agent reaches {foreign}");
    }
}

impl Graph {
    /// Reads the resolved graph for the machine the tests run on.
    fn read() -> Graph {
        let metadata = metadata();
        let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
        let word = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let names: BTreeMap<String, String> = list(&metadata["packages"])
            .iter()
            .map(|package| (word(&package["id"]), word(&package["name"])))
            .collect();
        let ours = list(&metadata["workspace_members"])
            .iter()
            .map(|id| (names[&word(id)].clone(), word(id)))
            .collect();
        let needs = list(&metadata["resolve"]["nodes"])
            .iter()
            .map(|node| {
                let deps = list(&node["deps"]);
                let deps = deps.iter().map(|dep| {
                    let lasting = list(&dep["dep_kinds"]).iter().any(|kind| kind["kind"] != "dev");
                    (word(&dep["pkg"]), lasting)
                });
                (word(&node["id"]), deps.collect())
            })
            .collect();
        Graph { names, needs, ours }
    }

    /// The names of all crates that end up in a build of `id`.
    fn reach(&self, id: &str) -> BTreeSet<&str> {
        let mut reached = BTreeSet::new();
        let mut open = vec![id.to_owned()];
        while let Some(id) = open.pop() {
            for (needed, lasting) in &self.needs[&id] {
                if *lasting && reached.insert(self.names[needed].as_str()) {
                    open.push(needed.clone());
                }
            }
        }
        reached
    }
}

fn metadata() -> Value {
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".into());
    let version = Command::new("rustc").arg("-vV").output().expect("rustc runs");
    let version = String::from_utf8(version.stdout).expect("rustc speaks UTF-8");
    let host = version.lines().find_map(|line| line.strip_prefix("host: ")).expect("rustc names its host");
    let output = Command::new(cargo)
        .args(["metadata", "--format-version", "1", "--locked", "--filter-platform", host])
        .current_dir(tree::root())
        .output()
        .expect("cargo metadata runs");
    assert!(output.status.success(), "cargo metadata: {}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("cargo metadata prints JSON")
}
