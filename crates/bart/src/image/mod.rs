//! `bart image`: the image of a release, made of an image without one by other configurations alone: no build, no Docker, no layer.

mod arguments;
mod base;
mod content;
mod deliver;
mod report;
mod stamp;

use std::time::Instant;

use artifact::layout::Layout;

use arguments::Destination;
pub use arguments::{Base, Image};
use base::BaseImage;
use content::Content;
use report::Report;
use stamp::{Stamped, label};

use crate::log::Format;
use crate::publish::runtime;
use crate::{Failure, log};

pub(crate) fn run(arguments: &Image) -> Result<(), Failure> {
    log::start(Format::Text, arguments.quiet);
    let report = runtime()?.block_on(stamp(arguments))?;
    log::print_result(&report, arguments.json)
}

async fn stamp(arguments: &Image) -> Result<Report, Failure> {
    let started = Instant::now();
    let destination = arguments.destination()?;
    let registry = arguments.registry.registry()?;
    let base = BaseImage::read(&arguments.base, &registry, &arguments.platforms).await?;
    tracing::debug!("`{}` is `{}`", arguments.base, base.digest);
    let of_base = base.variants[0].config.label(label::REPOSITORY);
    let content = Content::find(&registry, arguments, of_base).await?;
    let stamped = Stamped::new(&base, &content);
    match destination {
        Destination::Registry(to) => {
            let force = arguments.force_tag;
            let pushed = deliver::push(&registry, &base.place, &stamped, to, force).await?;
            let reference = to.to_string();
            let elapsed = started.elapsed();
            Ok(Report::pushed(
                &stamped, &content, reference, &pushed, elapsed,
            ))
        }
        Destination::Layout { folder, name } => {
            let layout = Layout::create(folder)?;
            let written = deliver::write(&registry, &base.place, &stamped, &layout, name).await?;
            let reference = format!("{}:{name}", folder.display());
            let elapsed = started.elapsed();
            Ok(Report::written(
                &stamped, &content, reference, written, elapsed,
            ))
        }
    }
}
