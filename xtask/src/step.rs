//! How a step of the tests came out that needs tools which not every machine has.

/// The outcome of a step that found no fault.
pub(crate) enum Outcome {
    /// It took place: so many checks passed, and so many were skipped by name.
    Done { passed: u64, skipped: u64 },
    /// It did not, for this reason.
    Skipped(String),
}

impl Outcome {
    /// That of a step which is one check.
    pub(crate) const PASSED: Outcome = Outcome::Done {
        passed: 1,
        skipped: 0,
    };
}
