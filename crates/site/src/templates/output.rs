//! Where a template writes to: a string of bounded size, and how values in it are escaped.

use std::io;

use handlebars::Output;

/// More than any page that a browser would show, in bytes.
const MAX_SIZE: usize = 32 << 20;

/// What a template has written so far.
#[derive(Debug)]
pub(super) struct BoundedOutput {
    text: String,
}

/// The output has grown beyond what a page may have.
#[derive(Debug, thiserror::Error)]
#[error("the output is larger than {} MiB", MAX_SIZE >> 20)]
pub(super) struct TooLarge;

impl BoundedOutput {
    pub(super) fn new() -> Self {
        Self {
            text: String::with_capacity(8 << 10),
        }
    }

    pub(super) fn into_text(self) -> String {
        self.text
    }
}

impl Output for BoundedOutput {
    fn write(&mut self, text: &str) -> io::Result<()> {
        if text.len() > MAX_SIZE - self.text.len() {
            return Err(io::Error::other(TooLarge));
        }
        self.text.push_str(text);
        Ok(())
    }
}

/// `text` with the characters replaced that mean something in HTML, as `handlebars::html_escape` does, which
/// goes through it character by character even when there are none.
pub(super) fn escape_html(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    let mut copied = 0;
    for (index, byte) in text.bytes().enumerate() {
        let entity = match byte {
            b'<' => "&lt;",
            b'>' => "&gt;",
            b'"' => "&quot;",
            b'&' => "&amp;",
            b'\'' => "&#x27;",
            b'`' => "&#x60;",
            b'=' => "&#x3D;",
            _ => continue,
        };
        escaped.push_str(&text[copied..index]);
        escaped.push_str(entity);
        copied = index + 1;
    }
    escaped.push_str(&text[copied..]);
    escaped
}
