//! Rules about the tree that a machine keeps: who may depend on whom, how long a file may be, what may not be written.

mod documents;
mod files;
mod graph;
mod words;
