//! Commands on a stream.

use super::conversation::named;
use super::question_of;
use super::violations::Violations;
use crate::grpc::generated as wire;
use crate::grpc::generated::stream_recommendations_request::Command;
use crate::grpc::stream::Resume;
use crate::playbook::Time;
use crate::service::ServiceError;

/// What a message wants.
pub(in crate::grpc) fn command(request: wire::StreamRecommendationsRequest) -> Result<Command, ServiceError> {
    let wire::StreamRecommendationsRequest { command } = request;
    command.ok_or_else(|| {
        let mut violations = Violations::default();
        violations.add("command", "must be there: `subscribe`, `unsubscribe`, `recommend` or `acknowledge`");
        ServiceError::Invalid(violations.into_vec())
    })
}

/// From where on a subscription goes on, if it does; whatever is wrong with it is told. `now` only stands for some moment.
pub(in crate::grpc) fn resume(subscribe: &wire::Subscribe, now: Time) -> Result<Option<Resume>, ServiceError> {
    let mut violations = Violations::default();
    if subscribe.conversation_id.is_empty() {
        named(&mut violations, &subscribe.conversation_id);
    }
    let resume = resumed(&mut violations, subscribe.after_sequence, &subscribe.after_answer_digest);
    let mut found = violations.into_vec();
    found.extend(question_of(&nothing_new(subscribe), None, now).violations);
    if found.is_empty() { Ok(resume) } else { Err(ServiceError::Invalid(found)) }
}

/// A request that observes nothing, and whose answer is what is to be shown.
pub(in crate::grpc) fn nothing_new(subscribe: &wire::Subscribe) -> wire::RecommendRequest {
    let wire::Subscribe {
        conversation_id,
        channel,
        locale,
        values,
        max_suggestions,
        explain,
        playbook,
        playbook_version,
        after_sequence: _,
        after_answer_digest: _,
        acknowledged: _,
    } = subscribe;
    wire::RecommendRequest {
        conversation_id: conversation_id.clone(),
        channel: *channel,
        locale: locale.clone(),
        values: values.clone(),
        max_suggestions: *max_suggestions,
        explain: *explain,
        playbook: playbook.clone(),
        playbook_version: playbook_version.clone(),
        ..wire::RecommendRequest::default()
    }
}

fn resumed(v: &mut Violations, sequence: Option<u64>, digest: &str) -> Option<Resume> {
    let is_hexadecimal = digest.len() == 16 && digest.bytes().all(|byte| byte.is_ascii_hexdigit());
    if !digest.is_empty() && !is_hexadecimal {
        v.add("after_answer_digest", "must be the `answer_digest` of a snapshot: 16 hexadecimal digits");
    }
    let digest = u64::from_str_radix(digest, 16).ok();
    if sequence.is_none() && digest.is_none() {
        return None;
    }
    Some(Resume { sequence: sequence.unwrap_or_default(), digest })
}
