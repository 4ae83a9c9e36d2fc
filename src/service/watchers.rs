//! Who watches which conversations, and learns that they change.
//!
//! Nobody is sent anything: each who watches has a set of the conversations that changed since they were last looked at, which is
//! never larger than what is watched, however many changes there are and however long nobody looks.

use std::collections::BTreeSet;
use std::collections::hash_map::RandomState;
use std::ops::Bound::{Excluded, Unbounded};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use hashbrown::{Equivalent, HashMap};
use tokio::sync::Notify;

use crate::store::{Key, Stamp};

/// All who watch; clones share them. Whoever holds the lock does next to nothing, so there is one for all.
#[derive(Debug, Clone, Default)]
pub(super) struct Watchers(Arc<Mutex<All>>);

/// Callers choose the names, so the hash is one that they can't foresee.
type All = HashMap<Name, Vec<Watcher>, RandomState>;

/// Which conversation is watched.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Name {
    tenant: Arc<str>,
    conversation: Arc<str>,
}

/// One who watches it.
#[derive(Debug)]
struct Watcher {
    inbox: Arc<Inbox>,
    knows: Knows,
}

/// What one who watches saw last, or was told to look at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Knows {
    Nothing,
    /// This write, or that there is none.
    Of(Option<Stamp>),
}

/// What changed, for one who watches.
#[derive(Debug, Default)]
struct Inbox {
    changed: Mutex<Changed>,
    bell: Notify,
}

#[derive(Debug, Default)]
struct Changed {
    conversations: BTreeSet<Arc<str>>,
    /// The one that was taken last: those behind it have their turn first.
    last: Option<Arc<str>>,
}

/// The conversations of a tenant that somebody watches, until this is dropped.
#[derive(Debug)]
pub struct Watch {
    watchers: Watchers,
    tenant: Arc<str>,
    conversations: BTreeSet<Arc<str>>,
    inbox: Arc<Inbox>,
}

impl Watch {
    /// Watches a conversation, too, and has it looked at.
    pub fn add(&mut self, conversation: &str) -> Arc<str> {
        let watched = match self.conversations.get(conversation) {
            Some(watched) => Arc::clone(watched),
            None => self.begin(conversation.into()),
        };
        self.look_at(&watched);
        watched
    }

    /// Watches a conversation no more.
    pub fn remove(&mut self, conversation: &str) {
        if self.conversations.remove(conversation) {
            self.watchers.leave(self.key(conversation), &self.inbox);
        }
    }

    /// Has a conversation looked at, whether it changed or not.
    pub fn look_at(&self, conversation: &Arc<str>) {
        self.inbox.put(conversation);
    }

    /// A conversation was looked at, and this write was there, or nothing: that need not be told.
    pub fn saw(&self, conversation: &str, there: Option<Stamp>) {
        self.know(conversation, Knows::Of(there));
    }

    /// Has a conversation looked at as soon as it is known again how it stands.
    pub fn look_once_known(&self, conversation: &str) {
        self.know(conversation, Knows::Nothing);
    }

    /// The next conversation to be looked at, each in its turn.
    pub async fn changed(&self) -> Arc<str> {
        loop {
            if let Some(conversation) = self.inbox.take() {
                return conversation;
            }
            self.inbox.bell.notified().await;
        }
    }

    fn begin(&mut self, conversation: Arc<str>) -> Arc<str> {
        let name = Name { tenant: Arc::clone(&self.tenant), conversation: Arc::clone(&conversation) };
        let watcher = Watcher { inbox: Arc::clone(&self.inbox), knows: Knows::Nothing };
        self.watchers.all().entry(name).or_default().push(watcher);
        self.conversations.insert(Arc::clone(&conversation));
        conversation
    }

    fn know(&self, conversation: &str, knows: Knows) {
        let mut all = self.watchers.all();
        let watchers = all.get_mut(&self.key(conversation)).into_iter().flatten();
        for watcher in watchers.filter(|watcher| Arc::ptr_eq(&watcher.inbox, &self.inbox)) {
            watcher.knows = knows;
        }
    }

    fn key<'a>(&'a self, conversation: &'a str) -> Key<'a> {
        Key { tenant: &self.tenant, conversation }
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        for conversation in &self.conversations {
            self.watchers.leave(self.key(conversation), &self.inbox);
        }
    }
}

impl Watchers {
    /// Somebody who watches conversations of a tenant, none so far.
    pub(super) fn watch(&self, tenant: &str) -> Watch {
        let (conversations, inbox) = (BTreeSet::new(), Arc::default());
        Watch { watchers: self.clone(), tenant: tenant.into(), conversations, inbox }
    }

    /// Tells of the write that is there now, or that there is nothing any more, whoever does not know.
    pub(super) fn tell(&self, key: Key<'_>, now: Option<Stamp>) {
        let mut all = self.all();
        let Some((name, watchers)) = all.get_key_value_mut(&key) else { return };
        for watcher in watchers.iter_mut().filter(|watcher| watcher.knows != Knows::Of(now)) {
            watcher.knows = Knows::Of(now);
            watcher.inbox.put(&name.conversation);
        }
    }

    /// Has everything looked at.
    pub(super) fn tell_all(&self) {
        for (name, watchers) in self.all().iter() {
            for watcher in watchers {
                watcher.inbox.put(&name.conversation);
            }
        }
    }

    /// All conversations that are watched.
    pub(super) fn names(&self) -> Vec<Name> {
        self.all().keys().cloned().collect()
    }

    fn leave(&self, key: Key<'_>, inbox: &Arc<Inbox>) {
        let mut all = self.all();
        let Some(watchers) = all.get_mut(&key) else { return };
        watchers.retain(|watcher| !Arc::ptr_eq(&watcher.inbox, inbox));
        if watchers.is_empty() {
            all.remove(&key);
        }
    }

    fn all(&self) -> MutexGuard<'_, All> {
        // Nothing in here panics half-way.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Name {
    pub(super) fn key(&self) -> Key<'_> {
        Key { tenant: &self.tenant, conversation: &self.conversation }
    }
}

/// Both hash their two texts in the same order.
impl Equivalent<Name> for Key<'_> {
    fn equivalent(&self, name: &Name) -> bool {
        *self == name.key()
    }
}

impl Inbox {
    fn put(&self, conversation: &Arc<str>) {
        let is_new = self.changed().conversations.insert(Arc::clone(conversation));
        if is_new {
            self.bell.notify_one();
        }
    }

    fn take(&self) -> Option<Arc<str>> {
        let mut changed = self.changed();
        let Changed { conversations, last } = &mut *changed;
        let behind =
            last.as_ref().and_then(|last| conversations.range::<Arc<str>, _>((Excluded(last), Unbounded)).next());
        let next = behind.or_else(|| conversations.first()).cloned()?;
        conversations.remove(&next);
        *last = Some(Arc::clone(&next));
        Some(next)
    }

    fn changed(&self) -> MutexGuard<'_, Changed> {
        self.changed.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt as _;

    use super::*;

    fn key(conversation: &str) -> Key<'_> {
        Key { tenant: "t", conversation }
    }

    /// What is to be looked at, in this order.
    fn taken(watch: &Watch) -> Vec<String> {
        std::iter::from_fn(|| watch.changed().now_or_never()).map(|name| name.to_string()).collect()
    }

    #[test]
    fn of_any_number_of_changes_each_conversation_is_named_once() {
        let watchers = Watchers::default();
        let mut watch = watchers.watch("t");
        watch.add("a");
        watch.add("b");
        assert_eq!(taken(&watch), ["a", "b"]);
        for stamp in 0..10_000 {
            watchers.tell(key("b"), Some(Stamp(stamp)));
            watchers.tell(Key { tenant: "u", conversation: "a" }, Some(Stamp(stamp)));
        }
        assert_eq!(taken(&watch), ["b"]);
    }

    #[test]
    fn the_same_write_is_told_once_unless_it_is_to_be_told_again() {
        let watchers = Watchers::default();
        let mut watch = watchers.watch("t");
        watch.add("a");
        taken(&watch);
        watchers.tell(key("a"), Some(Stamp(1)));
        assert_eq!(taken(&watch), ["a"]);
        watchers.tell(key("a"), Some(Stamp(1)));
        assert_eq!(taken(&watch), [""; 0]);
        watch.look_once_known("a");
        watchers.tell(key("a"), Some(Stamp(1)));
        assert_eq!(taken(&watch), ["a"]);
        watchers.tell(key("a"), None);
        assert_eq!(taken(&watch), ["a"]);
    }

    #[test]
    fn what_was_seen_is_told_to_others_alone() {
        let watchers = Watchers::default();
        let (mut one, mut other) = (watchers.watch("t"), watchers.watch("t"));
        for watch in [&mut one, &mut other] {
            watch.add("a");
            taken(watch);
        }
        one.saw("a", None);
        watchers.tell(key("a"), None);
        assert_eq!((taken(&one).len(), taken(&other).len()), (0, 1));
        // What comes while it is looked at is not taken for what was seen.
        watchers.tell(key("a"), Some(Stamp(1)));
        one.saw("a", None);
        assert_eq!((taken(&one).len(), taken(&other).len()), (1, 1));
        one.saw("a", Some(Stamp(1)));
        watchers.tell(key("a"), Some(Stamp(1)));
        assert_eq!((taken(&one).len(), taken(&other).len()), (0, 0));
    }

    #[test]
    fn one_that_changes_all_the_time_keeps_no_other_waiting() {
        let watchers = Watchers::default();
        let mut watch = watchers.watch("t");
        for name in ["a", "b", "c"] {
            watch.add(name);
        }
        let mut seen = Vec::new();
        while let Some(name) = watch.changed().now_or_never().filter(|_| seen.len() < 4) {
            seen.push(name.to_string());
            watch.look_at(&"a".into());
        }
        assert_eq!(seen, ["a", "b", "c", "a"]);
    }

    #[test]
    fn what_nobody_watches_any_more_is_forgotten() {
        let watchers = Watchers::default();
        let (mut one, mut other) = (watchers.watch("t"), watchers.watch("t"));
        one.add("a");
        other.add("a");
        other.add("b");
        one.remove("a");
        assert_eq!(watchers.names().len(), 2);
        watchers.tell(key("a"), None);
        assert_eq!((taken(&one).len(), taken(&other).len()), (1, 2), "only what was there before it left");
        drop(other);
        assert_eq!(watchers.names(), []);
    }

    #[tokio::test]
    async fn whoever_waits_is_woken() {
        let watchers = Watchers::default();
        let mut watch = watchers.watch("t");
        watch.add("a");
        taken(&watch);
        let waiting = tokio::spawn(async move { watch.changed().await.to_string() });
        tokio::task::yield_now().await;
        watchers.tell(key("a"), Some(Stamp(1)));
        assert_eq!(waiting.await.unwrap(), "a");
    }
}
