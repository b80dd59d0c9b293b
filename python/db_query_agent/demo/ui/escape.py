"""Text of others: values, names, questions, errors. It is shown as it is, whatever it looks like.

Streamlit reads most texts as Markdown, with formulas, icons and colours added and with pictures and links that would
call somebody else. There are two ways past that: `shown`, an HTML block in which nothing is read as Markdown, for
`st.markdown(…, unsafe_allow_html=True)`; and `label`, for the places that take Markdown only.
"""

from __future__ import annotations

import re

JOINER = "\N{WORD JOINER}"
"""Has no width. It parts what Streamlit would replace after Markdown was read: `:smile:`, `https://…`, ` -> `."""
LABEL = 120
"""Characters of a label."""

# What CommonMark lets a backslash stand before: https://spec.commonmark.org/0.31.2/#backslash-escapes
_PUNCTUATION = re.compile(r"([!-/:-@\[-`{-~])")
# Emoji, icons, colours and addresses; a mail address; ` <-> `, ` -> `, ` -- `, ` >= ` and their like.
_REPLACED = re.compile(
    r"(?<=:)(?=//|[\w+-]+(?:/\w*)?:|[a-z][a-z0-9-]*\[)|(?<=@)(?=\w)|(?<=www)(?=\.)"
    r"|(?<=-)(?=[->])|(?<=<)(?=[=-])|(?<=[>~])(?==)",
    re.IGNORECASE,
)
_UNSEEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]")
"""Control characters, and those that turn the direction of what follows."""


def clean(text: object) -> str:
    """The text without characters that nobody sees."""
    return _UNSEEN.sub("\N{REPLACEMENT CHARACTER}", str(text).replace("\r\n", "\n"))


def shown(text: object, name: str = "said", role: str | None = None) -> str:
    """The text as a block of HTML of the class `name`.

    A line that starts with `<div` begins a block that ends at the next blank line, and none is left in it:
    https://spec.commonmark.org/0.31.2/#html-blocks
    """
    attributes = f' class="dbq-{name}"' + (f' role="{role}"' if role else "")
    return f"<div{attributes}>{inside(text)}</div>"


def inside(text: object) -> str:
    """The text for the inside of an HTML element or of an attribute.

    All punctuation is written by its number, for Streamlit replaces `:material/…:` before it looks for HTML.
    """
    return _PUNCTUATION.sub(lambda mark: f"&#{ord(mark[0])};", clean(text)).replace("\n", "<br>")


def label(text: object, longest: int = LABEL) -> str:
    """The text as Markdown of one line that shows it as it is, cut where it is longer than `longest`."""
    line = " ".join(clean(text).split())
    if len(line) > longest:
        line = line[: longest - 1] + "…"
    return _PUNCTUATION.sub(r"\\\1", _REPLACED.sub(JOINER, line))
