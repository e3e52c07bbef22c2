//! The renderer: request, page, response. The site's rules are in `site`, those of HTTP in `web`.

mod entry;
mod freshness;
mod reply;
mod request;

use std::sync::Arc;
use std::time::SystemTime;

use chrono::{DateTime, Utc};
use site::{Answer, Failure, Site, Surroundings};
use wasi::random::random::get_random_u64;
use web::auth::{Access, BasicAuth};
use web::method::Handling;

use crate::reply::Reply;
use crate::request::Request;

/// Where the host mounts the files of the site.
const ROOT: &str = "/";

fn reply(request: &Request) -> Reply {
    let auth = BasicAuth::from_variables(|name| request.page.environment.get(name).cloned());
    if let Some(auth) = auth
        && auth.check(&request.headers) == Access::Denied
    {
        return Reply::empty(auth.denial());
    }
    let now = DateTime::<Utc>::from(SystemTime::now());
    let handling = Handling::of(&request.method);
    let Some(response) = handling.answer() else {
        return Reply::to(request, answer(request, now), now);
    };
    if handling == Handling::Options {
        // A redirect holds for whatever a client may ask of a page, so also for its options.
        let answer = answer(request, now);
        if matches!(answer, Answer::Redirect { .. }) {
            return Reply::to(request, answer, now);
        }
    }
    Reply::empty(response)
}

fn answer(request: &Request, now: DateTime<Utc>) -> Answer {
    let answer = match Site::open(ROOT) {
        Ok(site) => {
            let surroundings = Arc::new(Surroundings::new(now, get_random_u64));
            site.answer(&request.page, &surroundings)
        }
        Err(error) => Answer::Failed(Failure::to_open(&error, &request.page)),
    };
    if let Answer::Failed(failure) = &answer {
        eprintln!("{}", failure.report);
    }
    answer
}
