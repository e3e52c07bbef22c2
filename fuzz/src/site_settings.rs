//! `config/site.toml`.

use site::Settings;

/// A table that no site has.
const UNKNOWN: &str = "\n[a_table_that_nobody_knows]\nkey = 1\n";

/// The text is the settings of a site or has a mistake on one of its lines, and what is unknown in it does not matter.
pub fn check(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else {
        return;
    };
    match Settings::parse(text) {
        Ok(settings) => {
            if !text.contains("a_table_that_nobody_knows") {
                assert_eq!(Settings::parse(&format!("{text}{UNKNOWN}")), Ok(settings));
            }
        }
        Err(error) => {
            let lines = text.matches('\n').count() + 1;
            assert!(
                (1..=lines).contains(&error.line),
                "{error} in {lines} lines"
            );
            assert_eq!(error.path, "config/site.toml");
            assert!(!error.message.contains('\n'), "{error} is not one line");
        }
    }
}
