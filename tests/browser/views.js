// How the pages of a site are looked at, and which of them are pictured.

/// A path where nothing is.
export const MISSING = "/no-such-page";

const SIZES = { phone: { width: 390, height: 844 }, desktop: { width: 1280, height: 900 } };

export const VIEWS = Object.entries(SIZES).flatMap(([device, size]) =>
  ["light", "dark"].map((scheme) => ({ name: `${device}-${scheme}`, size, scheme })),
);

/// One page of each kind.
export const PICTURED = {
  "/": "home",
  "/templates": "page",
  "/pages": "outline",
  "/news": "listing",
  "/tags": "tags",
  "/news/one-command": "post",
  [MISSING]: "not-found",
};
