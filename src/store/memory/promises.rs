//! Promises of what is held, by tenant and time: who asks what falls due walks over nothing else.

use std::collections::{BTreeMap, HashMap};
use std::ops::Bound;

use tokio::time::Instant;

use super::part::{Entry, Name};
use crate::playbook::Time;
use crate::store::record::{Due, DueQuery, Key};

/// Promises of each tenant, and when the time of their conversation is over.
#[derive(Debug, Default)]
pub(super) struct Promises(HashMap<Box<str>, BTreeMap<Due, Instant>>);

impl Promises {
    pub(super) fn add(&mut self, name: &Name, entry: &Entry) {
        let Key { tenant, conversation } = name.key();
        let of_tenant = self.0.entry(tenant.into()).or_default();
        for promise in &entry.promises {
            of_tenant.insert(due(conversation, promise), entry.ends);
        }
    }

    pub(super) fn remove(&mut self, name: &Name, entry: &Entry) {
        let Key { tenant, conversation } = name.key();
        let Some(of_tenant) = self.0.get_mut(tenant) else { return };
        for promise in &entry.promises {
            of_tenant.remove(&due(conversation, promise));
        }
        if of_tenant.is_empty() {
            self.0.remove(tenant);
        }
    }

    pub(super) fn due(&self, query: &DueQuery<'_>, now: Instant) -> Vec<Due> {
        let Some(of_tenant) = self.0.get(query.tenant) else { return Vec::new() };
        let start = query.after.as_ref().map_or(Bound::Unbounded, Bound::Excluded);
        let due = of_tenant.range::<Due, _>((start, Bound::Unbounded));
        let due = due.take_while(|(due, _)| due.time <= query.until).filter(|(_, ends)| **ends > now);
        due.map(|(due, _)| due.clone()).take(query.most).collect()
    }
}

fn due(conversation: &str, (time, id): &(Time, Box<str>)) -> Due {
    Due { time: *time, conversation: conversation.to_owned(), commitment: id.clone().into_string() }
}
