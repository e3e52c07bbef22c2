//! The links and ids of a rendered page.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use html5gum::{DefaultEmitter, HtmlString, Spanned, StartTag, Token, Tokenizer};

/// What other pages and the rest of the site have to do with a page.
#[derive(Debug, Default)]
pub(super) struct Markup {
    /// What a fragment may name.
    pub(super) ids: BTreeSet<String>,
    /// The slugs of headings that have no id.
    pub(super) plain_headings: BTreeSet<String>,
    /// Each once, in their order.
    pub(super) links: Vec<Link>,
    /// What relative links start from, if the page says it.
    pub(super) base: Option<String>,
}

/// A link of a page.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Link {
    /// As it is written in the page, without white space around it.
    pub(super) target: String,
    pub(super) kind: LinkKind,
}

/// What a link is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum LinkKind {
    /// For readers to follow.
    Page,
    /// A part of the page, such as an image.
    Part,
}

impl Markup {
    /// Reads a page.
    pub(super) fn read(html: &str) -> Markup {
        let mut emitter = DefaultEmitter::default();
        // What is in scripts and styles is no markup.
        emitter.naively_switch_states(true);
        let mut reader = Reader::default();
        for Ok(token) in Tokenizer::new_with_emitter(html, emitter) {
            reader.take(token);
        }
        reader.markup
    }
}

#[derive(Default)]
struct Reader {
    markup: Markup,
    known: HashSet<Link>,
    /// The text so far of a heading without id.
    heading: Option<String>,
}

impl Reader {
    fn take(&mut self, token: Token) {
        match token {
            Token::StartTag(tag) => self.start(&Tag::of(&tag)),
            Token::String(text) => {
                if let Some(heading) = &mut self.heading {
                    heading.push_str(&String::from_utf8_lossy(&text));
                }
            }
            Token::EndTag(tag) if is_heading(&tag.name) => {
                let slug = self.heading.take().map(|text| site::slug(&text));
                self.markup.plain_headings.extend(slug);
            }
            _ => {}
        }
    }

    fn start(&mut self, tag: &Tag<'_>) {
        let id = tag.attribute("id");
        if is_heading(tag.name) {
            self.heading = id.is_none().then(String::new);
        } else if id.is_some() && self.heading.is_some() {
            // An anchor in the heading does as well.
            self.heading = None;
        }
        self.markup.ids.extend(id);
        match tag.name {
            b"a" => {
                self.markup.ids.extend(tag.attribute("name"));
                self.add(tag, "href", LinkKind::Page);
            }
            b"area" => self.add(tag, "href", LinkKind::Page),
            b"base" if self.markup.base.is_none() => self.markup.base = tag.attribute("href"),
            b"link" => self.relation(tag),
            b"img" | b"source" => {
                self.add(tag, "src", LinkKind::Part);
                self.candidates(&tag.attribute("srcset").unwrap_or_default());
            }
            b"script" | b"audio" | b"track" | b"embed" | b"input" => {
                self.add(tag, "src", LinkKind::Part);
            }
            b"video" => {
                self.add(tag, "src", LinkKind::Part);
                self.add(tag, "poster", LinkKind::Part);
            }
            b"iframe" | b"frame" => self.add(tag, "src", LinkKind::Page),
            b"object" => self.add(tag, "data", LinkKind::Part),
            b"meta" => self.refresh(tag),
            _ => {}
        }
    }

    fn relation(&mut self, tag: &Tag<'_>) {
        let relations = tag.attribute("rel").unwrap_or_default();
        let has = |wanted: &[&str]| {
            let mut words = relations.split_ascii_whitespace();
            words.any(|word| wanted.iter().any(|it| it.eq_ignore_ascii_case(word)))
        };
        if has(&["preconnect", "dns-prefetch"]) {
            return;
        }
        let parts = [
            "stylesheet",
            "icon",
            "apple-touch-icon",
            "preload",
            "modulepreload",
            "manifest",
        ];
        let kind = if has(&parts) {
            LinkKind::Part
        } else {
            LinkKind::Page
        };
        self.add(tag, "href", kind);
    }

    /// `srcset`: addresses with descriptors behind them, between commas (HTML, "Parsing a srcset attribute").
    fn candidates(&mut self, set: &str) {
        if set.contains("data:") {
            return;
        }
        for candidate in set.split(", ").flat_map(|part| part.split(",\n")) {
            if let Some(target) = candidate.split_ascii_whitespace().next() {
                self.push(target.trim_end_matches(','), LinkKind::Part);
            }
        }
    }

    /// `<meta http-equiv="refresh" content="0; url=/there">`.
    fn refresh(&mut self, tag: &Tag<'_>) {
        let is_refresh = tag
            .attribute("http-equiv")
            .is_some_and(|name| name.eq_ignore_ascii_case("refresh"));
        let content = tag.attribute("content").unwrap_or_default();
        if let Some((_, target)) = content.split_once(';')
            && is_refresh
            && let Some((_, target)) = target.split_once('=')
        {
            let target = target.trim().trim_matches(['"', '\'']);
            self.push(target, LinkKind::Page);
        }
    }

    fn add(&mut self, tag: &Tag<'_>, attribute: &str, kind: LinkKind) {
        if let Some(target) = tag.attribute(attribute) {
            self.push(&target, kind);
        }
    }

    fn push(&mut self, target: &str, kind: LinkKind) {
        let link = Link {
            target: target.trim().to_owned(),
            kind,
        };
        if self.known.insert(link.clone()) {
            self.markup.links.push(link);
        }
    }
}

struct Tag<'a> {
    name: &'a [u8],
    attributes: &'a BTreeMap<HtmlString, Spanned<HtmlString, ()>>,
}

impl<'a> Tag<'a> {
    fn of(tag: &'a StartTag<()>) -> Tag<'a> {
        Tag {
            name: &tag.name,
            attributes: &tag.attributes,
        }
    }

    fn attribute(&self, name: &str) -> Option<String> {
        let value = self.attributes.get(name.as_bytes())?;
        Some(String::from_utf8_lossy(value).into_owned())
    }
}

fn is_heading(name: &[u8]) -> bool {
    matches!(name, [b'h', b'1'..=b'6'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_and_parts_of_a_page_are_found() {
        let html = r#"
            <base href="/b/"><link rel="Stylesheet" href="/s.css"><link rel="canonical" href="/c">
            <link rel="preconnect" href="//cdn.test"><meta http-equiv="Refresh" content="0; URL='/r'">
            <a href=" /a?x=1&amp;y=2 ">a</a><a href="/a?x=1&amp;y=2">again</a><a name="here"></a>
            <img src="i.png" srcset="i.png 1x, j.png 2x"><video poster="p.png"></video>
            <script src="s.js">"<a href='/not'>"</script><!-- <a href="/neither"> -->
            <style>a { content: "<img src=n.png>" }</style><textarea><a href="/nor"></textarea>
        "#;
        let markup = Markup::read(html);
        let links: Vec<_> = markup
            .links
            .iter()
            .map(|link| (link.target.as_str(), link.kind))
            .collect();
        let expected = [
            ("/s.css", LinkKind::Part),
            ("/c", LinkKind::Page),
            ("/r", LinkKind::Page),
            ("/a?x=1&y=2", LinkKind::Page),
            ("i.png", LinkKind::Part),
            ("j.png", LinkKind::Part),
            ("p.png", LinkKind::Part),
            ("s.js", LinkKind::Part),
        ];
        assert_eq!(links, expected);
        assert_eq!(markup.base.as_deref(), Some("/b/"));
        assert!(markup.ids.contains("here"));
    }

    #[test]
    fn headings_with_and_without_id_are_told_apart() {
        let markup = Markup::read(
            "<h1 id=top>Top</h1><h2>Set <em>it</em> up!</h2><h3><a id=x></a>Other</h3><p id=p>",
        );
        assert_eq!(
            markup.plain_headings,
            BTreeSet::from(["set-it-up".to_owned()])
        );
        for id in ["top", "x", "p"] {
            assert!(markup.ids.contains(id), "{id}");
        }
    }
}
