"""LlamaIndex's query engine for SQL: one call for the statement, one for the sentence."""

from __future__ import annotations

import asyncio
from typing import Any

import asking
from measure import work


async def agent(work: dict[str, Any]) -> None:
    from llama_index.core import MockEmbedding, SQLDatabase
    from llama_index.core.query_engine import NLSQLTableQueryEngine
    from llama_index.llms.openai_like import OpenAILike
    from sqlalchemy import create_engine

    with asking.model() as address:
        llm = OpenAILike(model="instant", api_base=address, api_key="none", is_chat_model=True, max_retries=0)
        database = SQLDatabase(create_engine(work["url"]))
        tables = database.get_usable_table_names()
        made = NLSQLTableQueryEngine(database, llm=llm, tables=list(tables), embed_model=MockEmbedding(1))

        async def ask(question: str) -> str:
            return str(await made.aquery(question))

        await asking.measure(ask, work)


if __name__ == "__main__":
    asked = work()
    asyncio.run({"agent": agent}[asked["case"]](asked))
