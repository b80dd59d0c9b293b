"""`python -m db_query_agent.demo.ui` serves the page; what stands behind it are options of `streamlit run`."""

from __future__ import annotations

import sys

from db_query_agent.demo.ui.start import serve
from db_query_agent.exceptions import DatabaseQueryAgentError


def main() -> None:
    """Serves the page, or says in one sentence why not."""
    try:
        serve(sys.argv[1:])
    except DatabaseQueryAgentError as error:
        sys.exit(f"{error}: {error.hint}")


if __name__ == "__main__":
    main()
