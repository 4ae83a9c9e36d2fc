//! What happens beside calls: reloads, connections, refusals.

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

use super::Metrics;

/// How an attempt to load something anew ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reload {
    /// What is new is in force.
    Loaded,
    /// What was in force still is.
    Failed,
}

/// What came to its limit when a call or a subscription was turned away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shed {
    /// The server.
    Server,
    /// The caller.
    Caller,
}

/// Why a connection was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refused {
    /// It said nothing, or not in time.
    Handshake,
    /// Its TLS handshake failed.
    Tls,
    /// Its address had as many as it may.
    Address,
}

/// What credentials are checked against.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CredentialSource {
    /// The file of API keys.
    ApiKeys,
    /// The keys of who issues tokens.
    Jwks,
}

/// A connection; it counts as open until this is dropped.
#[derive(Debug)]
pub struct OpenConnection(Gauge);

/// Of what is told only once it is known.
type NoLabels = [(&'static str, &'static str); 0];

/// Counters and gauges.
#[derive(Debug)]
pub(super) struct Events {
    playbook_reloads: OfReloads,
    playbook_reload_failed: Gauge,
    shed_by_server: Counter,
    shed_for_caller: Counter,
    connections: Gauge,
    refused: Family<Reason, Counter>,
    certificate_reloads: OfReloads,
    certificate_expiry: Family<NoLabels, Gauge>,
    credentials_refused: Family<Reason, Counter>,
    api_key_reloads: OfReloads,
    jwks_reloads: OfReloads,
    panics: Counter,
    log_lines_dropped: Counter,
}

#[derive(Debug)]
struct OfReloads {
    loaded: Counter,
    failed: Counter,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Reason {
    reason: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Outcome {
    result: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct SourceOutcome {
    source: &'static str,
    result: &'static str,
}

impl Metrics {
    /// Playbooks were loaded anew, or could not be.
    pub fn playbook_reload(&self, reload: Reload) {
        self.0.events.playbook_reloads.count(reload);
        self.0.events.playbook_reload_failed.set(i64::from(reload == Reload::Failed));
    }

    /// What is to be loaded is what is loaded: whatever failed before is gone.
    pub fn playbooks_are_good(&self) {
        self.0.events.playbook_reload_failed.set(0);
    }

    /// A call was turned away because there were too many.
    pub fn shed(&self, shed: Shed) {
        match shed {
            Shed::Server => self.0.events.shed_by_server.inc(),
            Shed::Caller => self.0.events.shed_for_caller.inc(),
        };
    }

    /// A connection was taken.
    #[must_use]
    pub fn connection(&self) -> OpenConnection {
        let open = self.0.events.connections.clone();
        open.inc();
        OpenConnection(open)
    }

    /// A connection was not taken, or not kept.
    pub fn connection_refused(&self, refused: Refused) {
        self.0.events.refused.get_or_create(&Reason { reason: refused.as_str() }).inc();
    }

    /// The certificate was loaded anew, or could not be.
    pub fn certificate_reload(&self, reload: Reload) {
        self.0.events.certificate_reloads.count(reload);
    }

    /// The certificate in use ends at this time, in seconds since 1970.
    pub fn certificate_expires(&self, at: i64) {
        self.0.events.certificate_expiry.get_or_create(&[]).set(at);
    }

    /// A caller was not let in.
    pub fn credentials_refused(&self, reason: &'static str) {
        self.0.events.credentials_refused.get_or_create(&Reason { reason }).inc();
    }

    /// What credentials are checked against was loaded anew, or could not be.
    pub fn credential_reload(&self, source: CredentialSource, reload: Reload) {
        match source {
            CredentialSource::ApiKeys => self.0.events.api_key_reloads.count(reload),
            CredentialSource::Jwks => self.0.events.jwks_reloads.count(reload),
        }
    }

    /// A handler panicked, and the call was answered all the same.
    pub fn panicked(&self) {
        self.0.events.panics.inc();
    }

    /// How many lines of calls nobody took away in time.
    pub(in crate::telemetry) fn log_lines_dropped(&self) -> Counter {
        self.0.events.log_lines_dropped.clone()
    }
}

impl Drop for OpenConnection {
    fn drop(&mut self) {
        self.0.dec();
    }
}

impl Refused {
    fn as_str(self) -> &'static str {
        match self {
            Self::Handshake => "handshake",
            Self::Tls => "tls",
            Self::Address => "address",
        }
    }
}

impl OfReloads {
    fn count(&self, reload: Reload) {
        match reload {
            Reload::Loaded => self.loaded.inc(),
            Reload::Failed => self.failed.inc(),
        };
    }

    fn of(family: &Family<Outcome, Counter>) -> Self {
        let counter = |result| family.get_or_create_owned(&Outcome { result });
        Self { loaded: counter("loaded"), failed: counter("failed") }
    }

    fn of_source(family: &Family<SourceOutcome, Counter>, source: &'static str) -> Self {
        let counter = |result| family.get_or_create_owned(&SourceOutcome { source, result });
        Self { loaded: counter("loaded"), failed: counter("failed") }
    }
}

impl Events {
    pub(super) fn register(registry: &mut Registry) -> Self {
        let playbooks = Family::<Outcome, Counter>::default();
        let certificates = Family::<Outcome, Counter>::default();
        let credentials = Family::<SourceOutcome, Counter>::default();
        let shed = Family::<Reason, Counter>::default();
        let refused = Family::<Reason, Counter>::default();
        for reason in [Refused::Handshake, Refused::Tls, Refused::Address] {
            let _ = refused.get_or_create_owned(&Reason { reason: reason.as_str() });
        }
        let events = Self {
            playbook_reloads: OfReloads::of(&playbooks),
            playbook_reload_failed: Gauge::default(),
            shed_by_server: shed.get_or_create_owned(&Reason { reason: "server" }),
            shed_for_caller: shed.get_or_create_owned(&Reason { reason: "caller" }),
            connections: Gauge::default(),
            refused,
            certificate_reloads: OfReloads::of(&certificates),
            certificate_expiry: Family::default(),
            credentials_refused: Family::default(),
            api_key_reloads: OfReloads::of_source(&credentials, "api_keys"),
            jwks_reloads: OfReloads::of_source(&credentials, "jwks"),
            panics: Counter::default(),
            log_lines_dropped: Counter::default(),
        };
        registry.register("composure_playbook_reloads", "Attempts to load playbooks anew", playbooks);
        registry.register("composure_calls_shed", "Calls turned away because there were too many", shed);
        registry.register("composure_certificate_reloads", "Attempts to load the certificate anew", certificates);
        registry.register("composure_credential_reloads", "Attempts to load credentials anew", credentials);
        events.register_rest(registry);
        events
    }

    fn register_rest(&self, registry: &mut Registry) {
        let failed = "Whether the last attempt to load playbooks anew failed";
        registry.register("composure_playbook_reload_failed", failed, self.playbook_reload_failed.clone());
        registry.register("composure_connections", "Connections that are open", self.connections.clone());
        registry.register("composure_connections_refused", "Connections not taken, by reason", self.refused.clone());
        let expiry = "When the certificate in use ends";
        registry.register("composure_certificate_expiry_timestamp_seconds", expiry, self.certificate_expiry.clone());
        let refused = "Callers that were not let in, by reason";
        registry.register("composure_credentials_refused", refused, self.credentials_refused.clone());
        registry.register("composure_panics", "Handlers that panicked", self.panics.clone());
        let dropped = "Lines of calls that nobody took away in time";
        registry.register("composure_log_lines_dropped", dropped, self.log_lines_dropped.clone());
    }
}
