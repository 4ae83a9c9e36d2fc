//! Everything that was looked at.

use crate::engine::{Explanation, ReadingNow, RuleCheck};
use crate::grpc::generated as wire;
use crate::grpc::generated::fields::{
    explanation as field, reading_now as reading_fields, rule_check as rule_check_fields,
};
use crate::grpc::writer::Writer;

pub(super) fn explanation(w: &mut Writer, explanation: &Explanation<'_>) {
    let Explanation { rules, readings } = explanation;
    w.messages(field::RULES, rules, rule_check);
    w.messages(field::READINGS, readings, reading);
}

fn rule_check(w: &mut Writer, check: &RuleCheck<'_>) {
    use rule_check_fields as field;
    let RuleCheck { rule, id, truth, because } = check;
    w.word(field::RULE, wire::RuleSort::from(*rule));
    w.text(field::ID, id);
    w.word(field::TRUTH, wire::Truth::from(*truth));
    w.texts(field::BECAUSE, because);
}

fn reading(w: &mut Writer, reading: &ReadingNow<'_>) {
    use reading_fields as field;
    let ReadingNow { signal, level, bands, turn } = reading;
    w.text(field::SIGNAL, signal);
    if let Some(level) = level {
        w.present_double(field::LEVEL, *level);
    }
    w.texts(field::BANDS, bands);
    w.number(field::TURN, *turn);
}
