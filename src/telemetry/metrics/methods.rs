//! The methods that are served. Every other path is one method, `unknown`: clients choose paths, and each name would be a series
//! for ever.

/// How messages flow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::telemetry) enum Flow {
    Unary,
    ServerStream,
    Bidi,
}

/// A method as metrics, logs and traces name it.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::telemetry) struct Method {
    /// `/service/method`.
    pub(in crate::telemetry) path: &'static str,
    pub(in crate::telemetry) service: &'static str,
    pub(in crate::telemetry) name: &'static str,
    pub(in crate::telemetry) flow: Flow,
}

/// Where a method stands in [`METHODS`]; the place after the last stands for all others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::telemetry) struct MethodIx(usize);

/// All others.
pub(in crate::telemetry) const UNKNOWN: Method =
    Method { path: "unknown", service: "unknown", name: "unknown", flow: Flow::Unary };

/// The most called first.
pub(in crate::telemetry) const METHODS: [Method; 14] = {
    use Flow::{Bidi, ServerStream, Unary};
    const RECOMMENDATIONS: &str = "composure.v1.RecommendationService";
    const CONVERSATIONS: &str = "composure.v1.ConversationService";
    const PLAYBOOKS: &str = "composure.v1.PlaybookService";
    const HEALTH: &str = "grpc.health.v1.Health";
    const REFLECTION: &str = "grpc.reflection.v1.ServerReflection";
    const OLD_REFLECTION: &str = "grpc.reflection.v1alpha.ServerReflection";
    [
        method("/composure.v1.RecommendationService/Recommend", RECOMMENDATIONS, "Recommend", Unary),
        method(
            "/composure.v1.RecommendationService/StreamRecommendations",
            RECOMMENDATIONS,
            "StreamRecommendations",
            Bidi,
        ),
        method("/grpc.health.v1.Health/Check", HEALTH, "Check", Unary),
        method("/grpc.health.v1.Health/Watch", HEALTH, "Watch", ServerStream),
        method("/composure.v1.ConversationService/GetConversation", CONVERSATIONS, "GetConversation", Unary),
        method("/composure.v1.ConversationService/DeleteConversation", CONVERSATIONS, "DeleteConversation", Unary),
        method("/composure.v1.ConversationService/ListDueCommitments", CONVERSATIONS, "ListDueCommitments", Unary),
        method("/composure.v1.PlaybookService/ListPlaybooks", PLAYBOOKS, "ListPlaybooks", Unary),
        method("/composure.v1.PlaybookService/GetPlaybook", PLAYBOOKS, "GetPlaybook", Unary),
        method("/composure.v1.PlaybookService/ValidatePlaybook", PLAYBOOKS, "ValidatePlaybook", Unary),
        method("/composure.v1.PlaybookService/RenderGraph", PLAYBOOKS, "RenderGraph", Unary),
        method("/grpc.health.v1.Health/List", HEALTH, "List", Unary),
        method("/grpc.reflection.v1.ServerReflection/ServerReflectionInfo", REFLECTION, "ServerReflectionInfo", Bidi),
        method(
            "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo",
            OLD_REFLECTION,
            "ServerReflectionInfo",
            Bidi,
        ),
    ]
};

const fn method(path: &'static str, service: &'static str, name: &'static str, flow: Flow) -> Method {
    Method { path, service, name, flow }
}

impl MethodIx {
    /// The method of a request for `path`.
    pub(in crate::telemetry) fn of(path: &str) -> Self {
        Self(METHODS.iter().position(|method| method.path == path).unwrap_or(METHODS.len()))
    }

    /// Its place.
    pub(in crate::telemetry) fn place(self) -> usize {
        self.0
    }

    /// What it is.
    pub(in crate::telemetry) fn method(self) -> &'static Method {
        const { &METHODS }.get(self.0).unwrap_or(&UNKNOWN)
    }
}

impl Flow {
    /// As `grpc_type`.
    pub(in crate::telemetry) fn as_str(self) -> &'static str {
        match self {
            Self::Unary => "unary",
            Self::ServerStream => "server_stream",
            Self::Bidi => "bidi_stream",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_made_of_service_and_method() {
        for method in METHODS {
            assert_eq!(method.path, format!("/{}/{}", method.service, method.name));
            assert_eq!(*MethodIx::of(method.path).method(), method);
        }
    }

    #[test]
    fn any_other_path_is_unknown() {
        for path in ["", "/", "/composure.v1.RecommendationService/recommend", "/x/y"] {
            assert_eq!(*MethodIx::of(path).method(), UNKNOWN);
        }
    }
}
