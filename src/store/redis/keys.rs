//! Names of what is kept in Redis.
//!
//! Each conversation belongs to one of a fixed number of buckets, and all keys of a bucket have the same hash tag, so that in a
//! cluster a script finds a conversation and the index of its promises on one server. Tenants and ids may be any text: different
//! ones have different names.

use xxhash_rust::xxh3::xxh3_64;

use crate::playbook::Time;
use crate::store::record::{Due, Key};

/// What all names begin with. The number goes up when what is kept changes its form.
const PREFIX: &str = "composure:1:";

/// Where changes are told.
pub(super) const CHANGES: &str = "composure:1:changes";

/// How many buckets there are. Another number would lose what is kept.
pub(super) const BUCKETS: u64 = 64;

/// Names of what belongs to a conversation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Names {
    /// Its bucket.
    pub(super) bucket: u64,
    /// The key of its record.
    pub(super) record: Vec<u8>,
    /// The key of its tenant's and bucket's promises.
    pub(super) promises: Vec<u8>,
    /// What the keys of records of this tenant and bucket begin with.
    pub(super) records: Vec<u8>,
}

impl Names {
    /// Of what belongs to `key`.
    pub(super) fn of(key: Key<'_>) -> Self {
        let bucket = bucket_of(key);
        let records = records(bucket, key.tenant);
        let record = [&records, key.conversation.as_bytes()].concat();
        Self { bucket, record, promises: promises(bucket, key.tenant), records }
    }
}

/// What the keys of a tenant's records begin with; the length tells where the tenant ends.
pub(super) fn records(bucket: u64, tenant: &str) -> Vec<u8> {
    format!("{PREFIX}{{{bucket}}}:record:{}:{tenant}", tenant.len()).into_bytes()
}

/// The key of a tenant's promises.
pub(super) fn promises(bucket: u64, tenant: &str) -> Vec<u8> {
    format!("{PREFIX}{{{bucket}}}:promises:{tenant}").into_bytes()
}

/// The same on every machine and in every version.
fn bucket_of(key: Key<'_>) -> u64 {
    let text = format!("{}:{}{}", key.tenant.len(), key.tenant, key.conversation);
    xxh3_64(text.as_bytes()) % BUCKETS
}

/// Ends a text in a sorted name. No text holds it, for zeros in texts are followed by `ESCAPE`.
const END: [u8; 2] = [0, 1];

/// Follows a zero that is part of a text.
const ESCAPE: u8 = 0xFF;

/// A conversation's id as part of sorted names: they sort as the ids do.
pub(super) fn sorted_conversation(conversation: &str) -> Vec<u8> {
    let mut sorted = Vec::with_capacity(conversation.len() + END.len());
    for byte in conversation.bytes() {
        sorted.push(byte);
        if byte == 0 {
            sorted.push(ESCAPE);
        }
    }
    sorted.extend(END);
    sorted
}

/// A moment as the beginning of sorted names: they sort as the moments do.
pub(super) fn sorted_time(time: Time) -> [u8; 8] {
    // With the sign turned, negative numbers come before the others.
    (time.millis().cast_unsigned() ^ (1 << 63)).to_be_bytes()
}

/// A promise in the index.
pub(super) fn sorted_due(due: &Due) -> Vec<u8> {
    [&sorted_time(due.time), sorted_conversation(&due.conversation).as_slice(), due.commitment.as_bytes()].concat()
}

/// The promise that was put into the index as `member`.
pub(super) fn due(member: &[u8]) -> Option<Due> {
    let (time, texts) = member.split_first_chunk::<8>()?;
    let time = Time::from_millis((u64::from_be_bytes(*time) ^ (1 << 63)).cast_signed());
    let end = texts.windows(END.len()).position(|two| two == END)?;
    let (conversation, commitment) = (texts.get(..end)?, texts.get(end + END.len()..)?);
    Some(Due { time, conversation: text(unescaped(conversation))?, commitment: text(commitment.to_vec())? })
}

fn unescaped(sorted: &[u8]) -> Vec<u8> {
    // No text holds the byte itself, as it is no part of UTF-8.
    sorted.iter().copied().filter(|byte| *byte != ESCAPE).collect()
}

fn text(bytes: Vec<u8>) -> Option<String> {
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{BUCKETS, Names, due, sorted_due};
    use crate::playbook::Time;
    use crate::store::record::{Due, Key};

    /// Texts that are likely to be taken for one another.
    fn tricky() -> impl Strategy<Value = String> {
        prop_oneof![3 => "[01:{}\\x00\\x01\u{ff}ab]{0,6}", 1 => any::<String>()]
    }

    fn any_due() -> impl Strategy<Value = Due> {
        let time = prop_oneof![any::<i64>(), -2..2_i64];
        (time, tricky(), tricky()).prop_map(|(time, conversation, commitment)| Due {
            time: Time::from_millis(time),
            conversation,
            commitment,
        })
    }

    proptest! {
        #[test]
        fn different_conversations_have_different_names(one in (tricky(), tricky()), other in (tricky(), tricky())) {
            let names = |(tenant, conversation): &(String, String)| Names::of(Key { tenant, conversation });
            prop_assert_eq!(one == other, names(&one).record == names(&other).record);
            let (one, other) = (names(&one), names(&other));
            prop_assert!(one.record != other.promises && one.promises != other.record);
        }

        #[test]
        fn different_tenants_have_different_indexes(one in tricky(), other in tricky(), bucket in 0..BUCKETS) {
            prop_assert_eq!(one == other, super::promises(bucket, &one) == super::promises(bucket, &other));
        }

        #[test]
        fn promises_sort_by_their_names_and_are_read_from_them(one in any_due(), other in any_due()) {
            prop_assert_eq!(one.cmp(&other), sorted_due(&one).cmp(&sorted_due(&other)));
            prop_assert_eq!(due(&sorted_due(&one)), Some(one));
        }
    }

    #[test]
    fn names_are_what_earlier_versions_wrote() {
        let names = Names::of(Key { tenant: "bank", conversation: "c-1" });
        assert_eq!(String::from_utf8(names.record).unwrap(), "composure:1:{59}:record:4:bankc-1");
        assert_eq!(String::from_utf8(names.promises).unwrap(), "composure:1:{59}:promises:bank");
    }

    #[test]
    fn buckets_are_about_equally_full() {
        let mut full = [0_usize; 64];
        for number in 0..64_000 {
            let names = Names::of(Key { tenant: "", conversation: &format!("c-{number}") });
            full[usize::try_from(names.bucket).unwrap()] += 1;
        }
        assert!(full.iter().all(|count| (800..1_200).contains(count)), "{full:?}");
    }
}
