"""`python -m db_query_agent` is `db-query`."""

from db_query_agent.cli import main

if __name__ == "__main__":
    main()
