"""One question after the other.

| module | what it holds |
| --- | --- |
| `loop` | the loop, on a terminal and on lines from elsewhere |
| `conversation` | what is asked, and what is known of the answer before |
| `commands` | the commands that begin with a backslash, one table of them |
| `prompt` | the line that is typed: keys, history, completion |
| `completion` | names of tables, columns, commands and favourites |
"""
