//! The parser's grammar of each dialect, with what it lacks of the language that people use.
//!
//! Every question of the parser goes to its own dialect but the few answered here. A question that a
//! later version of the parser adds is answered by its default until it is listed, which can only make
//! it refuse more: a dialect adds syntax to the default, and what is parsed is walked in any case.

mod forms;
mod prefix;
mod reserved;
mod words;

use std::any::TypeId;
use std::cell::Cell;
use std::iter::Peekable;
use std::str::Chars;

use sqlparser::ast::{
    BinaryOperator, ColumnOption, Expr, GranteesType, Ident, ObjectNamePart, Statement, UnaryOperator,
};
use sqlparser::dialect::{
    Dialect as Grammar, MsSqlDialect, MySqlDialect, PostgreSqlDialect, Precedence, SQLiteDialect,
};
use sqlparser::keywords::Keyword;
use sqlparser::parser::{Parser, ParserError};
use sqlparser::tokenizer::{Token, TokenWithSpan, Tokenizer, TokenizerError};

use crate::dialect::Dialect;

pub(super) use forms::simplify;
pub(super) use reserved::{is_marked, mark};
pub(super) use words::without_unread_words;

/// A dialect of the parser, completed.
#[derive(Debug)]
pub(super) struct Completed {
    dialect: Dialect,
    inner: &'static dyn Grammar,
    /// Whether a call could not be read: from there on the parser reads calls itself, because it remembers where it
    /// failed and asks no place twice.
    call_failed: Cell<bool>,
}

impl Completed {
    pub fn new(dialect: Dialect) -> Self {
        let inner: &'static dyn Grammar = match dialect {
            Dialect::Sqlite => &SQLiteDialect {},
            Dialect::Postgres => &PostgreSqlDialect {},
            Dialect::Mysql => &MySqlDialect {},
            Dialect::Mssql => &MsSqlDialect {},
        };
        Self { dialect, inner, call_failed: Cell::new(false) }
    }

    /// Cuts `text` as the parser does. Whatever is asked of a grammar here is answered by the inner one.
    pub fn tokens(&self, text: &str) -> Result<Vec<TokenWithSpan>, TokenizerError> {
        let mut tokens = Vec::with_capacity(text.len() / 2);
        Tokenizer::new(self.inner, text).with_unescape(false).tokenize_with_location_into_buf(&mut tokens)?;
        Ok(tokens)
    }

    /// SQLite's `a IS b` and `a IS NOT b` over any operands
    /// (<https://www.sqlite.org/lang_expr.html#isisnot>), where the parser knows only NULL and the like.
    fn sqlite_is(&self, parser: &mut Parser<'_>, left: &Expr) -> Option<Result<Expr, ParserError>> {
        if !is_keyword(&parser.peek_nth_token_ref(0).token, Keyword::IS) {
            return None;
        }
        let negated = is_keyword(&parser.peek_nth_token_ref(1).token, Keyword::NOT);
        let operand = &parser.peek_nth_token_ref(1 + usize::from(negated)).token;
        let known = [Keyword::NULL, Keyword::TRUE, Keyword::FALSE, Keyword::DISTINCT, Keyword::NOT];
        if known.iter().any(|keyword| is_keyword(operand, *keyword)) {
            return None;
        }
        for _ in 0..=usize::from(negated) {
            parser.next_token();
        }
        let precedence = self.inner.prec_value(Precedence::Is);
        Some(parser.parse_subexpr(precedence).map(|right| {
            let (left, right) = (Box::new(left.clone()), Box::new(right));
            if negated { Expr::IsDistinctFrom(left, right) } else { Expr::IsNotDistinctFrom(left, right) }
        }))
    }

    /// MySQL's `a MOD b`, which is `a % b`
    /// (<https://dev.mysql.com/doc/refman/8.4/en/arithmetic-functions.html#operator_mod>).
    fn mysql_mod(&self, parser: &mut Parser<'_>, left: &Expr) -> Option<Result<Expr, ParserError>> {
        if !is_word(&parser.peek_token_ref().token, "mod") {
            return None;
        }
        parser.next_token();
        let precedence = self.inner.prec_value(Precedence::MulDivModOp);
        Some(parser.parse_subexpr(precedence).map(|right| Expr::BinaryOp {
            left: Box::new(left.clone()),
            op: BinaryOperator::Modulo,
            right: Box::new(right),
        }))
    }

    /// MySQL's `a SOUNDS LIKE b` (<https://dev.mysql.com/doc/refman/8.4/en/string-functions.html#operator_sounds-like>).
    fn mysql_sounds_like(&self, parser: &mut Parser<'_>, left: &Expr) -> Option<Result<Expr, ParserError>> {
        if !sounds_like(parser) {
            return None;
        }
        parser.next_token();
        parser.next_token();
        Some(parser.parse_subexpr(self.inner.prec_value(Precedence::Like)).map(|right| Expr::BinaryOp {
            left: Box::new(left.clone()),
            op: BinaryOperator::Eq,
            right: Box::new(right),
        }))
    }

    /// SQLite's `a NOT GLOB b` and `a NOT MATCH b` (<https://www.sqlite.org/lang_expr.html#like>).
    fn sqlite_not(&self, parser: &mut Parser<'_>, left: &Expr, precedence: u8) -> Option<Result<Expr, ParserError>> {
        let operator = &parser.peek_nth_token_ref(1).token;
        if !is_keyword(&parser.peek_nth_token_ref(0).token, Keyword::NOT)
            || ![Keyword::GLOB, Keyword::MATCH].iter().any(|keyword| is_keyword(operator, *keyword))
        {
            return None;
        }
        parser.next_token();
        let matches = self.inner.parse_infix(parser, left, precedence)?;
        Some(matches.map(|expr| Expr::UnaryOp { op: UnaryOperator::Not, expr: Box::new(expr) }))
    }

    /// `a COLLATE c` behind a cast written `::`, where the parser does not look for it.
    fn collate(parser: &mut Parser<'_>, left: &Expr) -> Option<Result<Expr, ParserError>> {
        parser.parse_keyword(Keyword::COLLATE).then(|| {
            let collation = parser.parse_object_name(false)?;
            Ok(Expr::Collate { expr: Box::new(left.clone()), collation })
        })
    }

    /// `a ISNULL`, which is `a IS NULL` in PostgreSQL and SQLite.
    fn is_null(parser: &mut Parser<'_>, left: &Expr) -> Option<Result<Expr, ParserError>> {
        is_word(&parser.peek_token_ref().token, "isnull").then(|| {
            parser.next_token();
            Ok(Expr::IsNull(Box::new(left.clone())))
        })
    }

    /// Whether the next word is an operator that only the completed grammar knows, and how it binds.
    fn own_precedence(&self, parser: &Parser<'_>) -> Option<Precedence> {
        let next = &parser.peek_token_ref().token;
        match self.dialect {
            Dialect::Mysql if is_word(next, "mod") => Some(Precedence::MulDivModOp),
            Dialect::Mysql if sounds_like(parser) => Some(Precedence::Like),
            Dialect::Sqlite | Dialect::Postgres if is_word(next, "isnull") => Some(Precedence::Is),
            Dialect::Sqlite | Dialect::Postgres | Dialect::Mysql | Dialect::Mssql => None,
        }
    }
}

fn sounds_like(parser: &Parser<'_>) -> bool {
    is_word(&parser.peek_nth_token_ref(0).token, "sounds")
        && is_keyword(&parser.peek_nth_token_ref(1).token, Keyword::LIKE)
}

fn is_keyword(token: &Token, keyword: Keyword) -> bool {
    matches!(token, Token::Word(word) if word.keyword == keyword)
}

fn is_word(token: &Token, text: &str) -> bool {
    matches!(token, Token::Word(word) if word.quote_style.is_none() && word.value.eq_ignore_ascii_case(text))
}

macro_rules! same_as_inner {
    ($($question:ident,)+) => { $(fn $question(&self) -> bool { self.inner.$question() })+ };
}

impl Grammar for Completed {
    same_as_inner! {
            allow_extract_single_quotes, convert_type_before_value,
            describe_requires_table_keyword, ignores_wildcard_escapes, require_interval_qualifier,
            requires_single_line_comment_whitespace, support_map_literal_syntax, supports_aliased_function_args,
            supports_alter_column_type_using, supports_alter_user_as_alter_role, supports_array_join_syntax,
            supports_array_typedef_with_brackets, supports_array_typedef_without_element_type,
            supports_asc_desc_in_column_definition, supports_bang_not_operator, supports_binary_kw_as_cast,
            supports_boolean_literals, supports_column_definition_trailing_commas,
            supports_comma_separated_drop_column_list, supports_comma_separated_set_assignments,
            supports_comma_separated_trim, supports_comment_on, supports_comment_optimizer_hint, supports_connect_by,
            supports_constraint_keyword_without_name, supports_create_index_with_clause,
            supports_create_table_like_parenthesized, supports_create_table_multi_schema_info_sources,
            supports_create_table_select, supports_create_table_using, supports_create_view_comment_syntax,
            supports_cross_join_constraint, supports_cte_without_as, supports_data_type_signed_suffix,
            supports_detach, supports_dictionary_syntax, supports_dollar_as_money_prefix, supports_dollar_placeholder,
            supports_double_ampersand_operator, supports_empty_projections, supports_end_transaction_modifier,
            supports_eq_alias_assignment, supports_exclude_constraint, supports_execute_immediate,
            supports_explain_with_utility_options, supports_extract_comma_syntax, supports_factorial_operator,
            supports_filter_during_aggregation, supports_from_first_insert, supports_from_first_select,
            supports_from_trailing_commas, supports_geometric_types,             supports_in_empty_list, supports_in_unparenthesized_expr, supports_insert_format, supports_insert_set,
            supports_insert_table_alias, supports_insert_table_function, supports_insert_table_query,
            supports_install, supports_interpolate, supports_interval_options, supports_key_column_option,
            supports_lambda_functions, supports_leading_comma_before_table_options,
            supports_left_associative_joins_without_parens, supports_limit_by, supports_limit_comma,
            supports_listen_notify, supports_load_data, supports_load_extension, supports_long_type_as_bigint,
            supports_map_literal_with_angle_brackets, supports_match_against, supports_match_recognize,
            supports_multiline_comment_hints,
            supports_named_fn_args_with_colon_operator, supports_named_fn_args_with_eq_operator,
            supports_named_fn_args_with_expr_name, supports_named_fn_args_with_rarrow_operator,
            supports_nested_comments, supports_notnull_operator, supports_numeric_literal_underscores,
            supports_numeric_prefix, supports_object_name_double_dot_notation, supports_optimize_table,
            supports_order_by_all, supports_order_by_using_operator, supports_outer_join_operator,
            supports_parenthesized_set_variables, supports_partiql,
            supports_partition_by_after_order_by, supports_pipe_operator, supports_prewhere,
            supports_projection_trailing_commas, supports_quote_delimited_string, supports_select_exclude,
            supports_select_expr_star, supports_select_format, supports_select_item_multi_column_alias,
            supports_select_modifiers, supports_select_wildcard_except, supports_select_wildcard_exclude,
            supports_select_wildcard_ilike, supports_select_wildcard_rename, supports_select_wildcard_replace,
            supports_select_wildcard_with_alias, supports_semantic_view_table_factor, supports_set_names,
            supports_set_stmt_without_operator, supports_settings, supports_show_like_before_in,
            supports_space_separated_column_options, supports_start_transaction_modifier,
            supports_string_escape_constant, supports_string_literal_backslash_escape,
            supports_string_literal_concatenation, supports_string_literal_concatenation_with_newline,
            supports_struct_literal, supports_subquery_as_function_arg, supports_table_hints,
            supports_table_sample_before_alias, supports_table_versioning, supports_top_before_distinct,
            supports_trailing_commas, supports_triple_quoted_string, supports_try_convert,
            supports_unicode_string_literal, supports_unpivot_expr, supports_update_order_by,
            supports_user_host_grantee, supports_values_as_table_factor,
            supports_window_clause_named_window_reference, supports_window_function_null_treatment_arg,
            supports_with_fill, supports_within_after_array_aggregation, supports_xml_expressions,
    }

    fn supports_bitwise_shift_operators(&self) -> bool {
        matches!(self.dialect, Dialect::Sqlite | Dialect::Mssql) || self.inner.supports_bitwise_shift_operators()
    }

    /// `f(name := value)` of PostgreSQL.
    fn supports_named_fn_args_with_assignment_operator(&self) -> bool {
        self.dialect == Dialect::Postgres || self.inner.supports_named_fn_args_with_assignment_operator()
    }

    /// `FROM (users)`, which SQLite and MySQL read as the table.
    fn supports_parens_around_table_factor(&self) -> bool {
        matches!(self.dialect, Dialect::Sqlite | Dialect::Mysql) || self.inner.supports_parens_around_table_factor()
    }

    fn supports_group_by_with_modifier(&self) -> bool {
        self.dialect == Dialect::Mssql || self.inner.supports_group_by_with_modifier()
    }

    /// MySQL has fields of two units, such as `YEAR_MONTH`.
    fn allow_extract_custom(&self) -> bool {
        self.dialect == Dialect::Mysql || self.inner.allow_extract_custom()
    }

    fn supports_group_by_expr(&self) -> bool {
        self.dialect == Dialect::Mssql || self.inner.supports_group_by_expr()
    }

    fn parse_infix(&self, parser: &mut Parser, expr: &Expr, precedence: u8) -> Option<Result<Expr, ParserError>> {
        let own = match self.dialect {
            Dialect::Sqlite => Self::is_null(parser, expr)
                .or_else(|| self.sqlite_is(parser, expr))
                .or_else(|| self.sqlite_not(parser, expr, precedence)),
            Dialect::Postgres => Self::is_null(parser, expr).or_else(|| Self::collate(parser, expr)),
            Dialect::Mysql => self.mysql_mod(parser, expr).or_else(|| self.mysql_sounds_like(parser, expr)),
            Dialect::Mssql => None,
        };
        own.or_else(|| self.inner.parse_infix(parser, expr, precedence))
    }

    fn get_next_precedence(&self, parser: &Parser) -> Option<Result<u8, ParserError>> {
        match self.own_precedence(parser) {
            Some(precedence) => Some(Ok(self.inner.prec_value(precedence))),
            None => self.inner.get_next_precedence(parser),
        }
    }

    /// The parser asks which dialect it has in places; it is the inner one.
    fn dialect(&self) -> TypeId {
        self.inner.dialect()
    }

    fn is_delimited_identifier_start(&self, ch: char) -> bool {
        self.inner.is_delimited_identifier_start(ch)
    }

    fn is_nested_delimited_identifier_start(&self, ch: char) -> bool {
        self.inner.is_nested_delimited_identifier_start(ch)
    }

    fn peek_nested_delimited_identifier_quotes(&self, chars: Peekable<Chars<'_>>) -> Option<(char, Option<char>)> {
        self.inner.peek_nested_delimited_identifier_quotes(chars)
    }

    fn identifier_quote_style(&self, identifier: &str) -> Option<char> {
        self.inner.identifier_quote_style(identifier)
    }

    fn is_identifier_start(&self, ch: char) -> bool {
        self.inner.is_identifier_start(ch)
    }

    fn is_identifier_part(&self, ch: char) -> bool {
        self.inner.is_identifier_part(ch)
    }

    fn is_custom_operator_part(&self, ch: char) -> bool {
        self.inner.is_custom_operator_part(ch)
    }

    fn is_identifier_generating_function_name(&self, ident: &Ident, name_parts: &[ObjectNamePart]) -> bool {
        self.inner.is_identifier_generating_function_name(ident, name_parts)
    }

    fn parse_prefix(&self, parser: &mut Parser) -> Option<Result<Expr, ParserError>> {
        if self.dialect == Dialect::Mysql && parser.consume_token(&Token::ExclamationMark) {
            // Binds tighter than every binary operator.
            let operand = parser.parse_subexpr(self.inner.prec_value(Precedence::DoubleColon));
            return Some(operand.map(|expr| Expr::UnaryOp { op: UnaryOperator::BangNot, expr: Box::new(expr) }));
        }
        self.inner.parse_prefix(parser).or_else(|| self.plain_prefix(parser))
    }

    fn parse_statement(&self, parser: &mut Parser) -> Option<Result<Statement, ParserError>> {
        self.inner.parse_statement(parser)
    }

    fn parse_column_option(
        &self,
        parser: &mut Parser,
    ) -> Result<Option<Result<Option<ColumnOption>, ParserError>>, ParserError> {
        self.inner.parse_column_option(parser)
    }

    fn prec_value(&self, prec: Precedence) -> u8 {
        self.inner.prec_value(prec)
    }

    fn prec_unknown(&self) -> u8 {
        self.inner.prec_unknown()
    }

    fn is_reserved_for_identifier(&self, kw: Keyword) -> bool {
        self.inner.is_reserved_for_identifier(kw)
    }

    fn get_reserved_keywords_for_select_item_operator(&self) -> &[Keyword] {
        self.inner.get_reserved_keywords_for_select_item_operator()
    }

    fn get_reserved_grantees_types(&self) -> &[GranteesType] {
        self.inner.get_reserved_grantees_types()
    }

    fn is_column_alias(&self, kw: &Keyword, parser: &mut Parser) -> bool {
        self.inner.is_column_alias(kw, parser)
    }

    fn is_select_item_alias(&self, explicit: bool, kw: &Keyword, parser: &mut Parser) -> bool {
        self.inner.is_select_item_alias(explicit, kw, parser)
    }

    fn is_table_factor(&self, kw: &Keyword, parser: &mut Parser) -> bool {
        self.inner.is_table_factor(kw, parser)
    }

    fn is_table_alias(&self, kw: &Keyword, parser: &mut Parser) -> bool {
        self.inner.is_table_alias(kw, parser)
    }

    fn is_table_factor_alias(&self, explicit: bool, kw: &Keyword, parser: &mut Parser) -> bool {
        self.inner.is_table_factor_alias(explicit, kw, parser)
    }
}
