"""The demo page: questions to a database in a browser.

streamlit run demo/streamlit_app.py
"""

from db_query_agent.demo.ui import page

page()
