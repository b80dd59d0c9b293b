//! One file a family: how it is told by what is said, not by one spelling of it.

mod claim;
mod disable;
mod fake;
mod hide;
mod ignore;
mod obey;
mod pretend;
mod reveal;
mod send;
mod sql;
mod write;

use super::Family;
use super::text::Text;

/// Whether a text belongs to a family.
type Sign = fn(&Text<'_>) -> bool;

/// Each family with what finds it.
pub(super) const FAMILIES: &[(Family, Sign)] = &[
    (Family::Override, ignore::is_asked),
    (Family::Reveal, reveal::is_asked),
    (Family::RolePlay, pretend::is_asked),
    (Family::Authority, claim::is_asked),
    (Family::Delimiter, fake::is_asked),
    (Family::Disable, disable::is_asked),
    (Family::Encoded, hide::is_asked),
    (Family::Indirect, obey::is_asked),
    (Family::Exfiltrate, send::is_asked),
    (Family::Sql, sql::is_asked),
    (Family::Write, write::is_asked),
];
