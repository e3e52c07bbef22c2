//! The architectures that the image is for, by the names that rustc, OCI and QEMU have for them.

use std::env;

use anyhow::{Result, bail};

/// An architecture; the operating system is Linux.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Architecture {
    Amd64,
    Arm64,
}

impl Architecture {
    /// All, in the order of their names.
    pub(crate) const ALL: [Architecture; 2] = [Architecture::Amd64, Architecture::Arm64];

    /// This machine's own.
    ///
    /// # Errors
    ///
    /// When there is no image for it.
    pub(crate) fn native() -> Result<Architecture> {
        match env::consts::ARCH {
            "x86_64" => Ok(Architecture::Amd64),
            "aarch64" => Ok(Architecture::Arm64),
            other => bail!("there is no image for `{other}`"),
        }
    }

    /// What OCI calls it.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Architecture::Amd64 => "amd64",
            Architecture::Arm64 => "arm64",
        }
    }

    /// What OCI calls the platform.
    pub(crate) fn platform(self) -> String {
        format!("linux/{}", self.name())
    }

    /// The Rust target of static binaries for it.
    pub(crate) const fn target(self) -> &'static str {
        match self {
            Architecture::Amd64 => "x86_64-unknown-linux-musl",
            Architecture::Arm64 => "aarch64-unknown-linux-musl",
        }
    }

    /// The program of `qemu-user-static` that runs it.
    pub(crate) const fn emulator(self) -> &'static str {
        match self {
            Architecture::Amd64 => "qemu-x86_64-static",
            Architecture::Arm64 => "qemu-aarch64-static",
        }
    }
}
