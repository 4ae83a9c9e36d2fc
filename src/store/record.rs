//! What is held, and what is asked of a store.

use tonic::codegen::Bytes;

use crate::playbook::Time;

/// Which conversation: ids are of the caller's making, and unique for a tenant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Key<'a> {
    /// Whose; empty where nobody is asked who they are.
    pub tenant: &'a str,
    /// Its id.
    pub conversation: &'a str,
}

/// Which write a record is of: unique, drawn by the writer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Stamp(pub u64);

/// What is held.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// How often the conversation was written.
    pub revision: u32,
    /// Which write it is of.
    pub stamp: Stamp,
    /// What was written.
    pub bytes: Bytes,
}

/// A wish to write.
#[derive(Debug, Clone)]
pub struct Put<'a> {
    /// Of which conversation.
    pub key: Key<'a>,
    /// What is replaced; `None`: there was nothing.
    pub replaces: Option<Stamp>,
    /// What is written.
    pub record: Record,
    /// How long it is held if nobody writes again.
    pub lasts: std::time::Duration,
    /// All promises that are open, by their ids, and when they fall due.
    pub promises: Vec<(Time, &'a str)>,
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Written {
    /// It is written.
    Kept,
    /// Somebody else was there first: this is what is there now, and nothing was written.
    Outrun(Option<Record>),
}

/// What a process knows without asking.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Hint {
    /// This is what is held.
    Certain(Option<Record>),
    /// This was held when it was last seen here, if it was.
    Perhaps(Option<Record>),
    /// This is later than what is held: the store could not be asked to write it.
    Ahead(Unwritten),
}

/// What is to be written, and nobody has written yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unwritten {
    /// What is to be held.
    pub record: Record,
    /// What it replaces: what was held when it was last seen here.
    pub replaces: Option<Stamp>,
    /// Writes of this process between that and this one: any of them may have been done, though nobody said so.
    pub own: Vec<Stamp>,
    /// How long it is held if nobody writes again.
    pub lasts: std::time::Duration,
    /// All promises that are open, by their ids, and when they fall due.
    pub promises: Vec<(Time, String)>,
}

impl Unwritten {
    /// The wish to write it under `key`.
    #[must_use]
    pub fn put<'a>(&'a self, key: Key<'a>) -> Put<'a> {
        let Self { record, replaces, own: _, lasts, promises } = self;
        let promises = promises.iter().map(|(time, id)| (*time, id.as_str())).collect();
        Put { key, replaces: *replaces, record: record.clone(), lasts: *lasts, promises }
    }
}

impl Unwritten {
    /// Whether nobody else has written where this is what is there.
    #[must_use]
    pub fn follows(&self, there: Option<Stamp>) -> bool {
        self.replaces == there || there.is_some_and(|there| self.own.contains(&there))
    }
}

impl Hint {
    /// Writes of this process that nobody said were done.
    #[must_use]
    pub fn own(&self) -> Vec<Stamp> {
        match self {
            Self::Certain(_) | Self::Perhaps(_) => Vec::new(),
            Self::Ahead(unwritten) => unwritten.own.iter().copied().chain([unwritten.record.stamp]).collect(),
        }
    }

    /// What this process would go on from.
    #[must_use]
    pub fn record(&self) -> Option<&Record> {
        match self {
            Self::Certain(record) | Self::Perhaps(record) => record.as_ref(),
            Self::Ahead(unwritten) => Some(&unwritten.record),
        }
    }

    /// What a write has to replace.
    #[must_use]
    pub fn replaces(&self) -> Option<Stamp> {
        match self {
            Self::Certain(record) | Self::Perhaps(record) => record.as_ref().map(|record| record.stamp),
            Self::Ahead(unwritten) => unwritten.replaces,
        }
    }
}

/// A promise that falls due.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Due {
    /// When.
    pub time: Time,
    /// Of which conversation.
    pub conversation: String,
    /// Its id.
    pub commitment: String,
}

/// A place in the list of what falls due: the entries behind it are wanted.
pub type DueAfter = Due;

/// Which promises are wanted.
#[derive(Debug, Clone)]
pub struct DueQuery<'a> {
    /// Whose.
    pub tenant: &'a str,
    /// Those that fall due at this moment or before it.
    pub until: Time,
    /// Those behind this one; `None`: from the first.
    pub after: Option<DueAfter>,
    /// So many at most.
    pub most: usize,
}

/// A conversation was written or forgotten by somebody else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// This one.
    Of {
        /// Whose.
        tenant: String,
        /// Its id.
        conversation: String,
        /// Which write is there now; `None`: it was forgotten.
        stamp: Option<Stamp>,
    },
    /// Nobody knows which: messages may have been missed.
    Any,
}

/// The store does not answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("conversations can't be reached at the moment")]
pub struct Unavailable;
