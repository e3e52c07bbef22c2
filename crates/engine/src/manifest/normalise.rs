//! Gives every trigger an id and every component written inside a trigger a place of its own, named as Spin names them.

use std::collections::HashSet;

use toml::Spanned;

use super::draft::{Draft, DraftComponent, DraftTrigger};
use super::names;
use super::values::TextOr;

/// The id of each trigger's component, in the order of the triggers.
pub(super) fn normalise(draft: &mut Draft) -> Vec<Option<Spanned<String>>> {
    name_triggers(draft);
    lift_components(draft)
}

fn name_triggers(draft: &mut Draft) {
    let http = draft.triggers.iter().map(|trigger| trigger.id.clone());
    let foreign = draft.foreign.iter().map(|trigger| trigger.id.clone());
    let mut taken: HashSet<String> = http.chain(foreign).collect();
    for trigger in draft
        .triggers
        .iter_mut()
        .filter(|trigger| trigger.id.is_empty())
    {
        let natural = referenced(trigger).map(|component| format!("{component}-http-trigger"));
        let free = natural.filter(|id| !taken.contains(id));
        trigger.id = free.unwrap_or_else(|| numbered("http-trigger", &taken));
        taken.insert(trigger.id.clone());
    }
    for trigger in draft
        .foreign
        .iter_mut()
        .filter(|trigger| trigger.id.is_empty())
    {
        trigger.id = numbered(&format!("{}-trigger", trigger.kind), &taken);
        taken.insert(trigger.id.clone());
    }
}

fn lift_components(draft: &mut Draft) -> Vec<Option<Spanned<String>>> {
    let mut taken: HashSet<String> = draft
        .components
        .iter()
        .map(|component| component.id.clone())
        .collect();
    let mut ids = Vec::new();
    for trigger in &mut draft.triggers {
        ids.push(trigger.component.take().map(|component| {
            let span = component.span();
            let table = match component.into_inner() {
                TextOr::Text(id) => return Spanned::new(span, id),
                TextOr::Table(table) => *table,
            };
            let natural = format!("{}-component", trigger.id);
            let usable = names::check_component(&natural).is_ok() && !taken.contains(&natural);
            let id = if usable {
                natural
            } else {
                numbered("inline-component", &taken)
            };
            taken.insert(id.clone());
            draft.components.push(DraftComponent {
                id: id.clone(),
                at: span.start,
                table,
            });
            Spanned::new(span, id)
        }));
    }
    ids
}

fn referenced(trigger: &DraftTrigger) -> Option<&str> {
    match trigger.component.as_ref()?.get_ref() {
        TextOr::Text(id) => Some(id),
        TextOr::Table(_) => None,
    }
}

fn numbered(prefix: &str, taken: &HashSet<String>) -> String {
    let mut names = (1..=taken.len() + 1).map(|number| format!("{prefix}{number}"));
    names
        .find(|name| !taken.contains(name))
        .expect("one name more than are taken")
}
