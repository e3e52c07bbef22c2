//! What is counted: names, units, and which way is better.

use serde::{Deserialize, Serialize};

/// Something that a run counts. The order is that of raw results.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Metric {
    RequestsPerSecond,
    /// Processor time of the server for each request, in microseconds.
    CpuMicros,
    P50Millis,
    P90Millis,
    P95Millis,
    P99Millis,
    P999Millis,
    /// How long the whole took.
    Milliseconds,
    MinorFaults,
    MajorFaults,
    ResidentBytes,
    /// Memory in which what several processes share counts for its share.
    ProportionalBytes,
    /// Blobs that were moved over the network.
    Blobs,
    Bytes,
    /// System calls for each request.
    Calls,
    /// Bytes that system calls copied into or out of the server for each request.
    CopiedBytes,
}

/// The latencies of a load, with the part of the requests that were as fast.
pub(super) const LATENCIES: [(Metric, &str); 5] = [
    (Metric::P50Millis, "p50"),
    (Metric::P90Millis, "p90"),
    (Metric::P95Millis, "p95"),
    (Metric::P99Millis, "p99"),
    (Metric::P999Millis, "p99.9"),
];

impl Metric {
    /// Whether more is better.
    pub(super) fn is_better_when_more(self) -> bool {
        self == Metric::RequestsPerSecond
    }

    /// Whether it is the time that some part of many requests took.
    pub(super) fn is_latency(self) -> bool {
        LATENCIES.iter().any(|(metric, _)| *metric == self)
    }

    /// Whether a change of it is a change for the better or worse: what `--compare` looks at. The far ends of a latency are
    /// left out, since a few runs do not hold them still.
    pub(super) fn is_compared(self) -> bool {
        use Metric::*;
        matches!(
            self,
            RequestsPerSecond
                | CpuMicros
                | P50Millis
                | P99Millis
                | Milliseconds
                | ResidentBytes
                | ProportionalBytes
                | Blobs
                | Bytes
                | Calls
        )
    }

    /// What it is, where the unit does not say so.
    pub(super) fn name(self) -> &'static str {
        use Metric::*;
        match self {
            RequestsPerSecond => "requests/s",
            CpuMicros => "CPU",
            P50Millis => "p50",
            P90Millis => "p90",
            P95Millis => "p95",
            P99Millis => "p99",
            P999Millis => "p99.9",
            Milliseconds => "time",
            MinorFaults => "minor page faults",
            MajorFaults => "major page faults",
            ResidentBytes | ProportionalBytes => "memory",
            Blobs => "blobs",
            Bytes => "size",
            Calls => "system calls",
            CopiedBytes => "bytes copied",
        }
    }

    /// A value with its unit.
    pub(super) fn show(self, value: f64) -> String {
        use Metric::*;
        match self {
            RequestsPerSecond => format!("{} requests/s", grouped(value)),
            CpuMicros => format!("{} µs", significant(value)),
            P50Millis | P90Millis | P95Millis | P99Millis | P999Millis | Milliseconds => {
                format!("{} ms", significant(value))
            }
            MinorFaults | MajorFaults => grouped(value),
            ResidentBytes | ProportionalBytes | Bytes => megabytes(value),
            Blobs => format!("{} blobs", grouped(value)),
            Calls => significant(value),
            CopiedBytes => format!("{} B", grouped(value)),
        }
    }
}

/// A whole number with commas between thousands.
pub(super) fn grouped(value: f64) -> String {
    let digits = format!("{value:.0}");
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// About three digits.
pub(super) fn significant(value: f64) -> String {
    match value {
        value if value >= 100.0 => grouped(value),
        value if value >= 10.0 => format!("{value:.1}"),
        value => format!("{value:.2}"),
    }
}

fn megabytes(bytes: f64) -> String {
    match bytes {
        bytes if bytes >= 1e6 => format!("{} MB", significant(bytes / 1e6)),
        bytes if bytes >= 1e3 => format!("{} KB", significant(bytes / 1e3)),
        bytes => format!("{} B", grouped(bytes)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_shown_with_their_units() {
        for (metric, value, shown) in [
            (
                Metric::RequestsPerSecond,
                1_234_567.0,
                "1,234,567 requests/s",
            ),
            (Metric::RequestsPerSecond, 999.6, "1,000 requests/s"),
            (Metric::CpuMicros, 8.123, "8.12 µs"),
            (Metric::Milliseconds, 41.25, "41.2 ms"),
            (Metric::Milliseconds, 3_427.0, "3,427 ms"),
            (Metric::ResidentBytes, 48e6, "48.0 MB"),
            (Metric::Bytes, 2_048.0, "2.05 KB"),
            (Metric::Bytes, 12.0, "12 B"),
            (Metric::Blobs, 0.0, "0 blobs"),
        ] {
            assert_eq!(metric.show(value), shown, "{metric:?} {value}");
        }
    }
}
