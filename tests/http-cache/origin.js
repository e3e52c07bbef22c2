// The server behind the cache: `node origin.js` prints its port. It answers as each test tells it to, and remembers what it was asked.

import { createServer } from "node:http";

import configure from "http-cache-tests/server/handle-config.mjs";
import remember from "http-cache-tests/server/handle-state.mjs";
import answer from "http-cache-tests/server/handle-test.mjs";

const HANDLERS = { config: configure, state: remember, test: answer };

const server = createServer((request, response) => {
  const [, kind, ...rest] = new URL(request.url, "http://origin").pathname.split("/");
  const handler = HANDLERS[kind];
  if (!handler) {
    response.writeHead(404).end();
    return;
  }
  handler(rest, request, response);
});

server.listen(0, "127.0.0.1", () => console.log(server.address().port));
