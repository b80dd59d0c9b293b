//! Operators and punctuation.

use crate::dialect::Dialect;

use super::{Kind, Lexer};
use crate::guard::Rejection;
use crate::guard::limit;
use crate::guard::rules::{character, understood, variable};

impl Lexer<'_> {
    pub(super) fn symbol(&mut self, byte: u8) -> Result<(), Rejection> {
        let postgres = self.dialect == Dialect::Postgres;
        match byte {
            b'(' | b'[' => {
                self.depth += 1;
                self.deepest = self.deepest.max(self.depth);
                limit::depth(self.depth)?;
            }
            b')' | b']' => self.depth = self.depth.saturating_sub(1),
            b':' => return self.colon(),
            b'@' | b'#' | b'?' if !postgres => return Err(variable::symbol(byte)),
            b'$' => return Err(variable::symbol(byte)),
            b'+' | b'-' | b'*' | b'/' | b'<' | b'>' | b'=' | b'~' | b'!' | b'@' | b'#' | b'%' | b'^' | b'&' | b'|'
            | b'?'
                if postgres =>
            {
                return self.postgres_operator();
            }
            b',' | b'.' | b'+' | b'-' | b'*' | b'/' | b'<' | b'>' | b'=' | b'~' | b'!' | b'%' | b'^' | b'&' | b'|' => {}
            _ => return Err(character::symbol(byte)),
        }
        self.emit(Kind::Symbol, self.at + 1);
        Ok(())
    }

    /// `::`, and the lone `:` of an array slice; elsewhere a colon starts a parameter.
    fn colon(&mut self) -> Result<(), Rejection> {
        if self.dialect != Dialect::Postgres {
            return Err(variable::symbol(b':'));
        }
        match self.peek(1) {
            // A cast, or a named argument written `name := value`.
            Some(b':' | b'=') => self.emit(Kind::Symbol, self.at + 2),
            _ => self.emit(Kind::Symbol, self.at + 1),
        }
        Ok(())
    }

    /// The longest run of operator characters, cut by PostgreSQL's two rules: a comment ends it, and
    /// it ends in `+` or `-` only when it holds one of ``~ ! @ # % ^ & | ` ?``
    /// (<https://www.postgresql.org/docs/current/sql-syntax-lexical.html#SQL-SYNTAX-OPERATORS>).
    ///
    /// The parser would swallow the sign, so a blank parts them in the guarded text.
    fn postgres_operator(&mut self) -> Result<(), Rejection> {
        let operator = |byte: &u8| b"+-*/<>=~!@#%^&|?".contains(byte);
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let mut length = rest.iter().take_while(|byte| operator(byte)).count();
        if let Some(run) = rest.get(..length) {
            length = run.windows(2).position(|pair| pair == b"--" || pair == b"/*").unwrap_or(length);
        }
        let run = rest.get(..length).unwrap_or_default();
        let mut keep = length;
        if !run.iter().any(|byte| b"~!@#%^&|?".contains(byte)) {
            while keep > 1 && matches!(run.get(keep - 1), Some(b'+' | b'-')) {
                keep -= 1;
            }
        }
        if run.first() == Some(&b'`') || keep == 0 {
            return Err(understood::RULE.refuse("an operator cannot be read"));
        }
        self.emit(Kind::Symbol, self.at + keep);
        if keep < length {
            self.text.push(' ');
        }
        Ok(())
    }
}
