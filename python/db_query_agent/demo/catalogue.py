"""The words of the demo shop: what it sells, where it stands, what people are called."""

from __future__ import annotations

# name, description, (lowest, highest) price in euro, (lightest, heaviest) in grams, nouns
CATEGORIES: tuple[tuple[str, str, tuple[int, int], tuple[int, int], tuple[str, ...]], ...] = (
    ("Books", "Reading for long evenings", (8, 45), (200, 1200), ("Cookbook", "Travel Guide", "Atlas", "Novel", "Diary")),
    ("Coffee and Tea", "Beans, leaves and what they need", (6, 240), (150, 4000), ("Espresso Beans", "Green Tea", "Teapot", "Coffee Grinder", "Moka Pot")),
    ("Cycling", "For the way to work and the way out", (9, 890), (80, 14000), ("Bike Helmet", "Bike Light", "City Bike", "Bike Lock", "Pannier")),
    ("Electronics", "Things with a plug or a battery", (15, 1290), (50, 6000), ("Headphones", "Keyboard", "Monitor", "Power Bank", "Webcam")),
    ("Furniture", "Made to be sat on, written at, slept in", (49, 1450), (4000, 60000), ("Armchair", "Bookshelf", "Desk", "Bed Frame", "Stool")),
    ("Garden", "For balconies and real gardens", (4, 320), (100, 18000), ("Watering Can", "Planter", "Garden Bench", "Pruning Shears", "Parasol")),
    ("Kitchen", "Pots, knives and small machines", (7, 410), (150, 9000), ("Saucepan", "Chef Knife", "Blender", "Cutting Board", "Kettle")),
    ("Lighting", "Lamps for every corner", (12, 380), (300, 7000), ("Desk Lamp", "Floor Lamp", "Pendant Lamp", "Reading Light", "Lantern")),
    ("Outdoor", "Tents, boots and backpacks", (11, 620), (90, 8000), ("Backpack", "Tent", "Sleeping Bag", "Hiking Boots", "Camping Stove")),
    ("Stationery", "Paper, pens and bags for them", (2, 75), (20, 900), ("Notebook", "Fountain Pen", "Calendar", "Pencil Case", "Sketchbook")),
    ("Textiles", "Blankets, towels and curtains", (9, 230), (150, 3500), ("Blanket", "Bath Towel", "Curtain", "Cushion", "Bed Linen")),
    ("Toys", "For children and those who were", (5, 140), (80, 3000), ("Wooden Train", "Puzzle", "Building Blocks", "Board Game", "Kite")),
)  # fmt: skip

PRODUCT_LINES: tuple[str, ...] = (
    "Aurora", "Basalt", "Cedar", "Delta", "Ember", "Fjord", "Granite", "Harbour", "Indigo", "Juniper", "Kestrel", "Linden",
    "Meadow", "Nimbus", "Orchid", "Prairie", "Quartz", "Ripple", "Sierra", "Timber",
)  # fmt: skip

# name, country
SUPPLIERS: tuple[tuple[str, str], ...] = (
    ("Alpenwerk", "Austria"), ("Baltic Wood", "Estonia"), ("Brightline Lighting", "Netherlands"), ("Casa Verde", "Italy"),
    ("Danube Textiles", "Hungary"), ("Eastwind Trading", "Poland"), ("Fjällhem", "Sweden"), ("Gruppo Torino", "Italy"),
    ("Hanse Import", "Germany"), ("Iberia Goods", "Spain"), ("Jura Paper Mill", "Switzerland"), ("Kobe Electronics", "Japan"),
    ("Lowland Cycles", "Netherlands"), ("Lumière et Fils", "France"), ("Mill and Mortar", "United Kingdom"),
    ("Nordic Home", "Denmark"), ("Ostsee Outdoor", "Germany"), ("Pemba Coffee", "Tanzania"), ("Rhine Kitchenware", "Germany"),
    ("Sakura Stationery", "Japan"), ("Taiga Supply", "Finland"), ("Umbra Design", "Canada"), ("Vosges Toys", "France"),
    ("Yarra Garden", "Australia"),
)  # fmt: skip

# name, city, country
STORES: tuple[tuple[str, str, str], ...] = (
    ("Amsterdam Canal", "Amsterdam", "Netherlands"),
    ("Berlin Central", "Berlin", "Germany"),
    ("Copenhagen Harbour", "Copenhagen", "Denmark"),
    ("Hamburg Port", "Hamburg", "Germany"),
    ("Lyon Old Town", "Lyon", "France"),
    ("Madrid Plaza", "Madrid", "Spain"),
    ("Munich Station", "Munich", "Germany"),
    ("Paris Marais", "Paris", "France"),
    ("Vienna Ring", "Vienna", "Austria"),
    ("Zürich Lake", "Zürich", "Switzerland"),
)

# country, share of the customers, telephone prefix, cities
HOMES: tuple[tuple[str, float, str, tuple[str, ...]], ...] = (
    ("Germany", 0.34, "+49", ("Berlin", "Hamburg", "Munich", "Cologne", "Leipzig", "Dresden")),
    ("France", 0.18, "+33", ("Paris", "Lyon", "Marseille", "Nantes")),
    ("Netherlands", 0.11, "+31", ("Amsterdam", "Rotterdam", "Utrecht")),
    ("Spain", 0.10, "+34", ("Madrid", "Barcelona", "Valencia")),
    ("Austria", 0.08, "+43", ("Vienna", "Graz", "Salzburg")),
    ("Switzerland", 0.07, "+41", ("Zürich", "Basel", "Geneva")),
    ("Denmark", 0.06, "+45", ("Copenhagen", "Aarhus")),
    ("Poland", 0.06, "+48", ("Warsaw", "Kraków")),
)

FIRST_NAMES: tuple[str, ...] = (
    "Adam", "Agnes", "Ahmed", "Alice", "Anna", "Anton", "Beatriz", "Bruno", "Camille", "Carlos", "Clara", "Daan", "David",
    "Elena", "Elias", "Emma", "Eva", "Fatima", "Felix", "Finn", "Frida", "Greta", "Hannah", "Henrik", "Hugo", "Ida", "Ines",
    "Jan", "Jonas", "José", "Julia", "Karl", "Katarzyna", "Lars", "Laura", "Lea", "Leon", "Lina", "Louis", "Lucía", "Lukas",
    "Manon", "Maria", "Marta", "Mateo", "Mia", "Milan", "Nina", "Noah", "Nora", "Olivia", "Oscar", "Paul", "Piotr", "Rosa",
    "Sara", "Sofia", "Theo", "Thomas", "Yusuf", "Zoé",
)  # fmt: skip

LAST_NAMES: tuple[str, ...] = (
    "Andersen", "Bakker", "Bauer", "Becker", "Bernard", "Blanc", "Braun", "Castro", "Christensen", "de Vries", "Dubois",
    "Dumont", "Fernández", "Fischer", "Fontaine", "Garcia", "Gruber", "Hansen", "Hoffmann", "Huber", "Jansen", "Jensen",
    "Keller", "Klein", "Kowalski", "Krüger", "Lambert", "Larsen", "López", "Maier", "Martin", "Mayer", "Meyer", "Moreau",
    "Moreno", "Müller", "Nielsen", "Nowak", "O'Brien", "Pedersen", "Peters", "Richter", "Rodriguez", "Rossi", "Ruiz", "Schmidt",
    "Schneider", "Schulz", "Simon", "Smit", "Torres", "Visser", "Wagner", "Weber", "Wiśniewski", "Wolf", "Zimmermann",
)  # fmt: skip

# words by rating, 1 to 5
COMMENTS: tuple[tuple[str, ...], ...] = (
    ("Broke after a week.", "Not what the picture shows.", "Sent it back."),
    ("Weaker than I hoped.", "Arrived scratched.", "Too expensive for what it is."),
    ("Does what it should.", "It's fine, nothing more.", "Good idea, so-so finish."),
    ("Very good, small flaws.", "Would buy it again.", "Works well every day."),
    ("Excellent!", "Best purchase of the year.", "Perfect, and quick delivery.", "A present that made someone happy."),
)

CARRIERS: tuple[str, ...] = ("DHL", "DPD", "GLS", "PostNL", "UPS")
PAYMENT_METHODS: tuple[str, ...] = ("card", "paypal", "bank transfer", "invoice")
RETURN_REASONS: tuple[str, ...] = ("damaged", "wrong size", "not as described", "changed mind", "late")
