//! Budgets against results: met, missed, or not known and why.

use super::metrics::{Metric, significant};
use super::plan::{Against, Budget, Limit, Row};
use super::results::{BART, Results};
use super::statistics;

/// How a budget came out.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Verdict {
    Measured(Measured),
    /// Not known, for this reason.
    Unknown(String),
}

/// What was measured for a budget.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Measured {
    /// bart's value in the metric's unit.
    own: f64,
    /// What it is compared with.
    other: Option<f64>,
    /// What the limit is about: the value, or the ratio of both.
    value: f64,
    limit: Limit,
}

/// Judges one budget of a row.
pub(super) fn judge(row: &Row, budget: &Budget, results: &Results) -> Verdict {
    let metric = budget.metric;
    let values = results.values(row.id, BART, metric);
    let Some(own) = statistics::quantile(&values, budget.quantile) else {
        return Verdict::Unknown(reason(row, BART, results));
    };
    let measured = |other, value| {
        Verdict::Measured(Measured {
            own,
            other,
            value,
            limit: budget.limit,
        })
    };
    match budget.against {
        Against::Nothing => measured(None, own),
        Against::Reference(_, other) => measured(Some(other), own / other),
        Against::Rival(name) => {
            let ratios = results.ratios(row.id, name, metric);
            match statistics::quantile(&ratios, budget.quantile) {
                Some(ratio) => measured(results.median(row.id, name, metric), ratio),
                None => Verdict::Unknown(reason(row, name, results)),
            }
        }
    }
}

fn reason(row: &Row, who: &str, results: &Results) -> String {
    match results.skip(row.id, who) {
        Some(skip) if who == BART => format!("skipped: {}", skip.reason),
        Some(skip) => format!("skipped: {who}: {}", skip.reason),
        None => "not measured".to_owned(),
    }
}

impl Measured {
    pub(super) fn is_met(&self) -> bool {
        match self.limit {
            Limit::AtMost(limit) => self.value <= limit,
            Limit::AtLeast(limit) => self.value >= limit,
        }
    }

    /// How much of the budget is used: up to 1 it is met.
    pub(super) fn share(&self) -> f64 {
        match self.limit {
            Limit::AtMost(0.0) => f64::from(u8::from(self.value > 0.0)) * 2.0,
            Limit::AtMost(limit) => self.value / limit,
            Limit::AtLeast(limit) => limit / self.value,
        }
    }

    /// What the limit is about, in as few words as the limit leaves to be said.
    pub(super) fn brief(&self, budget: &Budget) -> String {
        match budget.against {
            Against::Nothing => budget.metric.show(self.own),
            Against::Rival(_) | Against::Reference(..) => significant(self.value),
        }
    }

    /// What was measured, in words.
    pub(super) fn show(&self, budget: &Budget) -> String {
        let own = budget.metric.show(self.own);
        match (budget.against, self.other) {
            (Against::Nothing, _) | (_, None) => own,
            (Against::Rival(name), Some(other)) => format!(
                "{} × {name} ({own} against {})",
                significant(self.value),
                budget.metric.show(other)
            ),
            (Against::Reference(name, _), Some(other)) => format!(
                "{} × {name} ({own} against {}, not of this run)",
                significant(self.value),
                budget.metric.show(other)
            ),
        }
    }
}

impl Budget {
    /// The bound, in words.
    pub(super) fn show(&self) -> String {
        let (sign, limit) = match self.limit {
            Limit::AtMost(limit) => ('≤', limit),
            Limit::AtLeast(limit) => ('≥', limit),
        };
        match self.against {
            Against::Nothing => {
                let percent = self.quantile * 100.0;
                let of = match self.metric {
                    Metric::Milliseconds => format!(" (p{percent:.0})"),
                    metric if metric.is_latency() => format!(" ({})", metric.name()),
                    _ => String::new(),
                };
                // Bounds are round numbers.
                let limit = self
                    .metric
                    .show(limit)
                    .replace(".00 ", " ")
                    .replace(".0 ", " ");
                format!("{sign} {limit}{of}")
            }
            Against::Rival(name) | Against::Reference(name, _) => {
                format!("{sign} {limit} × {name}, {}", self.metric.name())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::rows::ROWS;

    fn row(id: &str) -> &'static Row {
        ROWS.iter().find(|row| row.id == id).unwrap()
    }

    fn judged(id: &str, budget: usize, results: &Results) -> Result<(bool, String), String> {
        let row = row(id);
        let budget = &row.budgets[budget];
        match judge(row, budget, results) {
            Verdict::Measured(measured) => Ok((measured.is_met(), measured.show(budget))),
            Verdict::Unknown(reason) => Err(reason),
        }
    }

    #[test]
    fn each_kind_of_budget_is_judged() {
        let fast = Metric::RequestsPerSecond;
        let results = Results::of(&[
            ("start-warm", BART, 0, Metric::Milliseconds, 4.0),
            ("start-warm", BART, 1, Metric::Milliseconds, 5.0),
            ("start-warm", BART, 2, Metric::Milliseconds, 40.0),
            ("page-cached", BART, 0, fast, 60_000.0),
            ("page-cached", "nginx", 0, fast, 50_000.0),
            ("page-made", BART, 0, fast, 443.0),
            ("push-unchanged", BART, 0, Metric::Blobs, 1.0),
        ]);
        let said = |met, text: &str| Ok((met, text.to_owned()));
        for (id, budget, expected) in [
            ("start-warm", 0, said(true, "5.00 ms")),
            ("start-warm", 1, said(false, "39.3 ms")),
            (
                "page-cached",
                0,
                said(
                    true,
                    "1.20 × nginx (60,000 requests/s against 50,000 requests/s)",
                ),
            ),
            (
                "page-made",
                0,
                said(
                    false,
                    "1.00 × Bartholomew (443 requests/s against 443 requests/s, not of this run)",
                ),
            ),
            ("push-unchanged", 0, Err("not measured".to_owned())),
            ("push-unchanged", 1, said(false, "1 blobs")),
            ("page-cached", 1, Err("not measured".to_owned())),
        ] {
            assert_eq!(judged(id, budget, &results), expected, "{id} {budget}");
        }
    }

    #[test]
    fn a_budget_of_nothing_is_met_by_nothing_alone() {
        for (blobs, met) in [(0.0, true), (1.0, false)] {
            let results = Results::of(&[("push-unchanged", BART, 0, Metric::Blobs, blobs)]);
            let row = row("push-unchanged");
            let Verdict::Measured(measured) = judge(row, &row.budgets[1], &results) else {
                panic!("not measured");
            };
            assert_eq!(measured.is_met(), met);
            assert_eq!(measured.share() <= 1.0, met);
        }
    }

    #[test]
    fn bounds_are_said_in_their_unit() {
        for (id, budget, said) in [
            ("start-warm", 1, "≤ 15 ms (p99)"),
            ("page-cached", 1, "≤ 1 × nginx, CPU"),
            ("page-made", 0, "≥ 5 × Bartholomew, requests/s"),
            ("memory-made", 0, "≤ 48 MB"),
            ("listing", 0, "≤ 30 ms (p50)"),
        ] {
            assert_eq!(row(id).budgets[budget].show(), said);
        }
    }
}
