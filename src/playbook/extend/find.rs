//! The document that another one says it extends.

use super::Inherited;
use crate::playbook::bases::{AT, BaseName, Bases};
use crate::playbook::diagnostic::File;
use crate::playbook::document::{Extension, Owned};
use crate::playbook::finding::{Finding, Findings, one_of, ticked};
use crate::playbook::yaml::{self, Origin};

/// The base that `extension` names, or `None`: it names none, or, as `findings` say, none that can be extended.
pub(in crate::playbook) fn base<'s>(
    extension: &Extension,
    bases: &'s Bases,
    findings: &mut Findings,
) -> Option<Inherited<'s>> {
    check_fragment(extension, findings);
    let extends = extension.extends.as_ref()?;
    let name = name_in(extends, bases, findings)?;
    let own = BaseName { id: extension.id.clone(), version: extension.version.clone() };
    if name == own {
        let message = format!("{} extends itself", ticked(&extends.text));
        findings.add(Finding::error("extends-itself", extends.span, message).mend("name the one that it builds on"));
        return None;
    }
    let Some(base) = bases.find(&name) else {
        // Whoever looks for another version of the own playbook does not mean this file.
        let known = bases.names().filter(|known| **known != own).map(ToString::to_string).collect();
        report_unknown(extends, &name, known, findings);
        return None;
    };
    let text = yaml::text_of(&base.source, Origin::Base, findings)?;
    Some(Inherited { file: File { name: &base.file, text }, name: &base.name, extends_at: extends.span })
}

fn check_fragment(extension: &Extension, findings: &mut Findings) {
    if let Some(span) = extension.fragment_at {
        let message = "a fragment is there for extending, and what extends another one can't be extended";
        findings.add(Finding::error("extends-twice", span, message).mend("remove `fragment`, or `extends`"));
    }
}

fn name_in(extends: &Owned, bases: &Bases, findings: &mut Findings) -> Option<BaseName> {
    let parts = extends.text.split_once(AT).filter(|(id, version)| !id.is_empty() && !version.is_empty());
    if let Some((id, version)) = parts {
        return Some(BaseName { id: id.to_owned(), version: version.to_owned() });
    }
    let meant = bases.names().find(|name| name.id == extends.text.trim_end_matches(AT));
    let mend = meant.map_or_else(
        || "write the id of a playbook, `@` and its version, such as `default@1`".to_owned(),
        |name| format!("did you mean `{name}`?"),
    );
    let message = format!("{} does not say which playbook in which version", ticked(&extends.text));
    findings.add(Finding::error("unknown-base", extends.span, message).mend(mend));
    None
}

/// `known`: all that could be named.
fn report_unknown(extends: &Owned, name: &BaseName, known: Vec<String>, findings: &mut Findings) {
    let prefix = format!("{}{AT}", name.id);
    let (same, others): (Vec<String>, Vec<String>) = known.into_iter().partition(|known| known.starts_with(&prefix));
    let all = |names: &[String]| one_of(names.iter().map(String::as_str));
    let (message, mend) = if same.is_empty() {
        let meant = findings.meant(&extends.text, others.iter().map(String::as_str));
        let none = || "there is none that could be extended".to_owned();
        let mend = meant.unwrap_or_else(|| if others.is_empty() { none() } else { all(&others) });
        (format!("there is no playbook {} to extend", ticked(&name.id)), mend)
    } else {
        (format!("there is no version {} of {} to extend", ticked(&name.version), ticked(&name.id)), all(&same))
    };
    findings.add(Finding::error("unknown-base", extends.span, message).mend(mend));
}
