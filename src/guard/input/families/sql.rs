//! SQL inside a question.

use std::sync::LazyLock;

use crate::guard::input::phrases::Phrases;
use crate::guard::input::text::Text;

/// What no question needs: functions that read files, run programs or wait, tautologies, and second statements.
const DANGEROUS: &[&str] = &[
    "pg_read_file",
    "pg_read_binary_file",
    "pg_ls_dir",
    "lo_import",
    "lo_export",
    "pg_sleep",
    "dblink",
    "xp_cmdshell",
    "sp_oacreate",
    "openrowset",
    "opendatasource",
    "load_file(",
    "load_extension",
    "into outfile",
    "into dumpfile",
    "to program",
    "from program",
    "waitfor delay",
    "benchmark(",
    "sys_exec",
    "utl_http",
    "writefile(",
    "readfile(",
    "pg_terminate_backend",
    "set_config(",
    "query_to_xml",
    "fts3_tokenizer",
    "vacuum into",
    "attach database",
    "pragma ",
    "information_schema",
    "pg_catalog",
    "pg_shadow",
    "pg_authid",
    "mysql.user",
    "sqlite_master",
    "union select",
    "union all select",
    "or 1=1",
    "or '1'='1",
    "or 1 = 1",
    "1=1;",
    "'='",
    "; drop",
    ";drop",
    "; delete",
    ";delete",
    "; update",
    ";update",
    "; insert",
    ";insert",
    "; alter",
    "; truncate",
    "; exec",
    "; grant",
    "; create",
];

/// How a statement that writes begins, and what must follow somewhere (anything, where it says nothing).
const STATEMENTS: &[(&str, &[&str])] = &[
    ("drop table", &[""]),
    ("drop database", &[""]),
    ("drop schema", &[""]),
    ("drop view", &[""]),
    ("drop index", &[""]),
    ("drop user", &[""]),
    ("delete from", &[""]),
    ("truncate table", &[""]),
    ("insert into", &["values", "select", "("]),
    ("alter table", &[""]),
    ("alter user", &[""]),
    ("alter role", &[""]),
    ("alter database", &[""]),
    ("create user", &["password", "identified", "with"]),
    ("create table", &["("]),
    ("create function", &["("]),
    ("create trigger", &[" on "]),
    ("create or replace", &[""]),
    ("grant all", &[" on ", " to "]),
    ("grant select", &[" to "]),
    ("update ", &[" set "]),
    ("copy ", &[" to '", " from '", " program "]),
    ("merge into", &[""]),
    ("replace into", &[""]),
    ("call ", &["("]),
    ("exec ", &["xp_", "sp_"]),
    ("set role", &[""]),
    ("set global", &[""]),
    ("lock table", &[""]),
    ("vacuum full", &[""]),
];

static VERBATIM: LazyLock<Phrases> = LazyLock::new(|| {
    Phrases::new(&[
        "as is",
        "as-is",
        "exactly",
        "verbatim",
        "this|following|exact|my|raw query|sql|statement",
        "answer|respond|reply with",
        "without changes|changing|modification",
    ])
});

/// Whether there is a statement in it that does more than read.
pub(super) fn has_statement(plain: &str) -> bool {
    STATEMENTS.iter().any(|(begin, needs)| {
        plain.match_indices(begin).any(|(at, _)| {
            let is_word =
                plain[..at].chars().next_back().is_none_or(|before| !before.is_alphanumeric() && before != '_');
            is_word && needs.iter().any(|need| plain[at + begin.len()..].contains(need))
        })
    })
}

/// A statement that is to run as it stands, or a piece of one that goes beyond a question.
pub(super) fn is_asked(text: &Text<'_>) -> bool {
    let verbatim = || text.plain.contains("select ") && text.plain.contains(" from ") && text.says(&VERBATIM);
    let explained = ["explain", "what does", "what is wrong", "why does", "optimise", "optimize"];
    let explains = explained.iter().any(|begin| text.plain.trim_start().starts_with(begin));
    !is_sought(text.plain) && (text.holds(DANGEROUS) || !explains && verbatim() || has_statement(text.plain))
}

/// Whether the text looks for a name or a note, which may be anything: "the customer named Robert'); DROP TABLE Students;--".
pub(super) fn is_sought(plain: &str) -> bool {
    let reads =
        ["find ", "show ", "list ", "which ", "who ", "how many ", "count ", "search ", "look up ", "is there "];
    let names = [
        " named ",
        " called ",
        " titled ",
        " whose name ",
        " with the name ",
        " name is ",
        " containing ",
        " contains ",
        " mention ",
        " mentioning ",
        " says ",
        " like ",
        " about ",
    ];
    let verbs = ["drop ", "delete ", "select ", "update ", "insert ", "union "];
    let first = |parts: &[&str]| parts.iter().filter_map(|part| plain.find(part)).min();
    reads.iter().any(|read| plain.trim_start().starts_with(read))
        && first(&names).zip(first(&verbs)).is_some_and(|(name, verb)| name < verb)
}
