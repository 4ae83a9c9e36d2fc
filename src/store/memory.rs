//! Conversations in the memory of this process.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::record::{Due, DueQuery, Key, Put, Record, Written};
use crate::playbook::Time;

type Held = BTreeMap<(String, String), (Record, Vec<(Time, String)>)>;

/// Conversations in the memory of this process; clones share them.
#[derive(Debug, Clone, Default)]
pub struct Memory(Arc<Mutex<Held>>);

impl Memory {
    /// What is held under `key`.
    #[must_use]
    pub fn get(&self, key: Key<'_>) -> Option<Record> {
        self.with(|held| held.get(&owned(key)).map(|(record, _)| record.clone()))
    }

    /// Writes `put`, if what it replaces is what is there.
    #[must_use]
    pub fn put(&self, put: Put<'_>) -> Written {
        self.with(|held| {
            let there = held.get(&owned(put.key)).map(|(record, _)| record.clone());
            if there.as_ref().map(|record| record.stamp) != put.replaces {
                return Written::Outrun(there);
            }
            let promises = put.promises.iter().map(|(time, id)| (*time, (*id).to_owned())).collect();
            held.insert(owned(put.key), (put.record, promises));
            Written::Kept
        })
    }

    /// Forgets a conversation; whether there was one.
    #[must_use]
    pub fn delete(&self, key: Key<'_>) -> bool {
        self.with(|held| held.remove(&owned(key)).is_some())
    }

    /// Promises that fall due, the earliest first.
    #[must_use]
    pub fn due(&self, query: &DueQuery<'_>) -> Vec<Due> {
        self.with(|held| {
            let of_tenant = held.iter().filter(|((tenant, _), _)| tenant == query.tenant);
            let mut due: Vec<Due> = of_tenant
                .flat_map(|((_, conversation), (_, promises))| {
                    promises.iter().map(move |(time, id)| Due {
                        time: *time,
                        conversation: conversation.clone(),
                        commitment: id.clone(),
                    })
                })
                .filter(|due| due.time <= query.until && query.after.as_ref().is_none_or(|after| due > after))
                .collect();
            due.sort();
            due.truncate(query.most);
            due
        })
    }

    fn with<T>(&self, act: impl FnOnce(&mut Held) -> T) -> T {
        act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

fn owned(key: Key<'_>) -> (String, String) {
    (key.tenant.to_owned(), key.conversation.to_owned())
}
