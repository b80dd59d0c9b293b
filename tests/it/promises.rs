//! What holds of every verdict, whatever the text: used by the tests of any text and by `fuzz/`.

use std::sync::{Arc, LazyLock};

use db_query_agent::dialect::Dialect;
use db_query_agent::guard::{Caller, Guard, Policy, RULES, RowFilter};
use db_query_agent::schema::Schema;
use db_query_agent::value::Value;

use crate::law;

/// Ways to judge in one dialect: a bit for each of [`Case`]'s switches, the lowest for judging without a schema.
pub const CASES: usize = 32;

/// A guard, and what its policy says.
struct Case {
    guard: Guard,
    schema: &'static Schema,
    resolved: bool,
    blocks_table: bool,
    blocks_column: bool,
    masks: bool,
    filters: bool,
}

impl Case {
    fn new(dialect: Dialect, number: usize) -> Self {
        let on = |bit: usize| number >> bit & 1 == 1;
        let (blocks_table, blocks_column, masks, filters) = (on(1), on(2), on(3), on(4));
        let list = |on: bool, name: &str| if on { vec![name.to_owned()] } else { Vec::new() };
        let filter = RowFilter::new(dialect, "orders", "user_id = :user").expect("a filter");
        let policy = Policy {
            blocked_tables: list(blocks_table, "secrets"),
            blocked_columns: list(blocks_column, "employees.ssn"),
            masked_columns: list(masks, "users.email"),
            row_filters: if filters { vec![filter] } else { Vec::new() },
            ..Policy::default()
        };
        let caller = Caller { attributes: [("user".to_owned(), Value::Int(7))].into(), ..Caller::default() };
        let guard = Guard::new(dialect, policy).for_caller(Arc::new(caller)).remarking();
        Self { guard, schema: law::schema(dialect), resolved: !on(0), blocks_table, blocks_column, masks, filters }
    }

    fn hold(&self, sql: &str) {
        let judge = |sql: &str| {
            if self.resolved { self.guard.approve(sql, self.schema) } else { self.guard.approve_unresolved(sql) }
        };
        let approved = match judge(sql) {
            Ok(approved) => approved,
            Err(no) => {
                assert!(RULES.iter().any(|rule| rule.slug == no.rule), "no rule `{}`", no.rule);
                assert!(!no.message.is_empty() && !no.hint.is_empty(), "nothing said by {no:?}");
                return;
            }
        };
        assert_eq!(judge(approved.text()).as_ref(), Ok(&approved), "another verdict the second time");
        let text = approved.text();
        // Where nothing is quoted, a comment needs no lexer to be found.
        if !text.contains(['\'', '"', '`', '[', '$']) {
            let hash = self.guard.dialect() == Dialect::Mysql && text.contains('#');
            assert!(!hash && !text.contains("--") && !text.contains("/*"), "a comment is left in {text:?}");
        }
        let names = |name: &str| {
            let mut read = approved.relations().iter();
            read.any(|relation| relation.namespace == self.schema.default_namespace && relation.name == name)
        };
        assert!(!(self.blocks_table && names("secrets")), "a blocked table in {text:?}");
        let ssn = |relation: &str, column: &str| relation == "employees" && column == "ssn";
        let read = approved.columns().iter().any(|column| ssn(&column.relation.name, &column.name));
        assert!(!(self.blocks_column && self.resolved && read), "a blocked column in {text:?}");
        assert!(self.masks || approved.masked().is_empty(), "masks without a policy in {text:?}");
        let filtered = approved.statement() != text;
        assert!(!filtered || self.filters, "another text is sent without a filter: {:?}", approved.statement());
        assert!(filtered || approved.parameters().is_empty(), "nothing binds the parameters of {text:?}");
        assert!(filtered || !(self.filters && names("orders")), "no filter in {text:?}");
    }
}

/// Judges `data`, whose first byte chooses the dialect and the policy, and holds the verdict to what is promised.
pub fn hold(data: &[u8]) {
    static ALL: LazyLock<Vec<Case>> = LazyLock::new(|| {
        let cases = |dialect| (0..CASES).map(move |number| Case::new(dialect, number));
        Dialect::ALL.into_iter().flat_map(cases).collect()
    });
    if let Some((choice, text)) = data.split_first() {
        ALL[usize::from(*choice) % ALL.len()].hold(&String::from_utf8_lossy(text));
    }
}

/// The bytes that have `sql` judged in the dialect at `place` of [`Dialect::ALL`] under the policy of that number.
pub fn seed(place: usize, policy: usize, sql: &[u8]) -> Vec<u8> {
    let choice = u8::try_from(place * CASES + policy % CASES).expect("few dialects");
    [&[choice], sql].concat()
}
