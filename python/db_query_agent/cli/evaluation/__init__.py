"""The user's own questions as a gate.

| module | what it holds |
| --- | --- |
| `cases` | reading questions and what is expected of them |
| `compare` | whether two results are the same |
| `report` | JUnit XML |
"""
