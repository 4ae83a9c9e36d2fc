//! Variables that Kubernetes sets for each Service of a namespace: one that is called `composure` looks like our own.

/// Whether Kubernetes sets `name` to `value` for a Service: such as `COMPOSURE_PORT=tcp://10.0.0.1:50051`.
pub(super) fn is_link(name: &str, value: &str) -> bool {
    name.ends_with("_SERVICE_HOST")
        || name.ends_with("_SERVICE_PORT")
        || name.contains("_SERVICE_PORT_")
        || (name.ends_with("_PORT") && is_of_protocol(value))
        || name.split_once("_PORT_").is_some_and(|(_, port)| is_port(port))
}

fn is_of_protocol(value: &str) -> bool {
    ["tcp://", "udp://", "sctp://"].iter().any(|protocol| value.starts_with(protocol))
}

/// `50051_TCP`, and perhaps what of it.
fn is_port(port: &str) -> bool {
    let mut words = port.split('_');
    let number = words.next().is_some_and(|number| number.parse::<u16>().is_ok());
    let protocol = words.next().is_some_and(|protocol| matches!(protocol, "TCP" | "UDP" | "SCTP"));
    let rest = words.next().is_none_or(|what| matches!(what, "ADDR" | "PORT" | "PROTO"));
    number && protocol && rest && words.next().is_none()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::keys::KEYS;

    #[test]
    fn what_kubernetes_sets_for_a_service_of_our_name_is_known() {
        for (name, value) in [
            ("COMPOSURE_SERVICE_HOST", "10.96.0.7"),
            ("COMPOSURE_SERVICE_PORT", "50051"),
            ("COMPOSURE_SERVICE_PORT_GRPC", "50051"),
            ("COMPOSURE_PORT", "tcp://10.96.0.7:50051"),
            ("COMPOSURE_PORT_50051_TCP", "tcp://10.96.0.7:50051"),
            ("COMPOSURE_PORT_50051_TCP_ADDR", "10.96.0.7"),
            ("COMPOSURE_PORT_50051_TCP_PORT", "50051"),
            ("COMPOSURE_PORT_50051_TCP_PROTO", "tcp"),
            ("COMPOSURE_ADMIN_PORT", "tcp://10.96.0.8:9090"),
        ] {
            assert!(is_link(name, value), "{name}");
        }
    }

    #[test]
    fn a_slip_is_no_link() {
        for (name, value) in [("COMPOSURE_PORT", "50051"), ("COMPOSURE_PORT_50051", "x"), ("COMPOSURE_LISTN", "x")] {
            assert!(!is_link(name, value), "{name}");
        }
        for key in KEYS {
            assert!(!is_link(&key.variable(), "tcp://x"), "{}", key.path);
        }
    }
}
