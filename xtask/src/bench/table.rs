//! Results as Markdown: what keeps its budget, and everything that was counted.

use super::metrics::{LATENCIES, Metric, grouped, significant};
use super::plan::Row;
use super::results::Results;
use super::rows::ROWS;
use super::statistics::quantile;
use super::verdict::{self, Verdict};
use crate::grid::Grid;

/// All tables below the head.
pub(super) fn markdown(results: &Results) -> String {
    let mut text = format!(
        "{}\n",
        results.machine.describe(results.load_after.as_deref())
    );
    let parts = [
        ("Budgets", budgets(results)),
        ("Load", loads(results)),
        ("Single runs", times(results)),
        ("Memory", memory(results)),
        ("Calls and copies", calls(results)),
        ("Not measured", skips(results)),
    ];
    for (title, grid) in parts {
        if !grid.is_empty() {
            let id = title.to_lowercase().replace(' ', "-");
            text.push_str(&format!("\n## {title} {{#{id}}}\n\n{}", grid.markdown()));
        }
    }
    text
}

fn budgets(results: &Results) -> Grid {
    let mut grid = Grid::new(&["what", "measured", "budget", "met", "elsewhere"]);
    for (row, place, budget) in ROWS.iter().flat_map(|row| {
        let budgets = row.budgets.iter().enumerate();
        budgets.map(move |(place, budget)| (row, place, budget))
    }) {
        let (measured, met) = match verdict::judge(row, budget, results) {
            Verdict::Measured(measured) => {
                let met = if measured.is_met() { "yes" } else { "**no**" };
                (measured.show(budget), met.to_owned())
            }
            Verdict::Unknown(reason) => (String::new(), reason),
        };
        grid.add(vec![
            row.what.to_owned(),
            measured,
            budget.show(),
            met,
            // Once for all budgets of a row.
            if place == 0 { row.reference } else { "" }.to_owned(),
        ]);
    }
    grid
}

fn loads(results: &Results) -> Grid {
    let mut columns = vec!["what", "who", "#requests/s", "#CPU per request"];
    let latencies = LATENCIES.map(|(_, name)| format!("#{name}"));
    columns.extend(latencies.iter().map(String::as_str));
    let mut grid = Grid::new(&columns);
    for (row, who) in measured(results, Metric::RequestsPerSecond) {
        let median = |metric| results.median(row.id, who, metric);
        let mut cells = vec![row.what.to_owned(), who.to_owned()];
        cells.push(cell(median(Metric::RequestsPerSecond), grouped));
        cells.push(shown(Metric::CpuMicros, median(Metric::CpuMicros)));
        cells.extend(LATENCIES.map(|(metric, _)| shown(metric, median(metric))));
        grid.add(cells);
    }
    grid
}

fn times(results: &Results) -> Grid {
    let mut grid = Grid::new(&[
        "what",
        "who",
        "#runs",
        "#p50",
        "#p99",
        "#slowest",
        "#minor faults",
        "#major faults",
        "#blobs",
        "#moved",
    ]);
    for (row, who) in measured(results, Metric::Milliseconds) {
        let times = results.values(row.id, who, Metric::Milliseconds);
        let time = |part| shown(Metric::Milliseconds, quantile(&times, part));
        let median = |metric| shown(metric, results.median(row.id, who, metric));
        grid.add(vec![
            row.what.to_owned(),
            who.to_owned(),
            times.len().to_string(),
            time(0.5),
            time(0.99),
            time(1.0),
            median(Metric::MinorFaults),
            median(Metric::MajorFaults),
            cell(results.median(row.id, who, Metric::Blobs), grouped),
            median(Metric::Bytes),
        ]);
    }
    grid
}

fn memory(results: &Results) -> Grid {
    let mut grid = Grid::new(&["what", "#resident", "#proportional"]);
    for (row, who) in measured(results, Metric::ResidentBytes) {
        let median = |metric| shown(metric, results.median(row.id, who, metric));
        grid.add(vec![
            row.what.to_owned(),
            median(Metric::ResidentBytes),
            median(Metric::ProportionalBytes),
        ]);
    }
    grid
}

fn calls(results: &Results) -> Grid {
    let mut grid = Grid::new(&[
        "what",
        "who",
        "#system calls per request",
        "#bytes copied per request",
    ]);
    for (row, who) in measured(results, Metric::Calls) {
        let median = |metric| results.median(row.id, who, metric);
        grid.add(vec![
            row.what.to_owned(),
            who.to_owned(),
            cell(median(Metric::Calls), significant),
            cell(median(Metric::CopiedBytes), grouped),
        ]);
    }
    grid
}

fn skips(results: &Results) -> Grid {
    let mut grid = Grid::new(&["what", "who", "why"]);
    for skip in &results.skips {
        let what = Row::find(&skip.row).map_or(skip.row.as_str(), |row| row.what);
        let reason = skip.reason.replace('|', "\\|").replace('\n', " ");
        grid.add(vec![what.to_owned(), skip.who.clone(), reason]);
    }
    grid
}

/// Rows and those of whom a metric was counted.
fn measured(results: &Results, metric: Metric) -> impl Iterator<Item = (&'static Row, &str)> {
    ROWS.iter().flat_map(move |row| {
        let who = results.who(row.id).into_iter();
        who.filter(move |who| !results.values(row.id, who, metric).is_empty())
            .map(move |who| (row, who))
    })
}

fn shown(metric: Metric, value: Option<f64>) -> String {
    cell(value, |value| metric.show(value))
}

fn cell(value: Option<f64>, show: impl Fn(f64) -> String) -> String {
    value.map_or_else(String::new, show)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::results::{BART, Skip};

    #[test]
    fn a_table_says_what_was_measured_and_what_was_not() {
        let mut results = Results::of(&[
            ("start-warm", BART, 0, Metric::Milliseconds, 20.0),
            ("page-cached", BART, 0, Metric::RequestsPerSecond, 1_000.0),
        ]);
        results.skips.push(Skip {
            row: "page-cached".to_owned(),
            who: "nginx".to_owned(),
            reason: "`nginx` is not installed".to_owned(),
        });
        let text = markdown(&results);
        for line in [
            "## Budgets {#budgets}",
            "| **no** ",
            "| skipped: nginx: `nginx` is not installed |",
            "| not measured ",
            "## Load {#load}",
            "## Not measured {#not-measured}",
        ] {
            assert!(text.contains(line), "`{line}` is not in\n{text}");
        }
        assert!(!text.contains("## Memory"), "{text}");
    }
}
