-- The law's shop with secrets in it. `{…}` and `--other` are filled in by world.rs.
CREATE TABLE users (
  id INTEGER PRIMARY KEY, name TEXT NOT NULL, email TEXT NOT NULL UNIQUE, phone TEXT, country TEXT, bio TEXT,
  prefs TEXT DEFAULT '{}', is_active INTEGER NOT NULL DEFAULT 1, deleted INTEGER NOT NULL DEFAULT 0,
  created_at TEXT NOT NULL, updated_at TEXT NOT NULL, deleted_at TEXT, last_login TEXT);
CREATE TABLE products (
  id INTEGER PRIMARY KEY, name TEXT NOT NULL, category TEXT, price NUMERIC NOT NULL, stock INTEGER NOT NULL,
  description TEXT, tags TEXT DEFAULT '[]', attributes TEXT DEFAULT '{}', created_at TEXT NOT NULL, updated_at TEXT NOT NULL);
CREATE TABLE orders (
  id INTEGER PRIMARY KEY, user_id INTEGER NOT NULL REFERENCES users(id), status TEXT NOT NULL, total NUMERIC NOT NULL,
  currency TEXT NOT NULL DEFAULT 'USD', note TEXT, "delete" INTEGER DEFAULT 0, created_at TEXT NOT NULL, updated_at TEXT NOT NULL);
CREATE TABLE order_items (
  id INTEGER PRIMARY KEY, order_id INTEGER NOT NULL REFERENCES orders(id), product_id INTEGER NOT NULL REFERENCES products(id),
  quantity INTEGER NOT NULL, unit_price NUMERIC NOT NULL);
CREATE TABLE payments (
  id INTEGER PRIMARY KEY, order_id INTEGER NOT NULL REFERENCES orders(id), method TEXT NOT NULL, card_number TEXT,
  amount NUMERIC NOT NULL, paid_at TEXT, created_at TEXT NOT NULL);
CREATE TABLE employees (
  id INTEGER PRIMARY KEY, name TEXT NOT NULL, manager_id INTEGER REFERENCES employees(id), department TEXT, salary NUMERIC,
  ssn TEXT, created_at TEXT NOT NULL, updated_at TEXT NOT NULL);
CREATE TABLE accounts (id INTEGER PRIMARY KEY, tenant_id INTEGER NOT NULL, owner TEXT NOT NULL, note TEXT, balance NUMERIC NOT NULL);
CREATE TABLE badges (code INTEGER PRIMARY KEY, name TEXT NOT NULL);
CREATE TABLE secrets (id INTEGER PRIMARY KEY, name TEXT NOT NULL, secret_value TEXT NOT NULL, created_at TEXT NOT NULL);
INSERT INTO users VALUES
 (1, 'Ana', 'ana@example.com', '+1-202-555-0101', 'US', 'loves SQL', '{"theme":"dark"}', 1, 0, '2026-01-05 10:00:00', '2026-02-01 10:00:00', NULL, '2026-11-01'),
 (2, 'Bo', 'bo@example.com', '+44 20 7946 0958', 'GB', 'drop me a line', '{"theme":"light"}', 1, 0, '2026-02-10 11:00:00', '2026-03-01 10:00:00', NULL, '2026-11-02'),
 (3, 'Cy', 'cy@example.com', NULL, 'DE', NULL, '{}', 0, 1, '2026-03-15 12:00:00', '2026-04-01 10:00:00', '2026-05-01', NULL);
INSERT INTO products VALUES
 (1, 'Lamp', 'home', 25.50, 10, 'a desk lamp; select wisely', '["light","desk"]', '{"color":"red"}', '2026-01-01', '2026-01-02'),
 (2, 'Chair', 'home', 80.00, 0, 'a chair', '["seat"]', '{"color":"blue"}', '2026-01-01', '2026-01-03'),
 (3, 'Update Kit', 'tools', 15.00, 100, 'kit to update things', '[]', '{}', '2026-02-01', '2026-02-02');
INSERT INTO orders VALUES
 (1, 1, 'paid', 51.00, 'USD', 'DROP off at door', 0, '2026-06-01 09:00:00', '2026-06-02 09:00:00'),
 (2, 1, 'cancelled', 80.00, 'USD', NULL, 1, '2026-06-10 09:00:00', '2026-06-11 09:00:00'),
 (3, 2, 'paid', 15.00, 'GBP', 'it''s a gift -- wrap it', 0, '2026-07-01 09:00:00', '2026-07-02 09:00:00');
INSERT INTO order_items VALUES (1, 1, 1, 2, 25.50), (2, 2, 2, 1, 80.00), (3, 3, 3, 1, 15.00);
INSERT INTO payments VALUES
 (1, 1, 'card', '{masked}-1', 51.00, '2026-06-01', '2026-06-01'), (2, 3, 'card', '{masked}-2', 15.00, '2026-07-01', '2026-07-01');
INSERT INTO employees VALUES
 (1, 'Boss', NULL, 'exec', {number}01, '{column}-1', '2020-01-01', '2026-01-01'),
 (2, 'Mid', 1, 'eng', {number}02, '{column}-2', '2021-01-01', '2026-01-01'),
 (3, 'Leaf', 2, 'eng', {number}03, '{column}-3', '2022-01-01', '2026-01-01');
INSERT INTO accounts VALUES
 (1, 1, 'own', 'plain', 10), (2, 2, '{row}-1', '{row}-2', {row_number}), (3, 1, 'own too', NULL, 20), (4, 3, '{row}-3', NULL, {row_number});
INSERT INTO badges VALUES ({number}01, 'Boss'), ({number}02, 'Mid');
INSERT INTO secrets VALUES (1, 'api_key', '{table}-1', '2026-01-01'), (2, 'db_pw', '{table}-2', '2026-01-01');
--other INSERT INTO secrets VALUES (3, 'more', '{table}-3', '2026-01-03');
CREATE VIEW v_users AS SELECT id, name, email, country, created_at FROM users WHERE deleted = 0;
CREATE VIEW v_secrets AS SELECT id, name, secret_value FROM secrets;
CREATE VIEW v_deep AS SELECT id FROM v_secrets;
CREATE VIEW v_opaque AS SELECT 1 AS id;
CREATE VIEW v_staff AS SELECT id, name, department, ssn AS code FROM employees;
CREATE VIEW v_accounts AS SELECT id, tenant_id, owner FROM accounts;
CREATE VIRTUAL TABLE products_fts USING fts5(name, description, content='products', content_rowid='id');
INSERT INTO products_fts(products_fts) VALUES ('rebuild');
CREATE VIRTUAL TABLE secrets_fts USING fts5(secret_value, content='secrets', content_rowid='id');
INSERT INTO secrets_fts(secrets_fts) VALUES ('rebuild');
CREATE VIRTUAL TABLE notes_fts USING fts5(title, body);
INSERT INTO notes_fts VALUES ('first', '{column} one'), ('second', 'two'), ('third', '{column} three');
