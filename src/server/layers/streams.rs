//! Methods whose answers are streams, and how long these may stay open.

/// How long a stream may stay open. Whichever it is, it ends with its connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Lasts {
    /// As any other call: no longer than the server grants.
    AsACall,
    /// Until the deadline that its client sets, if it sets one.
    AsItsClientSays,
}

/// All of them, by path. A stream that is in the crowd keeps its place and its caller's part for as long as it is open.
const STREAMS: [(&str, Lasts); 4] = [
    ("/composure.v1.RecommendationService/StreamRecommendations", Lasts::AsItsClientSays),
    ("/grpc.health.v1.Health/Watch", Lasts::AsItsClientSays),
    ("/grpc.reflection.v1.ServerReflection/ServerReflectionInfo", Lasts::AsACall),
    ("/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo", Lasts::AsACall),
];

/// How long the stream of the method at `path` may stay open; `None`: its answer is no stream.
pub(super) fn lasts(path: &str) -> Option<Lasts> {
    STREAMS.iter().find(|(stream, _)| *stream == path).map(|(_, lasts)| *lasts)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use prost::Message as _;
    use prost_types::FileDescriptorSet;
    use tonic_reflection::pb::{v1, v1alpha};

    use super::*;
    use crate::grpc::generated::FILE_DESCRIPTOR_SET;

    #[test]
    fn of_each_method_that_streams_it_is_known_how_long() {
        let sets = [
            FILE_DESCRIPTOR_SET,
            tonic_health::pb::FILE_DESCRIPTOR_SET,
            v1::FILE_DESCRIPTOR_SET,
            v1alpha::FILE_DESCRIPTOR_SET,
        ];
        let mut streaming = BTreeSet::new();
        for file in sets.into_iter().flat_map(|set| FileDescriptorSet::decode(set).unwrap().file) {
            for service in &file.service {
                let streams = service.method.iter().filter(|method| method.server_streaming());
                streaming
                    .extend(streams.map(|method| format!("/{}.{}/{}", file.package(), service.name(), method.name())));
            }
        }
        let known: BTreeSet<_> = STREAMS.iter().map(|(path, _)| (*path).to_owned()).collect();
        assert_eq!(streaming, known);
    }
}
