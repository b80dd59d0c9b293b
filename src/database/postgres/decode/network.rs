//! `inet`, `cidr` and hardware addresses, spelled as the server spells them.

use std::fmt::Write as _;
use std::net::{Ipv4Addr, Ipv6Addr};

use super::take;
use crate::value::Value;

/// `inet` and `cidr`: family, bits of the mask, whether it is a network, length, address
/// (`network_send` in `network.c`).
pub(super) fn address(mut bytes: &[u8]) -> Option<Value> {
    let [_family, bits, is_network, _length] = take(&mut bytes)?;
    let (address, whole) = match bytes.len() {
        4 => (Ipv4Addr::from(<[u8; 4]>::try_from(bytes).ok()?).to_string(), 32),
        16 => (Ipv6Addr::from(<[u8; 16]>::try_from(bytes).ok()?).to_string(), 128),
        _ => return None,
    };
    let plain = is_network == 0 && bits == whole;
    Some(Value::from(if plain { address } else { format!("{address}/{bits}") }))
}

/// `macaddr` and `macaddr8`.
pub(super) fn mac_address(bytes: &[u8]) -> Value {
    let text = bytes.iter().fold(String::with_capacity(bytes.len() * 3), |mut text, byte| {
        let colon = if text.is_empty() { "" } else { ":" };
        // Writing into a `String` cannot fail.
        let _ = write!(text, "{colon}{byte:02x}");
        text
    });
    Value::from(text)
}
