//! Load from `wrk`, and the processor time that the server spent on it.

use std::io::Read;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};
use serde::Deserialize;

use super::metrics::Metric;
use super::results::Values;
use super::sites;
use super::tools::WRK;
use crate::process::Group;
use crate::server::Server;

/// What `wrk` prints, in place of its own text, which lacks percentiles. Times are in microseconds.
const SCRIPT: &str = r#"done = function(summary, latency, requests)
  local errors = summary.errors
  io.write(string.format('{"requests":%d,"micros":%d,"errors":%d,', summary.requests, summary.duration,
    errors.connect + errors.read + errors.write + errors.status + errors.timeout))
  io.write(string.format('"latencies":[%g,%g,%g,%g,%g]}\n', latency:percentile(50), latency:percentile(90),
    latency:percentile(95), latency:percentile(99), latency:percentile(99.9)))
end
"#;

/// The latencies in the order of the script.
const PERCENTILES: [Metric; 5] = [
    Metric::P50Millis,
    Metric::P90Millis,
    Metric::P95Millis,
    Metric::P99Millis,
    Metric::P999Millis,
];

/// The JSON that the script writes.
#[derive(Debug, Deserialize)]
struct Summary {
    requests: f64,
    micros: f64,
    errors: u64,
    latencies: [f64; PERCENTILES.len()],
}

/// Writes the script of `wrk` into a folder, before [`run`].
pub(super) fn prepare(folder: &Path) -> Result<()> {
    sites::write(&folder.join("wrk.lua"), SCRIPT)
}

/// Asks for a path on so many connections for so many seconds.
///
/// # Errors
///
/// When `wrk` fails, or an answer was an error.
pub(super) fn run(
    folder: &Path,
    server: &Server,
    path: &str,
    connections: u32,
    seconds: u32,
) -> Result<Values> {
    let mut wrk = Command::new(WRK.program);
    wrk.args(["--threads", "1"])
        .args(["--connections", &connections.to_string()])
        .args(["--duration", &format!("{seconds}s")])
        .arg("--script")
        .arg(folder.join("wrk.lua"))
        .arg(format!("{}{path}", server.url))
        .stdout(Stdio::piped());
    let before = server.group.usage();
    let mut wrk = Group::spawn(&mut wrk)?;
    let mut output = String::new();
    wrk.take_stdout()
        .expect("stdout is piped")
        .read_to_string(&mut output)
        .context("failed to read what `wrk` prints")?;
    let after = server.group.usage();
    let summary = parse(&output)?;
    if summary.errors > 0 || summary.requests == 0.0 {
        bail!("`{path}` did not answer as it should: {summary:?}");
    }
    let cpu_seconds = after.cpu_seconds - before.cpu_seconds;
    let mut values = Values::from([
        (
            Metric::RequestsPerSecond,
            summary.requests / summary.micros * 1e6,
        ),
        (Metric::CpuMicros, cpu_seconds * 1e6 / summary.requests),
    ]);
    let latencies = summary.latencies.map(|micros| micros / 1e3);
    values.extend(PERCENTILES.into_iter().zip(latencies));
    Ok(values)
}

fn parse(output: &str) -> Result<Summary> {
    let line = output.lines().find(|line| line.starts_with('{'));
    let line = line.with_context(|| format!("`wrk` printed no numbers:\n{output}"))?;
    serde_json::from_str(line).with_context(|| format!("`wrk` printed `{line}`"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_of_the_script_is_found() {
        let output = "Running 1s test\n{\"requests\":10,\"micros\":1000000,\"errors\":0,\"latencies\":[1,2,3,4,5.5]}\n";
        let summary = parse(output).unwrap();
        assert_eq!((summary.requests, summary.latencies[4]), (10.0, 5.5));
        assert!(parse("unable to connect").is_err());
        assert!(parse("{\"requests\":10}").is_err());
    }
}
