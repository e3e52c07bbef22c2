//! How many processors there are, which takes the system a dozen calls to say.

use std::num::NonZero;
use std::sync::LazyLock;
use std::thread;

static PROCESSORS: LazyLock<usize> =
    LazyLock::new(|| thread::available_parallelism().map_or(1, NonZero::get));

/// The processors that this process may use, as they were when it was first asked.
pub(crate) fn processors() -> usize {
    *PROCESSORS
}
