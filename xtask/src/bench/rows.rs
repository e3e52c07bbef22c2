//! What is measured, and its budgets: design.md section 8 and what belongs to it, as data.

use super::metrics::{Metric, Metric::*};
use super::plan::{
    Against, Answers, Budget, Components, Connections, How, Limit, Part, Rival, Row, Step, Store,
};

const MEGABYTE: f64 = 1e6;

/// Kept by half of the runs.
const fn at_most(metric: Metric, limit: f64) -> Budget {
    quantile(0.5, metric, limit)
}

const fn quantile(quantile: f64, metric: Metric, limit: f64) -> Budget {
    Budget {
        metric,
        quantile,
        against: Against::Nothing,
        limit: Limit::AtMost(limit),
    }
}

const fn compared(metric: Metric, against: Against, limit: Limit) -> Budget {
    Budget {
        metric,
        quantile: 0.5,
        against,
        limit,
    }
}

const fn start(pages: usize, store: Store, components: Components) -> How {
    How::Start {
        pages,
        store,
        components,
        rival: None,
    }
}

const fn load(path: &'static str, answers: Answers, rivals: &'static [Rival]) -> How {
    How::Load {
        pages: 10,
        path,
        answers,
        connections: Connections::Many,
        rivals,
    }
}

const fn listing(path: &'static str) -> How {
    How::Load {
        pages: 5_000,
        path,
        answers: Answers::Made,
        connections: Connections::One,
        rivals: &[],
    }
}

const fn release(pages: usize, step: Step) -> How {
    How::Release { pages, step }
}

const NGINX: Against = Against::Rival("nginx");
const SERVERS: &[Rival] = &[Rival::Nginx, Rival::Caddy];
const PAGE: &str = "/page-1";
const SMALL_FILE: &str = "/static/1k.txt";
const LARGE_FILE: &str = "/static/100k.bin";

/// All rows, in the order of the table.
pub(super) const ROWS: &[Row] = &[
    Row {
        id: "start-warm",
        what: "exec to first 200, warm cache",
        part: Part::Starts,
        how: How::Start {
            pages: 10,
            store: Store::Warm,
            components: Components::Bundled,
            rival: Some(Rival::Spin),
        },
        budgets: &[
            at_most(Milliseconds, 5.0),
            quantile(0.99, Milliseconds, 15.0),
        ],
        reference: "18.5 ms: the fastest unikernel boot known; `spin up`: 172 ms local, 250 ms from a registry",
    },
    Row {
        id: "start-empty",
        what: "exec to first 200, empty cache, local registry",
        part: Part::Starts,
        how: How::Start {
            pages: 10,
            store: Store::Empty,
            components: Components::Bundled,
            rival: Some(Rival::Spin),
        },
        budgets: &[at_most(Milliseconds, 150.0)],
        reference: "`spin up -f`: 3,427 ms",
    },
    Row {
        id: "start-5000",
        what: "exec to first 200, 5,000 pages, warm cache",
        part: Part::Starts,
        how: start(5_000, Store::Warm, Components::Bundled),
        budgets: &[at_most(Milliseconds, 10.0)],
        reference: "`spin up -f`: 3,747 ms",
    },
    Row {
        id: "start-foreign-empty",
        what: "exec to first 200, foreign components, compiled once",
        part: Part::Starts,
        how: start(10, Store::Empty, Components::Foreign),
        budgets: &[],
        reference: "",
    },
    Row {
        id: "start-foreign",
        what: "exec to first 200, foreign components, compiled before",
        part: Part::Starts,
        how: start(10, Store::Warm, Components::Foreign),
        budgets: &[],
        reference: "",
    },
    Row {
        id: "page-cached",
        what: "cached page",
        part: Part::Pages,
        how: load(PAGE, Answers::Stored, SERVERS),
        budgets: &[
            compared(RequestsPerSecond, NGINX, Limit::AtLeast(1.0)),
            compared(CpuMicros, NGINX, Limit::AtMost(1.0)),
        ],
        reference: "nginx: 56,000 to 80,000 requests/s, 11 to 20 µs; bare hyper: 100,000 to 120,000, 8 to 9 µs",
    },
    Row {
        id: "page-made",
        what: "rendered page, never cached",
        part: Part::Pages,
        how: load(PAGE, Answers::Made, &[Rival::Spin]),
        budgets: &[
            compared(
                RequestsPerSecond,
                Against::Reference("Bartholomew", 443.0),
                Limit::AtLeast(5.0),
            ),
            compared(
                CpuMicros,
                Against::Reference("Bartholomew", 4_400.0),
                Limit::AtMost(0.2),
            ),
        ],
        reference: "Bartholomew on `spin up`: 443 requests/s, 4.4 ms",
    },
    Row {
        id: "file-1k-cached",
        what: "file of 1 KB, cached",
        part: Part::Pages,
        how: load(SMALL_FILE, Answers::Stored, SERVERS),
        budgets: &[compared(RequestsPerSecond, NGINX, Limit::AtLeast(0.8))],
        reference: "spin-fileserver: 453 requests/s with keep-alive, 1,636 without",
    },
    Row {
        id: "file-1k-made",
        what: "file of 1 KB, uncached",
        part: Part::Pages,
        how: load(
            SMALL_FILE,
            Answers::Made,
            &[Rival::Nginx, Rival::Caddy, Rival::Spin],
        ),
        budgets: &[compared(RequestsPerSecond, NGINX, Limit::AtLeast(0.2))],
        reference: "spin-fileserver: 453 requests/s with keep-alive, 1,636 without",
    },
    Row {
        id: "file-100k-cached",
        what: "file of 100 KB, cached",
        part: Part::Pages,
        how: load(LARGE_FILE, Answers::Stored, SERVERS),
        budgets: &[],
        reference: "",
    },
    Row {
        id: "file-100k-made",
        what: "file of 100 KB, uncached",
        part: Part::Pages,
        how: load(LARGE_FILE, Answers::Made, SERVERS),
        budgets: &[],
        reference: "",
    },
    Row {
        id: "redirect",
        what: "redirect, uncached",
        part: Part::Pages,
        how: load("/old", Answers::Made, &[]),
        budgets: &[],
        reference: "",
    },
    Row {
        id: "site-10000",
        what: "page of a site of 10,000, uncached",
        part: Part::Sizes,
        how: How::Load {
            pages: 10_000,
            path: PAGE,
            answers: Answers::Made,
            connections: Connections::Many,
            rivals: &[Rival::Site(10)],
        },
        budgets: &[compared(
            CpuMicros,
            Against::Rival("bart, 10 pages"),
            Limit::AtMost(1.2),
        )],
        reference: "0.6 ms for each page of the site, where the template is indexed",
    },
    Row {
        id: "listing",
        what: "listing of 5,000 pages, uncached, 1 connection",
        part: Part::Listings,
        how: listing("/plain-list"),
        budgets: &[at_most(P50Millis, 30.0)],
        reference: "3,045 ms",
    },
    Row {
        id: "listing-sorted",
        what: "listing of 5,000 pages, sorted by a script, uncached, 1 connection",
        part: Part::Listings,
        how: listing("/list"),
        budgets: &[at_most(P50Millis, 300.0)],
        reference: "3,045 ms",
    },
    Row {
        id: "memory-cached",
        what: "resident memory after load, cached",
        part: Part::Memory,
        how: How::Loaded {
            path: PAGE,
            answers: Answers::Stored,
        },
        budgets: &[at_most(ResidentBytes, 48.0 * MEGABYTE)],
        reference: "`spin up`: 137 to 316 MB",
    },
    Row {
        id: "memory-made",
        what: "resident memory after load, uncached",
        part: Part::Memory,
        how: How::Loaded {
            path: PAGE,
            answers: Answers::Made,
        },
        budgets: &[at_most(ResidentBytes, 48.0 * MEGABYTE)],
        reference: "`spin up`: 137 to 316 MB",
    },
    Row {
        id: "memory-1",
        what: "proportional memory of 1 `bart serve`",
        part: Part::Memory,
        how: How::Together { processes: 1 },
        budgets: &[],
        reference: "",
    },
    Row {
        id: "memory-10",
        what: "proportional memory of each of 10",
        part: Part::Memory,
        how: How::Together { processes: 10 },
        budgets: &[],
        reference: "",
    },
    Row {
        id: "memory-50",
        what: "proportional memory of each of 50",
        part: Part::Memory,
        how: How::Together { processes: 50 },
        budgets: &[],
        reference: "",
    },
    Row {
        id: "memory-idle",
        what: "resident memory with 10,000 idle connections",
        part: Part::Memory,
        how: How::Idle {
            connections: 10_000,
        },
        budgets: &[at_most(ResidentBytes, 200.0 * MEGABYTE)],
        reference: "",
    },
    Row {
        id: "push-new",
        what: "push of 1,000 pages, from nothing",
        part: Part::Releases,
        how: release(1_000, Step::PushNew),
        budgets: &[],
        reference: "4.85 s and 486 uploads for 286 pages",
    },
    Row {
        id: "push-changed",
        what: "push, one page of 1,000 changed",
        part: Part::Releases,
        how: release(1_000, Step::PushChanged),
        budgets: &[at_most(Milliseconds, 300.0)],
        reference: "the whole site again: 4.85 s and 486 uploads for 286 pages",
    },
    Row {
        id: "push-unchanged",
        what: "push of 1,000 pages, nothing changed",
        part: Part::Releases,
        how: release(1_000, Step::PushUnchanged),
        budgets: &[at_most(Milliseconds, 100.0), at_most(Blobs, 0.0)],
        reference: "380 ms, all blobs sent, a new digest",
    },
    Row {
        id: "push-changed-10000",
        what: "push, one page of 10,000 changed",
        part: Part::Releases,
        how: release(10_000, Step::PushChanged),
        budgets: &[],
        reference: "",
    },
    Row {
        id: "pull-empty",
        what: "pull of 1,000 pages, empty cache",
        part: Part::Releases,
        how: release(1_000, Step::PullEmpty),
        budgets: &[],
        reference: "",
    },
    Row {
        id: "pull-warm",
        what: "pull of 1,000 pages, warm cache",
        part: Part::Releases,
        how: release(1_000, Step::PullWarm),
        budgets: &[],
        reference: "",
    },
    Row {
        id: "image",
        what: "`bart image`, two platforms",
        part: Part::Image,
        how: How::Stamp,
        budgets: &[at_most(Milliseconds, 1_000.0)],
        reference: "40 to 50 s",
    },
    Row {
        id: "image-size",
        what: "image, compressed, the larger platform",
        part: Part::Image,
        how: How::ImageSize,
        budgets: &[at_most(Bytes, 15.0 * MEGABYTE)],
        reference: "about 100 MB",
    },
    Row {
        id: "calls-cached",
        what: "cached page",
        part: Part::Calls,
        how: How::Calls {
            path: PAGE,
            answers: Answers::Stored,
            rivals: &[Rival::Nginx],
        },
        budgets: &[],
        reference: "",
    },
    Row {
        id: "calls-made",
        what: "rendered page, never cached",
        part: Part::Calls,
        how: How::Calls {
            path: PAGE,
            answers: Answers::Made,
            rivals: &[],
        },
        budgets: &[],
        reference: "",
    },
    Row {
        id: "calls-file",
        what: "file of 1 KB, uncached",
        part: Part::Calls,
        how: How::Calls {
            path: SMALL_FILE,
            answers: Answers::Made,
            rivals: &[Rival::Nginx],
        },
        budgets: &[],
        reference: "",
    },
];
