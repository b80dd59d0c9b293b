"""Questions to the demo shop with their right answers, worked out from the generator's rows and not by any SQL."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from db_query_agent.demo import rows
from db_query_agent.demo.tables import TABLES

Answer = list[tuple[Any, ...]]


class Record(dict[str, Any]):
    """A row whose cells are read as attributes."""

    __getattr__ = dict.__getitem__


class Shop:
    """The shop's tables as lists of records."""

    def __init__(self, today: date) -> None:
        self.today = today
        self.tables = {
            table.name: [
                Record(zip((column.name for column in table.columns), row, strict=True))
                for row in rows(today=today)[table.name]
            ]
            for table in TABLES
        }

    def __getattr__(self, name: str) -> list[Record]:
        try:
            return self.tables[name]
        except KeyError:
            raise AttributeError(name) from None

    def by_id(self, table: str) -> dict[int, Record]:
        return {record.id: record for record in self.tables[table]}

    def is_last_month(self, moment: datetime) -> bool:
        year, month = divmod(self.today.year * 12 + self.today.month - 2, 12)
        return (moment.year, moment.month) == (year, month + 1)


@dataclass(frozen=True)
class Question:
    """``answer`` gives the cells that must stand in each row; ``ordered`` when their order was asked for."""

    text: str
    answer: Callable[[Shop], Answer]
    ordered: bool = False


def one(value: object) -> Answer:
    return [(value,)]


def count(records: Iterable[object]) -> Answer:
    return one(sum(1 for _ in records))


def mean(values: Iterable[Any]) -> Any:
    numbers = list(values)
    return sum(numbers) / Decimal(len(numbers))


def groups(pairs: Iterable[tuple[Any, Any]], fold: Callable[[list[Any]], Any]) -> Answer:
    folded: dict[Any, list[Any]] = defaultdict(list)
    for key, value in pairs:
        folded[key].append(value)
    return [(key, fold(values)) for key, values in folded.items()]


def _top_customers(shop: Shop) -> Answer:
    totals: dict[int, Decimal] = defaultdict(Decimal)
    for order in shop.orders:
        totals[order.customer_id] += order.total
    best = sorted(totals, key=lambda customer_id: totals[customer_id], reverse=True)[:5]
    customers = shop.by_id("customers")
    return [(customers[customer_id].first_name, customers[customer_id].last_name) for customer_id in best]


def _dearest(shop: Shop, number: int) -> Answer:
    """The names and prices of so many of the dearest products, or of the cheapest, below zero."""
    by_price = sorted(shop.products, key=lambda product: product.price, reverse=number > 0)
    return [(product.name, product.price) for product in by_price[: abs(number)]]


def _customers_without_orders(shop: Shop) -> Answer:
    buyers = {order.customer_id for order in shop.orders}
    return [(customer.first_name, customer.last_name) for customer in shop.customers if customer.id not in buyers]


def _rating_by_category(shop: Shop) -> Answer:
    products, categories = shop.by_id("products"), shop.by_id("categories")
    pairs = ((categories[products[review.product_id].category_id].name, review.rating) for review in shop.reviews)
    return groups(pairs, mean)


def _busiest_supplier(shop: Shop) -> Answer:
    (supplier_id, products), *_ = Counter(product.supplier_id for product in shop.products).most_common()
    return [(shop.by_id("suppliers")[supplier_id].name,)] if products else []


def _revenue_by_store(shop: Shop) -> Answer:
    stores = shop.by_id("stores")
    sold = ((stores[order.store_id].name, order.total) for order in shop.orders if order.store_id is not None)
    return groups(sold, sum)


QUESTIONS: tuple[Question, ...] = (
    Question("How many customers are there?", lambda shop: count(shop.customers)),
    Question(
        "How many orders were placed last month?",
        lambda shop: count(order for order in shop.orders if shop.is_last_month(order.ordered_at)),
    ),
    Question(
        "How many orders are pending?",
        lambda shop: count(order for order in shop.orders if order.status == "pending"),
    ),
    Question(
        "How many customers are from Germany?",
        lambda shop: count(customer for customer in shop.customers if customer.country == "Germany"),
    ),
    Question("What is the average order total?", lambda shop: one(mean(order.total for order in shop.orders))),
    Question(
        "What is the average salary of employees by job title?",
        lambda shop: groups(((employee.job_title, employee.salary) for employee in shop.employees), mean),
    ),
    Question(
        "Which products have a price above 500?",
        lambda shop: [(product.name,) for product in shop.products if product.price > 500],
    ),
    Question(
        "List products with a price below 10",
        lambda shop: [(product.name,) for product in shop.products if product.price < 10],
    ),
    Question(
        "How many orders were placed this year?",
        lambda shop: count(order for order in shop.orders if order.ordered_at.year == shop.today.year),
    ),
    Question(
        "Number of orders per status",
        lambda shop: groups(((order.status, 1) for order in shop.orders), len),
    ),
    Question("What is the average rating of products in each category?", _rating_by_category),
    Question(
        "Total payment amount by method",
        lambda shop: groups(((payment.method, payment.amount) for payment in shop.payments), sum),
    ),
    Question("Which customers have never placed an order?", _customers_without_orders),
    Question(
        "How many products are in each category?",
        lambda shop: groups(
            ((shop.by_id("categories")[product.category_id].name, 1) for product in shop.products), len
        ),
    ),
    Question(
        "What are the 5 most expensive products?",
        lambda shop: [
            (product.name,) for product in sorted(shop.products, key=lambda product: product.price, reverse=True)[:5]
        ],
        ordered=True,
    ),
    Question("Top 5 customers by total order amount", _top_customers, ordered=True),
    Question(
        "How many employees work in each store?",
        lambda shop: groups(((shop.by_id("stores")[person.store_id].name, 1) for person in shop.employees), len),
    ),
    Question(
        "How many customers subscribed to the newsletter?",
        lambda shop: count(customer for customer in shop.customers if customer.newsletter),
    ),
    Question("What is the highest salary?", lambda shop: one(max(person.salary for person in shop.employees))),
    Question(
        "How many reviews have a rating of 5?",
        lambda shop: count(review for review in shop.reviews if review.rating == 5),
    ),
    Question(
        "How many different cities do customers live in?",
        lambda shop: count({customer.city for customer in shop.customers}),
    ),
    Question(
        "Show the stores in Germany",
        lambda shop: [(store.name,) for store in shop.stores if store.country == "Germany"],
    ),
    Question(
        "Total refund amount by reason",
        lambda shop: groups(((entry.reason, entry.refund_amount) for entry in shop.returns), sum),
    ),
    Question(
        "How many orders have a total greater than 2000?",
        lambda shop: count(order for order in shop.orders if order.total > 2000),
    ),
    Question("Which supplier has the most products?", _busiest_supplier),
    Question(
        "How many employees were hired in 2025?",
        lambda shop: count(person for person in shop.employees if person.hired_on.year == 2025),
    ),
    Question(
        "Which suppliers are from Italy or France?",
        lambda shop: [(supplier.name,) for supplier in shop.suppliers if supplier.country in ("Italy", "France")],
    ),
    Question(
        "What is the average price of products in Furniture?",
        lambda shop: one(
            mean(
                product.price
                for product in shop.products
                if shop.by_id("categories")[product.category_id].name == "Furniture"
            )
        ),
    ),
    Question(
        "How many shipments were carried by DHL?",
        lambda shop: count(shipment for shipment in shop.shipments if shipment.carrier == "DHL"),
    ),
    Question(
        "Which stores have more than 5 employees?",
        lambda shop: [
            (shop.by_id("stores")[store_id].name,)
            for store_id, people in Counter(person.store_id for person in shop.employees).items()
            if people > 5
        ],
    ),
    Question("What is the total revenue by store?", _revenue_by_store),
    Question(
        "Which products cost more than 500?",
        lambda shop: [(product.name,) for product in shop.products if product.price > 500],
    ),
    Question(
        "Show customers from Berlin who signed up this year",
        lambda shop: [
            (customer.first_name, customer.last_name)
            for customer in shop.customers
            if customer.city == "Berlin" and customer.signed_up_at.year == shop.today.year
        ],
    ),
    Question(
        "List the 5 most expensive products in Electronics",
        lambda shop: [
            (product.name,)
            for product in sorted(shop.products, key=lambda product: product.price, reverse=True)
            if shop.by_id("categories")[product.category_id].name == "Electronics"
        ][:5],
        ordered=True,
    ),
    Question(
        "How many orders were placed each month this year?",
        lambda shop: groups(
            (
                (order.ordered_at.strftime("%Y-%m"), 1)
                for order in shop.orders
                if order.ordered_at.year == shop.today.year
            ),
            len,
        ),
    ),
    Question("Top 3 products by price", lambda shop: _dearest(shop, 3), ordered=True),
    Question("show me the 4 cheapest products", lambda shop: _dearest(shop, -4)),
    Question("the 2 highest priced products", lambda shop: _dearest(shop, 2), ordered=True),
    Question("total of orders", lambda shop: one(sum(order.total for order in shop.orders))),
    Question("What is the sum of all payments?", lambda shop: one(sum(payment.amount for payment in shop.payments))),
    Question(
        "the total of all orders by status",
        lambda shop: groups(((order.status, order.total) for order in shop.orders), sum),
    ),
    Question(
        "average number of orders per customer",
        lambda shop: one(mean(Counter(order.customer_id for order in shop.orders).values())),
    ),
    Question(
        "What is the average number of products for each category?",
        lambda shop: one(mean(Counter(product.category_id for product in shop.products).values())),
    ),
    Question(
        "highest number of employees per store",
        lambda shop: one(max(Counter(person.store_id for person in shop.employees).values())),
    ),
)
