//! Percent-encoding (RFC 3986 §2.1) of the parts of a database URL.

use crate::error::{Code, Error, Result};

/// `text` with each `%XX` replaced by its byte. A `%` that starts no such group stands for itself,
/// as in Python's `unquote`.
///
/// # Errors
/// [`Code::InvalidUrl`] where the bytes are not UTF-8.
pub(super) fn decode(text: &str) -> Result<String> {
    let bytes = text.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut index = 0;
    while let Some(&byte) = bytes.get(index) {
        let pair = (byte == b'%').then(|| Some((digit(*bytes.get(index + 1)?)?, digit(*bytes.get(index + 2)?)?)));
        if let Some(Some((high, low))) = pair {
            decoded.push(high * 16 + low);
            index += 3;
        } else {
            decoded.push(byte);
            index += 1;
        }
    }
    String::from_utf8(decoded)
        .map_err(|_| Error::new(Code::InvalidUrl, "a percent-encoded part of the database URL is not UTF-8"))
}

/// The pairs of a query string; `+` stands for a space, as browsers and SQLAlchemy write it.
pub(super) fn decode_query(query: &str) -> Result<Vec<(String, String)>> {
    query
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            Ok((decode(&name.replace('+', " "))?, decode(&value.replace('+', " "))?))
        })
        .collect()
}

/// `text` with everything but letters, digits and `-._~/,` encoded.
pub(super) fn encode(text: &str) -> String {
    use std::fmt::Write as _;
    text.bytes().fold(String::with_capacity(text.len()), |mut encoded, byte| {
        if byte.is_ascii_alphanumeric() || b"-._~/,".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            // Writing into a `String` cannot fail.
            let _ = write!(encoded, "%{byte:02X}");
        }
        encoded
    })
}

fn digit(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}
