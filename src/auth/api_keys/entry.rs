//! One entry of the file.

use super::yaml::{Content, Node, Wrong};
use crate::auth::caller::names_a_tenant;
use crate::auth::digest::Digest;
use crate::auth::role::{Role, Roles};

/// What an entry may say.
const FIELDS: [&str; 5] = ["id", "sha256", "tenant", "roles", "expires"];
/// Characters of an id.
const LONGEST_ID: usize = 64;
/// Characters of a word that a message may repeat: no key is that short.
const LONGEST_REPEATED: usize = 24;

/// An entry; what is wrong with it is not there.
pub(super) struct Entry {
    pub(super) line: usize,
    pub(super) id: Option<String>,
    pub(super) digest: Option<Digest>,
    pub(super) tenant: Option<String>,
    pub(super) roles: Roles,
    pub(super) expires: Option<u64>,
}

/// The entry in `node`, as far as it is one; the rest goes to `wrong`.
pub(super) fn read(node: &Node<'_>, wrong: &mut Vec<Wrong>) -> Option<Entry> {
    let Content::Mapping(parts) = &node.content else {
        wrong.push(Wrong::new(node.line, "an entry must have fields: start it with `- id: NAME`"));
        return None;
    };
    let fields = Fields::of(node.line, parts, wrong);
    Some(Entry {
        line: node.line,
        id: fields.id(wrong),
        digest: fields.digest(wrong),
        tenant: fields.tenant(wrong),
        roles: fields.roles(wrong),
        expires: fields.expires(wrong),
    })
}

/// The fields of an entry, each once.
struct Fields<'n, 's> {
    line: usize,
    values: Vec<(&'static str, &'n Node<'s>)>,
}

impl<'n, 's> Fields<'n, 's> {
    fn of(line: usize, parts: &'n [Node<'s>], wrong: &mut Vec<Wrong>) -> Self {
        let mut values: Vec<(&'static str, &Node<'_>)> = Vec::new();
        for pair in parts.chunks_exact(2) {
            let [key, value] = pair else { continue };
            match field(key) {
                Err(problem) => wrong.push(problem),
                Ok(name) if values.iter().any(|(known, _)| *known == name) => {
                    wrong.push(Wrong::new(key.line, format!("`{name}` stands here twice")));
                }
                Ok(name) => values.push((name, value)),
            }
        }
        Self { line, values }
    }

    fn get(&self, name: &str) -> Option<&'n Node<'s>> {
        self.values.iter().find(|(known, _)| *known == name).map(|(_, value)| *value)
    }

    /// The text of a field that must be there.
    fn text(&self, name: &str, wrong: &mut Vec<Wrong>) -> Option<(usize, &'n str)> {
        let Some(node) = self.get(name) else {
            wrong.push(Wrong::new(self.line, format!("this entry has no `{name}`")));
            return None;
        };
        match &node.content {
            Content::Text(text) => Some((node.line, text.as_ref())),
            Content::List(_) | Content::Mapping(_) => {
                wrong.push(Wrong::new(node.line, format!("`{name}` must be a text")));
                None
            }
        }
    }

    fn id(&self, wrong: &mut Vec<Wrong>) -> Option<String> {
        let (line, id) = self.text("id", wrong)?;
        let good = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
        if id.is_empty() || id.len() > LONGEST_ID || !id.chars().all(good) {
            wrong.push(Wrong::new(line, "`id` must have 1 to 64 characters: letters, digits, `-`, `_` and `.`"));
            return None;
        }
        Some(id.to_owned())
    }

    fn digest(&self, wrong: &mut Vec<Wrong>) -> Option<Digest> {
        let (line, text) = self.text("sha256", wrong)?;
        let digest = Digest::from_hex(text);
        if digest.is_none() {
            // Never repeated: it may be the key itself.
            let what =
                "`sha256` must be the SHA-256 of the key, in 64 hexadecimal digits; never put the key itself here";
            wrong.push(Wrong::new(line, what));
        }
        digest
    }

    fn tenant(&self, wrong: &mut Vec<Wrong>) -> Option<String> {
        let (line, tenant) = self.text("tenant", wrong)?;
        if !names_a_tenant(tenant) {
            wrong.push(Wrong::new(line, "`tenant` must have 1 to 200 characters, in one line"));
            return None;
        }
        Some(tenant.to_owned())
    }

    fn roles(&self, wrong: &mut Vec<Wrong>) -> Roles {
        let problem = match self.get("roles").map(|node| (node.line, &node.content)) {
            None => Wrong::new(self.line, "this entry has no `roles`"),
            Some((line, Content::Text(_) | Content::Mapping(_))) => {
                Wrong::new(line, "`roles` must be a list, such as `[recommend]`")
            }
            Some((line, Content::List(names))) if names.is_empty() => {
                Wrong::new(line, "`roles` is empty: a key that may do nothing is better left out")
            }
            Some((_, Content::List(names))) => {
                let known = |node| role(node).map_err(|problem| wrong.push(problem)).ok();
                return names.iter().filter_map(known).collect();
            }
        };
        wrong.push(problem);
        Roles::none()
    }

    fn expires(&self, wrong: &mut Vec<Wrong>) -> Option<u64> {
        self.get("expires")?;
        let (line, text) = self.text("expires", wrong)?;
        let moment = moment(text);
        if moment.is_none() {
            let what =
                "`expires` must be a date such as `2027-06-30`, or a date and a time such as `2027-06-30T12:00:00Z`";
            wrong.push(Wrong::new(line, what));
        }
        moment
    }
}

fn field(key: &Node<'_>) -> Result<&'static str, Wrong> {
    let Content::Text(name) = &key.content else {
        return Err(Wrong::new(key.line, "a field's name must be a word"));
    };
    let known = FIELDS.into_iter().find(|field| field == name);
    known.ok_or_else(|| Wrong::new(key.line, unknown("field", name, &FIELDS)))
}

fn role(node: &Node<'_>) -> Result<Role, Wrong> {
    let Content::Text(name) = &node.content else {
        return Err(Wrong::new(node.line, "a role must be a word"));
    };
    Role::named(name).ok_or_else(|| Wrong::new(node.line, unknown("role", name, &Role::ALL.map(Role::as_str))))
}

/// That `word` is none of `words`, and what was probably meant.
fn unknown(sort: &str, word: &str, words: &[&str]) -> String {
    let all = words.join(", ");
    if word.chars().count() > LONGEST_REPEATED || word.chars().any(char::is_control) {
        return format!("there is no {sort} of that name; there are: {all}");
    }
    let near = words.iter().min_by_key(|known| strsim::osa_distance(word, known));
    match near.filter(|known| strsim::osa_distance(word, known) <= 2) {
        Some(near) => format!("there is no {sort} `{word}`, did you mean `{near}`?"),
        None => format!("there is no {sort} `{word}`; there are: {all}"),
    }
}

/// Seconds since 1970 of a date or a date and time in RFC 3339.
fn moment(text: &str) -> Option<u64> {
    // The type from Protobuf reads more than RFC 3339 has: times without a zone, among others.
    let dated = text.len() == "2027-06-30".len();
    let zoned = text.contains(['T', 't', ' ']) && (text.ends_with(['Z', 'z']) || offset(text));
    let text = if dated { format!("{text}T00:00:00Z") } else { text.to_owned() };
    let moment: prost_types::Timestamp = (dated || zoned).then(|| text.parse().ok()).flatten()?;
    u64::try_from(moment.seconds).ok()
}

/// Whether it ends like `+02:00`.
fn offset(text: &str) -> bool {
    text.get(text.len().saturating_sub("+02:00".len())..)
        .is_some_and(|end| end.starts_with(['+', '-']) && end.chars().nth(3) == Some(':'))
}
