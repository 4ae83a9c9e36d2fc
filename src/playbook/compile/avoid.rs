//! Words that guardrails keep out of phrasings.

use std::collections::{BTreeSet, HashMap};

use super::Compiler;
use crate::playbook::document::Prose;
use crate::playbook::finding::{Finding, ticked};
use crate::playbook::parts::{Action, Piece};
use crate::playbook::yaml::Span;

/// Words in what a guardrail avoids. With that, looking for all of it takes time in proportion to the phrasings alone.
const MOST_WORDS: usize = 10;

/// What to avoid.
#[derive(Default)]
struct Avoided<'t> {
    /// By its words, with single spaces.
    phrases: HashMap<String, Avoid<'t>>,
    /// By its first word: how many words to look at.
    lengths: HashMap<String, BTreeSet<usize>>,
}

#[derive(Clone, Copy)]
struct Avoid<'t> {
    written: &'t str,
    guardrail: &'t str,
}

/// Reports phrasings that contain what a guardrail avoids.
pub(super) fn check(compiler: &mut Compiler<'_, '_>, actions: &[Action]) {
    let avoided = avoided(compiler);
    if avoided.phrases.is_empty() {
        return;
    }
    for (written, action) in compiler.document.actions.iter().zip(actions) {
        for (text, lowered) in written.say.iter().zip(&action.say) {
            let lower = lower_case(&lowered.pieces);
            let words: Vec<&str> = words(&lower).collect();
            report(compiler, &avoided, &words, text.words.span);
        }
    }
}

fn avoided<'t>(compiler: &mut Compiler<'t, '_>) -> Avoided<'t> {
    let mut avoided = Avoided::default();
    for guardrail in &compiler.document.guardrails {
        for phrase in &guardrail.avoid {
            let lower = phrase.text.to_lowercase().replace('’', "'");
            let words: Vec<&str> = words(&lower).take(MOST_WORDS + 1).collect();
            match words.first() {
                Some(first) if words.len() <= MOST_WORDS => {
                    let avoid = Avoid { written: phrase.text, guardrail: guardrail.name.text };
                    avoided.lengths.entry((*first).to_owned()).or_default().insert(words.len());
                    avoided.phrases.entry(words.join(" ")).or_insert(avoid);
                }
                Some(_) => {
                    let message = format!("{} has more than {MOST_WORDS} words", ticked(phrase.text));
                    let mend = "name the few words that matter";
                    compiler.findings.add(Finding::error("too-long", phrase.span, message).mend(mend));
                }
                None => no_words(compiler, *phrase),
            }
        }
    }
    avoided
}

fn no_words(compiler: &mut Compiler<'_, '_>, phrase: Prose<'_>) {
    let message = format!("there is no word in {}", ticked(phrase.text));
    compiler.findings.add(Finding::error("never-used", phrase.span, message).mend("write the words to avoid"));
}

fn report(compiler: &mut Compiler<'_, '_>, avoided: &Avoided<'_>, words: &[&str], span: Span) {
    for (position, word) in words.iter().enumerate() {
        for length in avoided.lengths.get(*word).into_iter().flatten() {
            let run = words.get(position..position + length).map(|run| run.join(" "));
            let Some(Avoid { written, guardrail }) = run.and_then(|run| avoided.phrases.get(&run)) else { continue };
            let message = format!("this says {}, which the guardrail `{guardrail}` avoids", ticked(written));
            compiler.findings.add(Finding::error("avoided-words", span, message).mend("say it in other words"));
        }
    }
}

/// A phrasing in lower case; a placeholder stands between words like one that nobody avoids.
fn lower_case(pieces: &[Piece]) -> String {
    let mut text = String::new();
    for piece in pieces {
        match piece {
            Piece::Words(words) => text.push_str(&words.to_lowercase()),
            Piece::Value(_) => text.push_str(" 0 "),
        }
    }
    text.replace('’', "'")
}

/// Whole words: letters, digits and apostrophes.
fn words(lower: &str) -> impl Iterator<Item = &str> {
    let bounds = |character: char| !character.is_alphanumeric() && character != '\'';
    lower.split(bounds).map(|word| word.trim_matches('\'')).filter(|word| !word.is_empty())
}
