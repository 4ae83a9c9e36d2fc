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
    let entries = match str::from_utf8(bytes) {
        Ok(text) => entries(text, &mut wrong),
        Err(_) => {
            wrong.push(Wrong::new(1, "the file is not UTF-8"));
            Vec::new()
        }
    };
    refuse_twins(&entries, &mut wrong);
    match Problems::of(told(file, wrong)) {
        None => Ok(ApiKeys { file: Digest::of(bytes), by_digest: entries.into_iter().map(key).collect() }),
        Some(problems) => Err(problems),
    }
}

fn entries(text: &str, wrong: &mut Vec<Wrong>) -> Vec<Entry> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let root = match yaml::parse(text) {
        Ok(root) => root,
        Err(problem) => {
            wrong.push(problem);
            return Vec::new();
        }
    };
    match root {
        Some(Node { content: Content::List(nodes), .. }) => {
            nodes.iter().filter_map(|node| entry::read(node, wrong)).collect()
        }
        Some(Node { line, content: Content::Text(_) | Content::Mapping(_) }) => {
            wrong.push(Wrong::new(line, "the file must be a list of keys: start each with `- id: NAME`"));
            Vec::new()
        }
        // A file without a key is `[]`: an empty one is more likely one that is being written.
        None => {
            wrong.push(Wrong::new(1, "the file is empty; without any key, write `[]`"));
            Vec::new()
        }
    }
}

fn refuse_twins(entries: &[Entry], wrong: &mut Vec<Wrong>) {
    let (mut ids, mut digests) = (HashMap::new(), HashMap::new());
    for entry in entries {
        if let Some(line) = ids.insert(entry.id.as_str(), entry.line) {
            wrong.push(Wrong::new(entry.line, format!("the id `{}` is on line {line} already", entry.id)));
        }
        if let Some(line) = digests.insert(entry.digest, entry.line) {
            wrong.push(Wrong::new(entry.line, format!("the same key is on line {line} already")));
        }
    }
}

fn told(file: &str, mut wrong: Vec<Wrong>) -> Vec<String> {
    wrong.sort_by_key(|problem| problem.line);
    let more = wrong.len().saturating_sub(MOST_TOLD);
    let told = wrong.iter().take(MOST_TOLD).map(|Wrong { line, what }| format!("{file}:{line}: {what}"));
    let more = (more > 0).then(|| format!("{file}: and {more} more"));
    told.chain(more).collect()
}

fn key(entry: Entry) -> (Digest, ApiKey) {
    let Entry { line: _, id, digest, tenant, roles, expires } = entry;
    (digest, ApiKey { caller: Arc::new(Caller::new(tenant, Credential::ApiKey(id), roles)), expires })
}
