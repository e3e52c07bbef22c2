//! What a reader of a locked app must know, and must refuse to leave out.

use std::collections::BTreeMap;

use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

/// What a host of bart's has: components that call each other at `http://<component>.spin.internal`.
const KNOWN: [&str; 1] = ["local_service_chaining"];

/// What says that a requirement may be left out.
const OPTIONAL: &str = "optional";

/// The version of the format of a locked app: 0, or 1 where something must be understood.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LockVersion(u8);

/// A part of a locked app that must not be left out by a reader that does not know it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MustUnderstand {
    /// What the application needs of its host.
    HostRequirements,
    /// What its components need.
    ComponentHostRequirements,
}

impl LockVersion {
    /// The version of applications that must be understood in nothing.
    pub const PLAIN: LockVersion = LockVersion(0);
    /// The latest version.
    pub const LATEST: LockVersion = LockVersion(1);
}

impl Serialize for LockVersion {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u8(self.0)
    }
}

impl<'de> Deserialize<'de> for LockVersion {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<LockVersion, D::Error> {
        let version = u64::deserialize(deserializer)?;
        match version {
            0 => Ok(LockVersion::PLAIN),
            1 => Ok(LockVersion::LATEST),
            _ => Err(D::Error::custom(format!(
                "its `spin_lock_version` is {version}, and the latest known one is {}",
                LockVersion::LATEST.0
            ))),
        }
    }
}

/// Reads requirements: optional ones are left out, unknown ones refused, as Spin does whatever `must_understand` says.
pub(super) fn read<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<BTreeMap<String, Value>, D::Error> {
    let mut requirements = BTreeMap::<String, Value>::deserialize(deserializer)?;
    requirements.retain(|_, value| value != OPTIONAL);
    let unknown: Vec<&str> = requirements
        .keys()
        .map(String::as_str)
        .filter(|name| !KNOWN.contains(name))
        .collect();
    if unknown.is_empty() {
        return Ok(requirements);
    }
    let unknown = unknown.join("`, `");
    Err(D::Error::custom(format!(
        "it needs `{unknown}` of its host, which bart does not have"
    )))
}
