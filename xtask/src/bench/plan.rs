//! How things are measured and what bounds them: the vocabulary in which `rows.rs` is written.

use clap::ValueEnum;

use super::metrics::Metric;
use super::rows::ROWS;

/// One thing that is measured.
#[derive(Debug)]
pub(super) struct Row {
    /// The name in raw results and for `--row`.
    pub(super) id: &'static str,
    pub(super) what: &'static str,
    pub(super) part: Part,
    pub(super) how: How,
    pub(super) budgets: &'static [Budget],
    /// What the reference does, as design.md section 8 has it: measured on another machine, not in this run.
    pub(super) reference: &'static str,
}

/// What is measured together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Part {
    /// The time to a first page.
    Starts,
    /// Pages and files under load.
    Pages,
    /// A page of sites of several sizes.
    Sizes,
    /// Pages that list many others.
    Listings,
    /// Memory, alone and shared.
    Memory,
    /// Publishing and pulling.
    Releases,
    /// The image.
    Image,
    /// System calls and bytes for each request.
    Calls,
}

/// How a row is measured.
#[derive(Clone, Copy, Debug)]
pub(super) enum How {
    /// From the start of `bart serve` to its first page.
    Start {
        pages: usize,
        store: Store,
        components: Components,
        rival: Option<Rival>,
    },
    /// `wrk` asks for one path, of bart and of rivals in turn.
    Load {
        pages: usize,
        path: &'static str,
        answers: Answers,
        connections: Connections,
        rivals: &'static [Rival],
    },
    /// Memory after load on one path.
    Loaded {
        path: &'static str,
        answers: Answers,
    },
    /// Memory of several servers of one site.
    Together { processes: usize },
    /// Memory while connections are open on which nothing happens.
    Idle { connections: usize },
    /// Publishing or pulling a site.
    Release { pages: usize, step: Step },
    /// A release's image made from the base image.
    Stamp,
    /// The base image.
    ImageSize,
    /// System calls for an exact number of requests.
    Calls {
        path: &'static str,
        answers: Answers,
        rivals: &'static [Rival],
    },
}

/// What `bart serve` finds in its cache.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Store {
    /// Everything.
    Warm,
    /// Nothing, but the image's native code where bart takes it.
    Empty,
}

/// The components of a release.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Components {
    /// Those that bart carries.
    Bundled,
    /// Others, which must be compiled once.
    Foreign,
}

/// Where answers come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Answers {
    /// The response cache.
    Stored,
    /// A component, each time.
    Made,
}

/// How many connections ask at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Connections {
    /// As many as the options say.
    Many,
    /// One: with more of them, the latency would be that of a queue.
    One,
}

/// What bart is compared with in the same run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rival {
    Nginx,
    Caddy,
    /// The same release on a real Spin, with bart's components.
    Spin,
    /// bart with the same page on a site of so many pages.
    Site(usize),
}

/// A step of the life of a release.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    PushNew,
    PushChanged,
    PushUnchanged,
    PullEmpty,
    PullWarm,
}

/// A bound that a row must keep.
#[derive(Clone, Copy, Debug)]
pub(super) struct Budget {
    pub(super) metric: Metric,
    /// The part of the runs, from 0 to 1, that must keep it: 0.5 is the median.
    pub(super) quantile: f64,
    pub(super) against: Against,
    pub(super) limit: Limit,
}

/// What a bound is a multiple of.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Against {
    /// Nothing: it is in the metric's unit.
    Nothing,
    /// What the rival of this name showed in the same run.
    Rival(&'static str),
    /// What design.md section 8 says of somebody who does not take part in the run.
    Reference(&'static str, f64),
}

/// A bound itself.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Limit {
    AtMost(f64),
    AtLeast(f64),
}

impl Row {
    /// The row with this name.
    pub(super) fn find(id: &str) -> Option<&'static Row> {
        ROWS.iter().find(|row| row.id == id)
    }
}

impl Rival {
    /// Its name in results.
    pub(super) fn name(self) -> String {
        match self {
            Rival::Nginx => "nginx".to_owned(),
            Rival::Caddy => "caddy".to_owned(),
            Rival::Spin => "spin".to_owned(),
            Rival::Site(pages) => format!("bart, {pages} pages"),
        }
    }
}
