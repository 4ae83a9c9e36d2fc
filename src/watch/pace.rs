//! How soon changes are told.

use std::time::Duration;

/// How soon changes are told.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pace {
    /// Changes are told when nothing has happened for this long,
    pub(super) quiet: Duration,
    /// or after this long.
    pub(super) most: Duration,
    /// A look is taken this often, whatever the kernel says.
    pub(super) look: Duration,
}

impl Default for Pace {
    fn default() -> Self {
        let (quiet, most) = (Duration::from_millis(200), Duration::from_secs(2));
        Self { quiet, most, look: Duration::from_secs(10) }
    }
}
