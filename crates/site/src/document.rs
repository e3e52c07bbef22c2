//! A content file: a TOML head, a line of `---`, a Markdown body.

use crate::head::{Head, KEYS};
use crate::source_error::{Mistake, SourceError, keys_with_lines};

/// The text between head and body.
const SEPARATOR: &str = "\n---\n";
/// The title of a document without a head.
const UNTITLED: &str = "Untitled";
/// Lines that may open a head; the format itself has none, other tools do.
const FENCES: [&str; 2] = ["---\n", "+++\n"];

/// A content file, split and with its head understood.
#[derive(Debug, Clone, PartialEq)]
pub struct Document {
    /// The head.
    pub head: Head,
    /// What is below it.
    pub body: Body,
}

/// The Markdown of a content file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Body {
    /// The whole file, its line ends normalised.
    text: String,
    start: usize,
}

impl Document {
    /// Reads the text of the file at `path`, which only errors name.
    ///
    /// A file without a separator, and one whose first line cannot be the start of a head although a `---` follows
    /// (a horizontal rule), is all body. The error names the line of the mistake.
    pub fn parse(path: &str, text: String) -> Result<Self, SourceError> {
        let text = normalise(text);
        let (head, body) = match split(&text) {
            Layout::Headless => (Head::titled(UNTITLED), 0),
            Layout::Headed { head, body, fence } => match Head::parse(&text[head.clone()]) {
                Ok(parsed) => (parsed, body),
                Err(_) if falls_back_to_body(fence, &text[head.clone()]) => {
                    (Head::titled(UNTITLED), 0)
                }
                Err(mistake) => {
                    let mistake = with_hint(mistake, fence);
                    let offset = head.start + mistake.offset;
                    return Err(SourceError::at(path, &text, offset, mistake));
                }
            },
        };
        let start = body;
        Ok(Self {
            head,
            body: Body { text, start },
        })
    }
}

/// The keys of the head of a file with that text which mean nothing, each with its line in the file. There are none where the head
/// cannot be understood.
pub fn ignored_keys(text: &str) -> Vec<(String, usize)> {
    let text = normalise(text.to_owned());
    let Layout::Headed { head, .. } = split(&text) else {
        return Vec::new();
    };
    let above = text[..head.start].matches('\n').count();
    let keys = keys_with_lines(&text[head]).into_iter();
    keys.filter(|(key, _)| !KEYS.contains(&key.as_str()))
        .map(|(key, line)| (key, above + line))
        .collect()
}

impl Body {
    /// The body of the file that holds `text`, which begins at byte `start` of it once its line ends are normalised; `None`
    /// when nothing can begin there.
    pub(crate) fn from_file(text: String, start: usize) -> Option<Self> {
        let text = normalise(text);
        let begins = text.is_char_boundary(start) && (start == 0 || text[..start].ends_with('\n'));
        begins.then_some(Self { text, start })
    }

    /// The Markdown.
    pub fn markdown(&self) -> &str {
        &self.text[self.start..]
    }

    /// The number of lines of the file above it.
    pub fn lines_above(&self) -> usize {
        self.text[..self.start].matches('\n').count()
    }

    pub(crate) const fn start(&self) -> usize {
        self.start
    }
}

/// Where the parts of a document are.
enum Layout {
    Headless,
    Headed {
        head: std::ops::Range<usize>,
        body: usize,
        fence: Fence,
    },
}

/// How the head was opened.
#[derive(Clone, Copy, PartialEq)]
enum Fence {
    None,
    Dashes,
    Pluses,
}

fn normalise(text: String) -> String {
    let text = match text.strip_prefix('\u{feff}') {
        Some(rest) => rest.to_owned(),
        None => text,
    };
    if text.contains("\r\n") {
        text.replace("\r\n", "\n")
    } else {
        text
    }
}

fn split(text: &str) -> Layout {
    let (start, fence) = match FENCES.map(|line| text.starts_with(line)) {
        [true, _] => (FENCES[0].len(), Fence::Dashes),
        [_, true] => (FENCES[1].len(), Fence::Pluses),
        _ => (0, Fence::None),
    };
    let rest = &text[start..];
    let dashes = rest.find(SEPARATOR);
    let pluses = (fence == Fence::Pluses)
        .then(|| rest.find("\n+++\n"))
        .flatten();
    match dashes.into_iter().chain(pluses).min() {
        Some(end) => Layout::Headed {
            head: start..start + end + 1,
            body: start + end + SEPARATOR.len(),
            fence,
        },
        None => Layout::Headless,
    }
}

/// Whether a head that is not TOML was never meant as one.
///
/// Behind `---` a mistake must be shown, or a page would silently publish its YAML; behind `+++` the whole text used to be
/// the body.
fn falls_back_to_body(fence: Fence, head: &str) -> bool {
    match fence {
        Fence::None => !begins_like_toml(head),
        Fence::Dashes => false,
        Fence::Pluses => true,
    }
}

fn begins_like_toml(head: &str) -> bool {
    let Some(line) = head.lines().map(str::trim).find(|line| !line.is_empty()) else {
        return true;
    };
    if line.starts_with(['#', '[']) {
        // A Markdown heading or link reads like a comment or a table, so this errs on the side of showing the mistake.
        return true;
    }
    line.split_once('=')
        .is_some_and(|(key, _)| is_key(key.trim_end()))
}

fn is_key(key: &str) -> bool {
    let quoted = key.starts_with(['"', '\'']);
    !key.is_empty()
        && (quoted
            || key
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.')))
}

fn with_hint(mistake: Mistake, fence: Fence) -> Mistake {
    let hint = match fence {
        Fence::Dashes => "heads are TOML, not YAML: write `title = \"...\"`",
        Fence::None | Fence::Pluses => {
            "the text above the first `---` line is the head of the page, in TOML"
        }
    };
    Mistake {
        hint: mistake.hint.or(Some(hint)),
        ..mistake
    }
}
