// Walks a site in headless Chromium: `node walk.js ORIGIN CHROMIUM PICTURES`. `cargo xtask browser` runs it.
//
// From `/` it follows every link inside the site. Each page is opened once and then looked at in light and dark, on a phone
// and on a desk. What is wrong is printed, a line each; the exit code is 1 if there is anything.

import { mkdir } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";

import { HtmlValidate } from "html-validate";
import { chromium } from "playwright-core";

import { MISSING, PICTURED, VIEWS } from "./views.js";
import rules from "./rules.js";

const AXE = createRequire(import.meta.url).resolve("axe-core/axe.min.js");
/// Decoded bytes of a page with its style sheets and images.
const HEAVIEST = 100_000;
/// Tabs at once.
const TABS = 3;
/// Pages say under which name they are published. Such names (RFC 2606) are none of the real network's.
const PUBLISHED = /^https:\/\/[a-z.]+\.example(?=\/|$)/;

const [origin, executablePath, pictures] = process.argv.slice(2);
if (!pictures) {
  console.error("usage: node walk.js ORIGIN CHROMIUM PICTURES");
  process.exit(2);
}

const validator = new HtmlValidate(rules);
const faults = [];
/// What is known of each path: `{ ids }` of a page, `{}` of anything else that answers.
const known = new Map();
/// Links that name a part of a page: `{ from, path, id }`.
const fragments = [];
/// Paths that nobody has taken yet, and tabs that wait for one.
const queue = [];
const waiting = [];
let busy = 0;

function fault(path, text) {
  faults.push(`${path}: ${text}`);
}

/// Notes that `from` links to `href`, an absolute address.
function follow(from, href) {
  const url = new URL(href.replace(PUBLISHED, origin), origin);
  if (url.origin !== origin) return;
  const path = url.pathname + url.search;
  const id = decodeURIComponent(url.hash.slice(1));
  if (id) fragments.push({ from, path, id });
  if (known.has(path)) return;
  known.set(path, {});
  const waiter = waiting.shift();
  if (waiter) waiter({ from, path });
  else queue.push({ from, path });
}

/// The next path to visit; none when no tab can find another.
function next() {
  const task = queue.shift();
  if (task || busy === 0) return task;
  return new Promise((resolve) => waiting.push(resolve));
}

/// Everything but pages: it must answer, and be well-formed if it is XML.
async function fetchOther(page, { from, path }, response) {
  const type = response.headers.get("content-type") ?? "";
  const text = await response.text();
  if (!type.includes("xml")) return;
  const problem = await page.evaluate((source) => {
    const parsed = new DOMParser().parseFromString(source, "application/xml");
    return parsed.querySelector("parsererror")?.textContent;
  }, text);
  if (problem) fault(path, `not well-formed: ${problem}`);
  for (const [, href] of text.matchAll(/(?:<loc>|\shref=")([^"<]+)/g)) follow(path, href);
}

/// Whether it answers as it should; pages are opened in `page`, anything else is read.
async function visit(page, task) {
  const { from, path } = task;
  const response = await fetch(origin + path, { redirect: "follow" });
  const expected = path === MISSING ? 404 : 200;
  if (response.status !== expected) {
    fault(from, `links to \`${path}\`, which answers ${response.status}`);
    return;
  }
  if (response.redirected) {
    follow(path, response.url);
    return;
  }
  if (response.headers.get("content-type")?.startsWith("text/html")) {
    await open(page, path, await response.text());
  } else {
    await fetchOther(page, task, response);
  }
}

async function open(page, path, markup) {
  const report = await validator.validateString(markup);
  for (const { line, ruleId, message } of report.results.flatMap((result) => result.messages)) {
    fault(path, `html-validate: line ${line}: ${message} (${ruleId})`);
  }
  await page.emulateMedia({ colorScheme: "light" });
  page.looksAt = path;
  await page.goto(origin + path, { waitUntil: "load" });
  const found = await page.evaluate(collect);
  if (found.weight > HEAVIEST) fault(path, `weighs ${found.weight} bytes`);
  if (found.scripts > 0) fault(path, "needs scripts");
  known.set(path, { ids: new Set(found.ids) });
  for (const link of found.links) follow(path, link);
  await page.addScriptTag({ path: AXE });
  for (const view of VIEWS) await look(page, path, view);
}

/// Runs in the page.
function collect() {
  const all = (selector, take) => [...document.querySelectorAll(selector)].map(take);
  const loads = performance.getEntries().filter((entry) => "decodedBodySize" in entry);
  return {
    ids: all("[id]", (element) => element.id),
    links: [...all("[href]", (element) => element.href), ...all("[src]", (element) => element.src)],
    scripts: document.scripts.length,
    weight: loads.reduce((sum, entry) => sum + entry.decodedBodySize, 0),
  };
}

async function look(page, path, view) {
  await page.setViewportSize(view.size);
  await page.emulateMedia({ colorScheme: view.scheme });
  const { violations, excess } = await page.evaluate(async () => ({
    violations: (await axe.run({ resultTypes: ["violations"] })).violations,
    excess: document.documentElement.scrollWidth - innerWidth,
  }));
  for (const { id, help, nodes } of violations) {
    fault(path, `axe, ${view.name}: ${help} (${id}): ${nodes[0].html.slice(0, 160)}`);
  }
  if (excess > 0) fault(path, `${view.name}: ${excess} pixels wider than the window`);
  const kind = PICTURED[path];
  if (kind) await page.screenshot({ path: join(pictures, `${kind}-${view.name}.png`), fullPage: true });
}

/// A tab that reports what its pages complain of.
async function tab(context) {
  const page = await context.newPage();
  const complain = (text) => fault(page.looksAt, text);
  page.on("console", (message) => {
    // The browser itself says of the page for what does not exist that it does not.
    const own = page.looksAt === MISSING && message.location().url === origin + MISSING;
    if (["error", "warning"].includes(message.type()) && !own) complain(`console: ${message.text()}`);
  });
  page.on("pageerror", (error) => complain(`error: ${error.message}`));
  page.on("requestfailed", (request) => complain(`failed to load ${request.url()}`));
  return page;
}

/// Visits paths until there are none.
async function work(page) {
  for (let task = await next(); task; task = await next()) {
    busy += 1;
    await visit(page, task);
    busy -= 1;
    if (busy === 0 && queue.length === 0) waiting.splice(0).forEach((leave) => leave());
  }
}

await mkdir(pictures, { recursive: true });
const browser = await chromium.launch({
  executablePath,
  args: ["--no-sandbox", "--disable-quic", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
});
try {
  const context = await browser.newContext();
  for (const path of ["/", MISSING, "/robots.txt", "/sitemap.xml", "/favicon.ico"]) follow("the start", origin + path);
  const tabs = await Promise.all(Array.from({ length: TABS }, () => tab(context)));
  await Promise.all(tabs.map(work));
} finally {
  await browser.close();
}

for (const { from, path, id } of fragments) {
  const { ids } = known.get(path);
  if (ids && !ids.has(id)) fault(from, `links to \`${path}#${id}\`, which is not there`);
}
for (const path of Object.keys(PICTURED)) {
  if (!known.get(path)?.ids) fault(path, "was to be pictured, and nothing leads there");
}
for (const line of new Set(faults)) console.error(line);
const pages = [...known.values()].filter(({ ids }) => ids).length;
console.log(`${pages} pages, ${known.size - pages} other resources, ${fragments.length} links to parts of pages, ${new Set(faults).size} faults`);
process.exitCode = faults.length > 0 ? 1 : 0;
