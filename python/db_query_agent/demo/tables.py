"""The tables of the demo shop: names, types, keys and comments, and how each database spells them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

DatabaseName = Literal["sqlite", "postgresql", "mysql"]

# MySQL's TIMESTAMP is converted between zones and ends in 2038, its DATETIME is what the others call TIMESTAMP.
_TYPE_NAMES: dict[DatabaseName, dict[str, str]] = {
    "sqlite": {},
    "postgresql": {},
    "mysql": {"TIMESTAMP": "DATETIME"},
}


@dataclass(frozen=True)
class Column:
    """A column; ``references`` names the table whose ``id`` it holds."""

    name: str
    type: str
    comment: str
    nullable: bool = False
    unique: bool = False
    references: str | None = None


@dataclass(frozen=True)
class Table:
    """A table; without an ``id`` column its first two columns together are the key."""

    name: str
    comment: str
    columns: tuple[Column, ...]

    @property
    def primary_key(self) -> tuple[str, ...]:
        """The names of the key's columns."""
        if self.columns[0].name == "id":
            return ("id",)
        return (self.columns[0].name, self.columns[1].name)


def _id() -> Column:
    return Column("id", "INTEGER", "number of the row")


TABLES: tuple[Table, ...] = (
    Table(
        "categories",
        "groups that products are sold under",
        (
            _id(),
            Column("name", "VARCHAR(60)", "what the shop window says", unique=True),
            Column("description", "VARCHAR(200)", "one line about it"),
        ),
    ),
    Table(
        "suppliers",
        "companies the shop buys from",
        (
            _id(),
            Column("name", "VARCHAR(80)", "company name", unique=True),
            Column("country", "VARCHAR(60)", "where it is based"),
            Column("email", "VARCHAR(120)", "address for purchase orders"),
            Column("lead_time_days", "INTEGER", "days from purchase order to delivery"),
        ),
    ),
    Table(
        "products",
        "everything the shop sells or has sold",
        (
            _id(),
            Column("name", "VARCHAR(120)", "name in the catalogue", unique=True),
            Column("category_id", "INTEGER", "category it is sold under", references="categories"),
            Column("supplier_id", "INTEGER", "company it is bought from", references="suppliers"),
            Column("price", "DECIMAL(10,2)", "selling price today, in euro"),
            Column("weight_kg", "DECIMAL(8,3)", "weight with packaging, in kilograms"),
            Column("is_active", "BOOLEAN", "still sold"),
            Column("launched_on", "DATE", "first day in the catalogue"),
        ),
    ),
    Table(
        "stores",
        "shops with a door",
        (
            _id(),
            Column("name", "VARCHAR(80)", "what the sign says", unique=True),
            Column("city", "VARCHAR(60)", "city it stands in"),
            Column("country", "VARCHAR(60)", "country it stands in"),
            Column("opened_on", "DATE", "first day of business"),
        ),
    ),
    Table(
        "employees",
        "people who work in the stores",
        (
            _id(),
            Column("first_name", "VARCHAR(60)", "given name"),
            Column("last_name", "VARCHAR(60)", "family name"),
            Column("job_title", "VARCHAR(60)", "position"),
            Column("store_id", "INTEGER", "store the person works in", references="stores"),
            Column("manager_id", "INTEGER", "whom the person reports to", nullable=True, references="employees"),
            Column("salary", "DECIMAL(10,2)", "gross salary a year, in euro"),
            Column("hired_on", "DATE", "first working day"),
        ),
    ),
    Table(
        "customers",
        "people who have an account",
        (
            _id(),
            Column("first_name", "VARCHAR(60)", "given name"),
            Column("last_name", "VARCHAR(60)", "family name"),
            Column("email", "VARCHAR(120)", "address of the account", unique=True),
            Column("phone", "VARCHAR(30)", "number for the carrier", nullable=True),
            Column("city", "VARCHAR(60)", "city of residence"),
            Column("country", "VARCHAR(60)", "country of residence"),
            Column("birth_date", "DATE", "birthday, where the customer told it", nullable=True),
            Column("newsletter", "BOOLEAN", "subscribed to the newsletter"),
            Column("signed_up_at", "TIMESTAMP", "when the account was made"),
        ),
    ),
    Table(
        "orders",
        "purchases, online or in a store",
        (
            _id(),
            Column("customer_id", "INTEGER", "who bought", references="customers"),
            Column("store_id", "INTEGER", "where; empty for an online order", nullable=True, references="stores"),
            Column("employee_id", "INTEGER", "who sold; empty online", nullable=True, references="employees"),
            Column("status", "VARCHAR(20)", "pending, processing, shipped, completed or cancelled"),
            Column("ordered_at", "TIMESTAMP", "when it was placed"),
            Column("total", "DECIMAL(10,2)", "sum of the items after discount, in euro"),
        ),
    ),
    Table(
        "order_items",
        "one product in one order",
        (
            _id(),
            Column("order_id", "INTEGER", "order it belongs to", references="orders"),
            Column("product_id", "INTEGER", "what was bought", references="products"),
            Column("quantity", "INTEGER", "how many pieces"),
            Column("unit_price", "DECIMAL(10,2)", "price of one piece on that day, in euro"),
            Column("discount", "DECIMAL(10,2)", "taken off the whole line, in euro"),
        ),
    ),
    Table(
        "payments",
        "money received for orders",
        (
            _id(),
            Column("order_id", "INTEGER", "order it pays", references="orders"),
            Column("method", "VARCHAR(20)", "card, paypal, bank transfer, invoice or cash"),
            Column("amount", "DECIMAL(10,2)", "in euro"),
            Column("status", "VARCHAR(20)", "paid, open, failed or refunded"),
            Column("paid_at", "TIMESTAMP", "when the money came; empty until then", nullable=True),
        ),
    ),
    Table(
        "shipments",
        "parcels sent to customers",
        (
            _id(),
            Column("order_id", "INTEGER", "order it carries", references="orders"),
            Column("carrier", "VARCHAR(40)", "company that carries it"),
            Column("tracking_number", "VARCHAR(40)", "number the carrier knows it by", unique=True),
            Column("shipping_cost", "DECIMAL(10,2)", "what the carrier charges, in euro"),
            Column("shipped_at", "TIMESTAMP", "when it left"),
            Column("delivered_at", "TIMESTAMP", "when it arrived; empty on the way", nullable=True),
        ),
    ),
    Table(
        "reviews",
        "what customers think of products",
        (
            _id(),
            Column("product_id", "INTEGER", "product it is about", references="products"),
            Column("customer_id", "INTEGER", "who wrote it", references="customers"),
            Column("rating", "INTEGER", "1 (bad) to 5 (good)"),
            Column("comment", "VARCHAR(300)", "in the customer's words", nullable=True),
            Column("created_at", "TIMESTAMP", "when it was written"),
        ),
    ),
    Table(
        "returns",
        "goods that came back",
        (
            _id(),
            Column("order_item_id", "INTEGER", "line that came back", references="order_items"),
            Column("reason", "VARCHAR(40)", "damaged, wrong size, not as described, changed mind or late"),
            Column("quantity", "INTEGER", "how many pieces"),
            Column("refund_amount", "DECIMAL(10,2)", "money given back, in euro"),
            Column("returned_at", "TIMESTAMP", "when it arrived"),
        ),
    ),
    Table(
        "inventory",
        "stock on the shelves of each store",
        (
            Column("store_id", "INTEGER", "store", references="stores"),
            Column("product_id", "INTEGER", "product", references="products"),
            Column("stock", "INTEGER", "pieces on the shelf"),
            Column("reorder_level", "INTEGER", "order more at or below this many"),
        ),
    ),
)


def create_statements(database: DatabaseName) -> list[str]:
    """The statements that make the empty tables, parents first."""
    statements: list[str] = []
    for table in TABLES:
        statements.append(_create_table(table, database))
        if database == "postgresql":
            statements.append(f"COMMENT ON TABLE {table.name} IS {_quoted(table.comment)}")
            statements.extend(
                f"COMMENT ON COLUMN {table.name}.{column.name} IS {_quoted(column.comment)}" for column in table.columns
            )
        if database != "mysql":  # which indexes its foreign keys by itself
            statements.extend(
                f"CREATE INDEX {table.name}_{column.name} ON {table.name} ({column.name})"
                for column in table.columns
                if column.references and column.name != table.primary_key[0]
            )
    return statements


def _create_table(table: Table, database: DatabaseName) -> str:
    lines: list[tuple[str, str]] = []
    for column in table.columns:
        words = [column.name, _TYPE_NAMES[database].get(column.type, column.type)]
        if not column.nullable:
            words.append("NOT NULL")
        if table.primary_key == (column.name,):
            words.append("PRIMARY KEY")
        if column.unique:
            words.append("UNIQUE")
        if database == "mysql":
            words.append(f"COMMENT {_quoted(column.comment)}")
        lines.append((" ".join(words), column.comment))
    if len(table.primary_key) > 1:
        lines.append((f"PRIMARY KEY ({', '.join(table.primary_key)})", ""))
    lines.extend(
        (f"FOREIGN KEY ({column.name}) REFERENCES {column.references} (id)", "")
        for column in table.columns
        if column.references
    )
    body = ""
    for position, (line, comment) in enumerate(lines):
        comma = "," if position < len(lines) - 1 else ""
        # SQLite keeps no comments but the text of the statement itself.
        note = f" -- {comment}" if comment and database == "sqlite" else ""
        body += f"  {line}{comma}{note}\n"
    end = f" DEFAULT CHARACTER SET utf8mb4 COMMENT {_quoted(table.comment)}" if database == "mysql" else ""
    return f"CREATE TABLE {table.name} (\n{body}){end}"


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
