//! Statements that read.

use sqlparser::ast::{Query, Statement};

use super::Rule;
use crate::guard::Rejection;

pub const RULE: Rule = Rule {
    slug: "reads_only",
    law: "A statement is a SELECT, a VALUES list or a WITH that ends in one; everything that writes, defines, sets, \
          locks, calls, explains or shows is refused, also inside a WITH.",
    hint: "ask for data with a SELECT",
};

/// Checks the first word of a text, for a clear answer before the parser is asked.
pub(in crate::guard) fn first_word(word: &str) -> Result<(), Rejection> {
    if ["select", "with", "values", "("].iter().any(|first| word.eq_ignore_ascii_case(first)) {
        Ok(())
    } else if word.eq_ignore_ascii_case("table") {
        Err(RULE.refuse_with("`TABLE` is not read here", "write `SELECT * FROM` in its place"))
    } else if word.bytes().all(|byte| byte.is_ascii_alphabetic()) && word.len() <= 16 {
        Err(RULE.refuse(format!("`{}` is not a statement that reads", word.to_ascii_uppercase())))
    } else {
        Err(RULE.refuse("the text does not begin like a statement that reads"))
    }
}

/// The query of a statement, when it is nothing else.
#[expect(clippy::too_many_lines, reason = "one arm a statement, so that a new one fails to compile")]
pub(in crate::guard) fn query(statement: &Statement) -> Result<&Query, Rejection> {
    match statement {
        Statement::Query(query) => Ok(query),
        Statement::Analyze(_)
        | Statement::Set(_)
        | Statement::Truncate(_)
        | Statement::Msck(_)
        | Statement::Insert(_)
        | Statement::Install { .. }
        | Statement::Load { .. }
        | Statement::Directory { .. }
        | Statement::Case(_)
        | Statement::If(_)
        | Statement::While(_)
        | Statement::Raise(_)
        | Statement::Call(_)
        | Statement::Copy { .. }
        | Statement::CopyIntoSnowflake { .. }
        | Statement::Open(_)
        | Statement::Close { .. }
        | Statement::Update(_)
        | Statement::Delete(_)
        | Statement::CreateView(_)
        | Statement::CreateTable(_)
        | Statement::CreateVirtualTable { .. }
        | Statement::CreateIndex(_)
        | Statement::CreateRole(_)
        | Statement::CreateSecret { .. }
        | Statement::CreateServer(_)
        | Statement::CreatePolicy(_)
        | Statement::CreateConnector(_)
        | Statement::CreateOperator(_)
        | Statement::CreateOperatorFamily(_)
        | Statement::CreateOperatorClass(_)
        | Statement::CreateTextSearch(_)
        | Statement::AlterTable(_)
        | Statement::AlterSchema(_)
        | Statement::AlterIndex { .. }
        | Statement::AlterView { .. }
        | Statement::AlterFunction(_)
        | Statement::AlterType(_)
        | Statement::AlterCollation(_)
        | Statement::AlterOperator(_)
        | Statement::AlterOperatorFamily(_)
        | Statement::AlterOperatorClass(_)
        | Statement::AlterTextSearch(_)
        | Statement::AlterRole { .. }
        | Statement::AlterPolicy(_)
        | Statement::AlterConnector { .. }
        | Statement::AlterSession { .. }
        | Statement::AttachDatabase { .. }
        | Statement::AttachDuckDBDatabase { .. }
        | Statement::DetachDuckDBDatabase { .. }
        | Statement::Drop { .. }
        | Statement::DropFunction(_)
        | Statement::DropDomain(_)
        | Statement::DropProcedure { .. }
        | Statement::DropSecret { .. }
        | Statement::DropPolicy(_)
        | Statement::DropConnector { .. }
        | Statement::Declare { .. }
        | Statement::CreateExtension(_)
        | Statement::CreateCollation(_)
        | Statement::DropExtension(_)
        | Statement::DropOperator(_)
        | Statement::DropOperatorFamily(_)
        | Statement::DropOperatorClass(_)
        | Statement::Fetch { .. }
        | Statement::Flush { .. }
        | Statement::Discard { .. }
        | Statement::ShowFunctions { .. }
        | Statement::ShowVariable { .. }
        | Statement::ShowStatus { .. }
        | Statement::ShowVariables { .. }
        | Statement::ShowCreate { .. }
        | Statement::ShowColumns { .. }
        | Statement::ShowCatalogs { .. }
        | Statement::ShowDatabases { .. }
        | Statement::ShowProcessList { .. }
        | Statement::ShowSchemas { .. }
        | Statement::ShowCharset(_)
        | Statement::ShowObjects(_)
        | Statement::ShowTables { .. }
        | Statement::ShowViews { .. }
        | Statement::ShowCollation { .. }
        | Statement::Use(_)
        | Statement::StartTransaction { .. }
        | Statement::Comment { .. }
        | Statement::Commit { .. }
        | Statement::Rollback { .. }
        | Statement::CreateSchema { .. }
        | Statement::CreateDatabase { .. }
        | Statement::CreateFunction(_)
        | Statement::CreateTrigger(_)
        | Statement::DropTrigger(_)
        | Statement::CreateProcedure { .. }
        | Statement::CreateMacro { .. }
        | Statement::CreateStage { .. }
        | Statement::CreateFileFormat { .. }
        | Statement::CreateWarehouse(_)
        | Statement::Assert { .. }
        | Statement::Grant(_)
        | Statement::Deny(_)
        | Statement::Revoke(_)
        | Statement::Deallocate { .. }
        | Statement::Execute { .. }
        | Statement::Prepare { .. }
        | Statement::Kill { .. }
        | Statement::ExplainTable { .. }
        | Statement::Explain { .. }
        | Statement::Savepoint { .. }
        | Statement::ReleaseSavepoint { .. }
        | Statement::Merge(_)
        | Statement::Cache { .. }
        | Statement::UNCache { .. }
        | Statement::CreateSequence { .. }
        | Statement::CreateDomain(_)
        | Statement::CreateType { .. }
        | Statement::Pragma { .. }
        | Statement::Lock(_)
        | Statement::LockTables { .. }
        | Statement::UnlockTables
        | Statement::Unload { .. }
        | Statement::OptimizeTable { .. }
        | Statement::LISTEN { .. }
        | Statement::UNLISTEN { .. }
        | Statement::NOTIFY { .. }
        | Statement::LoadData { .. }
        | Statement::RenameTable(_)
        | Statement::List(_)
        | Statement::Put { .. }
        | Statement::Remove(_)
        | Statement::RaisError { .. }
        | Statement::Throw(_)
        | Statement::Print(_)
        | Statement::WaitFor(_)
        | Statement::Return(_)
        | Statement::ExportData(_)
        | Statement::CreateUser(_)
        | Statement::AlterUser(_)
        | Statement::Vacuum(_)
        | Statement::Reset(_) => Err(RULE.refuse("the statement does not only read")),
    }
}

/// Refuses a statement that stands where a query should.
pub(in crate::guard) fn inner() -> Rejection {
    RULE.refuse("a statement that writes stands inside the query")
}
