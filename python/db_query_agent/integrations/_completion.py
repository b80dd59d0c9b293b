"""What Tab offers behind `%dbquery`: options, their values, and the names of tables and columns."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from IPython.core.completer import CompletionContext, SimpleMatcherResult

_HERE = re.compile(r"^\s*(?:[\w\s,.\[\]'\"]+=\s*)?%dbquery\s(.*)$", re.DOTALL)
_CELL = re.compile(r"^\s*%%dbquery\s")
_WORD = re.compile(r"(?:--)?[\w.-]*$")


def matcher(
    options: Mapping[str, tuple[str, ...]], names: Callable[[], Iterable[str]]
) -> Callable[[CompletionContext], SimpleMatcherResult]:
    """A matcher for IPython. `options` are the magic's with their values, `names` gives names of the database."""
    from IPython.core.completer import SimpleCompletion, context_matcher

    @context_matcher()
    def dbquery_matcher(context: CompletionContext) -> SimpleMatcherResult:
        before = context.text_until_cursor
        found = _HERE.match(before)
        in_cell = _CELL.match(context.full_text)
        if not found and not in_cell:
            return {"completions": []}
        word = _WORD.search(before)
        fragment = word.group() if word else ""
        words = before[: len(before) - len(fragment)].split()
        if words and (values := options.get(words[-1])):
            offered, kind = list(values), "value"
        elif fragment.startswith("-"):
            offered, kind = list(options), "option"
        else:
            offered, kind = sorted(set(names())), "name"
        lower = fragment.lower()
        matches = [SimpleCompletion(text=one, type=kind) for one in offered if one.lower().startswith(lower)]
        # Python's own names have no place in a question.
        return {"completions": matches, "matched_fragment": fragment, "suppress": True}

    made: Callable[[CompletionContext], SimpleMatcherResult] = dbquery_matcher
    return made
