//! Taking inherited rules away by name.

use std::collections::BTreeSet;

use crate::playbook::document::{Extension, Owned, value_of};
use crate::playbook::finding::{Finding, Findings, one_of, ticked};
use crate::playbook::yaml::{Content, Node};

/// A list of rules.
struct Rules {
    /// The key of the list.
    list: &'static str,
    /// The key of a rule that names it.
    named_by: &'static str,
    /// Why nothing is called that.
    none: &'static str,
}

const INTERRUPTS: Rules = Rules { list: "interrupts", named_by: "to", none: "no inherited interrupt leads to" };
const FIRST: Rules = Rules { list: "first", named_by: "action", none: "no inherited `first` rule has the action" };

/// Takes what `extension` drops out of `base`.
pub(super) fn drop_rules(base: &mut Node<'_>, extension: &Extension, findings: &mut Findings) {
    drop_named(base, &INTERRUPTS, &extension.drop_interrupts, findings);
    drop_named(base, &FIRST, &extension.drop_first, findings);
}

fn drop_named(base: &mut Node<'_>, rules: &Rules, names: &[Owned], findings: &mut Findings) {
    let mut none = Vec::new();
    let list = list_of(base, rules.list).unwrap_or(&mut none);
    for name in names {
        if !list.iter().any(|rule| name_of(rule, rules) == Some(&name.text)) {
            unknown_rule(list, rules, name, findings);
        }
    }
    list.retain(|rule| !names.iter().any(|name| name_of(rule, rules) == Some(&name.text)));
}

fn unknown_rule(list: &[Node<'_>], rules: &Rules, name: &Owned, findings: &mut Findings) {
    let message = format!("{} {}", rules.none, ticked(&name.text));
    let meant = findings.meant(&name.text, list.iter().filter_map(|rule| name_of(rule, rules)));
    let names: BTreeSet<&str> = list.iter().filter_map(|rule| name_of(rule, rules)).collect();
    let all = || if names.is_empty() { "remove it".to_owned() } else { one_of(names.iter().copied()) };
    let mend = meant.unwrap_or_else(all);
    findings.add(Finding::error("nothing-to-remove", name.span, message).mend(mend));
}

fn list_of<'n, 's>(base: &'n mut Node<'s>, key: &str) -> Option<&'n mut Vec<Node<'s>>> {
    let Content::Mapping(entries) = &mut base.content else { return None };
    let entry = entries.iter_mut().find(|entry| entry.key.text == key)?;
    match &mut entry.value.content {
        Content::Sequence(nodes) => Some(nodes),
        Content::Mapping(_) | Content::Scalar(_) | Content::Refused => None,
    }
}

fn name_of<'n>(rule: &'n Node<'_>, rules: &Rules) -> Option<&'n str> {
    let value = value_of(rule, rules.named_by)?;
    match &value.content {
        Content::Scalar(scalar) => Some(&scalar.text),
        Content::Mapping(_) | Content::Sequence(_) | Content::Refused => None,
    }
}
