//! Which exit code and which hint the errors of the artifact crate have, in one place for all commands.

use artifact::StoreError;
use artifact::image::ImageError;
use artifact::layout::LayoutError;
use artifact::locked::LockedAppError;
use artifact::manifest::ManifestError;
use artifact::registry::{Fault, RegistryError};
use artifact::unpack::{ContentError, ReadError};

use crate::failure::{Failure, exit};

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Failure {
        let hint = error.hint();
        Failure::failed(error).hint_if_any(hint)
    }
}

impl From<ManifestError> for Failure {
    fn from(error: ManifestError) -> Failure {
        let code = match error {
            ManifestError::TooLarge { .. } => exit::MANIFEST_TOO_LARGE,
            _ => exit::NOT_AN_ARTIFACT,
        };
        Failure::failed(error).code(code)
    }
}

impl From<ImageError> for Failure {
    fn from(error: ImageError) -> Failure {
        let code = match error {
            ImageError::TooLarge { .. } => exit::MANIFEST_TOO_LARGE,
            _ => exit::NOT_AN_ARTIFACT,
        };
        Failure::failed(error).code(code)
    }
}

impl From<LockedAppError> for Failure {
    fn from(error: LockedAppError) -> Failure {
        Failure::failed(error).code(exit::NOT_AN_ARTIFACT)
    }
}

impl From<ContentError> for Failure {
    fn from(error: ContentError) -> Failure {
        let code = match error {
            ContentError::WrongDigest { .. } => exit::WRONG_BYTES,
            _ => exit::NOT_AN_ARTIFACT,
        };
        Failure::failed(error).code(code)
    }
}

impl From<ReadError> for Failure {
    fn from(error: ReadError) -> Failure {
        let code = match error {
            ReadError::Sink { .. } => exit::FAILED,
            _ => exit::NOT_AN_ARTIFACT,
        };
        Failure::failed(error).code(code)
    }
}

impl From<LayoutError> for Failure {
    fn from(error: LayoutError) -> Failure {
        match error {
            LayoutError::Manifest(error) => error.into(),
            LayoutError::NotALayout { .. } | LayoutError::NoArtifact { .. } => {
                Failure::usage(error)
            }
            LayoutError::Read { .. } | LayoutError::Write { .. } => Failure::failed(error),
        }
    }
}

impl From<RegistryError> for Failure {
    fn from(error: RegistryError) -> Failure {
        let code = exit_code(&error.fault);
        let hint = error.hint();
        Failure::failed(error).code(code).hint_if_any(hint)
    }
}

fn exit_code(fault: &Fault) -> u8 {
    match fault {
        Fault::UnknownHost { .. } => exit::UNKNOWN_HOST,
        Fault::Refused { .. } => exit::REFUSED,
        Fault::Tls { .. } | Fault::NoCertificate { .. } => exit::TLS,
        Fault::Unauthorized { .. }
        | Fault::PlainRealm { .. }
        | Fault::PlainTarget { .. }
        | Fault::Credentials(_) => exit::UNAUTHORIZED,
        Fault::Forbidden { .. } => exit::FORBIDDEN,
        Fault::NotFound { .. } => exit::NOT_FOUND,
        Fault::TooLarge { .. } => exit::TOO_LARGE,
        Fault::RateLimited { .. } => exit::RATE_LIMITED,
        Fault::Unavailable { .. } => exit::UNAVAILABLE,
        Fault::Connection { .. } | Fault::Silent { .. } | Fault::CutShort { .. } => exit::CUT_SHORT,
        Fault::WrongDigest { .. } | Fault::TooLong { .. } => exit::WRONG_BYTES,
        Fault::ManifestTooLarge { .. } => exit::MANIFEST_TOO_LARGE,
        Fault::NotARegistry { .. } | Fault::Malformed { .. } => exit::NOT_AN_ARTIFACT,
        Fault::NotAHost { .. } => exit::USAGE,
        Fault::TagTaken { .. }
        | Fault::TagMoved { .. }
        | Fault::Status { .. }
        | Fault::Client(_)
        | Fault::Read { .. }
        | Fault::Pack(_)
        | Fault::Changed { .. }
        | Fault::Write(_) => exit::FAILED,
    }
}
