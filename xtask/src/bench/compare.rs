//! Results against former ones: what became slower or faster, and whether that is more than noise.

use std::fmt::Write;

use super::metrics::Metric;
use super::plan::{How, Row};
use super::results::{BART, Results};
use super::rows::ROWS;
use super::statistics::{median, middle_half};

/// What the rule is, for the head of what is printed.
pub(super) const RULE: &str = "A change counts when the middle halves of the runs before and after do not overlap. Where a peer ran both \
     times, the ratio to it is compared, so that a slower machine is no slower bart.";

/// A row that changed beyond noise.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Change {
    row: &'static str,
    metric: Metric,
    /// The peer, where ratios are compared.
    peer: Option<String>,
    before: f64,
    after: f64,
}

impl Change {
    /// How much worse it became, as a part of the former value; below 0 it became better.
    fn loss(&self) -> f64 {
        let growth = if self.before == 0.0 {
            // From nothing to something is more than any threshold.
            f64::INFINITY
        } else {
            self.after / self.before - 1.0
        };
        if self.metric.is_better_when_more() {
            -growth
        } else {
            growth
        }
    }

    /// Whether it is worse by more than a part of the former value.
    pub(super) fn is_regression(&self, threshold: f64) -> bool {
        self.loss() > threshold
    }

    fn show(&self) -> String {
        let value = |value| match self.peer {
            Some(_) => format!("{value:.3}"),
            None => self.metric.show(value),
        };
        let of = self
            .peer
            .as_ref()
            .map_or_else(String::new, |peer| format!(" as a multiple of {peer}"));
        format!(
            "{} {:+.1} %: {}, {}{of}: {} -> {}",
            if self.loss() > 0.0 {
                "worse "
            } else {
                "better"
            },
            (self.after / self.before - 1.0) * 100.0,
            self.row,
            self.metric.name(),
            value(self.before),
            value(self.after),
        )
    }
}

/// All changes beyond noise, the worst first.
pub(super) fn changes(before: &Results, after: &Results) -> Vec<Change> {
    let mut changes: Vec<Change> = ROWS
        .iter()
        .flat_map(|row| {
            let metrics = after.metrics(row.id).into_iter();
            metrics
                .filter(|metric| metric.is_compared())
                .filter_map(|metric| change(row, metric, before, after))
        })
        .collect();
    changes.sort_by(|a, b| b.loss().total_cmp(&a.loss()));
    changes
}

fn change(row: &Row, metric: Metric, before: &Results, after: &Results) -> Option<Change> {
    let peer = peer(row, metric, before, after);
    let values = |results: &Results| match &peer {
        Some(peer) => results.ratios(row.id, peer, metric),
        None => results.values(row.id, BART, metric),
    };
    let (old, new) = (values(before), values(after));
    let ((old_low, old_high), (new_low, new_high)) = (middle_half(&old)?, middle_half(&new)?);
    let overlap = old_low <= new_high && new_low <= old_high;
    (!overlap).then(|| Change {
        row: row.id,
        metric,
        peer,
        before: median(&old).unwrap_or_default(),
        after: median(&new).unwrap_or_default(),
    })
}

/// The first peer of a load that ran beside bart both times. Other rows have none: their peers are not run in turn.
fn peer(row: &Row, metric: Metric, before: &Results, after: &Results) -> Option<String> {
    if !matches!(row.how, How::Load { .. }) {
        return None;
    }
    let both = |who: &&str| {
        [before, after]
            .iter()
            .all(|results| !results.ratios(row.id, who, metric).is_empty())
    };
    let who = after.who(row.id).into_iter().filter(|who| *who != BART);
    who.into_iter().find(both).map(str::to_owned)
}

/// The changes as text.
pub(super) fn report(changes: &[Change], before: &Results) -> String {
    let mut text = format!(
        "Compared with commit {} of {}. {RULE}\n\n",
        before.machine.commit, before.machine.date
    );
    if changes.is_empty() {
        text.push_str("Nothing changed beyond noise.\n");
    }
    for change in changes {
        writeln!(text, "{}", change.show()).expect("a string takes all text");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn runs(
        row: &'static str,
        who: &'static str,
        metric: Metric,
        values: &[f64],
    ) -> Vec<(&'static str, &'static str, usize, Metric, f64)> {
        let numbered = values.iter().enumerate();
        numbered
            .map(|(run, value)| (row, who, run, metric, *value))
            .collect()
    }

    #[test]
    fn only_what_leaves_the_noise_is_a_change() {
        let time = Metric::Milliseconds;
        let speed = Metric::RequestsPerSecond;
        for (metric, before, after, regression) in [
            (time, &[4.0, 5.0, 6.0][..], &[5.0, 5.4, 6.0][..], None),
            (time, &[4.0, 5.0, 6.0], &[8.0, 9.0, 10.0], Some(true)),
            (time, &[5.0, 5.0, 5.0], &[5.2, 5.2, 5.2], Some(false)),
            (time, &[8.0, 9.0, 10.0], &[4.0, 5.0, 6.0], Some(false)),
            (speed, &[100.0, 101.0], &[50.0, 51.0], Some(true)),
            (speed, &[50.0, 51.0], &[100.0, 101.0], Some(false)),
            (Metric::Blobs, &[0.0], &[3.0], Some(true)),
            (Metric::MinorFaults, &[1.0], &[100.0], None),
        ] {
            let results = |values| Results::of(&runs("start-warm", BART, metric, values));
            let changes = changes(&results(before), &results(after));
            let found = changes.first().map(|change| change.is_regression(0.1));
            assert_eq!(found, regression, "{metric:?} {before:?} {after:?}");
        }
    }

    #[test]
    fn a_slower_machine_is_no_slower_bart() {
        let metric = Metric::CpuMicros;
        let results = |own: f64, other: f64| {
            let mut all = runs("page-cached", BART, metric, &[own, own]);
            all.extend(runs("page-cached", "nginx", metric, &[other, other]));
            Results::of(&all)
        };
        assert_eq!(changes(&results(8.0, 10.0), &results(16.0, 20.0)), []);
        let found = changes(&results(8.0, 10.0), &results(8.0, 5.0));
        assert!(found[0].is_regression(0.5), "{found:?}");
        let said = "worse  +100.0 %: page-cached, CPU as a multiple of nginx: 0.800 -> 1.600";
        assert_eq!(found[0].show(), said);
    }
}
