#!/usr/bin/env python3
"""Sorts wrong answers into kinds by the clauses in which they differ from the gold statement, most frequent first.

    pip install sqlglot
    scripts/error_kinds.py QUESTIONS WRONG [--most 200] > table.md

QUESTIONS is how many were asked, WRONG a file of `scripts/eval` (FOLDER/SET/wrong.jsonl). No question and no name of a
database is printed: a kind is which parts of the statement are missing, too many or other ones.
"""

from __future__ import annotations

import argparse
import collections
import json
import sys
from pathlib import Path

import sqlglot
from sqlglot import expressions as exp

AGGREGATES = (exp.Count, exp.Sum, exp.Avg, exp.Min, exp.Max)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("questions", type=int)
    parser.add_argument("wrong", type=Path)
    parser.add_argument("--most", type=int, default=200)
    options = parser.parse_args()
    kinds: collections.Counter[str] = collections.Counter()
    parts: collections.Counter[str] = collections.Counter()
    alone: collections.Counter[str] = collections.Counter()
    unread = 0
    for line in options.wrong.open(encoding="utf8"):
        record = json.loads(line)
        try:
            found = differences(record["gold"], record.get("sql"))
        except sqlglot.errors.SqlglotError:
            unread += 1
            continue
        kinds[" + ".join(found)] += 1
        parts.update(found)
        if len(found) == 1:
            alone.update(found)
    table("part", parts, options, "only this", alone)
    table("kind", kinds, options)
    if unread:
        print(f"{unread} statements could not be read", file=sys.stderr)
    return 0


def table(title, counts, options, second=None, seconds=None):
    print(f"| {title} | wrong answers | of all questions |" + (f" {second} |" if second else ""))
    print("| --- | --- | --- |" + (" --- |" if second else ""))
    for kind, count in counts.most_common(options.most):
        more = f" {seconds[kind]} |" if second else ""
        print(f"| {kind} | {count} | {count / options.questions:.2%} |{more}")
    print()


def differences(gold: str, given: str | None) -> list[str]:
    """The parts in which two statements differ, sorted; of a question without an answer, what it would have needed."""
    wanted = Shape(sqlglot.parse_one(gold, dialect="sqlite"))
    if given is None:
        return ["no answer", *sorted(f"needs {part}" for part in wanted.demands())]
    found = sorted(wanted.against(Shape(sqlglot.parse_one(given, dialect="sqlite"))))
    return found or ["same parts, other names or ties"]


class Shape:
    """What a statement is made of, without aliases."""

    def __init__(self, tree: exp.Expression):
        self.sets = collections.Counter(type(node).__name__.lower() for node in tree.find_all(exp.SetOperation))
        first = next(iter(tree.find_all(exp.Select)))
        self.names = {
            table.alias_or_name.lower(): table.name.lower() for table in tree.find_all(exp.Table) if table.name
        }
        self.tables = collections.Counter(table.name.lower() for table in tree.find_all(exp.Table))
        self.shown = collections.Counter(self.item(item) for item in first.expressions)
        self.distinct = bool(first.args.get("distinct"))
        self.conditions = self.tested(tree)
        self.groups = collections.Counter(self.column(item) for item in listed(first, "group"))
        self.having = collections.Counter(self.test(node) for node in leaves(first.args.get("having")))
        self.orders = [(self.item(item.this), bool(item.args.get("desc"))) for item in listed(first, "order")]
        limit = first.args.get("limit") or tree.args.get("limit")
        self.limit = limit.expression.sql() if limit else None
        self.nested = collections.Counter(
            nesting(select) for select in tree.find_all(exp.Subquery, exp.In) if select.find(exp.Select)
        )
        self.either = tree.find(exp.Or) is not None

    def column(self, node):
        return node.name.lower() if isinstance(node, exp.Column) else node.sql().lower()

    def item(self, node):
        node = node.unalias()
        kind = next((type(part).__name__.lower() for part in node.find_all(*AGGREGATES)), "")
        column = node.find(exp.Column)
        return (kind, column.name.lower() if column else "*")

    def test(self, node):
        left = node.find(exp.Column)
        kind = next((type(part).__name__.lower() for part in node.find_all(*AGGREGATES)), "")
        value = node.find(exp.Literal)
        return (kind, left.name.lower() if left else "*", type(node).__name__, value.name.lower() if value else "")

    def tested(self, tree):
        found = collections.Counter()
        for where in tree.find_all(exp.Where):
            for node in leaves(where):
                is_null = isinstance(node, exp.Is) or (isinstance(node, exp.Not) and node.find(exp.Is))
                if not node.find(exp.Select) and not is_null:
                    found[self.test(node)] += 1
        return found

    def demands(self):
        if self.sets:
            yield " and ".join(sorted(self.sets))
        if sum(self.nested.values()):
            yield "a query inside"
        if self.having:
            yield "a condition on groups"
        elif self.groups:
            yield "groups"
        if self.orders:
            yield "an order"
        joined = len(self.tables) - 1
        if joined:
            yield "a join" if joined == 1 else "several joins"
        if self.conditions:
            yield "conditions" if sum(self.conditions.values()) > 1 else "a condition"

    def against(self, given):
        if self.sets != given.sets:
            yield f"set operation: {named(self.sets)} wanted, {named(given.sets)} given"
        missing, more = self.tables - given.tables, given.tables - self.tables
        if missing and more:
            yield "another table"
        elif missing:
            yield "table missing"
        elif more:
            yield "table too many"
        yield from self.shown_differently(given)
        if self.distinct != given.distinct:
            yield "distinct " + ("missing" if self.distinct else "too many")
        yield from self.conditions_differ(given)
        if bool(self.groups) != bool(given.groups):
            yield "groups " + ("missing" if self.groups else "too many")
        elif self.groups and not (self.groups & given.groups):
            yield "groups by another column"
        if bool(self.having) != bool(given.having):
            yield "condition on groups " + ("missing" if self.having else "too many")
        elif self.having != given.having:
            yield "another condition on groups"
        if bool(self.orders) != bool(given.orders):
            yield "order " + ("missing" if self.orders else "too many")
        elif self.orders != given.orders:
            same = [item for item, _ in self.orders] == [item for item, _ in given.orders]
            yield "the other direction of an order" if same else "order by something else"
        if self.limit != given.limit:
            yield "limit " + (
                "missing" if given.limit is None else "too many" if self.limit is None else "of another size"
            )
        if bool(sum(self.nested.values())) != bool(sum(given.nested.values())):
            yield "query inside " + ("missing" if self.nested else "too many")
        elif self.nested != given.nested:
            yield "another query inside"
        if self.either != given.either:
            yield "alternatives " + ("missing" if self.either else "too many")

    def shown_differently(self, given):
        missing, more = self.shown - given.shown, given.shown - self.shown
        few, many = sum(missing.values()), sum(more.values())
        if few and many:
            aggregates = {kind for kind, _ in missing} != {kind for kind, _ in more}
            columns = {column for _, column in missing} != {column for _, column in more}
            if aggregates:
                yield "another aggregate shown"
            if columns and not aggregates:
                yield "another column shown"
        if few > many:
            yield "shown item missing"
        elif many > few:
            yield "shown item too many"

    def conditions_differ(self, given):
        missing, more = self.conditions - given.conditions, given.conditions - self.conditions
        few, many = sum(missing.values()), sum(more.values())
        if few and many:
            pairs = list(zip(sorted(missing), sorted(more), strict=False))
            for place, word in ((1, "column"), (2, "operator"), (3, "value")):
                if any(left[place] != right[place] for left, right in pairs):
                    yield f"condition with another {word}"
        if few > many:
            yield "condition missing"
        elif many > few:
            yield "condition too many"


def listed(select, clause):
    node = select.args.get(clause)
    return node.expressions if node else []


def leaves(node):
    """The conditions that `AND` and `OR` join."""
    if node is None:
        return
    inside = node.this if isinstance(node, (exp.Where, exp.Having, exp.Paren)) else node
    if isinstance(inside, exp.Connector):
        yield from leaves(inside.left)
        yield from leaves(inside.right)
    elif isinstance(inside, exp.Paren):
        yield from leaves(inside)
    else:
        yield inside


def nesting(node):
    if isinstance(node, exp.In):
        return "not in" if isinstance(node.parent, exp.Not) else "in"
    select = node.find(exp.Select)
    first = select.expressions[0].unalias() if select else None
    kind = type(first).__name__.lower() if isinstance(first, AGGREGATES) else "row"
    return f"compared with {kind}" if isinstance(node.parent, exp.Binary) else "other"


def named(sets):
    return " and ".join(sorted(sets)) if sets else "none"


if __name__ == "__main__":
    sys.exit(main())
