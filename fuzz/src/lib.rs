//! What must hold for any input. `cargo fuzz` looks for inputs for which it does not, the tests repeat those it found.

pub mod accept_encoding;
pub mod entity_tags;
mod files;
pub mod front_matter;
pub mod manifests;
pub mod range;
pub mod reads;
pub mod request_path;
mod site_folder;
pub mod site_settings;
pub mod templates;

pub use files::check_files;

/// A property: panics if it does not hold for an input.
pub type Check = fn(&[u8]);

/// The fuzz targets by name. Each has a folder of that name in `corpus`.
pub const TARGETS: [(&str, Check); 9] = [
    ("accept_encoding", accept_encoding::check),
    ("entity_tags", entity_tags::check),
    ("front_matter", front_matter::check),
    ("manifests", manifests::check),
    ("range", range::check),
    ("reads", reads::check),
    ("request_path", request_path::check),
    ("site_settings", site_settings::check),
    ("templates", templates::check),
];
