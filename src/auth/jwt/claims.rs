//! What a token must say, once it is known who signed it.

use std::time::Duration;

use serde_json::{Map, Number, Value};

use super::header::decoded;
use super::key_set::Signed;
use crate::auth::caller::{Caller, Credential, names_a_tenant};
use crate::auth::refusal::Refusal;
use crate::auth::reload::Problems;
use crate::auth::role::{Role, Roles};

/// How far clocks may be apart, in seconds.
const LEEWAY: u64 = 60;

/// What tokens must say.
pub(super) struct Rules {
    pub(super) issuer: String,
    pub(super) audiences: Vec<String>,
    pub(super) tenant_claim: String,
    pub(super) roles_claim: String,
}

impl Rules {
    /// What is wrong with the rules themselves: an empty one would let in what nobody meant to.
    pub(super) fn check(&self) -> Option<Problems> {
        let Self { issuer, audiences, tenant_claim, roles_claim } = self;
        let no_audience = audiences.is_empty() || audiences.iter().any(String::is_empty);
        let problems = [
            (issuer.is_empty(), "the issuer of tokens is empty"),
            (no_audience, "the audience of tokens is empty: name at least one"),
            (tenant_claim.is_empty(), "the name of the claim that names the tenant is empty"),
            (roles_claim.is_empty(), "the name of the claim that lists the roles is empty"),
        ];
        let problems = problems.into_iter().filter(|(wrong, _)| *wrong);
        Problems::of(problems.map(|(_, problem)| problem.to_owned()).collect())
    }

    /// The caller of a token that is signed, and until when it is good; both moments in seconds since 1970.
    pub(super) fn caller(&self, signed: &Signed<'_>, now: u64) -> Result<(Caller, u64), Refusal> {
        let claims: Map<String, Value> = decoded(signed.payload())
            .and_then(|bytes| serde_json::from_slice(&bytes).ok())
            .ok_or(Refusal::Malformed { what: "its claims are no JSON object in base64url" })?;
        let until = valid_until(&claims, now)?;
        self.check_issuer(&claims)?;
        self.check_audience(&claims)?;
        Ok((Caller::new(self.tenant(&claims)?, Credential::Token, self.roles(&claims)), until))
    }

    fn check_issuer(&self, claims: &Map<String, Value>) -> Result<(), Refusal> {
        match claims.get("iss") {
            Some(Value::String(issuer)) if *issuer == self.issuer => Ok(()),
            _ => Err(Refusal::WrongIssuer),
        }
    }

    fn check_audience(&self, claims: &Map<String, Value>) -> Result<(), Refusal> {
        let ours =
            |audience: &Value| audience.as_str().is_some_and(|name| self.audiences.iter().any(|our| our == name));
        let named = match claims.get("aud") {
            Some(Value::Array(audiences)) => audiences.iter().any(ours),
            Some(audience) => ours(audience),
            None => false,
        };
        if named { Ok(()) } else { Err(Refusal::WrongAudience) }
    }

    fn tenant(&self, claims: &Map<String, Value>) -> Result<String, Refusal> {
        let tenant = claims.get(&self.tenant_claim).and_then(Value::as_str).filter(|tenant| names_a_tenant(tenant));
        tenant.map(str::to_owned).ok_or_else(|| missing(&self.tenant_claim, "a text of 1 to 200 characters"))
    }

    /// Issuers list roles of other services too, which are none here.
    fn roles(&self, claims: &Map<String, Value>) -> Roles {
        match claims.get(&self.roles_claim) {
            Some(Value::Array(names)) => names.iter().filter_map(Value::as_str).filter_map(Role::named).collect(),
            Some(Value::String(names)) => names.split_whitespace().filter_map(Role::named).collect(),
            _ => Roles::none(),
        }
    }
}

fn valid_until(claims: &Map<String, Value>, now: u64) -> Result<u64, Refusal> {
    let expires = moment(claims, "exp")?.ok_or_else(|| missing("exp", MOMENT))?;
    let until = expires.saturating_add(LEEWAY);
    if now >= until {
        return Err(Refusal::Expired);
    }
    let starts = moment(claims, "nbf")?.unwrap_or(0);
    if now.saturating_add(LEEWAY) < starts { Err(Refusal::NotYetValid) } else { Ok(until) }
}

const MOMENT: &str = "a number of seconds since 1970";

fn moment(claims: &Map<String, Value>, claim: &str) -> Result<Option<u64>, Refusal> {
    match claims.get(claim) {
        None => Ok(None),
        Some(Value::Number(number)) => seconds(number).map(Some).ok_or_else(|| missing(claim, MOMENT)),
        Some(_) => Err(missing(claim, MOMENT)),
    }
}

/// Whole seconds of a number that may have a fraction.
fn seconds(number: &Number) -> Option<u64> {
    let fraction = || number.as_f64().and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    number.as_u64().or_else(|| fraction().map(|moment| moment.as_secs()))
}

fn missing(claim: &str, form: &'static str) -> Refusal {
    Refusal::MissingClaim { claim: claim.to_owned(), form }
}
