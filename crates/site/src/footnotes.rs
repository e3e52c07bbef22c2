//! Footnote definitions as pulldown-cmark 0.9 read them: none in the middle of a paragraph.

use std::ops::Range;

use pulldown_cmark::{CowStr, Event, Tag, TagEnd};

/// Whether a text has something that only later versions take for a definition.
pub(crate) fn may_differ(markdown: &str) -> bool {
    markdown.contains("\n[^")
}

/// Makes definitions that directly follow a line of a paragraph part of that paragraph again: existing pages, whose
/// second note stands right below the first, are known to their readers that way.
///
/// `events` come with the place in `markdown` that each was read from.
pub(crate) fn rejoin<'a>(markdown: &str, events: &[(Event<'a>, Range<usize>)]) -> Vec<Event<'a>> {
    let mut joined = Vec::with_capacity(events.len());
    // Whether the definition that is open became part of a paragraph outside of any.
    let mut absorbed = false;
    let mut index = 0;
    while let Some((event, _)) = events.get(index) {
        index += 1;
        match event {
            Event::End(TagEnd::Paragraph) => {
                let closes = matches!(
                    events.get(index),
                    Some((Event::End(TagEnd::FootnoteDefinition), _))
                );
                let next = index + usize::from(closes);
                match interrupting(markdown, &events[next..]) {
                    Some(label) => {
                        absorbed |= !closes;
                        joined.push(Event::SoftBreak);
                        joined.push(Event::FootnoteReference(label));
                        joined.push(Event::Text(CowStr::Borrowed(": ")));
                        index = next + 2;
                    }
                    None => joined.push(event.clone()),
                }
            }
            Event::End(TagEnd::FootnoteDefinition) if absorbed => absorbed = false,
            event => joined.push(event.clone()),
        }
    }
    joined
}

/// The label of a definition that begins with a paragraph and has no blank line before it.
fn interrupting<'a>(markdown: &str, events: &[(Event<'a>, Range<usize>)]) -> Option<CowStr<'a>> {
    let [
        (Event::Start(Tag::FootnoteDefinition(label)), place),
        (Event::Start(Tag::Paragraph), _),
        ..,
    ] = events
    else {
        return None;
    };
    let blank = [' ', '\t'];
    let before = markdown[..place.start].trim_end_matches(blank);
    let line_before = before.strip_suffix('\n')?.trim_end_matches(blank);
    (!line_before.ends_with('\n')).then(|| label.clone())
}
