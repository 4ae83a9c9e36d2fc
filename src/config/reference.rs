//! All keys as a table, for people.

use super::keys::{KEYS, Key, Shown};

/// A Markdown table of all keys, in their order.
#[must_use]
pub fn reference() -> String {
    let rows: String = KEYS.iter().map(row).collect();
    format!("| key | variable | flag | default | meaning |\n|---|---|---|---|---|\n{rows}")
}

fn row(key: &Key) -> String {
    let flag = match key.shown {
        Shown::Open => format!("`--{}`", key.flag()),
        Shown::Secret => "none: it is secret".to_owned(),
    };
    let default = key.default.map(|default| format!("`{default}`")).unwrap_or_default();
    format!("| `{}` | `{}` | {flag} | {default} | {} |\n", key.path, key.variable(), key.about)
}
