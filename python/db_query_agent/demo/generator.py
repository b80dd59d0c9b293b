"""Rows for the demo shop out of a seed and a day, the same on every machine and every Python."""

from __future__ import annotations

import random
import unicodedata
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import TypeVar

from .catalogue import (
    CARRIERS,
    CATEGORIES,
    COMMENTS,
    FIRST_NAMES,
    HOMES,
    LAST_NAMES,
    PAYMENT_METHODS,
    PRODUCT_LINES,
    RETURN_REASONS,
    STORES,
    SUPPLIERS,
)

Cell = int | str | Decimal | date | datetime | None
Row = tuple[Cell, ...]

DEFAULT_SEED = 7
# Goes up when the same seed and day give other rows than before, so that a file made earlier is made anew.
EDITION = 1
CUSTOMERS = 1_200
ORDERS = 6_000
PRODUCTS = 180
REVIEWS = 2_400
# How far back the shop's books go.
DAYS = 3 * 365

T = TypeVar("T")


class _Dice:
    """Chance that will stay the same: Python promises that of ``random()`` alone, not of ``choice`` or ``shuffle``."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)

    def share(self) -> float:
        return self._random.random()

    def chance(self, probability: float) -> bool:
        return self._random.random() < probability

    def between(self, lowest: int, highest: int) -> int:
        return lowest + int(self._random.random() * (highest - lowest + 1))

    def pick(self, items: Sequence[T]) -> T:
        return items[int(self._random.random() * len(items))]

    def pick_early(self, items: Sequence[T]) -> T:
        """Prefers what stands at the front: some products sell better than others."""
        return items[int(self._random.random() ** 2 * len(items))]

    def moment(self, day: date, first_hour: int = 7, last_hour: int = 22) -> datetime:
        second = self.between(first_hour * 3600, last_hour * 3600 - 1)
        return datetime.combine(day, time()) + timedelta(seconds=second)


def generate(seed: int, today: date) -> dict[str, list[Row]]:
    """All rows by table. The latest order is from the first hour of ``today``, so that none lies in the future."""
    dice = _Dice(seed)
    start = today - timedelta(days=DAYS)
    tables: dict[str, list[Row]] = {}
    tables["categories"] = [(number, name, words) for number, (name, words, *_) in enumerate(CATEGORIES, 1)]
    tables["suppliers"] = _suppliers(dice)
    tables["products"] = _products(dice, start)
    tables["stores"] = _stores(dice, start)
    tables["employees"] = _employees(dice, tables["stores"], today)
    tables["customers"] = _customers(dice, start, today)
    _sales(dice, start, today, tables)
    _reviews(dice, today, tables)
    tables["inventory"] = _inventory(dice, tables["products"])
    return tables


def _euro(cents: int) -> Decimal:
    return Decimal(cents).scaleb(-2)


def _cents(amount: Cell) -> int:
    assert isinstance(amount, Decimal)
    return int(amount.scaleb(2))


def _ascii(name: str) -> str:
    """The letters of a name as they stand in an address: `Zoé O'Brien` is `zoe.obrien`."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return "".join(letter for letter in plain.lower().replace(" ", ".") if letter.isalnum() or letter == ".")


def _suppliers(dice: _Dice) -> list[Row]:
    return [
        (number, name, country, f"orders@{_ascii(name).replace('.', '-')}.example", dice.between(2, 45))
        for number, (name, country) in enumerate(SUPPLIERS, 1)
    ]


def _products(dice: _Dice, start: date) -> list[Row]:
    products: list[Row] = []
    for number in range(1, PRODUCTS + 1):
        # Each category's nouns in turn, and each noun under the product lines in turn: no name comes twice.
        category = (number - 1) % len(CATEGORIES)
        position = (number - 1) // len(CATEGORIES)
        nouns = CATEGORIES[category][2]
        noun, cheapest, dearest, grams = nouns[position % len(nouns)]
        line = PRODUCT_LINES[(position * 7 + category) % len(PRODUCT_LINES)]
        # Squared, for there are more cheap things than dear ones; most prices end just below the next euro.
        price = int(cheapest + dice.share() ** 2 * (dearest - cheapest)) * 100 + dice.pick((0, 50, 90, 95, 99))
        weight = dice.between(grams * 8 // 10, grams * 12 // 10)
        launched = start + timedelta(days=dice.between(-600, DAYS - 60))
        products.append(
            (
                number,
                f"{line} {noun}",
                category + 1,
                dice.between(1, len(SUPPLIERS)),
                _euro(price),
                Decimal(weight).scaleb(-3),
                dice.chance(0.92),
                launched,
            )
        )
    return products


def _stores(dice: _Dice, start: date) -> list[Row]:
    return [
        (number, name, city, country, start - timedelta(days=dice.between(30, 4_000)))
        for number, (name, city, country) in enumerate(STORES, 1)
    ]


def _employees(dice: _Dice, stores: list[Row], today: date) -> list[Row]:
    employees: list[Row] = []
    for store in stores:
        manager = len(employees) + 1
        for position in range(dice.between(4, 8)):
            job_title, lowest, highest = (
                ("Store Manager", 52, 68) if position == 0
                else ("Assistant Manager", 42, 50) if position == 1
                else dice.pick((("Sales Associate", 28, 38), ("Cashier", 26, 32), ("Warehouse Clerk", 27, 35)))
            )  # fmt: skip
            employees.append(
                (
                    len(employees) + 1,
                    dice.pick(FIRST_NAMES),
                    dice.pick(LAST_NAMES),
                    job_title,
                    store[0],
                    None if position == 0 else manager,
                    _euro(dice.between(lowest * 10, highest * 10) * 10_000),
                    # The manager was there from the first day, so that every sale has someone who made it.
                    store[4] if position == 0 else today - timedelta(days=dice.between(20, DAYS)),
                )
            )
    return employees


def _customers(dice: _Dice, start: date, today: date) -> list[Row]:
    customers: list[Row] = []
    for number in range(1, CUSTOMERS + 1):
        share = dice.share() * sum(part for _, part, _, _ in HOMES)
        home = HOMES[-1]
        for candidate in HOMES:
            share -= candidate[1]
            if share < 0:
                home = candidate
                break
        country, _, prefix, cities = home
        first_name, last_name = dice.pick(FIRST_NAMES), dice.pick(LAST_NAMES)
        # Customers are numbered in the order they came; a quarter were there when the books begin.
        day = start + timedelta(days=max(0, (number - CUSTOMERS // 4)) * (DAYS - 1) // (CUSTOMERS - CUSTOMERS // 4))
        birth_date = today - timedelta(days=dice.between(18 * 365, 80 * 365))
        customers.append(
            (
                number,
                first_name,
                last_name,
                f"{_ascii(first_name)}.{_ascii(last_name)}{number}@mail.example",
                f"{prefix} {dice.between(100, 999)} {dice.between(100_000, 999_999)}" if dice.chance(0.7) else None,
                dice.pick_early(cities),
                country,
                birth_date if dice.chance(0.8) else None,
                dice.chance(0.42),
                dice.moment(day),
            )
        )
    return customers


def _order_day(dice: _Dice, start: date) -> date:
    """Business grows over the years, and November and December are busier."""
    while True:
        day = start + timedelta(days=int(dice.share() ** 0.75 * (DAYS + 1)))
        if dice.chance(1.0 if day.month >= 11 else 0.65):
            return day


def _sales(dice: _Dice, start: date, today: date, tables: dict[str, list[Row]]) -> None:
    """Orders with their items, payments, shipments and returns."""
    products, customers, employees = tables["products"], tables["customers"], tables["employees"]
    staff: dict[Cell, list[Row]] = {}
    for employee in employees:
        staff.setdefault(employee[4], []).append(employee)
    signed_up = [customer[9].date() for customer in customers if isinstance(customer[9], datetime)]
    days = (_order_day(dice, start) for _ in range(ORDERS))
    moments = sorted(dice.moment(day) if day < today else dice.moment(day, 0, 1) for day in days)
    orders: list[Row] = []
    items: list[Row] = []
    payments: list[Row] = []
    shipments: list[Row] = []
    returns: list[Row] = []
    known = 0
    for number, ordered_at in enumerate(moments, 1):
        day = ordered_at.date()
        while known < len(customers) and signed_up[known] < day:
            known += 1
        customer = int(dice.share() ** 1.2 * max(known, 1)) + 1
        online = dice.chance(0.62)
        store = None if online else dice.between(1, len(STORES))
        age = (today - day).days
        status = _status(dice, age, online)
        total = 0
        first_item = len(items) + 1
        for _ in range(dice.pick((1, 1, 1, 2, 2, 3, 4, 6))):
            product = _product_of_the_day(dice, products, day)
            quantity = dice.pick((1, 1, 1, 1, 2, 2, 3, 5))
            # Prices were lower in the years before: three per cent a year.
            unit_price = round(_cents(product[4]) * (1 - 0.03 * (age // 365)))
            discount = unit_price * quantity // 10 if dice.chance(0.15) else 0
            total += unit_price * quantity - discount
            items.append((len(items) + 1, number, product[0], quantity, _euro(unit_price), _euro(discount)))
        seller = _seller_of_the_day(dice, staff[store], day) if store else None
        orders.append((number, customer, store, seller, status, ordered_at, _euro(total)))
        payments.append(_payment(dice, len(payments) + 1, number, status, ordered_at, total, online, age))
        if online and status in ("shipped", "completed"):
            shipments.append(_shipment(dice, len(shipments) + 1, number, status, ordered_at, today))
        if status == "completed" and age > 12 and dice.chance(0.08):
            item = items[dice.between(first_item, len(items)) - 1]
            returns.append(_return(dice, len(returns) + 1, item, ordered_at))
    tables.update(orders=orders, order_items=items, payments=payments, shipments=shipments, returns=returns)


def _product_of_the_day(dice: _Dice, products: list[Row], day: date) -> Row:
    while True:
        product = dice.pick_early(products)
        launched_on = product[7]
        if isinstance(launched_on, date) and launched_on <= day:
            return product


def _seller_of_the_day(dice: _Dice, staff: list[Row], day: date) -> Cell:
    while True:
        seller = dice.pick(staff)
        hired_on = seller[7]
        if isinstance(hired_on, date) and hired_on <= day:
            return seller[0]


def _status(dice: _Dice, age: int, online: bool) -> str:
    if dice.chance(0.05):
        return "cancelled"
    if not online:
        return "completed"
    if age <= 1:
        return dice.pick(("pending", "pending", "processing"))
    if age <= 6:
        return dice.pick(("processing", "shipped", "shipped", "completed"))
    if age <= 14 and dice.chance(0.2):
        return "shipped"
    return "completed"


def _payment(
    dice: _Dice, number: int, order: int, status: str, ordered_at: datetime, total: int, online: bool, age: int
) -> Row:
    method = dice.pick_early(PAYMENT_METHODS) if online else dice.pick(("card", "card", "cash"))
    if status == "cancelled":
        state = dice.pick(("refunded", "failed"))
    elif status == "pending" or (method == "invoice" and age < 20):
        state = "open"
    else:
        state = "paid"
    if state in ("open", "failed"):
        paid_at = None
    elif method in ("invoice", "bank transfer"):
        paid_at = ordered_at + timedelta(minutes=dice.between(60, max(61, min(age, 14) * 1_380)))
    else:
        paid_at = ordered_at
    return (number, order, method, _euro(total), state, paid_at)


def _shipment(dice: _Dice, number: int, order: int, status: str, ordered_at: datetime, today: date) -> Row:
    # Both legs end before today, whatever the order's age: what is younger than two days is not shipped.
    span = max(2, min(9, (today - ordered_at.date()).days) - 1) * 24 * 60
    shipped_at = ordered_at + timedelta(minutes=dice.between(120, span // 2))
    delivered_at = shipped_at + timedelta(minutes=dice.between(400, span // 2))
    tracking_number = f"{dice.pick('ABCDEFGH')}{dice.pick('KLMNPQRS')}{order:06d}{dice.between(1_000, 9_999)}"
    shipping_cost = _euro(dice.pick((390, 490, 590, 690, 1290)))
    delivered = delivered_at if status == "completed" else None
    return (number, order, dice.pick_early(CARRIERS), tracking_number, shipping_cost, shipped_at, delivered)


def _return(dice: _Dice, number: int, item: Row, ordered_at: datetime) -> Row:
    bought, unit_price = item[3], _cents(item[4])
    assert isinstance(bought, int)
    quantity = dice.between(1, bought)
    refund = unit_price * quantity - _cents(item[5]) * quantity // bought
    returned_at = ordered_at + timedelta(days=dice.between(4, 11), minutes=dice.between(0, 300))
    return (number, item[0], dice.pick_early(RETURN_REASONS), quantity, _euro(refund), returned_at)


def _reviews(dice: _Dice, today: date, tables: dict[str, list[Row]]) -> None:
    """Reviews by people who bought the product, after they did."""
    orders, items = tables["orders"], tables["order_items"]
    reviews: list[tuple[datetime, Cell, Cell, int, str | None]] = []
    while len(reviews) < REVIEWS:
        item = dice.pick(items)
        assert isinstance(item[1], int)
        assert isinstance(item[2], int)
        order = orders[item[1] - 1]
        ordered_at = order[5]
        assert isinstance(ordered_at, datetime)
        written_at = ordered_at + timedelta(minutes=dice.between(3 * 24 * 60, 40 * 24 * 60))
        if order[4] != "completed" or written_at.date() >= today:
            continue
        # Products differ in quality; most reviews are kind.
        quality = item[2] * 37 % 11 / 10
        rating = min(5, max(1, round(1.9 + 2.4 * quality + 2.4 * (dice.share() - 0.4))))
        comment = dice.pick(COMMENTS[rating - 1]) if dice.chance(0.7) else None
        reviews.append((written_at, item[2], order[1], rating, comment))
    reviews.sort(key=lambda review: review[0])
    tables["reviews"] = [
        (number, product, customer, rating, comment, written_at)
        for number, (written_at, product, customer, rating, comment) in enumerate(reviews, 1)
    ]


def _inventory(dice: _Dice, products: list[Row]) -> list[Row]:
    stock: list[Row] = []
    for store in range(1, len(STORES) + 1):
        for product in products:
            if product[6] and dice.chance(0.85):
                reorder_level = dice.pick((3, 5, 10))
                stock.append((store, product[0], dice.between(0, 60) if dice.chance(0.93) else 0, reorder_level))
    return stock
