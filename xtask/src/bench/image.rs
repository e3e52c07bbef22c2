//! The image: its size, and how long it takes to make a release's image from it.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use anyhow::{Context, Result};
use serde_json::Value;

use super::fixture::{Fixture, TAG};
use super::foreign::json;
use super::metrics::Metric;
use super::plan::{Components, Row};
use super::results::{BART, Values};
use crate::tool;

/// Why there is nothing to measure.
const NO_IMAGE: &str = "no image in `target/image`: `cargo xtask image` makes it";

/// The sum of what a machine downloads, of the larger platform.
pub(super) fn size(fixture: &Fixture, row: &Row) -> Result<()> {
    let Some(layout) = layout()? else {
        return fixture.skip(row, BART, NO_IMAGE);
    };
    let index = json(&layout.join("index.json"))?;
    let sizes = manifests(&layout, &index)?
        .iter()
        .map(compressed_bytes)
        .collect::<Result<Vec<f64>>>()?;
    let largest = sizes.into_iter().reduce(f64::max);
    let largest = largest.context("an image without a platform")?;
    fixture.run(row, BART, 0, Values::from([(Metric::Bytes, largest)]))
}

/// `bart image`, from a base in the registry.
pub(super) fn stamp(fixture: &Fixture, row: &Row) -> Result<()> {
    if tool::output(Command::new(&fixture.bart).args(["image", "--help"])).is_err() {
        return fixture.skip(row, BART, "this `bart` has no command `image`");
    }
    let Some(layout) = layout()? else {
        return fixture.skip(row, BART, NO_IMAGE);
    };
    let release = fixture.release(10, Components::Bundled)?;
    let image = |base: &str, name: &str| {
        let mut image = Command::new(&fixture.bart);
        image.args(["image", "--base", base, "--build-id", TAG]);
        image.args(["--repository", &release.repository]);
        let target = format!("{}/bench/{name}:{TAG}", fixture.registry.host);
        image.args(["--push", &target]);
        (image, target)
    };
    let layout = layout.to_str().context("the target folder is not UTF-8")?;
    let (mut command, base) = image(layout, "base");
    tool::output(&mut command)?;
    for run in 0..fixture.effort.runs {
        let (mut command, _) = image(&base, &format!("image-{run}"));
        let begin = Instant::now();
        tool::output(&mut command)?;
        let time = begin.elapsed().as_secs_f64() * 1e3;
        fixture.run(row, BART, run, Values::from([(Metric::Milliseconds, time)]))?;
    }
    Ok(())
}

/// Where `cargo xtask image` puts the image.
fn layout() -> Result<Option<PathBuf>> {
    let image = tool::target_dir()?.join("image");
    let mut places = [image.join("layout"), image].into_iter();
    Ok(places.find(|place| place.join("index.json").is_file()))
}

/// The manifests of all platforms: an index may name further indexes.
fn manifests(layout: &Path, index: &Value) -> Result<Vec<Value>> {
    let Some(entries) = index["manifests"].as_array() else {
        return Ok(vec![index.clone()]);
    };
    let mut found = Vec::new();
    for entry in entries {
        let digest = entry["digest"].as_str();
        let digest = digest.context("an image index without a digest")?;
        let blob = layout.join("blobs").join(digest.replace(':', "/"));
        found.extend(manifests(layout, &json(&blob)?)?);
    }
    Ok(found)
}

fn compressed_bytes(manifest: &Value) -> Result<f64> {
    let layers = manifest["layers"].as_array();
    let layers = layers.context("an image manifest without layers")?;
    layers
        .iter()
        .chain([&manifest["config"]])
        .map(|blob| blob["size"].as_f64().context("a blob without a size"))
        .sum()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_size_of_a_platform_is_that_of_its_blobs() {
        let manifest =
            json!({ "config": { "size": 5 }, "layers": [{ "size": 10 }, { "size": 20 }] });
        assert_eq!(compressed_bytes(&manifest).unwrap(), 35.0);
        assert!(compressed_bytes(&json!({ "config": { "size": 5 } })).is_err());
        let headless = json!({ "config": {}, "layers": [] });
        assert!(compressed_bytes(&headless).is_err());
    }
}
