//! Commands on a stream.

use super::conversation::named;
use super::question_of;
use super::state::State;
use super::violations::Violations;
use crate::grpc::generated as wire;
use crate::grpc::generated::in_place::{
    CommandView, RecommendRequestView, StreamRecommendationsRequestView, SubscribeView,
};
use crate::grpc::stream::Resume;
use crate::playbook::Time;
use crate::service::ServiceError;

/// What a message wants.
pub(in crate::grpc) fn command(request: StreamRecommendationsRequestView<'_>) -> Result<CommandView<'_>, ServiceError> {
    let StreamRecommendationsRequestView { command } = request;
    command.ok_or_else(|| {
        let mut violations = Violations::default();
        violations.add("command", "must be there: `subscribe`, `unsubscribe`, `recommend` or `acknowledge`");
        ServiceError::Invalid(violations.into_vec())
    })
}

/// What a client wishes to be shown: it is kept for longer than the message in which it came.
pub(in crate::grpc) fn wish(subscribe: &SubscribeView<'_>) -> wire::Subscribe {
    let SubscribeView {
        conversation_id,
        channel,
        locale,
        values,
        max_suggestions,
        explain,
        playbook,
        playbook_version,
        after_sequence,
        after_answer_digest,
        acknowledged,
    } = subscribe;
    wire::Subscribe {
        conversation_id: (*conversation_id).to_owned(),
        channel: channel.to_i32(),
        locale: (*locale).to_owned(),
        values: values.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect(),
        max_suggestions: *max_suggestions,
        explain: explain.to_i32(),
        playbook: (*playbook).to_owned(),
        playbook_version: (*playbook_version).to_owned(),
        after_sequence: *after_sequence,
        after_answer_digest: (*after_answer_digest).to_owned(),
        acknowledged: *acknowledged,
    }
}

/// From where on a subscription goes on, if it does; whatever is wrong with it is told. `now` only stands for some moment.
pub(in crate::grpc) fn resume(subscribe: &wire::Subscribe, now: Time) -> Result<Option<Resume>, ServiceError> {
    let mut violations = Violations::default();
    if subscribe.conversation_id.is_empty() {
        named(&mut violations, &subscribe.conversation_id);
    }
    let resume = resumed(&mut violations, subscribe.after_sequence, &subscribe.after_answer_digest);
    let mut found = violations.into_vec();
    found.extend(question_of(&nothing_new(subscribe), State::default(), now).violations);
    if found.is_empty() { Ok(resume) } else { Err(ServiceError::Invalid(found)) }
}

/// A request that observes nothing, and whose answer is what is to be shown.
pub(in crate::grpc) fn nothing_new(subscribe: &wire::Subscribe) -> RecommendRequestView<'_> {
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
    RecommendRequestView {
        conversation_id,
        channel: (*channel).into(),
        locale,
        values: values.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect(),
        max_suggestions: *max_suggestions,
        explain: (*explain).into(),
        playbook,
        playbook_version,
        ..RecommendRequestView::default()
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
