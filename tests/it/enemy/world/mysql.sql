-- The law's shop with secrets in it. `{…}` and `--other` are filled in by world.rs.
CREATE TABLE users (
  id INT PRIMARY KEY, name VARCHAR(100) NOT NULL, email VARCHAR(200) NOT NULL UNIQUE, phone VARCHAR(40), country CHAR(2), bio TEXT,
  prefs JSON, is_active TINYINT NOT NULL DEFAULT 1, deleted TINYINT NOT NULL DEFAULT 0,
  created_at DATETIME NOT NULL, updated_at DATETIME NOT NULL, deleted_at DATETIME NULL, last_login DATETIME NULL);
CREATE TABLE products (
  id INT PRIMARY KEY, name VARCHAR(100) NOT NULL, category VARCHAR(50), price DECIMAL(10,2) NOT NULL, stock INT NOT NULL,
  description TEXT, tags JSON, attributes JSON, created_at DATETIME NOT NULL, updated_at DATETIME NOT NULL,
  FULLTEXT KEY ft_products (name, description)) STATS_AUTO_RECALC = 0;
CREATE TABLE orders (
  id INT PRIMARY KEY, user_id INT NOT NULL, status VARCHAR(20) NOT NULL, total DECIMAL(10,2) NOT NULL,
  currency CHAR(3) NOT NULL DEFAULT 'USD', note TEXT, `delete` TINYINT DEFAULT 0, created_at DATETIME NOT NULL,
  updated_at DATETIME NOT NULL, FOREIGN KEY (user_id) REFERENCES users(id));
CREATE TABLE order_items (
  id INT PRIMARY KEY, order_id INT NOT NULL, product_id INT NOT NULL, quantity INT NOT NULL, unit_price DECIMAL(10,2) NOT NULL,
  FOREIGN KEY (order_id) REFERENCES orders(id), FOREIGN KEY (product_id) REFERENCES products(id));
CREATE TABLE payments (
  id INT PRIMARY KEY, order_id INT NOT NULL, method VARCHAR(20) NOT NULL, card_number VARCHAR(32), amount DECIMAL(10,2) NOT NULL,
  paid_at DATETIME, created_at DATETIME NOT NULL, FOREIGN KEY (order_id) REFERENCES orders(id));
CREATE TABLE employees (
  id INT PRIMARY KEY, name VARCHAR(100) NOT NULL, manager_id INT, department VARCHAR(50), salary DECIMAL(10,2), ssn VARCHAR(40),
  created_at DATETIME NOT NULL, updated_at DATETIME NOT NULL, FOREIGN KEY (manager_id) REFERENCES employees(id));
CREATE TABLE accounts (id INT PRIMARY KEY, tenant_id INT NOT NULL, owner VARCHAR(100) NOT NULL, note TEXT, balance DECIMAL(10,2) NOT NULL);
CREATE TABLE badges (code INT PRIMARY KEY, name VARCHAR(100) NOT NULL);
CREATE TABLE secrets (id INT PRIMARY KEY, name VARCHAR(100) NOT NULL, secret_value VARCHAR(200) NOT NULL, created_at DATETIME NOT NULL);
CREATE TABLE products_fts (name VARCHAR(100), description TEXT);
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
INSERT INTO products_fts SELECT name, description FROM products;
CREATE VIEW v_users AS SELECT id, name, email, country, created_at FROM users WHERE deleted = 0;
CREATE VIEW v_secrets AS SELECT id, name, secret_value FROM secrets;
CREATE VIEW v_deep AS SELECT id FROM v_secrets;
CREATE VIEW v_staff AS SELECT id, name, department, ssn AS code FROM employees;
CREATE VIEW v_accounts AS SELECT id, tenant_id, owner FROM accounts;
CREATE FUNCTION read_secret() RETURNS VARCHAR(200) READS SQL DATA SQL SECURITY DEFINER RETURN (SELECT secret_value FROM secrets LIMIT 1);
CREATE VIEW v_opaque AS SELECT LENGTH(read_secret()) AS id;
-- The score of a full-text match depends on how many rows the engine believes there are: counted once, and never again.
ANALYZE TABLE products;
