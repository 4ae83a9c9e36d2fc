//! What a valid playbook may still be advised against, and where its author says that it is meant.

use super::parts::Place;
use super::vocabulary::vocabulary;

vocabulary! {
    /// A sort of thing that is valid and mostly a slip.
    Lint {
        /// A condition is true in every situation.
        AlwaysTrue = "always-true",
        /// Two stages hand a conversation back and forth at every turn.
        BackAndForth = "back-and-forth",
        /// A band is declared, and no condition reads it.
        BandNeverRead = "band-never-read",
        /// A timeout ends the conversation while the customer is angry.
        ClosesOnAnger = "closes-on-anger",
        /// A fact is read, and nothing brings its question up.
        FactNeverAsked = "fact-never-asked",
        /// A phrasing is too long to be said.
        LongPhrasing = "long-phrasing",
        /// An escalation is never in force.
        NeverAdvised = "never-advised",
        /// No way out of a stage is ever taken.
        NeverLeft = "never-left",
        /// A phrasing or cue is never on the screen.
        NeverShown = "never-shown",
        /// An action is never suggested, in no stage.
        NeverSuggested = "never-suggested",
        /// An exit or interrupt is never the way taken.
        NeverTaken = "never-taken",
        /// A condition is true in no situation.
        NeverTrue = "never-true",
        /// An action always stands above one that is listed before it.
        Outranked = "outranked",
        /// All phrasings for a channel have placeholders.
        PlaceholdersOnly = "placeholders-only",
        /// Two phrasings are nearly the same.
        SimilarPhrasings = "similar-phrasings",
    }
}

/// That a lint says nothing of a part, because its author means it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Allowance {
    /// The lint.
    pub lint: Lint,
    /// The part: a stage, an action, an escalation, or whatever the lint names.
    pub of: String,
    /// Why.
    pub because: String,
    /// Where it is written.
    pub place: Place,
}
