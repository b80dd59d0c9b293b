"""Charts of results, as Vega-Lite specifications with the data in them.

    >>> chart = agent.query("What is the total revenue by store?").chart()  # doctest: +SKIP
    >>> chart.kind, chart.x, chart.y                                       # doctest: +SKIP
    ('bar', 'name', 'total_revenue')

The choice is made by rules from the names, types and shape of the columns, see `docs/charts.md`; no model
is asked and nothing it wrote is run. Nothing is computed that is not in the rows.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from db_query_agent import _core
from db_query_agent._export import optional, rows_of

if TYPE_CHECKING:
    import os
    from collections.abc import Mapping

    import altair

    from db_query_agent.results import QueryResult

__all__ = ["Chart", "Kind"]

Kind = Literal["bar", "line", "grouped_bar", "scatter", "number", "table"]

MIME_TYPE = "application/vnd.vegalite.v5+json"
"""What JupyterLab, VS Code and others draw by themselves."""


class Chart(dict[str, Any]):
    """A Vega-Lite specification, and what is in it.

    As a dictionary it goes wherever Vega-Lite goes: `st.vega_lite_chart(chart)`, `json.dumps(chart)`,
    `vegaEmbed`. Each point in `chart["data"]["values"]` is an object with `x`, `y` and, where there is one,
    `series`, whatever the columns are called; `exact` holds the digits of numbers that a browser would round.
    """

    kind: Kind
    """The form of the chart. `"table"` where no form shows more than the rows themselves."""
    x: str | None
    """The column that the marks stand at, also where bars lie."""
    y: str | None
    """The column that is measured."""
    series: str | None
    """The column that colours tell apart."""
    title: str
    """What is shown, in the words of the columns."""

    def __init__(
        self,
        specification: Mapping[str, Any],
        /,
        *,
        kind: Kind,
        x: str | None = None,
        y: str | None = None,
        series: str | None = None,
        title: str = "",
    ) -> None:
        super().__init__(specification)
        self.kind, self.x, self.y, self.series, self.title = kind, x, y, series, title

    @classmethod
    def of(
        cls,
        result: QueryResult,
        kind: Kind | None = None,
        *,
        x: str | None = None,
        y: str | None = None,
        series: str | None = None,
    ) -> Chart:
        """The chart of a result; what is not given the rules choose.

        Raises:
            ConfigurationError: a column that is not there, or one that the kind of chart cannot show
        """
        columns, rows = rows_of(result)
        truncated = bool(result.get("truncated"))
        drawn = _core.chart(columns, rows, truncated=truncated, kind=kind, x=x, y=y, series=series)
        return cls(drawn.pop("specification"), **drawn)

    def to_altair(self) -> altair.TopLevelMixin:
        """The chart as Altair's, to be changed further; needs the extra `charts`."""
        made: altair.TopLevelMixin = optional("altair", "`to_altair()`", "charts").Chart.from_dict(dict(self))
        return made

    def to_png(self, path: str | os.PathLike[str] | None = None, *, scale: float = 2.0) -> bytes | None:
        """The chart as a PNG picture: written to `path`, or returned; needs the extra `charts`.

        `scale` is in pixels of the picture to a pixel of the specification. Nothing is loaded from the network.
        """
        renderer = optional("vl_convert", "`to_png()`", "charts")
        picture: bytes = renderer.vegalite_to_png(dict(self), scale=scale, allowed_base_urls=[])
        if path is None:
            return picture
        Path(path).write_bytes(picture)
        return None

    def to_svg(self, path: str | os.PathLike[str] | None = None) -> str | None:
        """The chart as an SVG picture: written to `path`, or returned; needs the extra `charts`."""
        renderer = optional("vl_convert", "`to_svg()`", "charts")
        picture: str = renderer.vegalite_to_svg(dict(self), allowed_base_urls=[])
        if path is None:
            return picture
        Path(path).write_text(picture, encoding="utf-8", newline="")
        return None

    def copy(self) -> Chart:
        """A chart with the same specification."""
        return Chart(self, kind=self.kind, x=self.x, y=self.y, series=self.series, title=self.title)

    __copy__ = copy

    def __repr__(self) -> str:
        # Rows stay out of logs and tracebacks.
        return f"<Chart {self.kind}: {self.title}>"

    __str__ = __repr__

    def _repr_mimebundle_(self, **_wanted: Any) -> dict[str, Any]:
        return {MIME_TYPE: dict(self), "text/plain": repr(self)}
