"""The words of the demo shop: what it sells, where it stands, what people are called."""

from __future__ import annotations

# name, description, products as (noun, lowest price in euro, highest, weight in grams)
CATEGORIES: tuple[tuple[str, str, tuple[tuple[str, int, int, int], ...]], ...] = (
    ("Books", "Reading for long evenings",
     (("Cookbook", 18, 45, 1100), ("Travel Guide", 12, 28, 400), ("Atlas", 25, 80, 2300), ("Novel", 8, 24, 450), ("Diary", 9, 30, 350))),
    ("Coffee and Tea", "Beans, leaves and what they need",
     (("Espresso Beans", 8, 32, 1000), ("Green Tea", 5, 19, 150), ("Teapot", 19, 90, 1200), ("Coffee Grinder", 39, 260, 2400), ("Moka Pot", 22, 70, 700))),
    ("Cycling", "For the way to work and the way out",
     (("Bike Helmet", 35, 140, 320), ("Bike Light", 12, 70, 110), ("City Bike", 420, 1390, 15000), ("Bike Lock", 18, 110, 1300), ("Pannier", 39, 130, 1100))),
    ("Electronics", "Things with a plug or a battery",
     (("Headphones", 29, 390, 280), ("Keyboard", 25, 190, 850), ("Monitor", 149, 890, 5600), ("Power Bank", 15, 85, 340), ("Webcam", 29, 160, 180))),
    ("Furniture", "Made to be sat on, written at, slept in",
     (("Armchair", 190, 980, 19000), ("Bookshelf", 89, 620, 31000), ("Desk", 149, 1250, 38000), ("Bed Frame", 220, 1450, 46000), ("Stool", 35, 180, 4200))),
    ("Garden", "For balconies and real gardens",
     (("Watering Can", 9, 48, 900), ("Planter", 6, 95, 2600), ("Garden Bench", 120, 460, 21000), ("Pruning Shears", 12, 65, 260), ("Parasol", 45, 320, 8200))),
    ("Kitchen", "Pots, knives and small machines",
     (("Saucepan", 24, 160, 1700), ("Chef Knife", 25, 190, 240), ("Blender", 39, 290, 3800), ("Cutting Board", 9, 70, 1300), ("Kettle", 22, 130, 1400))),
    ("Lighting", "Lamps for every corner",
     (("Desk Lamp", 22, 180, 1900), ("Floor Lamp", 49, 380, 6400), ("Pendant Lamp", 35, 340, 2800), ("Reading Light", 12, 60, 350), ("Lantern", 14, 85, 900))),
    ("Outdoor", "Tents, boots and backpacks",
     (("Backpack", 45, 260, 1300), ("Tent", 110, 690, 3200), ("Sleeping Bag", 49, 340, 1100), ("Hiking Boots", 79, 290, 1500), ("Camping Stove", 19, 140, 420))),
    ("Stationery", "Paper, pens and bags for them",
     (("Notebook", 3, 24, 310), ("Fountain Pen", 14, 180, 40), ("Calendar", 7, 29, 280), ("Pencil Case", 4, 32, 110), ("Sketchbook", 6, 38, 520))),
    ("Textiles", "Blankets, towels and curtains",
     (("Blanket", 24, 190, 1600), ("Bath Towel", 9, 48, 520), ("Curtain", 25, 160, 1200), ("Cushion", 12, 65, 480), ("Bed Linen", 35, 230, 1900))),
    ("Toys", "For children and those who were",
     (("Wooden Train", 15, 90, 1100), ("Puzzle", 7, 38, 600), ("Building Blocks", 12, 140, 1800), ("Board Game", 14, 65, 1200), ("Kite", 9, 80, 450))),
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
