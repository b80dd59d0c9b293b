"""What Streamlit runs when the page is started from a shell."""

from db_query_agent.demo.ui import page

page()
