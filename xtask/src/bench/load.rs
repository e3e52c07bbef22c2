//! Load from `wrk`, and the processor time that the server spent on it.

use anyhow::{Context, Result, bail};

use crate::server::Server;
use crate::tool;

/// What one run showed.
#[derive(Clone, Copy, Debug)]
pub(super) struct Load {
    pub(super) requests_per_second: f64,
    /// Processor time of the server for each request, in microseconds.
    pub(super) cpu_micros: f64,
    /// Median latency as `wrk` saw it, in microseconds.
    pub(super) median_micros: f64,
    /// The 99th percentile, in microseconds.
    pub(super) p99_micros: f64,
}

pub(super) fn run(server: &Server, path: &str, connections: u32, seconds: u32) -> Result<Load> {
    let before = server.cpu_seconds()?;
    let output = tool::output(
        tool::program("wrk")
            .args(["--threads", "1", "--latency"])
            .args(["--connections", &connections.to_string()])
            .args(["--duration", &format!("{seconds}s")])
            .arg(format!("{}{path}", server.url)),
    )?;
    let spent = server.cpu_seconds()? - before;
    if output.contains("Non-2xx") && path != "/old" || output.contains("Socket errors") {
        bail!("`{path}` did not answer as it should:\n{output}");
    }
    let requests = number(&output, |line| {
        line.split_once(" requests in ").map(|(count, _)| count)
    })?;
    Ok(Load {
        requests_per_second: number(&output, |line| line.strip_prefix("Requests/sec:"))?,
        cpu_micros: spent * 1e6 / requests,
        median_micros: percentile(&output, "50%")?,
        p99_micros: percentile(&output, "99%")?,
    })
}

fn number<'a>(output: &'a str, find: impl Fn(&'a str) -> Option<&'a str>) -> Result<f64> {
    let text = output
        .lines()
        .map(str::trim)
        .find_map(find)
        .context("`wrk` printed no number")?;
    text.trim()
        .parse()
        .with_context(|| format!("`wrk` printed `{text}`"))
}

/// A line such as `50%   1.23ms`.
fn percentile(output: &str, name: &str) -> Result<f64> {
    let text = output
        .lines()
        .find_map(|line| line.trim().strip_prefix(name));
    let text = text.context("`wrk` printed no percentile")?.trim();
    let (number, micros) = [("us", 1.0), ("ms", 1e3), ("s", 1e6)]
        .into_iter()
        .find_map(|(unit, micros)| Some((text.strip_suffix(unit)?, micros)))
        .with_context(|| format!("`wrk` printed the time `{text}`"))?;
    Ok(number
        .parse::<f64>()
        .with_context(|| format!("`wrk` printed `{text}`"))?
        * micros)
}
