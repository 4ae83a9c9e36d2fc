//! What changes conversations beside this process: others that write to the same store, time, and new playbooks.

use std::time::Duration;

use futures_util::StreamExt as _;
use tokio::time::{Instant, MissedTickBehavior, interval};

use super::held::Conversations;
use super::shelf::Shelf;
use super::watchers::Name;
use crate::store::{Change, Key};

/// How often it is asked what was written, where no message told.
const POLL: Duration = Duration::from_secs(5);
/// Conversations that are asked for at once.
const BATCH: usize = 500;
/// How long the store may take to answer.
const PATIENCE: Duration = Duration::from_secs(1);

impl Conversations {
    /// Tells those who watch of what others change, without end. Messages from the store tell at once; those that are lost, and
    /// conversations that end by themselves, are found a little later by asking.
    pub async fn follow(&self, playbooks: &Shelf) {
        let mut changes = self.store().changes().fuse();
        let mut replaced = playbooks.replaced();
        let mut polls = interval(POLL);
        polls.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                Some(change) = changes.next() => self.pass_on(change).await,
                Ok(()) = replaced.changed() => self.watchers().tell_all(),
                _ = polls.tick() => self.poll().await,
            }
        }
    }

    async fn pass_on(&self, change: Change) {
        match change {
            Change::Of { tenant, conversation, stamp } => {
                self.watchers().tell(Key { tenant: &tenant, conversation: &conversation }, stamp);
            }
            Change::Any => self.poll().await,
        }
    }

    /// Asks of all that is watched which write is there.
    async fn poll(&self) {
        let names = self.watchers().names();
        for batch in names.chunks(BATCH) {
            let keys: Vec<_> = batch.iter().map(Name::key).collect();
            // A store that does not answer is asked again the next time.
            let Ok(stamps) = self.store().stamps(&keys, Instant::now() + PATIENCE).await else { return };
            for (key, stamp) in keys.into_iter().zip(stamps) {
                self.watchers().tell(key, stamp);
            }
        }
    }
}
