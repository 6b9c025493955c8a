//! From where a request comes, for the throttle of sign-in only: never stored, never logged.

use crate::error::{Error, Result};
use crate::site::site_of;
use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use std::future::{Ready, ready};
use std::net::{IpAddr, Ipv6Addr};

const FORWARDED_FOR: &str = "x-forwarded-for";

/// The address of the peer, or the one a trusted proxy says it forwards for. IPv6 addresses are cut to their network,
/// because one household has them by the billion.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PeerAddress(pub(crate) String);

impl FromRequest for PeerAddress {
    type Error = Error;
    type Future = Ready<Result<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let trusted =
            site_of(request).map_or(&[][..], |site| &site.app.configuration().server.trusted_proxies);
        let forwarded = request.headers().get_all(FORWARDED_FOR).filter_map(|value| value.to_str().ok());
        let chain: Vec<&str> = forwarded.flat_map(|value| value.split(',')).collect();
        let peer = request.peer_addr().map(|address| address.ip());
        ready(Ok(Self(told(peer, &chain, trusted))))
    }
}

/// The last address of the chain that no trusted proxy has: everything before it could have been made up.
fn told(peer: Option<IpAddr>, chain: &[&str], trusted: &[IpAddr]) -> String {
    let mut address = peer;
    for hop in chain.iter().rev() {
        if !address.is_some_and(|address| trusted.contains(&address.to_canonical())) {
            break;
        }
        match hop.trim().parse::<IpAddr>() {
            Ok(hop) => address = Some(hop),
            Err(_) => break,
        }
    }
    match address.map(|address| address.to_canonical()) {
        Some(IpAddr::V4(address)) => address.to_string(),
        Some(IpAddr::V6(address)) => {
            let [a, b, c, d, ..] = address.segments();
            Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).to_string()
        }
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn only_trusted_proxies_are_believed() {
        let trusted = [ip("10.0.0.1"), ip("10.0.0.2")];
        assert_eq!(told(Some(ip("192.0.2.9")), &["198.51.100.1"], &trusted), "192.0.2.9");
        assert_eq!(told(Some(ip("10.0.0.1")), &["198.51.100.1"], &trusted), "198.51.100.1");
        assert_eq!(
            told(Some(ip("10.0.0.1")), &["6.6.6.6", "198.51.100.1", "10.0.0.2"], &trusted),
            "198.51.100.1"
        );
        assert_eq!(told(Some(ip("10.0.0.1")), &["nonsense"], &trusted), "10.0.0.1");
        assert_eq!(told(Some(ip("10.0.0.1")), &["6.6.6.6"], &[]), "10.0.0.1");
    }

    #[test]
    fn one_ipv6_network_is_one_address() {
        let one = told(Some(ip("2001:db8:1:2:3:4:5:6")), &[], &[]);
        assert_eq!(one, told(Some(ip("2001:db8:1:2::1")), &[], &[]));
        assert_ne!(one, told(Some(ip("2001:db8:1:3::1")), &[], &[]));
    }
}
