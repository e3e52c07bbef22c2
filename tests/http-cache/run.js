// The tests of http-cache-tests against a cache in front of `origin.js`: `node run.js CACHE`. `cargo xtask http-cache` runs it, and decides
// what is a fault.
//
// Prints a JSON list: of each test its name, whether caches must pass it, and how it went with this cache and with those whose results the
// package has.

import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";

// Not Node's own `fetch`, which adds `Cache-Control` to requests.
import fetch from "node-fetch";
import { getResults, runTests } from "http-cache-tests/client/runner.mjs";
import published from "http-cache-tests/results/index.mjs";
import surrogate from "http-cache-tests/tests/surrogate-control.mjs";
import suites from "http-cache-tests/tests/index.mjs";

const { resolve } = createRequire(import.meta.url);

const [cache] = process.argv.slice(2);
if (!cache) {
  console.error("usage: node run.js CACHE");
  process.exit(2);
}

const all = [...suites, surrogate];
const tests = new Map(all.flatMap((suite) => suite.tests).map((test) => [test.id, test]));

/// How a test went, by all results of a cache.
function outcome(test, results) {
  const result = results[test.id];
  const stands = (id) => outcome(tests.get(id), results) === "passed";
  if (result === undefined || !(test.depends_on ?? []).every(stands)) {
    return "undecided";
  }
  if (result === true) {
    return "passed";
  }
  const [kind] = result;
  return kind === "Setup" ? "unprepared" : "failed";
}

await runTests(all, fetch, false, cache);
const caches = { bart: getResults() };
for (const { file, name, type } of published) {
  if (type === "rev-proxy") {
    caches[name] = JSON.parse(await readFile(resolve(`http-cache-tests/results/${file}`)));
  }
}
const report = [...tests.values()]
  .filter((test) => !test.browser_only)
  .map((test) => ({
    id: test.id,
    // `check`: neither is wrong.
    kind: test.kind ?? "required",
    name: test.name,
    why: caches.bart[test.id]?.[1] ?? null,
    outcomes: Object.fromEntries(
      Object.entries(caches).map(([name, results]) => [name, outcome(test, results)]),
    ),
  }));
console.log(JSON.stringify(report));
