"""The demo page: questions to a database in a browser.

streamlit run examples/streamlit_demo.py
"""

from db_query_agent.demo.ui import page

page()
