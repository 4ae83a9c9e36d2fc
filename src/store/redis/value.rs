//! The form in which a record and a change are written.
//!
//! A record: 8 bytes of stamp, 4 of revision, 4 that tell how long the list of its open promises is, the list, and what was put. An
//! entry of the list: 4 bytes that tell how long it is, 8 of time, and the promise's id. The scripts read the same form.

use tonic::codegen::Bytes;

use super::keys::sorted_time;
use crate::store::record::{Change, Key, Put, Record, Stamp};

/// A stamp as it is written.
pub(super) fn stamp(stamp: Stamp) -> [u8; 8] {
    stamp.0.to_be_bytes()
}

/// The stamp at the beginning of a record.
pub(super) fn stamp_of(record: &[u8]) -> Option<Stamp> {
    record.first_chunk().map(|bytes| Stamp(u64::from_be_bytes(*bytes)))
}

/// What is written for `put`.
pub(super) fn record(put: &Put<'_>) -> Vec<u8> {
    let promises = promises(put);
    let mut bytes = Vec::with_capacity(16 + promises.len() + put.record.bytes.len());
    bytes.extend(stamp(put.record.stamp));
    bytes.extend(put.record.revision.to_be_bytes());
    bytes.extend(length(&promises));
    bytes.extend(promises);
    bytes.extend(&put.record.bytes);
    bytes
}

fn promises(put: &Put<'_>) -> Vec<u8> {
    let mut list = Vec::new();
    for (time, id) in &put.promises {
        let entry = [&sorted_time(*time), id.as_bytes()].concat();
        list.extend(length(&entry));
        list.extend(entry);
    }
    list
}

/// Nothing near four billion bytes comes this far: servers take no value of that length.
fn length(bytes: &[u8]) -> [u8; 4] {
    u32::try_from(bytes.len()).unwrap_or(u32::MAX).to_be_bytes()
}

/// The record that was written as `bytes`.
pub(super) fn read(bytes: Vec<u8>) -> Option<Record> {
    let stamp = stamp_of(&bytes)?;
    let revision = u32::from_be_bytes(*bytes.get(8..12)?.first_chunk()?);
    let promises = u32::from_be_bytes(*bytes.get(12..16)?.first_chunk()?);
    let start = usize::try_from(promises).ok()?.checked_add(16)?;
    if start > bytes.len() {
        return None;
    }
    Some(Record { revision, stamp, bytes: Bytes::from(bytes).slice(start..) })
}

/// A change as the others are told it: who tells it, what is there now, and of which conversation.
pub(super) fn change(replica: u64, key: Key<'_>, now: Option<Stamp>) -> Vec<u8> {
    let mut bytes = replica.to_be_bytes().to_vec();
    bytes.push(u8::from(now.is_some()));
    bytes.extend(stamp(now.unwrap_or(Stamp(0))));
    bytes.extend(length(key.tenant.as_bytes()));
    bytes.extend(key.tenant.as_bytes());
    bytes.extend(key.conversation.as_bytes());
    bytes
}

/// Who told a change, and which.
pub(super) fn read_change(bytes: &[u8]) -> Option<(u64, Change)> {
    let (replica, rest) = bytes.split_first_chunk()?;
    let (there, rest) = rest.split_first()?;
    let (stamp, rest) = rest.split_first_chunk()?;
    let (length, texts) = rest.split_first_chunk()?;
    let (tenant, conversation) = texts.split_at_checked(usize::try_from(u32::from_be_bytes(*length)).ok()?)?;
    let change = Change::Of {
        tenant: String::from_utf8(tenant.to_vec()).ok()?,
        conversation: String::from_utf8(conversation.to_vec()).ok()?,
        stamp: (*there == 1).then(|| Stamp(u64::from_be_bytes(*stamp))),
    };
    Some((u64::from_be_bytes(*replica), change))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use proptest::prelude::*;
    use tonic::codegen::Bytes;

    use super::{change, read, read_change, record, stamp_of};
    use crate::playbook::Time;
    use crate::store::record::{Change, Key, Put, Record, Stamp};

    proptest! {
        #[test]
        fn records_are_read_as_they_were_written(
            stamp: u64, revision: u32, bytes: Vec<u8>, promises: Vec<(i64, String)>,
        ) {
            let put = Put {
                key: Key { tenant: "", conversation: "" },
                replaces: None,
                record: Record { revision, stamp: Stamp(stamp), bytes: Bytes::from(bytes) },
                lasts: Duration::ZERO,
                promises: promises.iter().map(|(time, id)| (Time::from_millis(*time), id.as_str())).collect(),
            };
            let written = record(&put);
            prop_assert_eq!(stamp_of(&written), Some(Stamp(stamp)));
            prop_assert_eq!(read(written), Some(put.record));
        }

        #[test]
        fn changes_are_read_as_they_were_told(replica: u64, tenant: String, conversation: String, now: Option<u64>) {
            let stamp = now.map(Stamp);
            let told = change(replica, Key { tenant: &tenant, conversation: &conversation }, stamp);
            prop_assert_eq!(read_change(&told), Some((replica, Change::Of { tenant, conversation, stamp })));
        }

        #[test]
        fn whatever_is_found_is_read_without_harm(bytes: Vec<u8>) {
            let _ = (read(bytes.clone()), read_change(&bytes));
        }
    }
}
