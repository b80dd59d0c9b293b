//! What a login could do if nothing but the server stood in its way, and which fences hold.

/// What the server says of the login and of the session that statements run in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rights {
    /// The engine and its version.
    pub engine: String,
    /// Who is logged in; empty for a file.
    pub login: String,
    /// Fences first, then rights.
    pub findings: Vec<Finding>,
}

/// One thing that the server was asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Its stable name.
    pub name: &'static str,
    pub about: About,
    pub verdict: Verdict,
    /// What was found: settings and names, never a row's value.
    pub detail: String,
    /// What to do; empty where nothing is to be done.
    pub advice: &'static str,
}

/// What a finding speaks of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum About {
    /// A fence that keeps statements from writing, whatever the login may do.
    ReadOnly,
    /// Another fence of the session.
    Session,
    /// What the login may do without the fences.
    Login,
}

/// How a finding is to be taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Verdict {
    /// The fence stands, or the login lacks the right.
    Holds,
    /// Worth knowing, and no reason to refuse.
    Note,
    /// The fence is down, or the login can do more than read.
    Risk,
    /// The server did not tell.
    Unknown,
}

impl Rights {
    /// Whether every fence that keeps statements from writing stands.
    #[must_use]
    pub fn is_read_only(&self) -> bool {
        let mut fences = self.findings.iter().filter(|finding| finding.about == About::ReadOnly).peekable();
        fences.peek().is_some() && fences.all(|finding| finding.verdict == Verdict::Holds)
    }

    /// Whether the login is known to be able to do no more than read.
    #[must_use]
    pub fn is_least_privilege(&self) -> bool {
        self.excess().next().is_none() && self.findings.iter().any(|finding| finding.about == About::Login)
    }

    /// What the login can do beyond reading, and what is not known of it.
    pub fn excess(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(|finding| {
            finding.about == About::Login && matches!(finding.verdict, Verdict::Risk | Verdict::Unknown)
        })
    }
}

impl Finding {
    /// A fence of the session: it holds, or there is `advice`.
    pub(super) fn fence(
        name: &'static str,
        about: About,
        holds: bool,
        detail: impl Into<String>,
        advice: &'static str,
    ) -> Self {
        let verdict = if holds { Verdict::Holds } else { Verdict::Risk };
        Self { name, about, verdict, detail: detail.into(), advice: if holds { "" } else { advice } }
    }

    /// A right of the login: what it covers, or nothing.
    pub(super) fn right(name: &'static str, covers: Option<String>, advice: &'static str) -> Self {
        match covers.filter(|covers| !covers.is_empty()) {
            Some(detail) => Self { name, about: About::Login, verdict: Verdict::Risk, detail, advice },
            None => Self { name, about: About::Login, verdict: Verdict::Holds, detail: "no".to_owned(), advice: "" },
        }
    }

    /// Something to know about the login.
    pub(super) fn note(name: &'static str, detail: impl Into<String>, advice: &'static str) -> Self {
        Self { name, about: About::Login, verdict: Verdict::Note, detail: detail.into(), advice }
    }
}

impl About {
    /// The word in the report.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ReadOnly => "read_only",
            Self::Session => "session",
            Self::Login => "login",
        }
    }
}

impl Verdict {
    /// The word in the report.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Holds => "holds",
            Self::Note => "note",
            Self::Risk => "risk",
            Self::Unknown => "unknown",
        }
    }
}
