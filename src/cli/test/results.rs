//! What came of playing: of each file, and of each of its conversations.

use crate::playbook::{Identity, Report};
use crate::rehearsal::{Failure, Item};

/// How it went with a file.
#[derive(Debug)]
pub(super) struct Tested {
    pub(super) file: String,
    /// What is wrong with the file itself.
    pub(super) report: Report,
    /// `None`: it has errors.
    pub(super) played: Option<Played>,
}

/// How it went with its conversations.
#[derive(Debug)]
pub(super) struct Played {
    pub(super) playbook: Identity,
    /// Whether there is a conversation in the file, be it played or not.
    pub(super) has_tests: bool,
    pub(super) conversations: Vec<Conversation>,
    pub(super) coverage: Vec<Item>,
    /// The file that it extends, in which some of it is written.
    pub(super) extended: Option<String>,
}

/// How it went with a conversation.
#[derive(Debug)]
pub(super) struct Conversation {
    pub(super) name: String,
    pub(super) line: usize,
    pub(super) failures: Vec<Failure>,
}

impl Tested {
    /// The file in which `item` is written.
    pub(super) fn file_of(&self, item: &Item) -> &str {
        let extended = self.played.as_ref().and_then(|played| played.extended.as_deref());
        extended.filter(|_| item.place.is_inherited()).unwrap_or(&self.file)
    }

    /// Whether it could be played, and none of its conversations was chosen.
    pub(super) fn has_nothing_chosen(&self) -> bool {
        self.played.as_ref().is_some_and(|played| played.conversations.is_empty())
    }
}

impl Conversation {
    pub(super) fn passed(&self) -> bool {
        self.failures.is_empty()
    }
}

/// How many conversations came out as expected, and how many did not.
pub(super) fn score(all: &[Tested]) -> (usize, usize) {
    let conversations = || all.iter().flat_map(|tested| &tested.played).flat_map(|played| &played.conversations);
    let passed = conversations().filter(|conversation| conversation.passed()).count();
    (passed, conversations().count() - passed)
}
