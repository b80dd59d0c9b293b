"""Outcomes, and JUnit XML for the tools that read it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What no XML 1.0 document may hold, section 2.2."""


@dataclass(frozen=True)
class Outcome:
    """What came of a case."""

    name: str
    question: str
    verdict: str
    """`passed`, `failed` (another answer) or `error` (none)."""
    reason: str | None
    sql: str | None
    engine: str | None
    seconds: float


def junit(outcomes: list[Outcome], suite: str, path: Path) -> None:
    """Writes a report in the form that continuous integration reads (https://github.com/testmoapp/junitxml)."""
    count = {verdict: sum(one.verdict == verdict for one in outcomes) for verdict in ("failed", "error")}
    figures = {
        "tests": str(len(outcomes)),
        "failures": str(count["failed"]),
        "errors": str(count["error"]),
        "time": f"{sum(one.seconds for one in outcomes):.3f}",
    }
    root = ElementTree.Element("testsuites", figures)
    node = ElementTree.SubElement(root, "testsuite", {"name": _clean(suite), **figures})
    for one in outcomes:
        names = {"name": _clean(one.name), "classname": _clean(suite), "time": f"{one.seconds:.3f}"}
        case = ElementTree.SubElement(node, "testcase", names)
        if one.verdict != "passed":
            kind = "failure" if one.verdict == "failed" else "error"
            detail = ElementTree.SubElement(case, kind, {"message": _clean(one.reason or "")})
            detail.text = _clean(f"{one.question}\n{one.sql or ''}")
    ElementTree.indent(root)
    path.write_bytes(ElementTree.tostring(root, encoding="utf-8", xml_declaration=True) + b"\n")


def _clean(text: str) -> str:
    return _NOT_XML.sub("\N{REPLACEMENT CHARACTER}", text)
