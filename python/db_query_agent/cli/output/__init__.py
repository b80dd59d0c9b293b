"""Results in the format that was asked for, where they were asked for.

| module | what it holds |
| --- | --- |
| `formats` | the formats and the endings of files that mean them |
| `cells` | a cell as text |
| `table`, `vertical` | for people |
| `records` | JSON, JSON lines, CSV, Markdown |
| `binary` | Excel, Parquet, Arrow |
| `chart`, `bars` | a chart in characters |
| `sql` | a statement in colours |
| `sink` | the standard output, a pager or a file |
"""

from db_query_agent.cli.output.cells import shown
from db_query_agent.cli.output.formats import Format
from db_query_agent.cli.output.sink import Target, document, emit, lines, write

__all__ = ["Format", "Target", "document", "emit", "lines", "shown", "write"]
