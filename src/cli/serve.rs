//! `composure serve`: the gRPC API.

use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::runtime::Builder;
use tracing::info;

use super::output;
use super::signals;
use crate::server;
use crate::service::{Playbooks, Shelf};
use crate::telemetry::{Settings, Telemetry, TelemetryError};

/// For what is still to be told when all is over.
const LAST_LINES: Duration = Duration::from_secs(1);

/// Where to serve.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Address to listen on; port 0 takes a free one
    #[arg(long, value_name = "ADDR", env = "COMPOSURE_LISTEN", default_value = "127.0.0.1:50051")]
    listen: String,
}

/// Why nothing is served (any more).
#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error("the playbook in the program is broken:\n{0}")]
    Playbook(crate::playbook::Report),
    #[error("cannot start: {0}")]
    Runtime(std::io::Error),
    #[error("cannot listen on `{address}`: {error}")]
    Listen { address: String, error: std::io::Error },
    #[error(transparent)]
    Telemetry(#[from] TelemetryError),
    #[error("cannot wait for signals: {0}")]
    Signals(std::io::Error),
    #[error("{}", with_causes(.0))]
    Server(server::ServerError),
}

/// Serves until a signal ends it.
pub(super) fn run(args: &Args) -> ExitCode {
    match serve(args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            output::complaint(format_args!("error: {failure}"));
            ExitCode::FAILURE
        }
    }
}

fn serve(args: &Args) -> Result<(), Failure> {
    let telemetry = Telemetry::start(Settings::default())?;
    let shelf = Arc::new(Shelf::new(Playbooks::shipped().map_err(Failure::Playbook)?, 0));
    let runtime = Builder::new_multi_thread().enable_all().build().map_err(Failure::Runtime)?;
    let served = runtime.block_on(listen_and_serve(&args.listen, shelf));
    runtime.block_on(telemetry.stop(LAST_LINES));
    // Clients that would not leave are not waited for.
    runtime.shutdown_background();
    served
}

async fn listen_and_serve(address: &str, shelf: Arc<Shelf>) -> Result<(), Failure> {
    let listening = async {
        let listener = TcpListener::bind(address).await?;
        let local = listener.local_addr()?;
        Ok((listener, local))
    };
    let (listener, local) = listening.await.map_err(|error| Failure::Listen { address: address.to_owned(), error })?;
    let stop = signals::listen().map_err(Failure::Signals)?;
    info!(address = %local, version = env!("CARGO_PKG_VERSION"), playbooks = shelf.playbooks().iter().count(), "serving");
    let ended = server::serve(listener, shelf, stop).await.map_err(Failure::Server)?;
    info!(?ended, "stopped");
    Ok(())
}

fn with_causes(error: &dyn std::error::Error) -> String {
    std::iter::successors(error.source(), |cause| cause.source())
        .fold(error.to_string(), |told, cause| format!("{told}: {cause}"))
}
