//! Why a line was not understood.

use crate::playbook::OutOfRange;

/// Characters of a word that are shown of it.
const MOST_SHOWN: usize = 60;

/// What is wrong with a line.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Misread {
    /// A quotation has no end.
    #[error("a text begins with `\"` and has no end")]
    OpenQuotes,
    /// Something that can't be seen.
    #[error("the line holds a character that can't be seen, `{0}`")]
    Unprintable(String),
    /// No word of the form, and no id.
    #[error("unknown word `{word}`{meant}")]
    UnknownWord {
        /// As typed.
        word: String,
        /// What was probably meant.
        meant: String,
    },
    /// More than one thing has this name, or begins with it.
    #[error("`{word}` can mean {}; say which", .readings.join(" or "))]
    SeveralReadings {
        /// As typed.
        word: String,
        /// What it can mean.
        readings: Vec<String>,
    },
    /// An action where what was detected or is known stands.
    #[error("`{0}` is an action: write `did {0}`, `dismiss {0}` or `cannot {0}`")]
    BareAction(String),
    /// A word that belongs elsewhere.
    #[error("after `{after}` comes {wanted}, not {found}")]
    Expected {
        /// The word before.
        after: String,
        /// What should come.
        wanted: String,
        /// What came.
        found: String,
    },
    /// A word that has a line to itself.
    #[error("`{0}` stands at the beginning of a line of its own")]
    OwnLine(String),
    /// A number beyond what is shown.
    #[error("there is no `{0}` on the screen")]
    NotOnScreen(String),
    /// Two readings of one thing.
    #[error("`{0}` is said twice in this line")]
    Twice(String),
    /// No level.
    #[error("the level of `{signal}`: {error}")]
    Level {
        /// Of this.
        signal: String,
        /// What is wrong with it.
        error: OutOfRange,
    },
    /// Before what was already said.
    #[error("`at {0}` is over: it is later in this conversation")]
    Past(String),
    /// A promise without an action that makes it.
    #[error("no action of this playbook is of kind `promise`")]
    NoPromise,
    /// The engine does not take it.
    #[error("{}", .0.join("; "))]
    Refused(Vec<String>),
    /// No turn to take back.
    #[error("there is no turn to undo")]
    NothingToUndo,
    /// No turn to keep.
    #[error("there is no turn yet")]
    NothingToSave,
    /// Enough.
    #[error("a conversation that is tried out has {0} turns at most")]
    TooManyTurns(usize),
}

/// Of a word as much as fits, on one line.
pub(super) fn shown(word: &str) -> String {
    let mut shown: String = word.chars().take(MOST_SHOWN).flat_map(char::escape_debug).collect();
    if word.chars().nth(MOST_SHOWN).is_some() {
        shown.push('…');
    }
    shown
}
