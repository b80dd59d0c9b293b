"""The schema in the sidebar: tables to unfold, with their columns and keys, searched by a word."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from db_query_agent.demo.ui.escape import inside

if TYPE_CHECKING:
    from collections.abc import Mapping

SHOWN = 60
"""Tables that are listed at once."""


def found(tables: Mapping[str, Any], wanted: str) -> list[str]:
    """The tables whose name, columns or comment hold every word of `wanted`; those named so first."""
    words = wanted.lower().split()

    def text(table: Mapping[str, Any]) -> str:
        columns = (f"{column['name']} {column['comment'] or ''}" for column in table["columns"])
        return " ".join((table["name"], table["comment"] or "", *columns)).lower()

    hits = [name for name, table in tables.items() if all(word in f"{name.lower()} {text(table)}" for word in words)]
    return sorted(hits, key=lambda name: not all(word in name.lower() for word in words))


def drawn(tables: Mapping[str, Any], wanted: str = "") -> str:
    """The tables as one block of HTML. Each name in it comes from the database and is escaped."""
    names = found(tables, wanted)
    blocks = [_table(name, tables[name], unfolded=bool(wanted) and len(names) <= 3) for name in names[:SHOWN]]
    if not names:
        blocks.append("<p>No table or column is named so.</p>" if tables else "<p>No table may be read.</p>")
    if len(names) > SHOWN:
        blocks.append(f"<p>{SHOWN} of {len(names)} tables; search to see others.</p>")
    return f'<div class="dbq-schema">{"".join(blocks)}</div>'


def _table(name: str, table: Mapping[str, Any], *, unfolded: bool) -> str:
    references = {
        column: f"{key['referred_table']}.{referred}"
        for key in table["foreign_keys"]
        for column, referred in zip(key["columns"], key["referred_columns"], strict=False)
    }
    rows = "".join(_column(column, references.get(column["name"])) for column in table["columns"])
    kind = ' <span class="dbq-kind">view</span>' if "view" in table["kind"] else ""
    comment = f"<p>{inside(table['comment'])}</p>" if table["comment"] else ""
    head = '<tr><th scope="col">Column</th><th scope="col">Type</th></tr>'
    return (
        f"<details{' open' if unfolded else ''}><summary>{inside(name)}{kind}</summary>{comment}"
        f"<table><thead>{head}</thead><tbody>{rows}</tbody></table></details>"
    )


def _column(column: Mapping[str, Any], reference: str | None) -> str:
    marks = ' <span class="dbq-kind">key</span>' if column["primary_key"] else ""
    if reference:
        marks += f'<br><span class="dbq-key">→ {inside(reference)}</span>'
    return f'<tr><th scope="row">{inside(column["name"])}{marks}</th><td>{inside(column["type"])}</td></tr>'
