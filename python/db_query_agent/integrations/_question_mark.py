"""`%dbquery how many orders are there?` is a question, and not a call for help on `there`."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

from IPython.core.inputtransformer2 import TokenTransformBase

if TYPE_CHECKING:
    from tokenize import TokenInfo

MAGIC = "dbquery"


class QuestionMark(TokenTransformBase):
    """Makes the call of the magic before IPython's `HelpEnd` (priority 5) sees the question mark at its end."""

    priority = 1
    column: int

    @classmethod
    def find(cls, tokens_by_line: list[list[TokenInfo]]) -> Any:
        """The first such line, told from text in a string by its tokens."""
        for tokens in tokens_by_line:
            words = [token for token in tokens if token.string.strip()]
            for place, (sign, name) in enumerate(pairwise(words)):
                begins = place == 0 or words[place - 1].string == "="
                called = (sign.string, name.string) == ("%", MAGIC) and sign.end == name.start
                if begins and called and _asks(sign.line[name.end[1] :]):
                    # Of two changes IPython makes the one that starts earlier in the line, and help starts with it.
                    found = cls((sign.start[0], words[0].start[1]))
                    found.column = sign.start[1]
                    return found
        return None

    def transform(self, lines: list[str]) -> list[str]:
        """The line as IPython writes the call of a magic."""
        line = lines[self.start_line]
        question = line[self.column + len(f"%{MAGIC}") :].strip()
        call = f"{line[: self.column]}get_ipython().run_line_magic({MAGIC!r}, {question!r})\n"
        return [*lines[: self.start_line], call, *lines[self.start_line + 1 :]]


def _asks(text: str) -> bool:
    """Whether a question ends here; `%dbquery?` alone does call for help."""
    return text.rstrip().endswith("?") and bool(text.strip(" \t\r\n?"))
