"""LangChain's SQL agent: it lists the tables, reads their schema, runs its statement and answers."""

from __future__ import annotations

import asyncio
from typing import Any

import asking
from measure import work


async def agent(work: dict[str, Any]) -> None:
    from langchain.agents import create_agent
    from langchain_community.agent_toolkits import SQLDatabaseToolkit
    from langchain_community.utilities import SQLDatabase
    from langchain_openai import ChatOpenAI

    with asking.model() as address:
        llm = ChatOpenAI(model="instant", base_url=address, api_key="none", max_retries=0)
        tools = SQLDatabaseToolkit(db=SQLDatabase.from_uri(work["url"]), llm=llm).get_tools()
        made = create_agent(llm, tools, system_prompt="Answer questions with the database.")

        async def ask(question: str) -> str:
            state = await made.ainvoke({"messages": [{"role": "user", "content": question}]})
            return str(state["messages"][-1].content)

        await asking.measure(ask, work)


if __name__ == "__main__":
    asked = work()
    asyncio.run({"agent": agent}[asked["case"]](asked))
