"""Where other programs meet the agent.

| module | what it holds |
| --- | --- |
| `jupyter` | `%dbquery` and `%%dbquery` in notebooks and in IPython |

Each imports its host when it is loaded, and the package imports none of them.
"""
