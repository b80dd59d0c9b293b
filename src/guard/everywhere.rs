//! Statements whose dialect nobody named.

use super::rules::{character, clause, function, literal, understood, variable};
use super::{ApprovedSql, Guard, Policy, Rejection, text};
use crate::dialect::Dialect;
use crate::schema::Schema;

/// Judges a statement for every dialect at once.
///
/// 1. Each dialect that can read the text to its end judges it, and each of them must let it through.
/// 2. At least one must have done so.
/// 3. A dialect that cannot read it is left out only when the text is plain, which is when no engine can
///    see other words in it than the one that let it through: no comment, no backslash, no `$`, `#` or `@`,
///    and no second kind of quote within quotes. So a payload that one engine takes for text cannot be what
///    another one runs, and the functions called are on no list of refused ones of any dialect.
///
/// A function or a clause that only other dialects have is no objection, as the engine would not run the
/// statement: else `date_trunc` could never pass, nor `strftime`. A function of that name that somebody
/// defined there is not seen, so name the dialect where there is one.
#[derive(Clone, Debug)]
pub struct Everywhere {
    guards: Vec<Guard>,
}

impl Everywhere {
    /// Guards of every dialect under `policy`.
    #[must_use]
    pub fn new(policy: &Policy) -> Self {
        Self { guards: Dialect::ALL.map(|dialect| Guard::new(dialect, policy.clone()).remarking()).to_vec() }
    }

    /// The verdicts of the dialects that let `sql` through, or the first objection.
    ///
    /// ```
    /// use db_query_agent::guard::{Everywhere, Policy};
    /// let everywhere = Everywhere::new(&Policy::default());
    /// assert!(everywhere.approve("SELECT count(*) FROM orders", |_| None).is_ok());
    /// // A comment to three engines, a statement's part to MySQL.
    /// assert!(everywhere.approve("SELECT 1 /*! UNION SELECT 2 */", |_| None).is_err());
    /// ```
    ///
    /// # Errors
    /// A [`Rejection`].
    pub fn approve<'s>(
        &self,
        sql: &str,
        schema: impl Fn(Dialect) -> Option<&'s Schema>,
    ) -> Result<Vec<(Dialect, ApprovedSql)>, Rejection> {
        let (mut approved, mut foreign) = (Vec::new(), None);
        for guard in &self.guards {
            let verdict = match schema(guard.dialect) {
                Some(schema) => guard.approve(sql, schema),
                None => guard.approve_unresolved(sql),
            };
            match verdict {
                Ok(one) => approved.push((guard.dialect, one)),
                Err(no) if function::is_of_another_dialect(&no) || clause::is_of_another_dialect(&no) => {
                    foreign = foreign.or(Some((guard.dialect, no)));
                }
                Err(no) if is_unread(&no) => {
                    // Words that it may not see as the others do say more about the text than a missing function.
                    if !text::is_plain(sql) || foreign.is_none() {
                        foreign = Some((guard.dialect, no));
                    }
                }
                Err(no) => return Err(named(guard.dialect, no)),
            }
        }
        match foreign {
            Some((dialect, no)) if approved.is_empty() || (is_unread(&no) && !text::is_plain(sql)) => {
                Err(named(dialect, no))
            }
            _ => Ok(approved),
        }
    }

    /// The clean form of `sql`, where all dialects that can cut it into tokens cut it alike.
    ///
    /// # Errors
    /// A [`Rejection`].
    pub fn sanitize(&self, sql: &str) -> Result<String, Rejection> {
        let mut first: Option<(String, Vec<String>)> = None;
        let mut refused = None;
        for guard in &self.guards {
            match text::clean(guard.dialect, sql) {
                Ok((text, lexed)) => {
                    let tokens = lexed.tokens.iter().map(|token| lexed.slice(*token).to_owned()).collect();
                    match &first {
                        None => first = Some((text, tokens)),
                        Some((_, before)) if *before == tokens => {}
                        Some(_) => {
                            let no =
                                understood::RULE.refuse("the text is not cut into the same words by every dialect");
                            return Err(named(guard.dialect, no));
                        }
                    }
                }
                Err(no) if is_unread(&no) => refused = refused.or(Some((guard.dialect, no))),
                Err(no) => return Err(named(guard.dialect, no)),
            }
        }
        match (first, refused) {
            (Some((text, _)), _) => Ok(text),
            (None, Some((dialect, no))) => Err(named(dialect, no)),
            (None, None) => Err(understood::RULE.refuse("the text holds no statement")),
        }
    }
}

/// Whether the guard could not read the text, which may be another dialect's or beyond its parser.
fn is_unread(no: &Rejection) -> bool {
    [understood::RULE, literal::RULE, character::RULE, variable::RULE].iter().any(|rule| rule.slug == no.rule)
}

/// Says whose objection it is.
fn named(dialect: Dialect, no: Rejection) -> Rejection {
    let hint = format!("{}; so {dialect} reads it: name the dialect where it is another", no.hint);
    Rejection { hint, ..no }
}

#[cfg(test)]
mod tests {
    use super::Everywhere;
    use crate::dialect::Dialect;
    use crate::guard::Policy;

    fn judge(sql: &str) -> Result<Vec<Dialect>, &'static str> {
        let policy = Policy { blocked_tables: vec!["secrets".to_owned()], ..Policy::default() };
        let verdict = Everywhere::new(&policy).approve(sql, |_| None);
        verdict.map(|all| all.into_iter().map(|(dialect, _)| dialect).collect()).map_err(|no| no.rule)
    }

    #[test]
    fn what_all_read_alike_passes() {
        assert_eq!(judge("SELECT count(*) FROM users -- all"), Ok(Dialect::ALL.to_vec()));
    }

    #[test]
    fn what_belongs_to_some_passes_when_it_is_plain() {
        assert_eq!(judge("SELECT `order` FROM t"), Ok(vec![Dialect::Sqlite, Dialect::Mysql]));
        assert_eq!(judge("SELECT date_trunc('month', day)::date FROM t"), Ok(vec![Dialect::Postgres]));
        assert_eq!(judge("SELECT strftime('%Y', day) FROM t"), Ok(vec![Dialect::Sqlite]));
        assert_eq!(judge("SELECT TOP 5 [first name] FROM t"), Ok(vec![Dialect::Mssql]));
    }

    #[test]
    fn the_trick_of_one_dialect_counts_for_all() {
        for (sql, rule) in [
            ("SELECT 1 /*! UNION SELECT 2 */", "comment"),
            ("SELECT 1 SHUTDOWN", "reserved_word"),
            ("SELECT sleep(5)", "function"),
            ("SELECT read_secret()", "function"),
            ("SELECT @@version", "variable"),
            ("SELECT 'a'::regclass", "data_type"),
            ("SELECT * FROM secrets", "allowed_relation"),
            ("SELECT 1; DELETE FROM t", "one_statement"),
            ("nonsense", "reads_only"),
        ] {
            assert_eq!(judge(sql), Err(rule), "{sql}");
        }
    }

    /// To three dialects all of it is one text; MySQL sees a payload that its parser cannot read.
    #[test]
    fn a_payload_in_what_others_take_for_a_text_does_not_pass() {
        for sql in [
            r"SELECT '\'' , secret_value FROM {OJ secrets LEFT JOIN t ON 1} -- '",
            r"SELECT '\'' FROM .secrets -- '",
            r#"SELECT "\"" FROM .secrets -- ""#,
            "SELECT \"a`b\" FROM .secrets -- `\" FROM t",
        ] {
            assert!(judge(sql).is_err(), "{sql}");
        }
    }
}
