//! The codes of findings: what each stands for, whatever its message says.

/// A sort of finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Code {
    /// Stable, in kebab case.
    pub id: &'static str,
    /// What it stands for, in a sentence.
    pub about: &'static str,
}

const fn code(id: &'static str, about: &'static str) -> Code {
    Code { id, about }
}

impl Code {
    /// All of them, by id.
    pub const ALL: &'static [Self] = &[
        code("alias", "YAML aliases are not part of the format."),
        code("always-holds", "A condition or band holds always, so it decides nothing."),
        code("anchor", "YAML anchors are not part of the format."),
        code("avoided-words", "A phrasing contains words that a guardrail avoids."),
        code("band-upside-down", "A band ends above the level at which it starts."),
        code("bare-level", "A level stands where a yes or no is needed."),
        code("complex-key", "A key is not a plain word."),
        code("confirm-without-limit", "An action that only counts when reported would be shown for ever."),
        code("cut-text", "A comment cuts a text."),
        code("cycle", "Conditions or actions wait for each other."),
        code("duplicate-entry", "Something stands twice in a list."),
        code("duplicate-key", "A key stands twice in a mapping."),
        code("duplicate-playbook", "Two files hold the same version of a playbook."),
        code("empty", "There is nothing in the file."),
        code("empty-claim", "A law claims something of nothing."),
        code("empty-condition", "A condition says nothing."),
        code("empty-limit", "A limit limits nothing."),
        code("empty-test", "A test has no turns."),
        code("empty-text", "A text is empty."),
        code("extends-itself", "A playbook extends itself."),
        code("extends-twice", "What a playbook extends extends something itself."),
        code("final-start", "A conversation would start where it ends."),
        code("final-with-actions", "A final stage has actions, which would never be shown."),
        code("flag-not-level", "A flag is used as a level, or the other way round."),
        code("forbidden", "A guardrail forbids what must always be possible."),
        code("fragment", "A fragment stands where a playbook is needed."),
        code("law-broken", "A conversation breaks a law."),
        code("law-not-proven", "Nobody knows whether a law holds."),
        code("malformed-atom", "An atom can't be understood."),
        code("malformed-id", "An id, version or locale is not written as one."),
        code("malformed-placeholder", "Braces in a text hold no placeholder."),
        code("merge-key", "YAML merge keys are not part of the format."),
        code("missing-field", "A field is missing that is required."),
        code("name-clash", "One name stands for two things."),
        code("never-holds", "A way or condition can never be true."),
        code("never-kept", "A promise is made that no action keeps."),
        code("never-unknown", "Something is asked whether it is known that always is."),
        code("never-used", "Something is never used, whatever happens."),
        code("no-action", "An escalation does not say what the agent does."),
        code("no-condition", "A condition is missing."),
        code("no-final-stage", "No stage ends the conversation."),
        code("no-otherwise", "A stage does not say what to show where nothing else is left."),
        code("no-way-out", "A stage can be left only by what a fact can block."),
        code("not-always-possible", "An escalation names an action that can be held back."),
        code("not-utf-8", "The file is not UTF-8."),
        code("nothing-to-remove", "Something is removed that is not inherited."),
        code("nothing-to-show", "An action has no words or cue for a channel or locale."),
        code("null", "There is no value."),
        code("out-of-range", "A number, time or list is too small or too large."),
        code("reserved-word", "A name is a word of the format."),
        code("several-documents", "The file holds more than one document."),
        code("split-text", "A comma splits a text."),
        code("syntax", "The file is not YAML."),
        code("tag", "YAML tags are not part of the format."),
        code("too-deep", "The file is nested too deep."),
        code("too-large", "The file is too large."),
        code("too-long", "A text is too long."),
        code("too-many", "There are too many of something."),
        code("two-claims", "A law claims two things."),
        code("unknown-base", "A playbook extends one that is not there."),
        code("unknown-field", "A field is not part of the format."),
        code("unknown-name", "A name leads nowhere."),
        code("unknown-row", "A row id is not one of its source's."),
        code("unknown-word", "A word is not one of those that may stand there."),
        code("unreachable-stage", "No way leads to a stage."),
        code("unused", "Something is declared and not used."),
        code("wrong-type", "Something of another type was expected."),
    ];
}
