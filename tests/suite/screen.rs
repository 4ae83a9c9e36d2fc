//! A client's end of a stream of recommendations.

use composure::grpc::generated::recommendation_service_client::RecommendationServiceClient;
use composure::grpc::generated::stream_recommendations_request::Command;
use composure::grpc::generated::stream_recommendations_response::Event;
use composure::grpc::generated::{
    Acknowledge, RecommendAccepted, RecommendRequest, RecommendationSnapshot, StreamError,
    StreamRecommendationsRequest, StreamRecommendationsResponse, Subscribe, Unsubscribe,
};
use tokio::sync::mpsc;
use tokio::sync::mpsc::error::SendError;
use tokio::time::timeout;
use tokio_stream::wrappers::ReceiverStream;
use tonic::metadata::MetadataValue;
use tonic::transport::Channel;
use tonic::{Request, Status, Streaming};

use crate::raw_client::PATIENCE;
use crate::wire_server::{WireServer, level};

/// A stream that is open.
pub(crate) struct Screen {
    /// `None`: no more is sent.
    commands: Option<mpsc::Sender<StreamRecommendationsRequest>>,
    events: Streaming<StreamRecommendationsResponse>,
}

impl Screen {
    pub(crate) async fn open(server: &WireServer) -> Self {
        Self::open_on(server.channel().await).await
    }

    pub(crate) async fn open_on(channel: Channel) -> Self {
        Self::try_open_on(channel).await.expect("it is served")
    }

    pub(crate) async fn try_open_on(channel: Channel) -> Result<Self, Status> {
        Self::try_open_with(channel, &[]).await
    }

    /// With this metadata.
    pub(crate) async fn try_open_with(
        channel: Channel,
        metadata: &[(&'static str, &'static str)],
    ) -> Result<Self, Status> {
        let (commands, sent) = mpsc::channel(16);
        let mut request = Request::new(ReceiverStream::new(sent));
        for (key, value) in metadata {
            request.metadata_mut().insert(*key, MetadataValue::from_static(value));
        }
        let events = RecommendationServiceClient::new(channel).stream_recommendations(request).await?.into_inner();
        Ok(Self { commands: Some(commands), events })
    }

    /// One that is subscribed to these conversations, and was shown how each stands.
    pub(crate) async fn showing(server: &WireServer, conversations: &[&str]) -> Self {
        let mut screen = Self::open(server).await;
        for conversation in conversations {
            screen.subscribe(conversation).await;
            screen.snapshot().await;
        }
        screen
    }

    pub(crate) async fn send(&mut self, command: Command) {
        self.try_send(command).await.expect("it is open");
    }

    /// Fails where the stream is over.
    pub(crate) async fn try_send(&mut self, command: Command) -> Result<(), SendError<StreamRecommendationsRequest>> {
        let commands = self.commands.as_ref().expect("it still sends");
        commands.send(StreamRecommendationsRequest { command: Some(command) }).await
    }

    pub(crate) async fn send_nothing(&mut self) {
        let commands = self.commands.as_ref().expect("it still sends");
        commands.send(StreamRecommendationsRequest { command: None }).await.expect("it is open");
    }

    pub(crate) async fn subscribe(&mut self, conversation: &str) {
        self.send(Command::Subscribe(to(conversation))).await;
    }

    pub(crate) async fn unsubscribe(&mut self, conversation: &str) {
        self.send(Command::Unsubscribe(Unsubscribe { conversation_id: conversation.to_owned() })).await;
    }

    pub(crate) async fn acknowledge(&mut self, snapshot: &RecommendationSnapshot) {
        let RecommendationSnapshot { conversation_id, sequence, .. } = snapshot.clone();
        self.send(Command::Acknowledge(Acknowledge { conversation_id, sequence })).await;
    }

    pub(crate) async fn recommend(&mut self, request: RecommendRequest) {
        self.send(Command::Recommend(request)).await;
    }

    /// Sends no more.
    pub(crate) fn half_close(&mut self) {
        self.commands = None;
    }

    /// What comes next, or how it ends.
    pub(crate) async fn next(&mut self) -> Result<Event, Status> {
        let next = timeout(PATIENCE, self.events.message()).await.expect("it comes in time");
        Ok(next?.expect("a stream ends with a status").event.expect("there is one in each message"))
    }

    /// The next one but for heartbeats.
    pub(crate) async fn event(&mut self) -> Event {
        let event = async {
            loop {
                match self.next().await.expect("it goes on") {
                    Event::Heartbeat(_) => {}
                    event => return event,
                }
            }
        };
        timeout(PATIENCE, event).await.expect("it comes in time")
    }

    pub(crate) async fn snapshot(&mut self) -> RecommendationSnapshot {
        match self.event().await {
            Event::Snapshot(snapshot) => snapshot,
            other => panic!("no snapshot: {other:?}"),
        }
    }

    pub(crate) async fn accepted(&mut self) -> RecommendAccepted {
        match self.event().await {
            Event::Accepted(accepted) => accepted,
            other => panic!("not accepted: {other:?}"),
        }
    }

    pub(crate) async fn error(&mut self) -> StreamError {
        match self.event().await {
            Event::Error(error) => error,
            other => panic!("no error: {other:?}"),
        }
    }

    pub(crate) async fn forgotten(&mut self) -> String {
        match self.event().await {
            Event::Forgotten(forgotten) => forgotten.conversation_id,
            other => panic!("not forgotten: {other:?}"),
        }
    }

    /// Nothing but what another conversation shows has come. Each has its turn, so what was to come would have come before that one's
    /// second.
    pub(crate) async fn shows_nothing_new(&mut self) {
        let fresh = uuid::Uuid::new_v4().to_string();
        for _ in 0..2 {
            self.subscribe(&fresh).await;
            assert_eq!(self.snapshot().await.conversation_id, fresh);
        }
        self.unsubscribe(&fresh).await;
    }
}

/// A subscription as it comes.
pub(crate) fn to(conversation: &str) -> Subscribe {
    Subscribe { conversation_id: conversation.to_owned(), ..Subscribe::default() }
}

/// `request` in this conversation.
pub(crate) fn in_(conversation: &str, request: RecommendRequest) -> RecommendRequest {
    RecommendRequest { conversation_id: conversation.to_owned(), ..request }
}

/// A customer who lets off steam.
pub(crate) fn venting() -> RecommendRequest {
    RecommendRequest { signals: vec![level("anger", 0.9), level("venting", 0.9)], ..RecommendRequest::default() }
}

/// One who has done so.
pub(crate) fn calm() -> RecommendRequest {
    RecommendRequest { signals: vec![level("anger", 0.1), level("venting", 0.0)], ..RecommendRequest::default() }
}
