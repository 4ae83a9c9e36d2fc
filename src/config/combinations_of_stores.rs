//! What makes no sense together of where conversations are held.

use super::combinations::conflict;
use super::conversations::{RedisMode, StoreKind};
use super::draft::Draft;
use super::keys::KEYS;
use super::kind::Flaw;
use super::settings::{Setting, Settings};
use crate::playbook::finding::ticked;

type Found<'s> = Option<(&'s Setting, Flaw)>;

/// What makes no sense, each with the choice that is to blame first.
pub(super) fn examine<'s>(draft: &Draft, settings: &'s Settings) -> Vec<(&'s Setting, Flaw)> {
    if settings.is_flawed("conversations.store") {
        return Vec::new();
    }
    let keys = KEYS.iter().map(|key| key.path);
    let mut found: Vec<Found<'_>> = keys.map(|path| idle(path, draft.conversations.store, settings)).collect();
    if draft.conversations.store == StoreKind::Redis {
        found.extend(redis(draft, settings));
    }
    found.into_iter().flatten().collect()
}

/// What is chosen at `path`, where that does nothing.
fn idle<'s>(path: &str, store: StoreKind, settings: &'s Settings) -> Found<'s> {
    let (acts, only) = match path {
        "conversations.ttl" => (store != StoreKind::None, "`memory` or `redis`"),
        "conversations.most" | "conversations.bytes" => (store == StoreKind::Memory, "`memory`"),
        _ if path.starts_with("redis.") => (store == StoreKind::Redis, "`redis`"),
        _ => return None,
    };
    let chosen = differs(path, settings).filter(|_| !acts)?;
    let message = format!("{} is set, and `conversations.store` is not {only}", ticked(path));
    Some((chosen, conflict(message, format!("set `conversations.store` to {only}, or leave this out"))))
}

fn redis<'s>(draft: &Draft, settings: &'s Settings) -> [Found<'s>; 6] {
    let redis = &draft.redis;
    let several = redis.addresses.len() > 1;
    [
        needs_addresses(settings),
        sentinel(redis.mode, settings),
        master(redis.mode, settings),
        single(redis.mode == RedisMode::Single && several, settings),
        authorities(redis.tls, settings),
        unproven(settings),
    ]
}

/// What was chosen at `path`, unless it is what it would be anyway.
fn differs<'s>(path: &str, settings: &'s Settings) -> Option<&'s Setting> {
    settings.chosen(path).filter(|setting| setting.text.as_deref() != setting.key.default)
}

/// Redis takes who proves nothing for its default user.
fn unproven(settings: &Settings) -> Found<'_> {
    let chosen = settings.chosen("redis.username")?;
    let message = "`redis.username` is set, and `redis.password` is not".to_owned();
    let mend = "a user is only taken for one with a password: set `redis.password`, or leave this out".to_owned();
    settings.chosen("redis.password").is_none().then(|| (chosen, conflict(message, mend)))
}

fn needs_addresses(settings: &Settings) -> Found<'_> {
    let chosen = settings.chosen("conversations.store")?;
    let message = "`conversations.store` is `redis`, and `redis.addresses` is not set".to_owned();
    let mend = "set it to `host:port`, with `,` between several".to_owned();
    settings.chosen("redis.addresses").is_none().then(|| (chosen, conflict(message, mend)))
}

fn sentinel(mode: RedisMode, settings: &Settings) -> Found<'_> {
    let chosen = settings.chosen("redis.mode").filter(|_| mode == RedisMode::Sentinel)?;
    let message = "`redis.mode` is `sentinel`, and `redis.master` is not set".to_owned();
    let mend = "set it to what the sentinels call the primary, such as `mymaster`".to_owned();
    settings.chosen("redis.master").is_none().then(|| (chosen, conflict(message, mend)))
}

fn master(mode: RedisMode, settings: &Settings) -> Found<'_> {
    let idle = mode != RedisMode::Sentinel && !settings.is_flawed("redis.mode");
    let chosen = settings.chosen("redis.master").filter(|_| idle)?;
    let message = "`redis.master` is set, and `redis.mode` is not `sentinel`".to_owned();
    Some((chosen, conflict(message, "set `redis.mode` to `sentinel`, or leave this out".to_owned())))
}

fn single(several: bool, settings: &Settings) -> Found<'_> {
    let sound = !settings.is_flawed("redis.mode") && !settings.is_flawed("redis.addresses");
    let chosen = settings.chosen("redis.addresses").filter(|_| several && sound)?;
    let message = "`redis.addresses` names several, and `redis.mode` is `single`".to_owned();
    let mend = "name one, or set `redis.mode` to `sentinel` or `cluster`".to_owned();
    Some((chosen, conflict(message, mend)))
}

fn authorities(tls: bool, settings: &Settings) -> Found<'_> {
    let chosen = settings.chosen("redis.ca").filter(|_| !tls && !settings.is_flawed("redis.tls"))?;
    let message = "`redis.ca` is set, and `redis.tls` is not `true`".to_owned();
    Some((chosen, conflict(message, "set `redis.tls` to `true`, or leave this out".to_owned())))
}
