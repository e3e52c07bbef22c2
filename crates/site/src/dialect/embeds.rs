//! Helpers that embed what lives on other sites.

use std::borrow::Cow;

use handlebars::{JsonRender, html_escape};
use serde_json::Value;

use super::arguments::{Arguments, Complaint, describe};

type Answer = Result<Value, Complaint>;

/// A link to a tweet. Bartholomew asked Twitter for the HTML to embed; a page should not wait for another site.
pub(super) fn tweet(arguments: &Arguments<'_, '_, '_>) -> Answer {
    let (user, id) = (escaped(arguments, 0)?, escaped(arguments, 1)?);
    Ok(format!("<a href=\"https://twitter.com/{user}/status/{id}\">https://twitter.com/{user}/status/{id}</a>").into())
}

/// The script that shows a gist.
pub(super) fn gist(arguments: &Arguments<'_, '_, '_>) -> Answer {
    let (user, id) = (escaped(arguments, 0)?, escaped(arguments, 1)?);
    Ok(format!("<script type=\"application/javascript\" src=\"https://gist.github.com/{user}/{id}.js\"></script>").into())
}

/// A string or a number, which an identifier may look like, safe inside an attribute.
fn escaped(arguments: &Arguments<'_, '_, '_>, index: usize) -> Result<String, Complaint> {
    let value = arguments.value(index)?;
    let text = match value {
        Value::String(text) => Cow::Borrowed(text),
        Value::Number(_) => Cow::Owned(value.render()),
        _ => {
            return Err(Complaint::Value(format!(
                "needs a user and an identifier, not {}",
                describe(value)
            )));
        }
    };
    Ok(html_escape(&text))
}
