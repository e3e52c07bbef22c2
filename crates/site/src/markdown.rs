//! Markdown to HTML, with the extensions that Bartholomew sites are written for.

use pulldown_cmark::{CowStr, Event, Options, Parser, Tag, TagEnd, html};
use pulldown_cmark_escape::escape_html;

use crate::document::Body;
use crate::footnotes;
use crate::heading_ids::{self, HeadingIds};
use crate::links::Links;

/// Exactly the extensions of pulldown-cmark 0.9; later ones would change the meaning of existing pages.
const EXTENSIONS: Options = Options::ENABLE_TABLES
    .union(Options::ENABLE_OLD_FOOTNOTES)
    .union(Options::ENABLE_STRIKETHROUGH)
    .union(Options::ENABLE_TASKLISTS)
    .union(Options::ENABLE_SMART_PUNCTUATION)
    .union(Options::ENABLE_HEADING_ATTRIBUTES);

/// Renders a body. Raw HTML passes through as it is: a site trusts its authors.
pub fn render(markdown: &str, links: Links<'_>, heading_ids: HeadingIds) -> String {
    let parser = Parser::new_ext(markdown, EXTENSIONS);
    let mut page = String::with_capacity(markdown.len() + markdown.len() / 2);
    let mut adapter = Adapter { links, images: 0 };
    let adapt = |event| adapter.adapt(event);
    if heading_ids == HeadingIds::Written && !footnotes::may_differ(markdown) {
        html::push_html(&mut page, parser.map(adapt));
        return page;
    }
    let events: Vec<_> = parser.into_offset_iter().collect();
    let mut events = footnotes::rejoin(markdown, &events);
    if heading_ids == HeadingIds::All {
        heading_ids::add(&mut events);
    }
    html::push_html(&mut page, events.into_iter().map(adapt));
    page
}

/// A link or an image as an author wrote it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WrittenLink {
    /// Where it leads as readers get it.
    pub destination: String,
    /// The file, relative to the site's root.
    pub path: String,
    /// The line in that file, counted from 1.
    pub line: usize,
}

/// The links and images of the body of the file at `path`, in their order. Those of raw HTML are not among them.
pub(crate) fn written_links(path: &str, body: &Body, links: Links<'_>) -> Vec<WrittenLink> {
    let markdown = body.markdown();
    let events = Parser::new_ext(markdown, EXTENSIONS).into_offset_iter();
    let written = events.filter_map(|(event, range)| match event {
        Event::Start(Tag::Link {
            link_type,
            dest_url,
            ..
        }) if links.cover(link_type) => Some((links.rewrite(&dest_url), range.start)),
        Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) => {
            Some((dest_url.into_string(), range.start))
        }
        _ => None,
    });
    let (mut line, mut counted) = (1 + body.lines_above(), 0);
    let mut found = Vec::new();
    for (destination, start) in written {
        if start > counted {
            line += markdown[counted..start].matches('\n').count();
            counted = start;
        }
        found.push(WrittenLink {
            destination,
            path: path.to_owned(),
            line,
        });
    }
    found
}

/// Makes of the events of today's pulldown-cmark those that lead to the HTML of version 0.9, with links rewritten.
struct Adapter<'a> {
    links: Links<'a>,
    /// How many images the event is in; what is in an image becomes the text of an attribute.
    images: usize,
}

impl Adapter<'_> {
    fn adapt<'a>(&mut self, event: Event<'a>) -> Event<'a> {
        match event {
            Event::Start(Tag::Link {
                link_type,
                dest_url,
                title,
                id,
            }) if self.links.cover(link_type) => Event::Start(Tag::Link {
                link_type,
                dest_url: CowStr::from(self.links.rewrite(&dest_url)),
                title,
                id,
            }),
            // Attributes of headings other than `id` and `class` are newer than the pages.
            Event::Start(Tag::Heading {
                level, id, classes, ..
            }) => Event::Start(Tag::Heading {
                level,
                id,
                classes,
                attrs: Vec::new(),
            }),
            Event::Text(text) if self.images == 0 && text.contains('"') => {
                Event::InlineHtml(CowStr::from(escape(&text)))
            }
            Event::Code(code) if self.images == 0 && code.contains('"') => {
                Event::InlineHtml(CowStr::from(format!("<code>{}</code>", escape(&code))))
            }
            event => {
                match &event {
                    Event::Start(Tag::Image { .. }) => self.images += 1,
                    Event::End(TagEnd::Image) => self.images -= 1,
                    _ => {}
                }
                event
            }
        }
    }
}

/// Escapes quotes too, as scripts that search in bodies expect.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len() + text.len() / 8);
    // Writing to a string cannot fail.
    let _ = escape_html(&mut escaped, text);
    escaped
}
