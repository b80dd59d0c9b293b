"""The statements that the guards read: of three sizes, over tables that may be read."""

from __future__ import annotations

TABLES = ("customers", "orders", "order_items", "products", "payments")

# 1 kB over five tables. The released 0.1.4 refuses every text that holds CREATE, DELETE, UPDATE or CALL anywhere, so
# no column is called `created_at`.
TYPICAL = """\
SELECT
    customers.country,
    customers.segment,
    products.category,
    COUNT(DISTINCT orders.order_id) AS order_count,
    SUM(order_items.quantity * order_items.unit_price) AS revenue,
    AVG(order_items.unit_price) AS average_unit_price,
    MAX(payments.paid_at) AS last_payment,
    CASE WHEN SUM(order_items.quantity) > 1000 THEN 'large' ELSE 'small' END AS volume_class
FROM customers
JOIN orders ON orders.customer_id = customers.customer_id
JOIN order_items ON order_items.order_id = orders.order_id
JOIN products ON products.product_id = order_items.product_id
LEFT JOIN payments ON payments.order_id = orders.order_id AND payments.status = 'settled'
WHERE orders.ordered_at >= '2025-01-01'
    AND orders.status IN ('paid', 'shipped', 'delivered')
    AND products.category IS NOT NULL
    AND customers.email LIKE '%@example.com'
GROUP BY customers.country, customers.segment, products.category
HAVING SUM(order_items.quantity) > 10
ORDER BY revenue DESC, customers.country
"""

TINY = "SELECT name, country FROM customers WHERE customer_id = 4711"

_MONTHLY = """\
monthly_{n} AS (
    SELECT
        orders.customer_id,
        products.category,
        orders.order_month,
        SUM(order_items.quantity * order_items.unit_price) AS revenue,
        COUNT(*) AS line_count,
        RANK() OVER (PARTITION BY orders.order_month ORDER BY SUM(order_items.quantity) DESC) AS place
    FROM orders
    JOIN order_items ON order_items.order_id = orders.order_id
    JOIN products ON products.product_id = order_items.product_id
    WHERE orders.status <> 'cancelled' AND orders.order_year = {year}
    GROUP BY orders.customer_id, products.category, orders.order_month
)"""

# 4 kB: common table expressions and window functions.
LARGE = (
    "WITH "
    + ",\n".join(_MONTHLY.format(n=n, year=2020 + n) for n in range(1, 6))
    + "\nSELECT customers.name, customers.country, "
    + ", ".join(f"SUM(m{n}.revenue) AS revenue_{n}, MAX(m{n}.place) AS place_{n}" for n in range(1, 6))
    + ",\n    LAG(SUM(m1.revenue)) OVER (ORDER BY customers.country ROWS BETWEEN 2 PRECEDING AND CURRENT ROW) AS before"
    + "\nFROM customers\n"
    + "\n".join(f"LEFT JOIN monthly_{n} m{n} ON m{n}.customer_id = customers.customer_id" for n in range(1, 6))
    + "\nLEFT JOIN payments ON payments.customer_id = customers.customer_id"
    + "\nWHERE customers.country IN ('DE', 'FR', 'IT') GROUP BY customers.name, customers.country"
    + "\nORDER BY revenue_5 DESC, customers.name"
)
COMMON = tuple(f"monthly_{n}" for n in range(1, 6))

QUERIES = {"tiny": TINY, "typical": TYPICAL, "large": LARGE}
