//! The names that Spin allows for components, variables and stores.

/// Checks a component's id: words of one case with `-` between them. Spin calls it a kebab id.
pub(super) fn check_component(id: &str) -> Result<(), String> {
    check(id, '-', '_')
}

/// Checks a variable's name: words in lower case with `_` between them.
pub(super) fn check_variable(name: &str) -> Result<(), String> {
    check(name, '_', '-')?;
    if name.chars().any(|character| character.is_ascii_uppercase()) {
        return Err("it must be in lower case".to_owned());
    }
    Ok(())
}

/// Checks the label of a store: words with either `-` or `_` between them.
pub(super) fn check_label(label: &str) -> Result<(), String> {
    check(label, '-', '_').or_else(|problem| check(label, '_', '-').map_err(|_| problem))
}

fn check(name: &str, separator: char, other: char) -> Result<(), String> {
    if name.contains(other) {
        return Err(format!(
            "its words must be separated with `{separator}`, not `{other}`"
        ));
    }
    for (index, word) in name.split(separator).enumerate() {
        check_word(index, word)?;
    }
    Ok(())
}

fn check_word(index: usize, word: &str) -> Result<(), String> {
    let Some(first) = word.chars().next() else {
        return Err("it has an empty word".to_owned());
    };
    let begins_well = first.is_ascii_alphabetic() || (index > 0 && first.is_ascii_digit());
    if !begins_well {
        return Err(format!("a word cannot begin with `{first}`"));
    }
    let rest = || word.chars().skip(1);
    if let Some(character) =
        rest().find(|character| !character.is_ascii_alphanumeric() && *character != ':')
    {
        return Err(format!("it cannot contain `{character}`"));
    }
    let upper = first.is_ascii_uppercase();
    if rest()
        .any(|character| character.is_ascii_alphabetic() && character.is_ascii_uppercase() != upper)
    {
        return Err(format!("the word `{word}` mixes lower and upper case"));
    }
    Ok(())
}
