//! The parts of the developer tasks that tests look at too.

pub mod chart_docs;
pub mod tree;
