//! From a configuration to a server that runs, and to its end.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::runtime::Builder;
use tokio::sync::{mpsc, watch};
use tracing::info;

use super::content::{Content, keep_fresh, keep_keys_fresh};
use super::settings;
use crate::auth::Auth;
use crate::cli::signals;
use crate::config::Config;
use crate::library::Library;
use crate::server::{self, Listeners, Operation, Problems, Served, Tls, TlsFiles};
use crate::telemetry::{Telemetry, TelemetryError, tell_panics_by_place};
use crate::watch::Watch;

/// For what is still to be told to a collector when the server has ended.
const LAST_WORDS: Duration = Duration::from_secs(2);

/// Why nothing is served (any more).
#[derive(Debug, thiserror::Error)]
pub(super) enum Failure {
    #[error("{}", .0.join("\n\nerror: "))]
    Content(Vec<String>),
    #[error("cannot start: {0}")]
    Runtime(io::Error),
    #[error(transparent)]
    Telemetry(#[from] TelemetryError),
    #[error("cannot listen on `{address}`: {error}")]
    Listen { address: String, error: io::Error },
    #[error("cannot wait for signals: {0}")]
    Signals(io::Error),
    #[error("cannot watch files: {0}")]
    Watch(io::Error),
    #[error("{0}")]
    Server(#[from] server::ServerError),
}

/// Serves until a signal ends it.
pub(super) fn serve(config: &Config) -> Result<(), Failure> {
    let runtime = Builder::new_multi_thread().enable_all().build().map_err(Failure::Runtime)?;
    let served = runtime.block_on(async {
        let telemetry = Telemetry::start(settings::telemetry(config))?;
        tell_panics_by_place();
        let served = load_and_serve(config, &telemetry).await;
        telemetry.stop(LAST_WORDS).await;
        served
    });
    // Clients that would not leave are not waited for.
    runtime.shutdown_background();
    served
}

async fn load_and_serve(config: &Config, telemetry: &Telemetry) -> Result<(), Failure> {
    // First of all: what comes while it loads is kept until it can be heeded.
    let signals = signals::listen().map_err(Failure::Signals)?;
    // Before anything is read, so that no change is missed.
    let watch = Watch::on(watched(config)).map_err(Failure::Watch)?;
    let content = Arc::new(load(config, telemetry)?);
    let conversations = settings::conversations(config, telemetry.metrics());
    let conversations = conversations.map_err(|problem| Failure::Content(vec![problem]))?;
    let listeners = Listeners { api: listen(&config.listen).await?, admin: listen_for_admin(config).await? };
    let (reload, asked) = mpsc::channel(1);
    content.tell_metrics();
    tokio::spawn(keep_fresh(Arc::clone(&content), watch, signals.hangup, asked));
    tokio::spawn(keep_keys_fresh(Arc::clone(&content)));
    announce(&listeners, &content);
    let served = Served {
        shelf: content.library.shelf(),
        conversations,
        auth: Arc::clone(&content.auth),
        tls: content.tls.clone(),
        settings: settings::server(config),
        metrics: telemetry.metrics().clone(),
        observe: telemetry.observe(),
        operation: Operation { reload, problems: content.problems.subscribe() },
    };
    let ended = server::serve(listeners, served, signals.stop).await?;
    info!(?ended, "stopped");
    Ok(())
}

/// Everything that is read from files, or everything that is wrong with it.
fn load(config: &Config, telemetry: &Telemetry) -> Result<Content, Failure> {
    let library = Library::open(settings::library(config)).map_err(|refusal| refusal.to_string());
    let auth = Auth::load(settings::auth(config)).map_err(|problems| problems.lines().join("\n"));
    let tls = settings::tls(config).map(Tls::load).transpose().map_err(|error| error.to_string());
    match (library, auth, tls) {
        (Ok(library), Ok(auth), Ok(tls)) => Ok(Content {
            library,
            auth: Arc::new(auth),
            tls: tls.map(Arc::new),
            metrics: telemetry.metrics().clone(),
            problems: watch::Sender::new(Problems::new()),
        }),
        (library, auth, tls) => {
            Err(Failure::Content([library.err(), auth.err(), tls.err()].into_iter().flatten().collect()))
        }
    }
}

/// Every file and folder that may change.
fn watched(config: &Config) -> Vec<PathBuf> {
    let tls = settings::tls(config);
    let tls = tls.iter().flat_map(TlsFiles::iter).map(ToOwned::to_owned);
    config.playbooks.clone().into_iter().chain(tls).chain(settings::credential_files(config)).collect()
}

async fn listen_for_admin(config: &Config) -> Result<Option<TcpListener>, Failure> {
    match &config.admin {
        Some(address) => listen(address).await.map(Some),
        None => Ok(None),
    }
}

async fn listen(address: &str) -> Result<TcpListener, Failure> {
    TcpListener::bind(address).await.map_err(|error| Failure::Listen { address: address.to_owned(), error })
}

fn announce(listeners: &Listeners, content: &Content) {
    let address = |listener: &TcpListener| listener.local_addr().map_or_else(|_| "?".to_owned(), |it| it.to_string());
    info!(
        address = address(&listeners.api),
        admin = listeners.admin.as_ref().map(address),
        tls = content.tls.is_some(),
        playbooks = content.library.shelf().playbooks().iter().count(),
        version = env!("CARGO_PKG_VERSION"),
        "serving"
    );
}
