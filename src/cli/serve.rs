//! `composure serve`: the gRPC API.

use std::process::ExitCode;
use std::sync::Arc;

use tokio::net::TcpListener;
use tokio::runtime::Builder;
use tracing::info;

use super::output;
use super::signals;
use super::telemetry;
use crate::config::{self, Config, Effective, Flags, Problems, Task};
use crate::server;
use crate::service::Playbooks;

/// What to serve, and how.
pub(super) type Args = Flags;

/// Why nothing is served (any more).
#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error("the playbook in the program is broken:\n{0}")]
    Playbook(crate::playbook::Report),
    #[error("cannot start: {0}")]
    Runtime(std::io::Error),
    #[error("cannot listen on `{address}`: {error}")]
    Listen { address: String, error: std::io::Error },
    #[error("cannot wait for signals: {0}")]
    Signals(std::io::Error),
    #[error("{}", with_causes(.0))]
    Server(server::ServerError),
}

/// Serves until a signal ends it, or tells of the configuration.
pub(super) fn run(args: &Args) -> ExitCode {
    let read = match args.task {
        Task::Serve | Task::Print => Effective::read(config::environment(), args),
        Task::Check => Effective::check(config::environment(), args),
    };
    match (read, args.task) {
        (Err(problems), _) => refuse(&problems),
        (Ok(effective), Task::Serve) => serve_by(&effective.config),
        (Ok(effective), Task::Print) => {
            output::text(effective.to_yaml());
            ExitCode::SUCCESS
        }
        (Ok(_), Task::Check) => {
            output::line("ok");
            ExitCode::SUCCESS
        }
    }
}

fn refuse(problems: &Problems) -> ExitCode {
    let count = match problems.count() {
        1 => "1 error".to_owned(),
        several => format!("{several} errors"),
    };
    output::complaint(problems.render(output::style_of_complaints()));
    output::complaint(format_args!("\nerror: the configuration can't be used, for it has {count}"));
    ExitCode::FAILURE
}

fn serve_by(config: &Config) -> ExitCode {
    telemetry::start();
    match serve(config) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            output::complaint(format_args!("error: {failure}"));
            ExitCode::FAILURE
        }
    }
}

fn serve(config: &Config) -> Result<(), Failure> {
    let playbooks = Arc::new(Playbooks::shipped().map_err(Failure::Playbook)?);
    let runtime = Builder::new_multi_thread().enable_all().build().map_err(Failure::Runtime)?;
    let served = runtime.block_on(listen_and_serve(&config.listen, playbooks));
    // Clients that would not leave are not waited for.
    runtime.shutdown_background();
    served
}

async fn listen_and_serve(address: &str, playbooks: Arc<Playbooks>) -> Result<(), Failure> {
    let listening = async {
        let listener = TcpListener::bind(address).await?;
        let local = listener.local_addr()?;
        Ok((listener, local))
    };
    let (listener, local) = listening.await.map_err(|error| Failure::Listen { address: address.to_owned(), error })?;
    let stop = signals::listen().map_err(Failure::Signals)?;
    info!(address = %local, version = env!("CARGO_PKG_VERSION"), playbooks = playbooks.iter().count(), "serving");
    let ended = server::serve(listener, playbooks, stop).await.map_err(Failure::Server)?;
    info!(?ended, "stopped");
    Ok(())
}

fn with_causes(error: &dyn std::error::Error) -> String {
    std::iter::successors(error.source(), |cause| cause.source())
        .fold(error.to_string(), |told, cause| format!("{told}: {cause}"))
}
