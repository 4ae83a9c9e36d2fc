//! The file's text to keys, or everything that is wrong with it.

use std::collections::HashMap;
use std::sync::Arc;

use super::entry::{self, Entry};
use super::yaml::{self, Content, Node, Wrong};
use super::{ApiKey, ApiKeys};
use crate::auth::caller::{Caller, Credential};
use crate::auth::digest::Digest;
use crate::auth::reload::Problems;

/// More problems than that help nobody.
const MOST_TOLD: usize = 50;

/// The keys in `bytes`, which stand in `file`.
pub(super) fn keys(file: &str, bytes: &[u8]) -> Result<ApiKeys, Problems> {
    let mut wrong = Vec::new();
    let entries: Vec<Entry> = match list(bytes) {
        Ok(nodes) => nodes.iter().filter_map(|node| entry::read(node, &mut wrong)).collect(),
        Err(problem) => return Err(Problems::one(told(file, &problem))),
    };
    refuse_twins(&entries, &mut wrong);
    match Problems::of(all_told(file, wrong)) {
        None => Ok(ApiKeys { file: Digest::of(bytes), by_digest: entries.into_iter().filter_map(key).collect() }),
        Some(problems) => Err(problems),
    }
}

fn list(bytes: &[u8]) -> Result<Vec<Node<'_>>, Wrong> {
    let text = str::from_utf8(bytes).map_err(|_| Wrong::new(1, "the file is not UTF-8"))?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    match yaml::parse(text)? {
        Some(Node { content: Content::List(nodes), .. }) => Ok(nodes),
        Some(Node { line, content: Content::Text(_) | Content::Mapping(_) }) => {
            Err(Wrong::new(line, "the file must be a list of keys: start each with `- id: NAME`"))
        }
        // An empty file is more likely one that is being written than one that takes all keys away.
        None => Err(Wrong::new(1, "the file is empty; without any key, write `[]`")),
    }
}

fn refuse_twins(entries: &[Entry], wrong: &mut Vec<Wrong>) {
    let (mut ids, mut digests) = (HashMap::new(), HashMap::new());
    for entry in entries {
        let (id, digest) = (entry.id.as_ref(), entry.digest);
        if let Some((id, line)) = id.and_then(|id| ids.insert(id, entry.line).map(|line| (id, line))) {
            wrong.push(Wrong::new(entry.line, format!("the id `{id}` is on line {line} already")));
        }
        if let Some(line) = digest.and_then(|digest| digests.insert(digest, entry.line)) {
            wrong.push(Wrong::new(entry.line, format!("the same key is on line {line} already")));
        }
    }
}

fn all_told(file: &str, mut wrong: Vec<Wrong>) -> Vec<String> {
    wrong.sort_by_key(|problem| problem.line);
    let more = wrong.len().saturating_sub(MOST_TOLD);
    let more = (more > 0).then(|| format!("{file}: and {more} more"));
    wrong.iter().take(MOST_TOLD).map(|problem| told(file, problem)).chain(more).collect()
}

fn told(file: &str, Wrong { line, what }: &Wrong) -> String {
    format!("{file}:{line}: {what}")
}

/// The key of an entry that is in order.
fn key(entry: Entry) -> Option<(Digest, ApiKey)> {
    let Entry { line: _, id, digest, tenant, roles, expires } = entry;
    Some((digest?, ApiKey { caller: Arc::new(Caller::new(tenant?, Credential::ApiKey(id?), roles)), expires }))
}
