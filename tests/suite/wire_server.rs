//! A server on a free port, and what a client needs to talk to it.

use std::net::SocketAddr;
use std::sync::Arc;

use composure::grpc::generated::playbook_service_client::PlaybookServiceClient;
use composure::grpc::generated::recommendation_service_client::RecommendationServiceClient;
use composure::grpc::generated::{ConversationState, RecommendRequest, RecommendResponse, Signal};
use composure::server::{self, Ended, ServerError};
use composure::service::{Playbooks, Shelf};
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tonic::Status;
use tonic::transport::{Channel, Endpoint};

/// A server that ends with the test.
pub(crate) struct WireServer {
    pub(crate) address: SocketAddr,
    pub(crate) stop: mpsc::Sender<()>,
    pub(crate) ended: JoinHandle<Result<Ended, ServerError>>,
}

impl WireServer {
    pub(crate) async fn start() -> Self {
        Self::start_with(shelf()).await
    }

    /// One that serves what is on this shelf.
    pub(crate) async fn start_with(shelf: Arc<Shelf>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("there is a free port");
        let address = listener.local_addr().expect("a listener has an address");
        let (stop, stopped) = mpsc::channel(1);
        let ended = tokio::spawn(server::serve(listener, shelf, stopped));
        Self { address, stop, ended }
    }

    pub(crate) async fn channel(&self) -> Channel {
        let endpoint = Endpoint::from_shared(format!("http://{}", self.address)).expect("an address is a URI");
        endpoint.connect().await.expect("the server listens")
    }

    pub(crate) async fn recommendations(&self) -> RecommendationServiceClient<Channel> {
        RecommendationServiceClient::new(self.channel().await)
    }

    pub(crate) async fn playbooks(&self) -> PlaybookServiceClient<Channel> {
        PlaybookServiceClient::new(self.channel().await).max_decoding_message_size(16 * 1024 * 1024)
    }

    pub(crate) async fn recommend(&self, request: RecommendRequest) -> Result<RecommendResponse, Status> {
        self.recommendations().await.recommend(request).await.map(tonic::Response::into_inner)
    }
}

/// A shelf with the playbooks in the program.
pub(crate) fn shelf() -> Arc<Shelf> {
    Shelf::new(Playbooks::shipped().expect("the playbooks in the program are valid"), 2).into()
}

pub(crate) fn level(name: &str, level: f64) -> Signal {
    Signal { name: name.to_owned(), level: Some(level), confidence: None }
}

pub(crate) fn flag(name: &str) -> Signal {
    Signal { name: name.to_owned(), level: None, confidence: None }
}

/// A customer this angry.
pub(crate) fn anger(strength: f64) -> RecommendRequest {
    RecommendRequest { signals: vec![level("anger", strength)], ..RecommendRequest::default() }
}

/// The same, some way into a conversation.
pub(crate) fn anger_with(state: ConversationState, strength: f64) -> RecommendRequest {
    RecommendRequest { state: Some(state), ..anger(strength) }
}
