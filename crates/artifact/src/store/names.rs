//! Names from outside as names of files: none leaves its folder, and no two become one.

use crate::digest::Digest;

/// The longest name that is written out, in bytes. File systems take 255.
const LONGEST: usize = 180;

/// How much of a longer name is kept for people, in bytes.
const KEPT: usize = 100;

/// The name of a file for `name`. Lower-case letters, digits, `-`, `_` and inner dots stand for themselves, other bytes
/// are `%` and two digits: upper-case letters too, since not all file systems tell them apart. The end of a long name is its digest.
pub(super) fn file_name(name: &str) -> String {
    let mut text = String::with_capacity(name.len());
    for (at, byte) in name.bytes().enumerate() {
        match byte {
            b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' => text.push(char::from(byte)),
            b'.' if at > 0 => text.push('.'),
            _ => text.push_str(&format!("%{byte:02X}")),
        }
    }
    if text.is_empty() {
        // No byte becomes a lone sign.
        return "%".to_owned();
    }
    if text.len() > LONGEST {
        text.truncate(KEPT);
        // Nothing else has a `~` in it.
        text.push('~');
        text.push_str(&Digest::of(name.as_bytes()).hex());
    }
    text
}

/// The digest whose 64 hexadecimal digits a file or folder has as its name.
pub(super) fn digest(name: &std::ffi::OsStr) -> Option<Digest> {
    format!("sha256:{}", name.to_str()?).parse().ok()
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn names_neither_escape_nor_collide() {
        let long = "a".repeat(5000);
        let longer = "a".repeat(5001);
        let upper = "A".repeat(128);
        let names = [
            "",
            ".",
            "..",
            "../..",
            "%",
            "%2E",
            "%2e",
            "%2E.",
            "a",
            "A",
            "a/b",
            "a%2Fb",
            "a:b",
            "127.0.0.1:5000",
            "[::1]:5000",
            "a\0b",
            "é",
            ".hidden",
            "a~b",
            "~",
            &long,
            &longer,
            &upper,
            "CON",
        ];
        let mut seen = HashSet::new();
        for name in names {
            let file = file_name(name);
            assert!(file.len() <= LONGEST, "{name}");
            assert!(!file.is_empty() && !file.starts_with('.'), "{name}");
            assert!(!file.contains(['/', '\0', ':']), "{name}");
            assert!(seen.insert(file.to_lowercase()), "{name}");
        }
    }
}
