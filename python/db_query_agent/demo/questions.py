"""What the demo asks the shop: one question for each thing that people ask of a database."""

from __future__ import annotations

QUESTIONS: tuple[str, ...] = (
    "How many customers are there?",
    "How many orders were placed last month?",
    "What is the total revenue by store?",
    "Top 5 customers by total order amount",
    "Which products cost more than 500?",
    "What is the average rating of products in each category?",
    "Show customers from Berlin who signed up this year",
    "How many orders are pending?",
    "List the 5 most expensive products in Electronics",
    "How many orders were placed each month this year?",
    "Which customers have never placed an order?",
    "What is the average salary of employees by job title?",
)
