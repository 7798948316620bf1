//! The configuration of a case, `config/sim_config.xml`: which of the files make it up.

use roxmltree::{Document, Node};

use super::{CaseError, Folder};

/// The files of a case, as its configuration names them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SimConfig {
    /// Ambulances and their stations.
    pub ambulances: String,
    /// Hospitals.
    pub hospitals: String,
    /// Stations.
    pub stations: String,
    /// Roads.
    pub arcs: String,
    /// Junctions and bends.
    pub nodes: String,
    /// Travel modes.
    pub travel: String,
    /// Map scale.
    pub map: String,
    /// Priorities and their targets.
    pub priorities: String,
    /// Which priorities may take a unit from which; none is a case without.
    pub redispatch: Option<String>,
    /// Demand.
    pub demand: Option<String>,
    /// Cover times.
    pub demand_coverage: Option<String>,
    /// The generator of calls.
    pub call_gen_config: Option<String>,
    /// How long crews take to roll from a station.
    pub mobilisation_delay: Option<String>,
}

impl SimConfig {
    /// Reads the configuration of a case.
    pub fn read(folder: &Folder) -> Result<Self, CaseError> {
        let file = folder.sim_config()?;
        let text = folder.text(file)?;
        let document = parse(file, &text)?;
        let root = document.root_element();
        let files =
            child(root, "simFiles").ok_or_else(|| CaseError::new(file, "has no element <simFiles>"))?;
        let optional = |name: &str| child(files, name).and_then(|node| content(node));
        let needed = |name: &str| {
            optional(name).ok_or_else(|| CaseError::new(file, format!("has no file in <simFiles><{name}>")))
        };
        Ok(Self {
            ambulances: needed("ambulances")?,
            hospitals: needed("hospitals")?,
            stations: needed("stations")?,
            arcs: needed("arcs")?,
            nodes: needed("nodes")?,
            travel: needed("travel")?,
            map: needed("map")?,
            priorities: needed("priorities")?,
            redispatch: optional("redispatch"),
            demand: optional("demand"),
            demand_coverage: optional("demandCoverage"),
            call_gen_config: optional("callGenConfig"),
            mobilisation_delay: optional("mobilisationDelay"),
        })
    }
}

/// An XML document.
pub(super) fn parse<'a>(file: &str, text: &'a str) -> Result<Document<'a>, CaseError> {
    Document::parse(text).map_err(|error| CaseError::new(file, format!("is not XML: {error}")))
}

/// The element with this name directly inside another.
pub(super) fn child<'a, 'i>(node: Node<'a, 'i>, name: &str) -> Option<Node<'a, 'i>> {
    node.children().find(|child| child.has_tag_name(name))
}

/// The text of an element, if it has any.
pub(super) fn content(node: Node<'_, '_>) -> Option<String> {
    // In several pieces where there is a comment in between.
    let pieces = node.children().filter(Node::is_text).filter_map(|piece| piece.text());
    let text: String = pieces.collect();
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

/// The line on which an element begins.
pub(super) fn line(node: Node<'_, '_>) -> u32 {
    node.document().text_pos_at(node.range().start).row
}
