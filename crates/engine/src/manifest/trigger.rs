//! One HTTP trigger of a manifest.

use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use toml::Spanned;

use super::draft::DraftTrigger;
use super::error::Problem;
use super::values::{RawPrivate, RawStaticResponse, TextOr};
use crate::app::{Route, StaticResponse, Subject, Target, Trigger, Unsupported};
use crate::routes;

pub(super) fn trigger(
    mut written: DraftTrigger,
    component: Option<Spanned<String>>,
    components: &[String],
    unsupported: &mut Vec<Unsupported>,
) -> Result<Trigger, Problem> {
    let route = route(written.route.take(), written.at)?;
    let target = match (component, written.static_response.take()) {
        (Some(component), None) => {
            let id = existing(component, components)?;
            if let Some(reason) = obstacle(&written)? {
                let subject = Subject::Component(id.clone());
                let obstacle = Unsupported {
                    subject,
                    reason: reason.to_owned(),
                };
                if !unsupported.contains(&obstacle) {
                    unsupported.push(obstacle);
                }
            }
            Target::Component(id)
        }
        (None, Some(response)) => Target::StaticResponse(static_response(response, written.at)?),
        (None, None) => {
            return Err(Problem::new(
                written.at,
                "trigger has neither a `component` nor a `static_response`",
            ));
        }
        (Some(component), Some(_)) => {
            let at = component.span().start;
            return Err(Problem::new(
                at,
                "trigger has both a `component` and a `static_response`",
            ));
        }
    };
    Ok(Trigger {
        id: written.id,
        route,
        target,
    })
}

fn existing(component: Spanned<String>, components: &[String]) -> Result<String, Problem> {
    let at = component.span().start;
    let id = component.into_inner();
    if components.contains(&id) {
        return Ok(id);
    }
    let problem = Problem::new(at, format!("there is no component `{id}`"));
    Err(problem.nearest(&id, components.iter().map(String::as_str)))
}

fn route(written: Option<Spanned<TextOr<RawPrivate>>>, trigger: usize) -> Result<Route, Problem> {
    let Some(route) = written else {
        return Err(Problem::new(trigger, "trigger has no `route`")
            .hint("add `route = \"/...\"` to answer all paths"));
    };
    let at = route.span().start;
    match route.into_inner() {
        TextOr::Table(RawPrivate { private: true }) => Ok(Route::Private),
        TextOr::Table(RawPrivate { private: false }) => Err(Problem::new(
            at,
            "a route is a text or `{ private = true }`",
        )),
        TextOr::Text(route) => match routes::check(&route) {
            Ok(()) => Ok(Route::Path(route)),
            Err(problem) => Err(Problem::new(
                at,
                format!("`{route}` is not a route: {problem}"),
            )),
        },
    }
}

/// What keeps bart from running the trigger's component.
fn obstacle(written: &DraftTrigger) -> Result<Option<&'static str>, Problem> {
    if let Some(executor) = &written.executor {
        match executor.kind.get_ref().as_str() {
            "http" | "spin" => {}
            "wagi" => return Ok(Some("needs the Wagi executor, which bart does not have")),
            other => {
                let message = format!("there is no executor `{other}`");
                return Err(Problem::new(executor.kind.span().start, message)
                    .hint("it is `http` or `wagi`"));
            }
        }
    }
    Ok(written
        .middleware
        .then_some("is behind middleware, which bart does not run"))
}

fn static_response(written: RawStaticResponse, trigger: usize) -> Result<StaticResponse, Problem> {
    let (code, at) = written
        .status_code
        .map_or((200, trigger), |code| (*code.get_ref(), code.span().start));
    let status = StatusCode::from_u16(code)
        .map_err(|_| Problem::new(at, format!("{code} is not a status")))?;
    let mut headers = HeaderMap::new();
    for (name, value) in written.headers {
        let problem =
            |what| Problem::new(name.span().start, format!("`{}` {what}", name.get_ref()));
        let field = HeaderName::from_bytes(name.get_ref().as_bytes())
            .map_err(|_| problem("is not the name of a header field"))?;
        let value = HeaderValue::from_bytes(value.as_bytes())
            .map_err(|_| problem("has a value that no header field can have"))?;
        headers.append(field, value);
    }
    Ok(StaticResponse {
        status,
        headers,
        body: written.body.unwrap_or_default(),
    })
}
