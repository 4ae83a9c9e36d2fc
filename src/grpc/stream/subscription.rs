//! What a client asked to be shown of one conversation, and what it was shown.

use prost::Message as _;
use tonic::{Code, Status};

use super::room::{Corner, Place};
use crate::grpc::convert;
use crate::grpc::generated as wire;
use crate::grpc::generated::in_place::RecommendRequestView;
use crate::grpc::held::{Answered, Known, Standpoint};
use crate::playbook::Time;
use crate::telemetry::Ongoing;

/// What of a subscription has room in one place: one with long texts takes several, so that places bound the memory.
const PLACE_BYTES: usize = 4 * 1024;

/// From where on a client goes on that was shown something before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::grpc) struct Resume {
    /// How far the conversation had come.
    pub(in crate::grpc) sequence: u64,
    /// Which answer it was, if that is to decide.
    pub(in crate::grpc) digest: Option<u64>,
}

/// A subscription to one conversation.
#[derive(Debug)]
pub(super) struct Subscription {
    wish: wire::Subscribe,
    places: Vec<Place>,
    shown: Shown,
    /// The snapshot that is to be acknowledged before anything else goes out.
    unacknowledged: Option<u64>,
    /// Whether there may be something new that waits for that.
    is_behind: bool,
    /// Of what the client was told last, if something is wrong.
    trouble: Option<Code>,
    /// When it is to be looked at though nothing was said.
    pub(super) moment: Option<Time>,
    _ongoing: Ongoing,
}

/// What the client shows.
#[derive(Debug, Clone, Copy)]
enum Shown {
    Nothing,
    /// What it was shown on another stream.
    Earlier(Resume),
    Answer {
        sequence: u64,
        digest: u64,
        degraded: bool,
    },
    Forgotten,
}

/// What there is to tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum News {
    None,
    Snapshot,
    Forgotten,
}

impl Subscription {
    /// # Errors
    ///
    /// There is no place for it.
    pub(super) fn new(wish: wire::Subscribe, resume: Option<Resume>, corner: &Corner) -> Result<Self, Status> {
        Ok(Self {
            places: corner.take(places(&wish))?,
            wish,
            shown: resume.map_or(Shown::Nothing, Shown::Earlier),
            unacknowledged: None,
            is_behind: false,
            trouble: None,
            moment: None,
            _ongoing: corner.subscription(),
        })
    }

    /// Puts `wish` in place of what was asked for before, which stays as it is where there is no place.
    pub(super) fn replace(
        &mut self,
        wish: wire::Subscribe,
        resume: Option<Resume>,
        corner: &Corner,
    ) -> Result<(), Status> {
        let wants = places(&wish);
        let more = corner.take(wants.saturating_sub(self.places.len()))?;
        self.places.extend(more);
        self.places.truncate(wants);
        self.wish = wish;
        self.shown = resume.map_or(Shown::Nothing, Shown::Earlier);
        (self.unacknowledged, self.is_behind, self.trouble) = (None, false, None);
        Ok(())
    }

    /// What is asked to know what to show.
    pub(super) fn request(&self) -> RecommendRequestView<'_> {
        convert::stream::nothing_new(&self.wish)
    }

    /// Whether what is new may be told now; if not, it will be looked at later.
    pub(super) fn looks(&mut self) -> bool {
        self.is_behind = self.unacknowledged.is_some();
        !self.is_behind
    }

    /// What is to be told of a conversation for which this was answered now. It counts as told.
    pub(super) fn news(&mut self, answered: &Answered) -> News {
        let Standpoint { sequence, digest, next_check: _, past } = answered.standpoint;
        // Whoever was told of trouble is told that it is over, too.
        let was_in_trouble = self.trouble.take().is_some();
        let is_gone = past == Known::Nothing && self.shown.was_held();
        if is_gone {
            let is_told = matches!(self.shown, Shown::Forgotten) && !was_in_trouble;
            self.shown = Shown::Forgotten;
            return if is_told { News::None } else { News::Forgotten };
        }
        let is_shown = self.shown.is(answered) && !was_in_trouble;
        let degraded = if is_shown { self.shown.is_degraded() } else { answered.degraded };
        self.shown = Shown::Answer { sequence, digest, degraded };
        if is_shown {
            return News::None;
        }
        self.unacknowledged = self.wish.acknowledged.then_some(sequence);
        News::Snapshot
    }

    /// Whether it is to be looked at, now that the client has the snapshot of this sequence.
    pub(super) fn acknowledge(&mut self, sequence: u64) -> bool {
        if self.unacknowledged.is_some_and(|awaited| awaited <= sequence) {
            self.unacknowledged = None;
        }
        self.is_behind && self.unacknowledged.is_none()
    }

    /// Whether the client does not know of this trouble yet. It counts as told.
    pub(super) fn is_new_trouble(&mut self, code: Code) -> bool {
        self.trouble.replace(code) != Some(code)
    }
}

impl Shown {
    /// Whether what was shown was of a conversation that had begun.
    fn was_held(self) -> bool {
        match self {
            Self::Nothing => false,
            Self::Earlier(Resume { sequence, .. }) | Self::Answer { sequence, .. } => sequence > 0,
            Self::Forgotten => true,
        }
    }

    /// Whether it is marked as one that may not count.
    fn is_degraded(self) -> bool {
        match self {
            Self::Answer { degraded, .. } => degraded,
            Self::Nothing | Self::Earlier(_) | Self::Forgotten => false,
        }
    }

    fn is(self, answered: &Answered) -> bool {
        let Standpoint { sequence, digest, next_check: _, past: _ } = answered.standpoint;
        match self {
            Self::Nothing | Self::Forgotten => false,
            Self::Earlier(resume) => resume.digest.map_or(resume.sequence == sequence, |shown| shown == digest),
            // The same that counts is shown where one was shown that may not.
            Self::Answer { digest: shown, degraded, .. } => shown == digest && (answered.degraded || !degraded),
        }
    }
}

fn places(wish: &wire::Subscribe) -> usize {
    1 + wish.encoded_len() / PLACE_BYTES
}
