//! The file server: request, file, response. The rules are in `web::files`; here they meet `wasi:http` and the files.

mod content;
mod index;
mod reply;
mod request;

use wasi::exports::http::incoming_handler::Guest;
use wasi::http::types::{IncomingRequest, ResponseOutparam};
use web::auth::Access;
use web::files::{self, Answer, Settings};
use web::method::Handling;

use crate::content::{Chosen, Found};
use crate::reply::Reply;
use crate::request::Request;

struct FileServer;

wasi::http::proxy::export!(FileServer);

impl Guest for FileServer {
    fn handle(incoming: IncomingRequest, response: ResponseOutparam) {
        let settings = Settings::from_variables(|name| std::env::var(name).ok());
        let request = Request::read(&incoming);
        let reply = answer(&request, &settings).unwrap_or_else(|error| {
            eprintln!("failed to serve `{}`: {error}", request.path);
            Reply::text(files::failure())
        });
        if let Err(error) = reply.send(&request.method, response) {
            eprintln!("failed to send `{}`: {error}", request.path);
        }
    }
}

fn answer(request: &Request, settings: &Settings) -> std::io::Result<Reply> {
    if let Some(auth) = &settings.auth
        && auth.check(&request.headers) == Access::Denied
    {
        return Ok(Reply::empty(auth.denial()));
    }
    if let Some(response) = Handling::of(&request.method).answer() {
        return Ok(Reply::empty(response));
    }
    match content::find(request.route(), settings)? {
        Some(found) => serve(request, settings, found),
        None => Ok(Reply::text(files::not_found(settings))),
    }
}

fn serve(request: &Request, settings: &Settings, found: Found) -> std::io::Result<Reply> {
    let (media, role) = (found.media(), found.role);
    let Chosen {
        source,
        etag,
        content,
    } = found.choose(&request.headers)?;
    let answer = Answer {
        settings,
        role,
        media,
        coding: source.coding(),
        etag,
    };
    if let Some(response) = answer.without_content(&request.method, &request.headers) {
        return Ok(Reply::empty(response));
    }
    let content = content.encode(source)?;
    let (response, selection) =
        answer.with_content(&request.method, &request.headers, content.length());
    Ok(Reply::new(response, content, selection))
}
