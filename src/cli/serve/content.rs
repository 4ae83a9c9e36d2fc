//! What can change while the server runs: playbooks, the certificate, credentials. One mechanism for all of it: whatever the reason,
//! everything is read again, and what is unchanged stays as it is.

use std::sync::Arc;

use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::spawn_blocking;
use tracing::{info, warn};

use crate::auth::{self, Auth, Source};
use crate::library::{self, Library};
use crate::playbook::Identity;
use crate::server::{Problems, Reloaded, Tls};
use crate::telemetry::{CredentialSource, Metrics, PlaybookInfo, Reload};
use crate::watch::Watch;

/// What problems call the reading of everything, beside those that are about a part of it.
const RELOAD: &str = "reload";

/// All of it.
#[derive(Debug)]
pub(super) struct Content {
    pub(super) library: Library,
    pub(super) auth: Arc<Auth>,
    pub(super) tls: Option<Arc<Tls>>,
    pub(super) metrics: Metrics,
    /// What was refused last time, so that something older is in use.
    pub(super) problems: watch::Sender<Problems>,
}

impl Content {
    /// Puts what is in use into the metrics.
    pub(super) fn tell_metrics(&self) {
        let playbooks = self.library.shelf().playbooks();
        let newest = playbooks.iter().filter(|loaded| playbooks.is_newest(loaded));
        let infos = newest.map(|loaded| loaded.playbook.identity()).map(|identity| PlaybookInfo {
            playbook: identity.id.clone(),
            version: identity.version.clone(),
            digest: identity.digest.clone(),
        });
        self.metrics.set_playbooks(infos.collect());
        if let Some(expires) = self.tls.as_ref().and_then(|tls| tls.expires()) {
            self.metrics.certificate_expires(expires);
        }
    }

    /// Reads everything again; it may take a while.
    fn reload(&self) -> Reloaded {
        let mut reloaded = Reloaded::default();
        self.reload_playbooks(&mut reloaded);
        self.reload_certificate(&mut reloaded);
        for auth::Reload { source, outcome } in self.auth.reload() {
            self.credentials_read(source, outcome, &mut reloaded);
        }
        self.tell_metrics();
        reloaded
    }

    fn reload_playbooks(&self, reloaded: &mut Reloaded) {
        match self.library.reload() {
            library::Reloaded::Unchanged => {
                // What was refused may have been taken back.
                self.metrics.playbooks_are_good();
                self.good("playbooks");
            }
            library::Reloaded::Loaded(library::Changes { new, gone }) => {
                self.metrics.playbook_reload(Reload::Loaded);
                self.good("playbooks");
                for identity in new {
                    let Identity { id, version, digest } = identity;
                    info!(playbook = id, version, %digest, "playbook loaded");
                    reloaded.loaded.push(format!("playbook {id} {version}: {digest}"));
                }
                for Identity { id, version, digest } in gone {
                    info!(playbook = id, version, %digest, "playbook removed");
                    reloaded.loaded.push(format!("playbook {id} {version}: removed"));
                }
            }
            library::Reloaded::Refused(refusal) => {
                self.metrics.playbook_reload(Reload::Failed);
                self.refused("playbooks", &refusal.summary);
                reloaded.refused.push(format!("playbooks: {refusal}"));
            }
        }
    }

    fn reload_certificate(&self, reloaded: &mut Reloaded) {
        let Some(tls) = &self.tls else { return };
        match tls.reload() {
            Ok(false) => self.good("certificate"),
            Ok(true) => {
                self.metrics.certificate_reload(Reload::Loaded);
                self.good("certificate");
                info!("certificate loaded");
                reloaded.loaded.push("certificate".to_owned());
            }
            Err(error) => {
                self.metrics.certificate_reload(Reload::Failed);
                self.refused("certificate", &error.to_string());
                reloaded.refused.push(format!("certificate: {error}"));
            }
        }
    }

    /// Notes what came of reading credentials again.
    fn credentials_read(&self, source: Source, outcome: auth::Outcome, reloaded: &mut Reloaded) {
        let (counted, about) = match source {
            Source::ApiKeys => (CredentialSource::ApiKeys, "api_keys"),
            Source::Jwks => (CredentialSource::Jwks, "jwks"),
        };
        match outcome {
            auth::Outcome::Unchanged => self.good(about),
            auth::Outcome::Loaded { keys } => {
                self.metrics.credential_reload(counted, Reload::Loaded);
                self.good(about);
                info!(keys, source = about, "credentials loaded");
                reloaded.loaded.push(format!("{about}: {keys} keys"));
            }
            auth::Outcome::Refused(problems) => {
                self.metrics.credential_reload(counted, Reload::Failed);
                let problems = problems.lines().join("; ");
                self.refused(about, &problems);
                reloaded.refused.push(format!("{about}: {problems}"));
            }
        }
    }

    /// Notes that reading broke off, so that nobody knows what is there.
    fn broke_off(&self) -> Reloaded {
        let problem = "reading broke off by a fault in the program";
        self.metrics.playbook_reload(Reload::Failed);
        self.refused(RELOAD, problem);
        Reloaded { loaded: Vec::new(), refused: vec![format!("{RELOAD}: {problem}")] }
    }

    fn good(&self, about: &'static str) {
        self.problems.send_if_modified(|problems| problems.remove(about).is_some());
    }

    /// Says it once, however often the same is found again.
    fn refused(&self, about: &'static str, problem: &str) {
        let is_new = self.problems.send_if_modified(|problems| {
            let problem = format!("what is new was refused, what was good is in use: {problem}");
            problems.insert(about, problem.clone()).is_none_or(|before| before != problem)
        });
        if is_new {
            warn!(about, problem, "refused what is new, and went on with what was good");
        }
    }
}

/// Keeps `content` fresh: when watched files change, when `hangups` come, and when somebody asks.
pub(super) async fn keep_fresh(
    content: Arc<Content>,
    watch: Watch,
    mut hangups: mpsc::Receiver<()>,
    mut asked: mpsc::Receiver<oneshot::Sender<Reloaded>>,
) {
    loop {
        let waits = tokio::select! {
            () = watch.changed() => None,
            Some(()) = hangups.recv() => None,
            Some(waits) = asked.recv() => Some(waits),
        };
        let reloaded = attempt(&content, Content::reload).await;
        if let Some(waits) = waits {
            // Whoever asked may have gone.
            let _ = waits.send(reloaded);
        }
    }
}

/// What comes of `reload`; that it panics is a failure like others.
async fn attempt(content: &Arc<Content>, reload: impl FnOnce(&Content) -> Reloaded + Send + 'static) -> Reloaded {
    let read = Arc::clone(content);
    match spawn_blocking(move || reload(&read)).await {
        Ok(reloaded) => {
            content.good(RELOAD);
            reloaded
        }
        Err(_) => content.broke_off(),
    }
}

/// Keeps keys fresh that are fetched from an issuer.
pub(super) async fn keep_keys_fresh(content: Arc<Content>) {
    let auth = Arc::clone(&content.auth);
    auth.run(move |auth::Reload { source, outcome }| {
        content.credentials_read(source, outcome, &mut Reloaded::default());
    })
    .await;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::library::Settings;

    fn content() -> Arc<Content> {
        Arc::new(Content {
            library: Library::open(Settings::default()).unwrap(),
            auth: Arc::new(Auth::load(auth::Settings::default()).unwrap()),
            tls: None,
            metrics: Metrics::new(),
            problems: watch::Sender::new(Problems::new()),
        })
    }

    #[tokio::test]
    async fn a_reload_that_panics_has_failed_until_one_succeeds() {
        let content = content();
        let failed = || content.metrics.render(None).1.contains("composure_playbook_reload_failed 1");
        let reloaded = attempt(&content, |_| panic!("the customer said something")).await;
        assert_eq!(reloaded.loaded, Vec::<String>::new());
        assert_eq!(reloaded.refused, ["reload: reading broke off by a fault in the program"]);
        let told = content.problems.borrow().get(RELOAD).cloned().unwrap();
        assert!(told.ends_with("what was good is in use: reading broke off by a fault in the program"), "{told}");
        assert!(failed());
        assert_eq!(attempt(&content, Content::reload).await, Reloaded::default());
        assert!(content.problems.borrow().is_empty() && !failed());
    }
}
