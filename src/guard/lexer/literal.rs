//! Literals and quoted names: the tokens that can hold anything, so their ends matter most.

use crate::dialect::Dialect;

use super::{Kind, Lexer};
use crate::guard::Rejection;
use crate::guard::rules::{character, literal, variable};

impl Lexer<'_> {
    /// A text literal whose opening quote stands at `open`; a prefix may stand before it.
    pub(super) fn text_literal(&mut self, open: usize, backslash: bool) -> Result<(), Rejection> {
        let end = self.close(open, backslash)?;
        self.emit_text(end)
    }

    /// Ends a text literal at `end`. PostgreSQL takes a literal on the next line for the rest of the one before
    /// and reads it by the prefix of that one: in `E'a'`, line break, `'\'` the second quote is an escaped one
    /// (<https://www.postgresql.org/docs/current/sql-syntax-lexical.html#SQL-SYNTAX-STRINGS>).
    fn emit_text(&mut self, end: usize) -> Result<(), Rejection> {
        if self.dialect == Dialect::Postgres
            && let Some(before) = self.tokens.last().filter(|token| token.kind == Kind::Text)
        {
            let plain = |text: Option<&str>| text.is_some_and(|text| text.starts_with('\''));
            let breaks = self.text.get(before.end..).is_some_and(|between| between.contains('\n'));
            if !breaks || !plain(self.text.get(before.start..)) || !plain(self.source.get(self.at..)) {
                return Err(literal::RULE.refuse("a text literal follows another one"));
            }
        }
        self.emit(Kind::Text, end);
        Ok(())
    }

    /// The end of the literal that opens at `open`: its quote doubled stands for itself.
    fn close(&self, open: usize, backslash: bool) -> Result<usize, Rejection> {
        let quote = self.bytes.get(open).copied().unwrap_or(b'\'');
        let mut at = open + 1;
        loop {
            match self.bytes.get(at) {
                None => return Err(literal::RULE.refuse("a text literal is not closed")),
                Some(byte) if *byte == quote => {
                    if self.bytes.get(at + 1) != Some(&quote) {
                        return Ok(at + 1);
                    }
                    at += 2;
                }
                Some(b'\\') if backslash => {
                    if self.bytes.get(at + 1) == Some(&0) {
                        return Err(character::control(0));
                    }
                    at += 2;
                }
                Some(byte) => {
                    character::in_literal(*byte)?;
                    at += 1;
                }
            }
        }
    }

    /// A name between quotes; `doubled` says whether the closing one doubled stands for itself.
    pub(super) fn quoted_name(&mut self, quote: u8, doubled: bool) -> Result<(), Rejection> {
        if self.touches().is_some_and(|kind| kind != Kind::Symbol) {
            return Err(literal::RULE.refuse("a quoted name follows a word without a blank between them"));
        }
        let mut at = self.at + 1;
        loop {
            let Some(letter) = self.character(at) else {
                return Err(literal::RULE.refuse("a quoted name is not closed"));
            };
            if letter == char::from(quote) {
                if self.bytes.get(at + 1) != Some(&quote) {
                    break;
                }
                if !doubled {
                    return Err(literal::RULE.refuse("a quoted name holds its own closing quote"));
                }
                at += 1;
            } else {
                character::in_quoted_name(letter)?;
            }
            at += letter.len_utf8();
        }
        if at == self.at + 1 {
            return Err(literal::RULE.refuse("a quoted name is empty"));
        }
        self.emit(Kind::Name, at + 1);
        Ok(())
    }

    /// A word that ends at `end`, directly before a quote or `&`.
    pub(super) fn prefixed(&mut self, end: usize) -> Result<(), Rejection> {
        let word = self.source.get(self.at..end).unwrap_or_default();
        let quote = self.bytes.get(end).copied();
        if quote == Some(b'&') {
            let follows = self.bytes.get(end + 1);
            if !word.eq_ignore_ascii_case("u") || !matches!(follows, Some(b'\'' | b'"')) {
                self.emit(Kind::Word, end);
                return Ok(());
            }
            if self.dialect == Dialect::Postgres && follows == Some(&b'\'') {
                return self.unicode_literal(end + 1);
            }
            return Err(literal::RULE.refuse("a name or text with Unicode escapes (`U&`) is not read alike everywhere"));
        }
        if let [letter] = word.as_bytes() {
            return self.short_prefix(letter.to_ascii_lowercase(), quote, end);
        }
        if word.starts_with('_') {
            literal::introducer(self.dialect, word)?;
            self.emit(Kind::Word, end);
            return self.text_literal(end, true);
        }
        if quote == Some(b'"') && self.dialect != Dialect::Mysql {
            return Err(literal::RULE.refuse("a quoted name follows a word without a blank between them"));
        }
        self.emit(Kind::Word, end);
        self.text_literal(self.at, self.dialect == Dialect::Mysql)
    }

    /// `N'…'`, `E'…'`, `X'…'`, `B'…'`, each only where the engine knows it.
    fn short_prefix(&mut self, prefix: u8, quote: Option<u8>, end: usize) -> Result<(), Rejection> {
        let unknown = || literal::RULE.refuse("a literal has a prefix that this dialect does not know");
        if quote != Some(b'\'') {
            return Err(unknown());
        }
        match (prefix, self.dialect) {
            (b'n', Dialect::Mssql) => self.text_literal(end, false),
            (b'n', Dialect::Mysql) | (b'e', Dialect::Postgres) => self.text_literal(end, true),
            (b'x', Dialect::Postgres | Dialect::Mysql | Dialect::Sqlite) => self.digits(end, u8::is_ascii_hexdigit),
            (b'b', Dialect::Postgres | Dialect::Mysql) => self.digits(end, |byte| matches!(byte, b'0' | b'1')),
            _ => Err(unknown()),
        }
    }

    /// `U&'…'` of PostgreSQL, in which a backslash stands before itself, four or `+` and six digits.
    fn unicode_literal(&mut self, open: usize) -> Result<(), Rejection> {
        let end = self.close(open, false)?;
        let mut rest = self.bytes.get(open + 1..end - 1).unwrap_or_default();
        while let Some(at) = rest.iter().position(|byte| *byte == b'\\') {
            let escape = rest.get(at + 1..).unwrap_or_default();
            let hexadecimal = |from: usize, count: usize| {
                escape.get(from..from + count).is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit))
            };
            let length = match escape.first() {
                Some(b'\\') => 1,
                Some(b'+') if hexadecimal(1, 6) => 7,
                Some(_) if hexadecimal(0, 4) => 4,
                _ => return Err(literal::RULE.refuse("a Unicode escape is not complete")),
            };
            rest = escape.get(length..).unwrap_or_default();
        }
        self.emit_text(end)
    }

    /// A literal of bytes or bits, which may hold digits only.
    fn digits(&mut self, open: usize, allowed: impl Fn(&u8) -> bool) -> Result<(), Rejection> {
        let end = self.close(open, false)?;
        if !self.bytes.get(open + 1..end - 1).unwrap_or_default().iter().all(allowed) {
            return Err(literal::RULE.refuse("a bytes or bits literal holds something else than digits"));
        }
        self.emit_text(end)
    }

    /// `$$…$$` or `$tag$…$tag$` with a plain tag.
    pub(super) fn dollar_literal(&mut self) -> Result<(), Rejection> {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let tag = rest.iter().skip(1).take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'_').count();
        if rest.get(tag + 1) != Some(&b'$') || rest.get(1).is_some_and(u8::is_ascii_digit) {
            return Err(variable::RULE.refuse("a `$` stands outside a literal"));
        }
        if self.touches().is_some_and(|kind| kind != Kind::Symbol) {
            return Err(literal::RULE.refuse("a dollar quote follows a word without a blank between them"));
        }
        let (opening, body) = rest.split_at(tag + 2);
        let Some(length) = body.windows(opening.len()).position(|window| window == opening) else {
            return Err(literal::RULE.refuse("a dollar-quoted text is not closed"));
        };
        body.get(..length).unwrap_or_default().iter().try_for_each(|byte| character::in_literal(*byte))?;
        let end = self.at + opening.len() * 2 + length;
        self.emit_text(end)
    }

    /// An amount of money of SQL Server: `$12.50`. A comma and a digit behind it would go on with it, and `$1`
    /// looks like a placeholder.
    pub(super) fn money(&mut self) -> Result<(), Rejection> {
        if self.touches().is_some_and(|kind| kind != Kind::Symbol) {
            return Err(variable::symbol(b'$'));
        }
        let digits = |from: usize| {
            from + self.bytes.get(from..).unwrap_or_default().iter().take_while(|byte| byte.is_ascii_digit()).count()
        };
        let whole = digits(self.at + 1);
        let end = digits(whole + 1);
        let ends = match self.bytes.get(end) {
            None => true,
            Some(b',') => !self.bytes.get(end + 1).is_some_and(u8::is_ascii_digit),
            Some(byte) => b" \t\r\n)+-*/%<>=;".contains(byte),
        };
        if whole == self.at + 1 || self.bytes.get(whole) != Some(&b'.') || !ends {
            return Err(variable::symbol(b'$'));
        }
        self.emit(Kind::Number, end);
        Ok(())
    }

    /// A number in plain decimal or, where every version knows it, hexadecimal form.
    pub(super) fn number(&mut self) -> Result<(), Rejection> {
        let glued = || literal::RULE.refuse("a number and a word stand together without a blank between them");
        if self.touches().is_some_and(|kind| kind != Kind::Symbol) {
            return Err(glued());
        }
        let run = |from: usize, keep: fn(&u8) -> bool| {
            from + self.bytes.get(from..).unwrap_or_default().iter().take_while(|byte| keep(byte)).count()
        };
        let mut end;
        if self.peek(0) == Some(b'0') && self.peek(1) == Some(b'x') && self.dialect != Dialect::Postgres {
            end = run(self.at + 2, u8::is_ascii_hexdigit);
        } else {
            end = run(self.at, u8::is_ascii_digit);
            if self.bytes.get(end) == Some(&b'.') {
                end = run(end + 1, u8::is_ascii_digit);
            }
            if matches!(self.bytes.get(end), Some(b'e' | b'E')) {
                let sign = usize::from(matches!(self.bytes.get(end + 1), Some(b'+' | b'-')));
                let exponent = run(end + 1 + sign, u8::is_ascii_digit);
                if exponent == end + 1 + sign {
                    return Err(glued());
                }
                end = exponent;
            }
        }
        if matches!(
            self.bytes.get(end),
            Some(
                b'a'..=b'z'
                | b'A'..=b'Z'
                | b'0'..=b'9'
                | b'_'
                | b'.'
                | b'$'
                | b'@'
                | b'#'
                | b'\''
                | b'"'
                | b'`'
                | 0x80..,
            )
        ) && !(self.dialect == Dialect::Postgres && matches!(self.bytes.get(end), Some(b'@' | b'#')))
            // A comment.
            && !(self.dialect == Dialect::Mysql && self.bytes.get(end) == Some(&b'#'))
        {
            return Err(glued());
        }
        self.emit(Kind::Number, end);
        Ok(())
    }
}
