"""The line of a magic: options anywhere, and a question in which quotes and apostrophes are what they are.

`argparse` gets the options alone. A shell's rules for quotes would stop at "what's new", and a question is no list
of words.
"""

from __future__ import annotations

import re
from typing import NamedTuple

_WORD = re.compile(r"\S+")
_VALUE = re.compile(r"""\s*("[^"]*"|'[^']*'|\S+)""")


class Line(NamedTuple):
    """What was typed behind the magic's name."""

    options: list[str]
    """For `argparse`."""
    text: str
    """The question, or the statement."""


def split(line: str, valued: frozenset[str], last: frozenset[str]) -> Line:
    """Takes the options out of `line`.

    Options of `valued` take the next word along; behind one of `last`, or behind `--`, everything is text. A text in
    quotes keeps what looks like an option, and loses the quotes.
    """
    options: list[str] = []
    kept: list[str] = []
    position = 0
    while word := _WORD.search(line, position):
        kept.append(line[position : word.start()])
        found, position = word.group(), word.end()
        if not "".join(kept).strip() and found[0] in "\"'" and (end := _closing(line, word.start())) is not None:
            kept.append(line[word.start() : end])
            position = end
        elif found == "--" or found in last:
            options += [found] if found in last else []
            kept.append(line[position:])
            break
        elif found.startswith("--"):
            options.append(found)
            if found in valued and (value := _VALUE.match(line, position)):
                options.append(_bare(value.group(1)))
                position = value.end()
        else:
            kept.append(found)
    return Line(options, _bare("".join(kept).strip()))


def _closing(line: str, start: int) -> int | None:
    """Where the text in quotes at `start` ends: at a quote with nothing but a blank or the end behind it."""
    quote = re.escape(line[start])
    found = re.compile(f"{quote}(?=\\s+--|\\s*$)").search(line, start + 1)
    return found.end() if found else None


def _bare(text: str) -> str:
    return text[1:-1] if len(text) > 1 and text[0] == text[-1] and text[0] in "\"'" else text
