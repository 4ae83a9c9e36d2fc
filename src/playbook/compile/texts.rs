//! Phrasings and cues: ids, placeholders, where they fit.

use std::collections::HashSet;

use super::Compiler;
use super::scope::report_twice;
use crate::playbook::document::{self, Name, Prose, is_id};
use crate::playbook::finding::{Finding, ticked};
use crate::playbook::parts::{Piece, Place, Text};
use crate::playbook::vocabulary::ChannelSet;
use crate::playbook::yaml::Span;

/// The texts of a list; a plain one is called `prefix_1`, `prefix_2` … by its place.
pub(super) fn texts(compiler: &mut Compiler<'_, '_>, written: &[document::Text<'_>], prefix: &str) -> Vec<Text> {
    let mut seen = HashSet::new();
    let mut texts = Vec::with_capacity(written.len());
    for (position, text) in written.iter().enumerate() {
        let id = text.id.map_or_else(|| format!("{prefix}_{}", position + 1), |id| id.text.to_owned());
        if !seen.insert(id.clone()) {
            report_twice(Name { text: &id, span: text.id.map_or(text.words.span, |id| id.span) }, compiler.findings);
        }
        texts.push(Text {
            id,
            template: text.words.text.to_owned(),
            pieces: pieces(compiler, text.words),
            channels: channels(compiler, text.on),
            locale: text.locale.map_or(0, |tag| locale(compiler, tag)),
            place: Place::of(text.id.map_or(text.words.span, |id| id.span)),
        });
    }
    texts
}

/// Position of a locale in the playbook's list.
pub(super) fn locale(compiler: &mut Compiler<'_, '_>, tag: Name<'_>) -> usize {
    let locales = &compiler.scope.locales;
    let found = locales.iter().position(|locale| locale == tag.text);
    if found.is_none() {
        let message = format!("{} is no locale of this playbook", ticked(tag.text));
        let mend = format!(
            "add it to `locales`, or use {}",
            locales.iter().map(|tag| ticked(tag)).collect::<Vec<_>>().join(" ")
        );
        compiler.findings.add(Finding::error("unknown-name", tag.span, message).mend(mend));
    }
    found.unwrap_or_default()
}

fn channels(compiler: &mut Compiler<'_, '_>, on: Option<(ChannelSet, Span)>) -> ChannelSet {
    let declared = compiler.document.channels;
    let Some((channels, span)) = on else { return declared };
    let fitting =
        declared.iter().filter(|channel| channels.contains(*channel)).fold(ChannelSet::NONE, ChannelSet::with);
    if fitting == ChannelSet::NONE {
        let message = "this playbook has none of these channels, so the text is never used";
        compiler.findings.add(Finding::error("never-used", span, message).mend("name one of its `channels`"));
    }
    fitting
}

fn pieces(compiler: &mut Compiler<'_, '_>, text: Prose<'_>) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut rest = text.text;
    while let Some((words, after)) = rest.split_once(['{', '}']) {
        push_words(&mut pieces, words);
        let inside = rest.get(words.len()..).filter(|at| at.starts_with('{')).and_then(|_| after.split_once('}'));
        let Some((name, after)) = inside.filter(|(name, _)| is_id(name)) else {
            malformed(compiler, text, rest.get(words.len()..).unwrap_or_default());
            return pieces;
        };
        pieces.extend(compiler.scope.values.resolve(Name { text: name, ..text }, compiler.findings).map(Piece::Value));
        rest = after;
    }
    push_words(&mut pieces, rest);
    pieces
}

fn push_words(pieces: &mut Vec<Piece>, words: &str) {
    if !words.is_empty() {
        pieces.push(Piece::Words(words.to_owned()));
    }
}

fn malformed(compiler: &mut Compiler<'_, '_>, text: Prose<'_>, from: &str) {
    let shown = from.split_inclusive('}').next().unwrap_or_default();
    let message = format!("{} is not a placeholder", ticked(shown));
    let mend = "write the id of a value in braces, such as `{customer_name}`; braces mean nothing else";
    compiler.findings.add(Finding::error("malformed-placeholder", text.span, message).mend(mend));
}
