//! Names that mean something.

use super::{Rule, printable};
use crate::guard::Rejection;

pub const RULE: Rule = Rule {
    slug: "known_relation",
    law: "Each relation is found in the schema as the engine would find it: common table expressions in their scope, \
          then the default namespace, quoting and letter case as the dialect has them.",
    hint: "use a table of the schema",
};

/// Refuses a name that the schema does not have, and names the `closest` it has.
pub(in crate::guard) fn unknown(name: &str, closest: &[String]) -> Rejection {
    let message = format!("there is no table `{}`", printable(name));
    match closest {
        [] => RULE.refuse(message),
        names => {
            let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
            RULE.refuse_with(message, format!("did you mean {}?", names.join(" or ")))
        }
    }
}

/// Refuses a column that is not there, or of which that is to be said.
pub(in crate::guard) fn no_column(name: &str) -> Rejection {
    RULE.refuse_with(format!("there is no column `{}`", printable(name)), "use a column of the schema")
}

/// Refuses a name of more parts than a namespace and a name.
pub(in crate::guard) fn too_many_parts() -> Rejection {
    RULE.refuse_with("a table is named with a database or a server in front", "write `schema.table`")
}
