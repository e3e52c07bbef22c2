//! How a step of the tests came out that needs tools which not every machine has.

/// The outcome of a step that found no fault.
pub(crate) enum Outcome {
    /// It took place.
    Done,
    /// It did not, for this reason.
    Skipped(String),
}
