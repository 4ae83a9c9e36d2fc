//! The format as tables, for people.

use super::header::PLAYBOOK;
use super::part::{Others, Part, Presence, Type};

/// A Markdown table of the keys of each part, in the order in which the parts first appear.
#[must_use]
pub fn tables() -> Vec<(&'static str, String)> {
    let mut parts = vec![&PLAYBOOK];
    collect(&PLAYBOOK, &mut parts);
    parts.into_iter().map(|part| (part.what, table(part))).collect()
}

fn table(part: &Part) -> String {
    let rows = part.fields.iter().map(|field| {
        let required = match field.presence {
            Presence::Required | Presence::OfWhole => "required",
            Presence::Optional => "",
        };
        format!("| `{}` | {required}| {} |\n", field.key, field.about).replace("required|", "required |")
    });
    format!("| key | | what it is |\n|---|---|---|\n{}", rows.collect::<String>())
}

fn collect(part: &'static Part, parts: &mut Vec<&'static Part>) {
    let others = match part.others {
        Others::Refused => None,
        Others::Names(holds) => Some(holds),
    };
    for holds in part.fields.iter().map(|field| field.holds).chain(others) {
        within(holds, parts);
    }
}

fn within(holds: Type, parts: &mut Vec<&'static Part>) {
    match holds {
        Type::Part(part) => {
            if !parts.iter().any(|known| known.what == part.what) {
                parts.push(part);
                collect(part, parts);
            }
        }
        Type::List(of) | Type::Some(of) | Type::Map(_, of) => within(*of, parts),
        Type::Either(types) => types.iter().for_each(|of| within(*of, parts)),
        Type::Text
        | Type::Label
        | Type::Pattern(..)
        | Type::Words(_)
        | Type::Flag
        | Type::Number(..)
        | Type::Count(_) => {}
    }
}
