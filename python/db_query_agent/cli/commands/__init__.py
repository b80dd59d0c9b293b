"""The commands of `db-query`, one a file. Each is imported when it is called, so that help stays quick.

Every module has a function `register(app)`, which gives its command, or its group of commands, to an application.
"""

COMMANDS = {
    "ask": "Answer questions in plain language.",
    "repl": "Ask and follow up, one question after the other. Also: db-query alone.",
    "sql": "Run a statement of your own behind the same guard.",
    "explain": "Tell what a question or a statement would do, and run nothing.",
    "export": "Write the answer to a question into a file.",
    "schema": "Show the tables, columns and keys that may be read.",
    "history": "Find, repeat and delete what was asked.",
    "favorites": "Keep questions and statements under names.",
    "sessions": "List, show and delete conversations.",
    "eval": "Check answers against the ones you know.",
    "config": "Show each option, its value and where it came from.",
    "doctor": "Check the database, the login and the model, and say what to do.",
    "security": "Show what the login may do and which fences stand.",
    "demo": "Make a shop to try things on, and ask it questions.",
}
"""The only list of the commands, with what they are for."""
