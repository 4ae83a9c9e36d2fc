//! What reading and compiling a playbook find, while they go on.
//!
//! Nothing stops at the first error, so there must be a limit to what a broken file can make us keep, and to the work of guessing what
//! was meant.

use std::collections::HashMap;
use std::rc::Rc;

use super::diagnostic::Severity;
use super::yaml::{Key, Span};

/// More than that many help nobody.
const MOST_KEPT: usize = 1_000;
/// Words compared in search of what was meant, in all of a file.
const MOST_COMPARED: usize = 200_000;
/// Names longer than this, in bytes, are no names.
const LONGEST_COMPARED: usize = 256;
/// Names listed in a message.
const MOST_LISTED: usize = 8;
/// Characters shown of what the author wrote.
const MOST_SHOWN: usize = 60;

/// One thing that is wrong.
#[derive(Debug)]
pub(crate) struct Finding {
    pub(crate) severity: Severity,
    pub(crate) code: &'static str,
    pub(crate) span: Span,
    pub(crate) message: String,
    pub(crate) mend: String,
}

impl Finding {
    /// Something that makes the playbook unusable.
    pub(crate) fn error(code: &'static str, span: Span, message: impl Into<String>) -> Self {
        Self { severity: Severity::Error, code, span, message: message.into(), mend: String::new() }
    }

    /// Something that its author would want to hear.
    pub(crate) fn warning(code: &'static str, span: Span, message: impl Into<String>) -> Self {
        Self { severity: Severity::Warning, ..Self::error(code, span, message) }
    }

    /// Says how to mend it.
    pub(crate) fn mend(mut self, mend: impl Into<String>) -> Self {
        self.mend = mend.into();
        self
    }
}

/// An entry that is not inherited, and the names of those beside it that are.
#[derive(Debug)]
struct Newcomer {
    name: String,
    inherited: Rc<[String]>,
}

/// Everything found so far.
#[derive(Debug)]
pub(crate) struct Findings {
    kept: Vec<Finding>,
    omitted: usize,
    failed: bool,
    comparisons_left: usize,
    newcomers: HashMap<Span, Newcomer>,
}

impl Findings {
    /// Nothing so far.
    pub(crate) fn none() -> Self {
        Self { kept: Vec::new(), omitted: 0, failed: false, comparisons_left: MOST_COMPARED, newcomers: HashMap::new() }
    }

    /// Keeps in mind that `key` is new beside those that are `inherited`.
    pub(crate) fn newcomer(&mut self, key: &Key<'_>, inherited: &Rc<[String]>) {
        let newcomer = Newcomer { name: key.text.as_ref().to_owned(), inherited: Rc::clone(inherited) };
        self.newcomers.insert(key.span, newcomer);
    }

    /// The same as [`Findings::meant`] for what is incomplete at `place`: perhaps it should change an inherited part, and is called otherwise.
    pub(crate) fn meant_at(&mut self, place: Span) -> Option<String> {
        let Newcomer { name, inherited } = self.newcomers.remove(&place)?;
        let meant = self.meant(&name, inherited.iter().map(String::as_str));
        self.newcomers.insert(place, Newcomer { name, inherited });
        meant
    }

    /// Adds `finding`.
    pub(crate) fn add(&mut self, finding: Finding) {
        self.failed |= finding.severity == Severity::Error;
        if self.kept.len() < MOST_KEPT {
            self.kept.push(finding);
        } else {
            self.omitted += 1;
        }
    }

    /// Whether there is an error among them.
    pub(crate) fn failed(&self) -> bool {
        self.failed
    }

    /// In the order of the file, those in the one that it extends last, and how many were not kept.
    pub(crate) fn into_sorted(self) -> (Vec<Finding>, usize) {
        let mut kept = self.kept;
        kept.sort_by_key(|finding| finding.span);
        (kept, self.omitted)
    }

    /// ``did you mean `x`?``, where one of `candidates` looks like `word`.
    pub(crate) fn meant<'c>(&mut self, word: &str, candidates: impl IntoIterator<Item = &'c str>) -> Option<String> {
        self.nearest(word, candidates).map(|candidate| format!("did you mean `{candidate}`?"))
    }

    /// The one of `candidates` that looks most like `word`, if one does.
    pub(crate) fn nearest<'c>(&mut self, word: &str, candidates: impl IntoIterator<Item = &'c str>) -> Option<&'c str> {
        let limit = (word.chars().count().saturating_add(1) / 3).clamp(1, 4);
        let mut best: Option<(usize, &str)> = None;
        for candidate in candidates {
            self.comparisons_left = self.comparisons_left.checked_sub(1)?;
            if candidate.len().abs_diff(word.len()) > limit * 4 || candidate.len() > LONGEST_COMPARED {
                continue;
            }
            let distance = strsim::osa_distance(word, candidate);
            if distance <= limit && best.is_none_or(|(least, _)| distance < least) {
                best = Some((distance, candidate));
            }
        }
        best.map(|(_, candidate)| candidate)
    }
}

/// What the author wrote, in back-ticks: on one line, and not more of it than fits.
pub(crate) fn ticked(text: &str) -> String {
    let mut shown: String = text.chars().take(MOST_SHOWN).flat_map(printable).collect();
    if text.chars().nth(MOST_SHOWN).is_some() {
        shown.push('…');
    }
    format!("`{shown}`")
}

/// The first of `texts`, in back-ticks.
pub(crate) fn listed<'n>(texts: impl ExactSizeIterator<Item = &'n str>) -> String {
    let more = texts.len().saturating_sub(MOST_LISTED);
    let list = texts.take(MOST_LISTED).map(ticked).collect::<Vec<_>>().join(", ");
    if more > 0 { format!("{list} and {more} more") } else { list }
}

/// ``name `a` ``, or one of several.
pub(crate) fn one_of<'n>(texts: impl ExactSizeIterator<Item = &'n str>) -> String {
    let one_of = if texts.len() == 1 { "" } else { "one of " };
    format!("name {one_of}{}", listed(texts))
}

fn printable(character: char) -> impl Iterator<Item = char> {
    let keep = !character.is_control();
    let escaped = (!keep).then(|| character.escape_default());
    keep.then_some(character).into_iter().chain(escaped.into_iter().flatten())
}
