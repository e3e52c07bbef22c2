//! Registries that are away, and caches that cannot be written.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::{digest_of, registry, repository, serve_v1, wait_until_sealed};
use crate::process::bart;
use crate::registry::{Answer, ScriptedRegistry};
use crate::scratch::Scratch;
use crate::serving::Serving;

/// A registry that is away: its port is taken by nobody.
fn go_away(registry: &ScriptedRegistry) {
    registry.script(|_| Some(Answer::status(503)));
}

#[test]
fn a_known_release_starts_while_the_registry_is_away() {
    let registry = registry();
    let folder = Scratch::new();
    let digest = {
        let mut serving = Serving::start(&mut serve_v1(&folder, &registry));
        let digest = digest_of(&mut serving);
        serving.wait_until_ready();
        wait_until_sealed(&folder, &digest);
        digest
    };
    go_away(&registry);
    let mut again = Serving::start(&mut serve_v1(&folder, &registry));
    assert_eq!(digest_of(&mut again), digest);
    assert_eq!(again.get("/").status, 200);
    let line = again.line("is served from the cache");
    assert!(line.contains("is in trouble: it answered 503"), "{line}");
    drop(again);
    // A pinned one asks nobody before it answers.
    let mut pinned = serve_v1(&folder, &registry);
    let mut pinned = Serving::start(pinned.args(["--digest", &digest]));
    assert_eq!(digest_of(&mut pinned), digest);
    assert_eq!(pinned.get("/").status, 200);
}

#[test]
fn an_unknown_release_is_waited_for() {
    let registry = registry();
    let refusing = Arc::new(AtomicBool::new(true));
    let away = Arc::clone(&refusing);
    registry.script(move |_| away.load(Ordering::Relaxed).then(|| Answer::status(503)));
    let folder = Scratch::new();
    let mut serving = Serving::start(&mut serve_v1(&folder, &registry));
    let line = serving.line("not ready: ");
    assert!(line.contains("is in trouble: it answered 503"), "{line}");
    assert!(line.contains("trying again in 1 s"), "{line}");
    let answer = serving.get("/");
    assert_eq!(
        (answer.status, answer.header("retry-after")),
        (503, Some("1"))
    );
    assert_eq!(serving.ask("/livez").status, 200);
    let answer = serving.ask("/readyz");
    assert_eq!(answer.status, 503);
    assert_eq!(answer.text(), "not ready: the release is not here yet\n");
    refusing.store(false, Ordering::Relaxed);
    serving.wait_until_ready();
    assert_eq!(serving.get("/").status, 200);
}

#[test]
fn a_cache_that_cannot_be_written_is_replaced_by_memory() {
    let registry = registry();
    let folder = Scratch::new();
    let mut serve = bart(folder.path(), &["serve", "--build-id", "v1"]);
    serve.args(["--listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0"]);
    serve.args(["--repository", &repository(&registry)]);
    // Nobody, root included, can make a folder there.
    let mut serving = Serving::start(serve.args(["--cache-dir", "/sys"]));
    serving.line("serving on http://");
    let log = serving.log();
    assert!(log.contains("the release is kept in memory"), "{log}");
    assert_eq!(serving.get("/").status, 200);
}
