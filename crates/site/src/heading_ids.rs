//! Ids of headings, made from their text where the author gave none.

use std::collections::HashMap;

use pulldown_cmark::{CowStr, Event, Tag, TagEnd};

/// Which headings of a body have an `id`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HeadingIds {
    /// Those whose author wrote one: `# Title {#id}`.
    Written,
    /// All that have a letter or a digit. Where none is written it is the text in lower case, without punctuation and
    /// with `-` for white space; a second one of the same text ends in `-1`, a third in `-2`.
    All,
}

/// Gives an id to each heading that has none, different from all others of the page.
pub(crate) fn add(events: &mut [Event<'_>]) {
    let mut taken: HashMap<String, u32> = events
        .iter()
        .filter_map(written)
        .map(|id| (id.to_owned(), 0))
        .collect();
    for index in 0..events.len() {
        let (start, rest) = events[index..]
            .split_first_mut()
            .expect("the index is in range");
        let Event::Start(Tag::Heading { id, .. }) = start else {
            continue;
        };
        if id.is_none() {
            *id = unique(&slug(&text(rest)), &mut taken).map(CowStr::from);
        }
    }
}

/// The id that the HTML of an event has without our doing.
fn written<'e>(event: &'e Event<'_>) -> Option<&'e str> {
    match event {
        Event::Start(Tag::Heading { id, .. }) => id.as_deref(),
        Event::Start(Tag::FootnoteDefinition(label)) => Some(label),
        _ => None,
    }
}

/// The text of the heading that `events` begin in.
fn text(events: &[Event<'_>]) -> String {
    let inside = events
        .iter()
        .take_while(|event| !matches!(event, Event::End(TagEnd::Heading(_))));
    inside
        .map(|event| match event {
            Event::Text(text) | Event::Code(text) => text,
            Event::SoftBreak | Event::HardBreak => " ",
            _ => "",
        })
        .collect()
}

/// The id that a heading with that text gets, before a number tells it from others.
pub fn slug(text: &str) -> String {
    let kept: String = text
        .chars()
        .filter(|c| c.is_alphanumeric() || c.is_whitespace() || matches!(c, '-' | '_'))
        .flat_map(char::to_lowercase)
        .collect();
    let words: Vec<&str> = kept.split_whitespace().collect();
    words.join("-")
}

/// `slug`, with a number if another heading has it already; nothing when it is of dashes alone.
fn unique(slug: &str, taken: &mut HashMap<String, u32>) -> Option<String> {
    if !slug.contains(char::is_alphanumeric) {
        return None;
    }
    let mut id = slug.to_owned();
    // A number may be taken too, by a heading that is written so.
    while taken.contains_key(&id) {
        let repeated = taken.entry(slug.to_owned()).or_default();
        *repeated += 1;
        id = format!("{slug}-{repeated}");
    }
    taken.insert(id.clone(), 0);
    Some(id)
}
