//! Closed sets: the engine's and the playbook's words as the wire's.

use crate::engine::{
    CommitmentStatus, Outcome, Placed, RuleSort, SuppressionReason, Truth as EngineTruth, WarningCode as EngineWarning,
};
use crate::grpc::generated as wire;
use crate::playbook::{Channel, Ending, EscalationLevel, EscalationTarget, Severity, Urgency};

macro_rules! same_words {
    ($($ours:ty => $wire:ty { $($one:ident => $other:ident),+ $(,)? })+) => {$(
        impl From<$ours> for $wire {
            fn from(ours: $ours) -> Self {
                match ours { $(<$ours>::$one => Self::$other),+ }
            }
        }
    )+};
}

same_words! {
    Channel => wire::Channel {
        Voice => Voice, Video => Video, InPerson => InPerson, Chat => Chat, Email => Email, Social => Social,
    }
    EscalationLevel => wire::EscalationLevel { None => None, Offer => Offer, Recommend => Recommend, Require => Require }
    EscalationTarget => wire::EscalationTarget {
        SeniorAgent => SeniorAgent, Supervisor => Supervisor, SpecialistTeam => SpecialistTeam, Security => Security,
    }
    Urgency => wire::Urgency { Now => Now, Soon => Soon, Later => Later }
    Outcome => wire::Outcome {
        Open => Open, Resolved => Resolved, ResolvedAfterHandoff => ResolvedAfterHandoff, Parted => Parted,
        Abandoned => Abandoned,
    }
    Ending => wire::Outcome { Resolved => Resolved, Parted => Parted, Abandoned => Abandoned }
    CommitmentStatus => wire::CommitmentStatus { Open => Open, Kept => Kept, Missed => Missed, Withdrawn => Withdrawn }
    Placed => wire::Placement { First => First, Escalation => Escalation, Score => Score, Otherwise => Otherwise }
    SuppressionReason => wire::SuppressionReason {
        Condition => Condition, Unknown => Unknown, Order => Order, Limit => Limit, Gap => Gap, Guardrail => Guardrail,
        Dismissed => Dismissed, Unavailable => Unavailable, Excluded => Excluded,
    }
    RuleSort => wire::RuleSort {
        Interrupt => Interrupt, Exit => Exit, First => First, Action => Action, Guardrail => Guardrail,
        Escalation => Escalation,
    }
    EngineTruth => wire::Truth { False => False, Unknown => Unknown, True => True }
    EngineWarning => wire::WarningCode {
        UnknownSignal => UnknownSignal, UnknownFact => UnknownFact, UnknownAction => UnknownAction,
        UnknownPhrasing => UnknownPhrasing, UnknownValue => UnknownValue, LowConfidence => LowConfidence,
        TurnInThePast => TurnInThePast, ReportRepeated => ReportRepeated, TimeInThePast => TimeInThePast,
        PlaybookChanged => PlaybookChanged, StateNewer => StateNewer, StateFull => StateFull, NotAPromise => NotAPromise,
        LocaleNotSpoken => LocaleNotSpoken,
        PastUnknown => PastUnknown,
        RequestRepeated => RequestRepeated,
    }
    Severity => wire::diagnostic::Severity { Error => Error, Warning => Warning }
}
