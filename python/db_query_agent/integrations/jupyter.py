"""`%dbquery` and `%%dbquery`: questions to a database in a notebook or in IPython.

    %load_ext db_query_agent
    %dbquery --connect sqlite:///shop.db
    %dbquery How many orders were placed last month?
    orders = %dbquery Top 5 customers by total order amount

`docs/notebook.md` says more, and `%dbquery --help` lists the options.
"""

from __future__ import annotations

import uuid
from argparse import SUPPRESS
from typing import TYPE_CHECKING, Any, NoReturn

from IPython.core.error import UsageError
from IPython.core.magic import Magics, line_cell_magic, magics_class, no_var_expand
from IPython.core.magic_arguments import argument, magic_arguments
from IPython.display import display

from db_query_agent.agent import DatabaseQueryAgent
from db_query_agent.exceptions import DatabaseQueryAgentError
from db_query_agent.integrations import _notebook
from db_query_agent.integrations._completion import matcher
from db_query_agent.integrations._notebook import Answer
from db_query_agent.integrations._question_mark import QuestionMark
from db_query_agent.integrations._words import split

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from IPython.core.interactiveshell import InteractiveShell

__all__ = ["DbQueryMagics", "load_ipython_extension", "unload_ipython_extension"]

ENGINES = ("offline", "model")
SHOWN_ROWS = 20


@magics_class
class DbQueryMagics(Magics):
    """The magics, and what they keep between cells: the database, its agents and the conversation."""

    shell: InteractiveShell

    def __init__(self, shell: InteractiveShell) -> None:
        super().__init__(shell)
        self._database: Any = None
        self._agents: dict[str | None, DatabaseQueryAgent] = {}
        self._lent: DatabaseQueryAgent | None = None
        self._session = _fresh()
        self.matcher = matcher(_options(self.parser), self._names)

    @property
    def parser(self) -> ArgumentParser:
        """The parser of the options."""
        parser: ArgumentParser = DbQueryMagics.dbquery.parser  # type: ignore[attr-defined, unused-ignore]
        return parser

    # `{…}` and `$` stand in questions and in JSON paths: nothing is put in their place without `--expand`.
    @no_var_expand
    @magic_arguments("%dbquery")
    @argument("--connect", metavar="URL", help="ask this database from now on; also a variable with a URL or an agent")
    @argument("--engine", choices=ENGINES, metavar="ENGINE", help="who writes the SQL: offline or model")
    @argument("--limit", metavar="N", type=int, default=SHOWN_ROWS, help="rows shown; the result has them all")
    @argument("--no-run", action="store_true", help="show the statement and what it does, and do not run it")
    @argument("--sql-only", action="store_true", help="show the statement alone, and do not run it")
    @argument("--sql", action="store_true", help="what follows is a statement, which the guard reads as any other")
    @argument("--chart", action="store_true", default=None, help="draw a chart, also of one number or a listing")
    @argument("--no-chart", action="store_false", dest="chart", default=None, help="draw none")
    @argument("--new", action="store_true", help="begin a new conversation")
    @argument("--session", metavar="NAME", help="go on with the conversation of that name")
    @argument("--schema", action="store_true", help="show the tables and their columns")
    @argument("--expand", action="store_true", help="put Python's values in the place of {name} and $name")
    @argument("--help", action="store_true", help="show this")
    @line_cell_magic
    def dbquery(self, line: str, cell: str | None = None) -> Answer | None:
        """Asks the database a question and shows the answer; `result = %dbquery …` keeps it."""
        arguments, text = self._read(line, cell)
        try:
            return self._do(arguments, text)
        except (DatabaseQueryAgentError, KeyboardInterrupt) as error:
            _plainly(error)

    def _read(self, line: str, cell: str | None) -> tuple[Namespace, str]:
        valued = frozenset(f"--{name}" for name in ("connect", "engine", "limit", "session"))
        words, text = split(line, valued, frozenset({"--sql"}))
        arguments = self.parser.parse_args(words)
        if arguments.limit < 1:
            raise UsageError("--limit is at least 1")
        if cell is not None:
            text = f"{text}\n{cell}"
        text = text.strip()
        if arguments.expand:
            text = str(self.shell.var_expand(text))
        return arguments, text

    def _do(self, arguments: Namespace, text: str) -> Answer | None:
        if arguments.help:
            print(self.parser.format_help())  # noqa: T201 - help is what was asked for
            return None
        if arguments.connect:
            self._connect(arguments.connect)
        if arguments.new:
            self._session = _fresh()
        if arguments.session:
            self._session = arguments.session
        if text:
            return self._ask(arguments, text)
        if arguments.schema:
            display(_notebook.schema(self._agent(arguments.engine).get_schema_info()), raw=True)
        elif arguments.connect:
            agent = self._agent(arguments.engine)
            tables = agent.get_schema_info(include_foreign_keys=False)["total_tables"]
            print(f"connected to {agent._core.url}: {tables} table{'' if tables == 1 else 's'}")  # noqa: T201
        elif not (arguments.new or arguments.session):
            raise UsageError("ask something, for example: %dbquery how many orders are there?")
        return None

    def _ask(self, arguments: Namespace, text: str) -> Answer:
        agent = self._agent(arguments.engine)
        statement_only = arguments.sql_only
        if arguments.sql:
            result = agent.run_sql(text)
        else:
            result = agent.query(text, return_results=not (arguments.no_run or statement_only), session=self._session)
        # In a kernel, whose loop runs, this is where the answer is waited for and an interrupt is heard.
        result = result.copy()
        return Answer.of(result, limit=arguments.limit, chart=arguments.chart, statement_only=statement_only)

    def _connect(self, named: str) -> None:
        given = self.shell.user_ns.get(named, named) if named.isidentifier() else named
        self.close()
        if isinstance(given, DatabaseQueryAgent):
            self._lent = given
        self._database = given
        self._session = _fresh()

    def _agent(self, engine: str | None) -> DatabaseQueryAgent:
        if self._lent is not None:
            if engine is not None:
                raise UsageError("--engine is of no use with an agent of your own: give it `model_strategy`")
            return self._lent
        if engine not in self._agents:
            self._agents[engine] = DatabaseQueryAgent(self._database, model_strategy=engine)
        return self._agents[engine]

    def _names(self) -> list[str]:
        """Names of tables and columns, once there is an agent; Tab connects to nothing."""
        agent = self._lent or next(iter(self._agents.values()), None)
        if agent is None:
            return []
        try:
            tables = agent.get_schema_info(include_foreign_keys=False)["tables"]
        except DatabaseQueryAgentError:
            # The next question says what is wrong; a keystroke is no place for it.
            return []
        return [name for table, found in tables.items() for name in (table, *(c["name"] for c in found["columns"]))]

    def close(self) -> None:
        """Closes the agents that were made here; one that was lent is its owner's."""
        for agent in self._agents.values():
            agent.close()
        self._agents, self._lent = {}, None


def load_ipython_extension(shell: InteractiveShell) -> None:
    """What `%load_ext db_query_agent` calls."""
    magics = DbQueryMagics(shell)
    shell.register_magics(magics)
    shell.input_transformer_manager.token_transformers.append(QuestionMark)
    if shell.Completer is not None:
        shell.Completer.custom_matchers.append(magics.matcher)


def unload_ipython_extension(shell: InteractiveShell) -> None:
    """What `%unload_ext db_query_agent` calls."""
    magics = shell.magics_manager.registry.pop("DbQueryMagics", None)
    for kind in ("line", "cell"):
        shell.magics_manager.magics[kind].pop("dbquery", None)
    transformers = shell.input_transformer_manager.token_transformers
    if QuestionMark in transformers:
        transformers.remove(QuestionMark)
    if isinstance(magics, DbQueryMagics):
        magics.close()
        if shell.Completer is not None and magics.matcher in shell.Completer.custom_matchers:
            shell.Completer.custom_matchers.remove(magics.matcher)


def _fresh() -> str:
    return f"notebook-{uuid.uuid4().hex[:12]}"


def _options(parser: ArgumentParser) -> dict[str, tuple[str, ...]]:
    """The options with the values they take, where those can be listed."""
    actions = [action for action in parser._actions if action.help != SUPPRESS]
    return {name: tuple(action.choices or ()) for action in actions for name in action.option_strings}


def _plainly(error: BaseException) -> NoReturn:
    """Raises `error` so that it is shown as one message; a program that catches it sees no difference."""
    if isinstance(error, DatabaseQueryAgentError):
        lines = [f"{type(error).__name__}: {error.message}"]
        lines += [f"hint: {error.hint}"] if error.hint else []
    else:
        lines = ["KeyboardInterrupt: the question was stopped, on the server too"]
    # IPython asks the exception how it wants to be shown.
    error._render_traceback_ = lambda: lines  # type: ignore[attr-defined]
    raise error
