//! What is served: our services, health, and reflection in both of its versions.

use std::convert::Infallible;
use std::sync::Arc;
use std::task::{Context, Poll};

use futures_util::future::Either;
use http::{Request, Response};
use tonic::body::Body;
use tonic::codec::CompressionEncoding::Gzip;
use tonic::server::NamedService;
use tonic::service::Routes;
use tonic_health::pb::health_server::{Health, HealthServer};
use tonic_health::server::{HealthReporter, health_reporter};
use tonic_reflection::server::Builder;
use tower::Service;

use super::settings::Settings;
use crate::grpc::generated::FILE_DESCRIPTOR_SET;
use crate::grpc::generated::conversation_service_server::ConversationServiceServer;
use crate::grpc::generated::playbook_service_server::PlaybookServiceServer;
use crate::grpc::generated::recommendation_service_server::RecommendationServiceServer;
use crate::grpc::{ConversationDesk, PlaybookShelf, Recommendations};
use crate::service::{Conversations, Shelf};
use crate::telemetry::Metrics;

/// Bytes of a request with a playbook in it: as large as files may be, and then some for the rest.
const DOCUMENT_BYTES: usize = 9 * 1024 * 1024;

/// Bytes of a question after a conversation, or after promises: a name, or a few numbers and a token.
const CONVERSATION_BYTES: usize = 16 * 1024;
/// Bytes of a question after the contract: a name, or a few.
const REFLECTION_BYTES: usize = 16 * 1024;
/// Bytes of a question after health: a name.
const HEALTH_BYTES: usize = 1024;

/// The services whose health is told; the empty name stands for the server.
pub(super) const SERVICE_NAMES: [&str; 4] = [
    "",
    <RecommendationServiceServer<Recommendations> as NamedService>::NAME,
    <ConversationServiceServer<ConversationDesk> as NamedService>::NAME,
    <PlaybookServiceServer<PlaybookShelf> as NamedService>::NAME,
];

/// Health of the server and of each service, and who is to say how it is.
pub(super) fn health() -> (HealthReporter, HealthServer<impl Health>) {
    let (reporter, server) = health_reporter();
    (reporter, server.max_decoding_message_size(HEALTH_BYTES))
}

/// Our services and reflection, each under its path. What nearly every call is for has a way of its own, past the router.
#[derive(Debug, Clone)]
pub(super) struct Api {
    recommendations: RecommendationServiceServer<Recommendations>,
    others: Routes,
}

impl Service<Request<Body>> for Api {
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Either<
        <RecommendationServiceServer<Recommendations> as Service<Request<Body>>>::Future,
        <Routes as Service<Request<Body>>>::Future,
    >;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let service = request.uri().path().strip_prefix('/').and_then(|path| path.split('/').next());
        if service == Some(<RecommendationServiceServer<Recommendations> as NamedService>::NAME) {
            Either::Left(self.recommendations.call(request))
        } else {
            Either::Right(self.others.call(request))
        }
    }
}

/// Everything that answers calls.
pub(super) fn api(
    shelf: &Arc<Shelf>,
    conversations: Option<&Conversations>,
    metrics: &Metrics,
    settings: Settings,
) -> Result<Api, tonic_reflection::server::Error> {
    // Answers go out uncompressed: many clients accept gzip by default, and it takes ten times as long as the answer.
    let recommendations = Recommendations::new(Arc::clone(shelf), metrics.clone());
    let recommendations = match conversations {
        Some(conversations) => recommendations.holding(conversations.clone()).subscribed_to(settings.subscriptions),
        None => recommendations,
    };
    let desk = ConversationDesk::new(Arc::clone(shelf), conversations.cloned());
    let desk =
        ConversationServiceServer::new(desk).accept_compressed(Gzip).max_decoding_message_size(CONVERSATION_BYTES);
    let recommendations = RecommendationServiceServer::new(recommendations)
        .accept_compressed(Gzip)
        .max_decoding_message_size(settings.request_bytes);
    let playbooks = PlaybookServiceServer::new(PlaybookShelf::new(Arc::clone(shelf)))
        .accept_compressed(Gzip)
        .send_compressed(Gzip)
        .max_decoding_message_size(DOCUMENT_BYTES);
    let others = Routes::default()
        .add_service(desk)
        .add_service(playbooks)
        .add_service(reflection().build_v1()?.max_decoding_message_size(REFLECTION_BYTES))
        .add_service(reflection().build_v1alpha()?.max_decoding_message_size(REFLECTION_BYTES))
        .prepare();
    Ok(Api { recommendations, others })
}

/// Our contract, that of health, and the details of errors: without these, tools can't show what is wrong with a request.
fn reflection() -> Builder<'static> {
    Builder::configure()
        .register_encoded_file_descriptor_set(FILE_DESCRIPTOR_SET)
        .register_encoded_file_descriptor_set(tonic_health::pb::FILE_DESCRIPTOR_SET)
        .register_encoded_file_descriptor_set(tonic_types::pb::FILE_DESCRIPTOR_SET)
}
