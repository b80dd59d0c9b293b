//! How a connection is encrypted, from every driver's spelling of it.

use std::path::Path;

use crate::config::{DatabaseUrl, TlsConfig};
use crate::error::{Code, Error, Result};

/// How much is asked of the server, in libpq's five steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TlsMode {
    Disable,
    /// Encrypted where the server can, else in the clear.
    Prefer,
    /// Encrypted, whoever answers.
    Require,
    /// The certificate leads to a known authority.
    VerifyCa,
    /// And it is made out to this host.
    VerifyFull,
}

/// Everything a driver needs to encrypt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Tls {
    pub(super) mode: TlsMode,
    pub(super) ca: Option<String>,
    pub(super) certificate: Option<String>,
    pub(super) key: Option<String>,
}

impl Tls {
    /// Reads the options, then the URL's parameters: `sslmode`, `sslrootcert`, `sslcert`, `sslkey`
    /// (libpq), `ssl_mode`, `ssl_ca`, `ssl_cert`, `ssl_key`, `ssl_verify_cert`, `ssl_verify_identity`,
    /// `ssl_disabled` (the MySQL drivers) and `ssl`, `tls` (asyncpg, `PyMySQL` and others).
    ///
    /// # Errors
    /// [`Code::InvalidOption`] for a mode that nobody knows or a file that is not there.
    pub(super) fn read(url: &DatabaseUrl, tls: &TlsConfig) -> Result<Self> {
        let either = |names: &[&str]| names.iter().find_map(|name| url.parameter(name)).map(str::to_owned);
        // libpq's `sslrootcert=system` means the authorities that come with the machine.
        let given_ca = tls.ca.clone().or_else(|| either(&["sslrootcert", "ssl_ca"]));
        let system_ca = given_ca.as_deref() == Some("system");
        let ca = given_ca.filter(|_| !system_ca);
        let certificate = tls.certificate.clone().or_else(|| either(&["sslcert", "ssl_cert"]));
        let key = tls.key.clone().or_else(|| either(&["sslkey", "ssl_key"]));
        for (name, file) in [("ssl_ca", &ca), ("ssl_cert", &certificate), ("ssl_key", &key)] {
            if let Some(file) = file.as_ref().filter(|file| !Path::new(file).is_file()) {
                return Err(Error::new(Code::InvalidOption, format!("`{name}` names `{file}`, which is not a file")));
            }
        }
        if certificate.is_some() != key.is_some() {
            return Err(Error::new(Code::InvalidOption, "`ssl_cert` and `ssl_key` must be given together"));
        }

        let mut mode = url_mode(url)?.unwrap_or(TlsMode::Prefer);
        // libpq's rule: who names an authority wants it checked, unless encryption is off.
        if ca.is_some() && mode != TlsMode::Disable {
            mode = mode.max(TlsMode::VerifyCa);
        }
        if system_ca {
            mode = TlsMode::VerifyFull;
        }
        match (tls.enabled, tls.verify) {
            (Some(false), _) => mode = TlsMode::Disable,
            (_, Some(true)) => mode = TlsMode::VerifyFull,
            (Some(true), Some(false)) => mode = TlsMode::Require,
            (Some(true), None) => mode = mode.max(TlsMode::Require),
            (None, Some(false)) => mode = mode.min(TlsMode::Require),
            (None, None) => {}
        }
        Ok(Self { mode, ca, certificate, key })
    }
}

impl TlsMode {
    fn rank(self) -> u8 {
        self as u8
    }

    fn max(self, other: Self) -> Self {
        if self.rank() >= other.rank() { self } else { other }
    }

    fn min(self, other: Self) -> Self {
        if self.rank() <= other.rank() { self } else { other }
    }
}

fn url_mode(url: &DatabaseUrl) -> Result<Option<TlsMode>> {
    let mut mode = None;
    for name in ["ssl", "tls", "sslmode", "ssl_mode"] {
        if let Some(text) = url.parameter(name) {
            mode = Some(named_mode(name, text)?);
        }
    }
    let flag = |name: &str| url.parameter(name).map(|text| matches!(named_mode(name, text), Ok(TlsMode::Require)));
    if flag("ssl_disabled") == Some(true) {
        mode = Some(TlsMode::Disable);
    }
    if flag("ssl_verify_cert") == Some(true) {
        mode = Some(mode.unwrap_or(TlsMode::Require).max(TlsMode::VerifyCa));
    }
    if flag("ssl_verify_identity") == Some(true) || flag("ssl_check_hostname") == Some(true) {
        mode = Some(TlsMode::VerifyFull);
    }
    Ok(mode)
}

fn named_mode(name: &str, text: &str) -> Result<TlsMode> {
    match text.to_ascii_lowercase().replace('-', "_").as_str() {
        "disable" | "disabled" | "false" | "0" | "no" | "off" => Ok(TlsMode::Disable),
        "allow" | "prefer" | "preferred" => Ok(TlsMode::Prefer),
        "require" | "required" | "true" | "1" | "yes" | "on" | "" => Ok(TlsMode::Require),
        "verify_ca" => Ok(TlsMode::VerifyCa),
        "verify_full" | "verify_identity" => Ok(TlsMode::VerifyFull),
        _ => Err(Error::new(Code::InvalidOption, format!("`{name}` has a value that no driver knows"))
            .with_hint("use `disable`, `prefer`, `require`, `verify-ca` or `verify-full`")),
    }
}
