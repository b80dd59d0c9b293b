"""A Python function as a tool that a model may call: its JSON schema from its type hints, its call from JSON."""

from __future__ import annotations

import enum
import inspect
import json
import types
import typing
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal, Union, get_args, get_origin

from db_query_agent.exceptions import ConfigurationError

Call = Callable[[str], str]

_PLAIN = {str: "string", int: "integer", float: "number", bool: "boolean", type(None): "null"}


def describe(
    function: Callable[..., Any], name: str | None, description: str | None
) -> tuple[str, str, dict[str, Any]]:
    """Give the name, the description and the JSON schema of the arguments of `function`."""
    called = str(name or getattr(function, "__name__", ""))
    about = description or inspect.getdoc(function) or ""
    if not about:
        raise _refused(
            called, "has no docstring, so no model knows when to call it", "write one, or give `description=`"
        )
    try:
        hints = typing.get_type_hints(function, include_extras=True)
    except NameError as error:
        raise _refused(
            called, f"has a type hint that cannot be read: {error}", "name the type where it is known"
        ) from None
    properties: dict[str, Any] = {}
    required: list[str] = []
    for parameter in inspect.signature(function).parameters.values():
        if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD, parameter.POSITIONAL_ONLY):
            raise _refused(called, f"takes `{parameter}`, which no model can give", "name each argument")
        if parameter.name not in hints:
            raise _refused(called, f"says no type for `{parameter.name}`", "add a type hint")
        properties[parameter.name] = _schema(called, parameter.name, hints[parameter.name])
        if parameter.default is parameter.empty:
            required.append(parameter.name)
    schema = {"type": "object", "properties": properties, "required": required, "additionalProperties": False}
    return called, about, schema


def caller(function: Callable[..., Any]) -> Call:
    """Give `function` as one that takes its arguments as a JSON object and gives a text."""
    hints = typing.get_type_hints(function, include_extras=True)

    def call(arguments: str) -> str:
        given = {name: _value(hints.get(name, Any), value) for name, value in json.loads(arguments).items()}
        result = function(**given)
        if inspect.isawaitable(result):
            import asyncio

            result = asyncio.run(_finish(result))
        return result if isinstance(result, str) else json.dumps(result, default=str, ensure_ascii=False)

    return call


async def _finish(work: Any) -> Any:
    return await work


def _schema(tool: str, parameter: str, hint: Any) -> dict[str, Any]:
    origin, inner = get_origin(hint), get_args(hint)
    if hint is Any or hint is inspect.Parameter.empty:
        return {}
    if hint in _PLAIN:
        return {"type": _PLAIN[hint]}
    if origin is typing.Annotated:
        texts = [note for note in inner[1:] if isinstance(note, str)]
        return _schema(tool, parameter, inner[0]) | ({"description": texts[0]} if texts else {})
    if origin is Literal:
        return {"enum": list(inner)}
    if isinstance(hint, type) and issubclass(hint, enum.Enum):
        return {"enum": [member.value for member in hint]}
    if origin in (Union, types.UnionType):
        return {"anyOf": [_schema(tool, parameter, one) for one in inner]}
    if (origin or hint) in (list, Sequence, set, tuple):
        return {"type": "array"} | ({"items": _schema(tool, parameter, inner[0])} if inner else {})
    if (origin or hint) in (dict, Mapping):
        return {"type": "object"}
    raise _refused(
        tool, f"takes `{parameter}` of a type without a form in JSON", "use text, numbers, lists or mappings"
    )


def _value(hint: Any, value: Any) -> Any:
    """The value as its type hint has it, where JSON has another form."""
    if get_origin(hint) is typing.Annotated:
        hint = get_args(hint)[0]
    if isinstance(hint, type) and issubclass(hint, enum.Enum):
        return hint(value)
    return value


def _refused(tool: str, what: str, hint: str) -> ConfigurationError:
    return ConfigurationError(f"the tool `{tool}` {what}", hint=hint)
