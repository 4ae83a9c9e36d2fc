//! A conversation that is held here is answered in the same words as one whose state travels with the caller.

use composure::grpc::Recommendations;
use composure::grpc::call::Asked;
use composure::grpc::generated::{
    ActionReport, AgentReport, Commitment, ConversationState, Explain, RecommendRequest, RecommendResponse, Signal,
    action_report,
};
use composure::playbook::{Conversation, DidCase, DidResult, Playbook, ReadingCase, Time, TurnCase};
use composure::telemetry::Metrics;
use prost::Message as _;
use prost_types::Timestamp;
use tokio::time::Instant;

use crate::wire_server::{conversations, shelf};

/// What a caller would send for each turn of `conversation`, but for what it sends of the past.
fn requests(playbook: &Playbook, conversation: &Conversation) -> Vec<RecommendRequest> {
    let usual = playbook.channels().iter().find(|channel| conversation.channel.is_none_or(|wanted| wanted == *channel));
    let mut channel = usual.expect("a playbook has channels");
    let mut now = TurnCase::START;
    let turn = |(at, case): (usize, &TurnCase)| {
        channel = case.channel.unwrap_or(channel);
        now = case.at.unwrap_or(now);
        RecommendRequest {
            request_id: format!("turn-{at}"),
            playbook: playbook.identity().id.clone(),
            channel: composure::grpc::generated::Channel::from(channel).into(),
            locale: conversation.locale.clone().unwrap_or_default(),
            signals: case.signals.iter().map(signal).collect(),
            facts: case.facts.iter().filter_map(|(fact, value)| Some((fact.clone(), (*value)?))).collect(),
            unknown_facts: unknown(case),
            values: case.values.iter().cloned().collect(),
            agent_report: case.did.as_ref().map(|did| AgentReport { actions: did.iter().map(report).collect() }),
            commitments: case.promises.iter().map(promise).collect(),
            excluded_actions: case.exclude.clone(),
            max_suggestions: case.max.unwrap_or_default(),
            explain: Explain::Full.into(),
            evaluation_time: Some(timestamp(now)),
            ..RecommendRequest::default()
        }
    };
    conversation.turns.iter().enumerate().map(turn).collect()
}

fn unknown(case: &TurnCase) -> Vec<String> {
    case.facts.iter().filter(|(_, value)| value.is_none()).map(|(fact, _)| fact.clone()).collect()
}

fn signal(ReadingCase { signal, level, confidence }: &ReadingCase) -> Signal {
    Signal {
        name: signal.clone(),
        level: Some(level.as_f64()),
        confidence: confidence.map(composure::playbook::Level::as_f64),
    }
}

fn report(DidCase { action, result, phrasing, due }: &DidCase) -> ActionReport {
    let result = match result {
        DidResult::Done => action_report::Result::Done,
        DidResult::Dismissed => action_report::Result::Dismissed,
        DidResult::Unavailable => action_report::Result::Unavailable,
    };
    ActionReport {
        action: action.clone(),
        phrasing: phrasing.clone().unwrap_or_default(),
        result: result.into(),
        due_time: due.map(timestamp),
        commitment_id: String::new(),
    }
}

fn promise((id, due): &(String, Time)) -> Commitment {
    Commitment { id: id.clone(), due_time: Some(timestamp(*due)), status: 0, turn: 0 }
}

fn timestamp(time: Time) -> Timestamp {
    let nanos = i32::try_from(time.millis().rem_euclid(1_000)).expect("it is below a thousand") * 1_000_000;
    Timestamp { seconds: time.millis().div_euclid(1_000), nanos }
}

/// Both answers to a turn.
async fn both(service: &Recommendations, request: RecommendRequest, state: Option<ConversationState>) -> [Vec<u8>; 2] {
    let travelling = RecommendRequest { conversation_id: String::new(), state, ..request.clone() };
    let travelled = service.answer(&travelling, Time::default()).expect("it can be answered");
    let asked = Asked { tenant: "", received: Time::default(), until: Instant::now() };
    let held = service.answer_held(&request, asked).await.expect("it can be answered");
    [travelled.as_bytes().to_vec(), held.as_bytes().to_vec()]
}

#[tokio::test]
async fn every_golden_conversation_is_answered_in_the_same_bytes_both_ways() {
    let service = Recommendations::new(shelf(), Metrics::new()).holding(conversations());
    let mut turns = 0;
    for loaded in shelf().playbooks().iter() {
        for (number, conversation) in loaded.playbook.tests().iter().enumerate() {
            let mut state = None;
            for request in requests(&loaded.playbook, conversation) {
                let conversation_id = format!("{}-{number}", request.playbook);
                let [travelled, held] = both(&service, RecommendRequest { conversation_id, ..request }, state).await;
                assert_eq!(held, travelled, "{}: {}", loaded.playbook.identity().id, conversation.it);
                state = RecommendResponse::decode(held.as_slice()).expect("it is an answer").state;
                turns += 1;
            }
        }
    }
    assert!(turns > 1_000, "{turns}");
}
