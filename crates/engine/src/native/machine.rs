//! The kinds of machines that native code is made for. The CPU of the builder is none of them, so that it never leaks into an image.

use std::env;
use std::fmt;
use std::str::FromStr;

use wasmtime::Config;

/// What wasmtime may use of a CPU of x86-64-v3, which is Haswell (2013) and Zen (2017) or later. Without SSE 4.1 rounding would be calls
/// that are linked when code is loaded, which makes pages private to a process.
const X86_64_V3: [&str; 12] = [
    "has_sse3",
    "has_ssse3",
    "has_cmpxchg16b",
    "has_sse41",
    "has_sse42",
    "has_popcnt",
    "has_avx",
    "has_avx2",
    "has_fma",
    "has_bmi1",
    "has_bmi2",
    "has_lzcnt",
];

/// A kind of machine, all of which run the same code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Machine {
    /// x86-64-v3 with Linux.
    X86_64,
    /// Every 64-bit Arm with Linux.
    Aarch64,
}

/// What code is compiled for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Target {
    /// For machines of a kind.
    Kind(Machine),
    /// For this machine alone, which is of no kind.
    Own,
}

/// A kind of machine that bart does not know.
#[derive(Debug, thiserror::Error)]
#[error("`{0}` is none of `x86_64` and `aarch64`")]
pub struct UnknownMachine(String);

impl Machine {
    /// All kinds.
    pub const ALL: [Machine; 2] = [Machine::X86_64, Machine::Aarch64];

    /// Its architecture, as in a target of Rust.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Machine::X86_64 => "x86_64",
            Machine::Aarch64 => "aarch64",
        }
    }

    /// The kind of this machine.
    #[must_use]
    pub fn here() -> Option<Machine> {
        if !cfg!(target_os = "linux") {
            return None;
        }
        #[cfg(target_arch = "x86_64")]
        if is_v3() {
            return Some(Machine::X86_64);
        }
        if cfg!(target_arch = "aarch64") {
            return Some(Machine::Aarch64);
        }
        None
    }

    /// The target of Rust. The C library makes no difference to the code, but wasmtime runs what was compiled for its own target alone.
    fn triple(self) -> String {
        // Code for another architecture is for an image, which is linked with musl.
        let is_foreign = self.name() != env::consts::ARCH;
        let library = if is_foreign || cfg!(target_env = "musl") {
            "musl"
        } else {
            "gnu"
        };
        format!("{}-unknown-linux-{library}", self.name())
    }

    const fn features(self) -> &'static [&'static str] {
        match self {
            Machine::X86_64 => &X86_64_V3,
            Machine::Aarch64 => &[],
        }
    }
}

/// The architecture, or a target of Rust that begins with it.
impl FromStr for Machine {
    type Err = UnknownMachine;

    fn from_str(text: &str) -> Result<Machine, UnknownMachine> {
        let architecture = text.split('-').next();
        Machine::ALL
            .into_iter()
            .find(|machine| architecture == Some(machine.name()))
            .ok_or_else(|| UnknownMachine(text.to_owned()))
    }
}

impl fmt::Display for Machine {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

impl Target {
    /// What code for this machine is compiled for.
    pub(crate) fn here() -> Target {
        Machine::here().map_or(Target::Own, Target::Kind)
    }

    /// A name for people; keys need more to differ.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Target::Kind(Machine::X86_64) => "x86_64-v3",
            Target::Kind(Machine::Aarch64) => "aarch64",
            Target::Own => "own",
        }
    }

    /// Lets `config` compile for it.
    pub(crate) fn apply(self, config: &mut Config) {
        // Without a target, wasmtime asks the CPU what it has.
        let Target::Kind(machine) = self else {
            return;
        };
        config
            .target(&machine.triple())
            .expect("wasmtime knows the targets that bart names");
        for feature in machine.features() {
            enable(config, feature);
        }
    }
}

/// Lets code use a feature of the CPU.
#[expect(unsafe_code, reason = "wasmtime has no other way to name CPU features")]
fn enable(config: &mut Config, feature: &str) {
    // SAFETY: a wrong setting of Cranelift could make wrong code. Those in `X86_64_V3` only say what the CPU has, and wasmtime
    // compares them with the CPU before it runs code.
    unsafe {
        config.cranelift_flag_enable(feature);
    }
}

#[cfg(target_arch = "x86_64")]
fn is_v3() -> bool {
    use std::arch::is_x86_feature_detected as has;
    has!("sse3")
        && has!("ssse3")
        && has!("cmpxchg16b")
        && has!("sse4.1")
        && has!("sse4.2")
        && has!("popcnt")
        && has!("avx")
        && has!("avx2")
        && has!("fma")
        && has!("bmi1")
        && has!("bmi2")
        && has!("lzcnt")
}
