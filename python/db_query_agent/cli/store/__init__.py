"""What `db-query` keeps for its user: the history of questions, and favourites.

| module | what it holds |
| --- | --- |
| `folder` | where it is kept, readable by this user alone |
| `library` | the file with history and favourites |
| `recorder` | whether and what is written down |
"""
