//! Whether every action has something to show, wherever the playbook is used.

use super::Compiler;
use crate::playbook::finding::{Finding, ticked};
use crate::playbook::parts::{Action, Text};
use crate::playbook::vocabulary::{Channel, ChannelSet};

/// Reports actions that some channel and locale have no text for.
pub(super) fn check(compiler: &mut Compiler<'_, '_>, actions: &[Action]) {
    let locales = std::mem::take(&mut compiler.scope.locales);
    for (written, action) in compiler.document.actions.iter().zip(actions).filter(|(written, _)| written.worded) {
        if let Some(gap) = gap(compiler.document.channels, &locales, action) {
            let message = format!("{} has no phrasing or cue for {gap}", ticked(&action.id));
            let mend = "add one under `say` or `cue`, or let one of those that are there fit it";
            compiler.findings.add(Finding::error("nothing-to-show", written.name.span, message).mend(mend));
        }
    }
    compiler.scope.locales = locales;
}

/// The channels of the first locale that are left without a text.
fn gap(channels: ChannelSet, locales: &[String], action: &Action) -> Option<String> {
    locales.iter().find_map(|locale| {
        let texts: Vec<&Text> =
            action.say.iter().chain(&action.cue).filter(|text| serves(text, locale, locales)).collect();
        let bare: Vec<Channel> =
            channels.iter().filter(|channel| !texts.iter().any(|text| text.channels.contains(*channel))).collect();
        let which = match bare.len() {
            0 => return None,
            _ if texts.is_empty() => "any channel".to_owned(),
            _ => bare.iter().map(|channel| format!("`{}`", channel.as_str())).collect::<Vec<_>>().join(", "),
        };
        Some(if locales.len() > 1 { format!("{which} in `{locale}`") } else { which })
    })
}

/// A text serves all locales of its language.
fn serves(text: &Text, locale: &str, locales: &[String]) -> bool {
    locales.get(text.locale).is_some_and(|own| language(own) == language(locale))
}

fn language(tag: &str) -> &str {
    tag.split('-').next().unwrap_or(tag)
}
