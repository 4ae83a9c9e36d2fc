//! Addresses that keys may be fetched from.

use std::net::IpAddr;

use http::Uri;
use http::uri::Scheme;

/// The address in `text`: `https://`, or `http://` of this very machine. Whoever could change the keys on their way could let in anybody.
pub(super) fn parse(text: &str) -> Result<Uri, String> {
    let wrong = |why: &str| Err(format!("the address of the key set {why}"));
    let Ok(uri) = text.parse::<Uri>() else { return wrong("is not a URL") };
    let Some((scheme, authority)) = uri.scheme().zip(uri.authority()) else {
        return wrong("must start with `https://` and name a host");
    };
    if authority.as_str().contains('@') {
        return wrong("must have no user and no password in it");
    }
    let secure = *scheme == Scheme::HTTPS;
    let local = *scheme == Scheme::HTTP && is_loopback(authority.host());
    if secure || local {
        Ok(uri)
    } else {
        wrong("must start with `https://`, or lead to this very machine by `http://`")
    }
}

fn is_loopback(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    host.eq_ignore_ascii_case("localhost") || address.is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_come_over_tls_or_from_this_machine() {
        for good in
            ["https://issuer.example/keys", "http://127.0.0.1:8080/keys", "http://[::1]/keys", "http://localhost/"]
        {
            assert!(parse(good).is_ok(), "{good}");
        }
        let plain = [
            "http://issuer.example/keys",
            "http://127.0.0.1.example/",
            "http://localhost.example/",
            "http://10.0.0.1/",
        ];
        for bad in
            plain.into_iter().chain(["ftp://127.0.0.1/", "https://", "https:///keys", "//127.0.0.1/", "", "keys"])
        {
            assert!(parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn what_is_secret_in_an_address_is_neither_taken_nor_told() {
        let told = parse("https://user:canary@issuer.example/").unwrap_err();
        assert!(told.contains("password") && !told.contains("canary"));
    }
}
