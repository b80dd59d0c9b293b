//! ODBC connection strings, as `mssql+pyodbc:///?odbc_connect=…` carries them.

use super::DatabaseUrl;
use crate::redact::Secret;

/// Reads `DRIVER={…};SERVER=host,port;DATABASE=…;UID=…;PWD=…;Encrypt=yes` into `url`. A value in
/// braces may hold `;`, and `}}` in it stands for `}`. Keywords without a field become parameters.
pub(super) fn read(text: &str, url: &mut DatabaseUrl) {
    let mut rest = text;
    while let Some((keyword, after)) = rest.split_once('=') {
        let (value, after) = read_value(after);
        rest = after;
        match keyword.trim_matches([' ', ';']).to_ascii_lowercase().as_str() {
            "server" | "address" | "addr" | "network address" => read_server(&value, url),
            "database" => url.database = Some(value),
            "uid" | "user" => url.user = Some(value),
            "pwd" | "password" => url.password = Some(Secret::new(value)),
            keyword => url.parameters.push((keyword.to_owned(), value)),
        }
    }
}

fn read_value(text: &str) -> (String, &str) {
    let Some(braced) = text.trim_start().strip_prefix('{') else {
        let (value, rest) = text.split_once(';').unwrap_or((text, ""));
        return (value.trim().to_owned(), rest);
    };
    let mut value = String::new();
    let mut rest = braced;
    while let Some((part, after)) = rest.split_once('}') {
        value.push_str(part);
        rest = after;
        match after.strip_prefix('}') {
            Some(after) => {
                value.push('}');
                rest = after;
            }
            None => break,
        }
    }
    (value, rest.strip_prefix(';').unwrap_or(rest))
}

/// `tcp:host,1433`, `host\instance` or `host`.
fn read_server(value: &str, url: &mut DatabaseUrl) {
    let value = value.strip_prefix("tcp:").unwrap_or(value);
    let (host, port) = value.split_once(',').map_or((value, None), |(host, port)| (host, Some(port)));
    url.host = Some(host.trim().to_owned());
    url.port = port.and_then(|port| port.trim().parse().ok()).or(url.port);
}
