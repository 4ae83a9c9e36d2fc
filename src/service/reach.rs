//! Reaching the store of conversations before a call needs it.

use tokio::time::Instant;

use super::held::Conversations;
use crate::store::Unavailable;

impl Conversations {
    /// Whether they are held outside of this process, so that their store has to be reached.
    #[must_use]
    pub fn are_outside(&self) -> bool {
        self.store().is_outside()
    }

    /// Reaches their store before a call needs it.
    ///
    /// # Errors
    ///
    /// It does not answer until `until`: calls go on without it.
    pub async fn reach(&self, until: Instant) -> Result<(), Unavailable> {
        self.store().reach(until).await
    }
}
