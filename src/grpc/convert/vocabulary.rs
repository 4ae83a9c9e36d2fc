//! Closed sets: numbers from the wire as the engine's words. A number that this version does not know is the client's error.

use super::violations::Violations;
use crate::engine::{ActionResult, CommitmentStatus, Explain};
use crate::grpc::generated as wire;
use crate::playbook::{Channel, EscalationLevel};
use crate::service::GraphLanguage;

/// Looks up `number`; one that has no meaning is noted, and `instead` takes its place.
macro_rules! word {
    ($violations:expr, $wire:ty, $number:expr, $instead:expr, $field:expr, { $($one:ident => $ours:expr),+ $(,)? }) => {
        match <$wire>::try_from($number) {
            $(Ok(<$wire>::$one) => $ours,)+
            Err(_) => {
                $violations.add($field.to_string(), format!("has no value {}; see the enum in the contract", $number));
                $instead
            }
        }
    };
}

impl Violations {
    pub(super) fn channel(&mut self, number: i32, field: &str) -> Channel {
        word!(self, wire::Channel, number, Channel::Chat, field, {
            Unspecified => Channel::Chat,
            Voice => Channel::Voice,
            Video => Channel::Video,
            Chat => Channel::Chat,
            Email => Channel::Email,
            Social => Channel::Social,
            InPerson => Channel::InPerson,
        })
    }

    pub(super) fn explain(&mut self, number: i32, field: &str) -> Explain {
        word!(self, wire::Explain, number, Explain::Summary, field, {
            Unspecified => Explain::Summary,
            None => Explain::None,
            Summary => Explain::Summary,
            Full => Explain::Full,
        })
    }

    pub(super) fn graph_language(&mut self, number: i32, field: &str) -> GraphLanguage {
        word!(self, wire::GraphFormat, number, GraphLanguage::Mermaid, field, {
            Unspecified => GraphLanguage::Mermaid,
            Mermaid => GraphLanguage::Mermaid,
            Dot => GraphLanguage::Dot,
            Svg => GraphLanguage::Svg,
        })
    }

    pub(super) fn result(&mut self, number: i32, field: impl FnOnce() -> String) -> ActionResult {
        word!(self, wire::action_report::Result, number, ActionResult::Done, field(), {
            Unspecified => ActionResult::Done,
            Done => ActionResult::Done,
            Dismissed => ActionResult::Dismissed,
            Unavailable => ActionResult::Unavailable,
        })
    }

    pub(super) fn status(&mut self, number: i32, field: impl FnOnce() -> String) -> CommitmentStatus {
        word!(self, wire::CommitmentStatus, number, CommitmentStatus::Open, field(), {
            Unspecified => CommitmentStatus::Open,
            Open => CommitmentStatus::Open,
            Kept => CommitmentStatus::Kept,
            Missed => CommitmentStatus::Missed,
            Withdrawn => CommitmentStatus::Withdrawn,
        })
    }

    pub(super) fn escalation_level(&mut self, number: i32, field: &str) -> EscalationLevel {
        let level = word!(self, wire::EscalationLevel, number, EscalationLevel::Offer, field, {
            Unspecified => EscalationLevel::None,
            None => EscalationLevel::None,
            Offer => EscalationLevel::Offer,
            Recommend => EscalationLevel::Recommend,
            Require => EscalationLevel::Require,
        });
        if level == EscalationLevel::None {
            self.add(field, "must be OFFER, RECOMMEND or REQUIRE; without advice leave `escalation` out");
        }
        level
    }
}
