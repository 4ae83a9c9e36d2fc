//! A server on free ports, and what a client needs to talk to it.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use composure::auth::Auth;
use composure::grpc::generated::playbook_service_client::PlaybookServiceClient;
use composure::grpc::generated::recommendation_service_client::RecommendationServiceClient;
use composure::grpc::generated::{ConversationState, Explain, RecommendRequest, RecommendResponse, Signal};
use composure::server::{self, Ended, Listeners, Operation, Problems, Reloaded, Served, ServerError, Settings, Tls};
use composure::service::{Conversations, Playbooks, Shelf};
use composure::store::{Bounds, Memory, Store};
use composure::telemetry::{Metrics, Observe};
use tokio::net::TcpListener;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::JoinHandle;
use tonic::Status;
use tonic::transport::{Channel, Endpoint};

/// A server that ends with the test.
pub(crate) struct WireServer {
    pub(crate) address: SocketAddr,
    pub(crate) admin: SocketAddr,
    pub(crate) stop: mpsc::Sender<()>,
    pub(crate) ended: JoinHandle<Result<Ended, ServerError>>,
    pub(crate) metrics: Metrics,
    pub(crate) problems: watch::Sender<Problems>,
    /// Those who want a reload, waiting for what came of it.
    pub(crate) reloads: mpsc::Receiver<oneshot::Sender<Reloaded>>,
}

/// What is special about a server.
pub(crate) struct Special {
    pub(crate) shelf: Arc<Shelf>,
    pub(crate) settings: Settings,
    pub(crate) auth: Arc<Auth>,
    pub(crate) tls: Option<Arc<Tls>>,
    pub(crate) conversations: Option<Conversations>,
}

impl Default for Special {
    fn default() -> Self {
        Self {
            shelf: shelf(),
            settings: Settings::default(),
            auth: Arc::new(Auth::load(composure::auth::Settings::default()).expect("nothing is asked for")),
            tls: None,
            conversations: Some(conversations()),
        }
    }
}

impl From<Settings> for Special {
    fn from(settings: Settings) -> Self {
        Self { settings, ..Self::default() }
    }
}

impl WireServer {
    pub(crate) async fn start() -> Self {
        Self::start_special(Special::default()).await
    }

    /// One that serves what is on this shelf.
    pub(crate) async fn start_with(shelf: Arc<Shelf>) -> Self {
        Self::start_special(Special { shelf, ..Special::default() }).await
    }

    /// One that is as `special` says.
    pub(crate) async fn start_special(special: impl Into<Special>) -> Self {
        let Special { shelf, settings, auth, tls, conversations } = special.into();
        let (api, address) = listener().await;
        let (admin_listener, admin) = listener().await;
        let (stop, stopped) = mpsc::channel(1);
        let (reload, reloads) = mpsc::channel(1);
        let (problems, problems_now) = watch::channel(Problems::new());
        let metrics = Metrics::new();
        let observe = Observe::counting(metrics.clone());
        let operation = Operation { reload, problems: problems_now };
        let served = Served { shelf, conversations, auth, tls, settings, metrics: metrics.clone(), observe, operation };
        let listeners = Listeners { api, admin: Some(admin_listener) };
        let ended = tokio::spawn(server::serve(listeners, served, stopped));
        Self { address, admin, stop, ended, metrics, problems, reloads }
    }

    pub(crate) async fn channel(&self) -> Channel {
        let endpoint = Endpoint::from_shared(format!("http://{}", self.address)).expect("an address is a URI");
        endpoint.connect().await.expect("the server listens")
    }

    /// A channel from another address of this machine: another caller.
    pub(crate) async fn channel_from(&self, last: u8) -> Channel {
        let endpoint = Endpoint::from_shared(format!("http://{}", self.address)).expect("an address is a URI");
        let from = IpAddr::V4(Ipv4Addr::new(127, 0, 0, last));
        endpoint.local_address(Some(from)).connect().await.expect("the server listens")
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

async fn listener() -> (TcpListener, SocketAddr) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("there is a free port");
    let address = listener.local_addr().expect("a listener has an address");
    (listener, address)
}

/// Conversations in the memory of this process.
pub(crate) fn conversations() -> Conversations {
    Conversations::new(memory(), Duration::from_secs(3_600))
}

/// Room for what a test holds.
pub(crate) fn memory() -> Store {
    Store::Memory(Memory::new(Bounds { most: 1_000, bytes: 1 << 30 }, &Metrics::new()))
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

/// `request` in a conversation that is held, in few words.
pub(crate) fn named(conversation: &str, request_id: &str, request: RecommendRequest) -> RecommendRequest {
    RecommendRequest {
        conversation_id: conversation.to_owned(),
        request_id: request_id.to_owned(),
        explain: Explain::None.into(),
        ..request
    }
}
