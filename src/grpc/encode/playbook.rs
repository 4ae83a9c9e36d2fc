//! Playbooks, and what is wrong with documents.

use std::sync::Arc;

use crate::grpc::generated as wire;
use crate::playbook::{
    Absent, Action, Band, Course, Delivery, Destination, Diagnostic, Escalation, Fact, Guardrail, Identity, Lasts,
    Playbook, Signal, Source, Stage, Style, Value,
};
use crate::service::{Checked, Loaded, Playbooks};

/// All that are loaded.
pub(in crate::grpc) fn list(playbooks: &Playbooks) -> wire::ListPlaybooksResponse {
    let summary = |loaded: &Arc<Loaded>| wire::PlaybookSummary {
        identity: Some(loaded.playbook.identity().into()),
        title: loaded.playbook.title().to_owned(),
        channels: channels(&loaded.playbook),
        locales: loaded.playbook.locales().to_vec(),
        newest: playbooks.is_newest(loaded),
        previous: playbooks.is_previous(loaded),
    };
    wire::ListPlaybooksResponse { playbooks: playbooks.all().into_iter().map(summary).collect() }
}

impl From<&Identity> for wire::PlaybookIdentity {
    fn from(Identity { id, version, digest }: &Identity) -> Self {
        Self { id: id.clone(), version: version.clone(), digest: digest.clone() }
    }
}

impl From<&Loaded> for wire::Playbook {
    fn from(loaded: &Loaded) -> Self {
        let playbook = &loaded.playbook;
        Self {
            identity: Some(playbook.identity().into()),
            title: playbook.title().to_owned(),
            channels: channels(playbook),
            locales: playbook.locales().to_vec(),
            sources: playbook.sources().iter().map(Into::into).collect(),
            signals: playbook.signals().map(|(_, part)| signal(playbook, part)).collect(),
            facts: playbook.facts().map(|(_, part)| fact(playbook, part)).collect(),
            values: playbook.values().map(|(_, part)| value(part)).collect(),
            stages: playbook.stages().map(|(_, part)| stage(playbook, part)).collect(),
            actions: playbook.actions().map(|(_, part)| action(playbook, part)).collect(),
            delivery: playbook.delivery().map(|(_, part)| guide(part)).collect(),
            guardrails: playbook.guardrails().map(|(_, part)| guardrail(playbook, part)).collect(),
            escalations: playbook.escalations().map(|(_, part)| escalation(playbook, part)).collect(),
            document: loaded.document().to_owned(),
            start: playbook.stage(playbook.start()).id.clone(),
        }
    }
}

fn channels(playbook: &Playbook) -> Vec<i32> {
    playbook.channels().iter().map(|channel| wire::Channel::from(channel).into()).collect()
}

impl From<&Source> for wire::SourceDocument {
    fn from(Source { id, title, author, points }: &Source) -> Self {
        let point = |(number, text): &(u32, String)| wire::SourcePoint { number: *number, text: text.clone() };
        Self {
            id: id.clone(),
            title: title.clone(),
            author: author.clone(),
            points: points.iter().map(point).collect(),
        }
    }
}

fn signal(playbook: &Playbook, signal: &Signal) -> wire::SignalDefinition {
    let Signal { id, title, flag, bands, lasts, cleared_by, min_confidence, absent, source } = signal;
    let band = |Band { id, from, until, place: _ }: &Band| wire::Band {
        id: id.clone(),
        from: from.as_f64(),
        until: until.as_f64(),
    };
    wire::SignalDefinition {
        id: id.clone(),
        title: title.clone(),
        flag: *flag,
        bands: bands.iter().map(band).collect(),
        lasts_turns: match lasts {
            Lasts::Turns(turns) => *turns,
            Lasts::Conversation => 0,
        },
        min_confidence: min_confidence.as_f64(),
        unknown_when_absent: *absent == Absent::Unknown,
        cleared_by: cleared_by.iter().map(|ix| playbook.action(*ix).id.clone()).collect(),
        sources: source.clone(),
    }
}

fn fact(playbook: &Playbook, fact: &Fact) -> wire::FactDefinition {
    let Fact { id, question, cleared_by, source, place: _ } = fact;
    wire::FactDefinition {
        id: id.clone(),
        question: question.clone(),
        cleared_by: cleared_by.iter().map(|ix| playbook.action(*ix).id.clone()).collect(),
        sources: source.clone(),
    }
}

fn value(Value { id, title }: &Value) -> wire::ValueDefinition {
    wire::ValueDefinition { id: id.clone(), title: title.clone() }
}

fn stage(playbook: &Playbook, stage: &Stage) -> wire::StageDefinition {
    let (otherwise, ending) = match stage.course {
        Course::Open { otherwise } => (playbook.action(otherwise).id.clone(), wire::Outcome::Unspecified),
        Course::Final(ending) => (String::new(), ending.into()),
    };
    wire::StageDefinition {
        id: stage.id.clone(),
        title: stage.title.clone(),
        actions: stage.candidates.iter().map(|candidate| playbook.action(candidate.action).id.clone()).collect(),
        otherwise,
        r#final: ending.into(),
        leads_to: destinations(playbook, stage),
        sources: stage.source.clone(),
    }
}

/// Where the exits lead, in order, each place once.
fn destinations(playbook: &Playbook, stage: &Stage) -> Vec<String> {
    let mut places: Vec<String> = Vec::new();
    for exit in &stage.exits {
        let place = match exit.to {
            Destination::Stage(stage) => playbook.stage(stage).id.as_str(),
            Destination::Back => "back",
        };
        if !places.iter().any(|known| known == place) {
            places.push(place.to_owned());
        }
    }
    places
}

fn action(playbook: &Playbook, action: &Action) -> wire::ActionDefinition {
    wire::ActionDefinition {
        id: action.id.clone(),
        title: action.title.clone(),
        kind: action.kind.as_str().to_owned(),
        why: action.why.clone(),
        limit_times: action.limit.times.unwrap_or_default(),
        limit_gap: action.limit.gap,
        confirm: action.confirm,
        delivery: action.delivery.iter().map(|ix| playbook.delivery_guide(*ix).id.clone()).collect(),
        sources: action.source.clone(),
    }
}

fn guide(Delivery { id, tell, channels: _, source }: &Delivery) -> wire::DeliveryGuide {
    wire::DeliveryGuide { id: id.clone(), tell: tell.clone(), sources: source.clone() }
}

fn guardrail(playbook: &Playbook, guardrail: &Guardrail) -> wire::GuardrailDefinition {
    let Guardrail { id, tell, condition: _, forbids, avoid, source, place: _ } = guardrail;
    wire::GuardrailDefinition {
        id: id.clone(),
        tell: tell.clone(),
        forbids: forbids.iter().map(|ix| playbook.action(*ix).id.clone()).collect(),
        avoid: avoid.clone(),
        sources: source.clone(),
    }
}

fn escalation(playbook: &Playbook, escalation: &Escalation) -> wire::EscalationDefinition {
    let name = |action: Option<_>| action.map_or_else(String::new, |ix| playbook.action(ix).id.clone());
    let Escalation { id, level, target, urgency, why, condition: _, action, else_action, source, place: _ } =
        escalation;
    wire::EscalationDefinition {
        id: id.clone(),
        level: wire::EscalationLevel::from(*level).into(),
        target: wire::EscalationTarget::from(*target).into(),
        urgency: wire::Urgency::from(*urgency).into(),
        why: why.clone(),
        action: name(*action),
        else_action: name(*else_action),
        sources: source.clone(),
    }
}

impl From<Checked> for wire::ValidatePlaybookResponse {
    fn from(Checked { identity, report }: Checked) -> Self {
        Self {
            identity: identity.as_ref().map(Into::into),
            diagnostics: report.diagnostics().iter().map(Into::into).collect(),
            omitted: number(report.omitted()),
            report: report.render(Style::Plain),
        }
    }
}

impl From<&Diagnostic> for wire::Diagnostic {
    fn from(diagnostic: &Diagnostic) -> Self {
        Self {
            file: diagnostic.file.clone(),
            severity: wire::diagnostic::Severity::from(diagnostic.severity).into(),
            code: diagnostic.code.to_owned(),
            message: diagnostic.message.clone(),
            help: diagnostic.help.clone(),
            line: number(diagnostic.line),
            column: number(diagnostic.column),
            end_line: number(diagnostic.end_line),
            end_column: number(diagnostic.end_column),
        }
    }
}

fn number(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}
