-- The law's shop with secrets in it. `{…}` and `--other` are filled in by world.rs.
CREATE TABLE users (
  id integer PRIMARY KEY, name text NOT NULL, email text NOT NULL UNIQUE, phone text, country text, bio text,
  prefs jsonb NOT NULL DEFAULT '{}', is_active boolean NOT NULL DEFAULT true, deleted boolean NOT NULL DEFAULT false,
  created_at timestamptz NOT NULL, updated_at timestamptz NOT NULL, deleted_at timestamptz, last_login timestamptz);
CREATE TABLE products (
  id integer PRIMARY KEY, name text NOT NULL, category text, price numeric(10,2) NOT NULL, stock integer NOT NULL,
  description text, tags text[] NOT NULL DEFAULT '{}', attributes jsonb NOT NULL DEFAULT '{}',
  created_at timestamptz NOT NULL, updated_at timestamptz NOT NULL);
CREATE TABLE orders (
  id integer PRIMARY KEY, user_id integer NOT NULL REFERENCES users(id), status text NOT NULL, total numeric(10,2) NOT NULL,
  currency char(3) NOT NULL DEFAULT 'USD', note text, "delete" boolean DEFAULT false,
  created_at timestamptz NOT NULL, updated_at timestamptz NOT NULL);
CREATE TABLE order_items (
  id integer PRIMARY KEY, order_id integer NOT NULL REFERENCES orders(id), product_id integer NOT NULL REFERENCES products(id),
  quantity integer NOT NULL, unit_price numeric(10,2) NOT NULL);
CREATE TABLE payments (
  id integer PRIMARY KEY, order_id integer NOT NULL REFERENCES orders(id), method text NOT NULL, card_number text,
  amount numeric(10,2) NOT NULL, paid_at timestamptz, created_at timestamptz NOT NULL);
CREATE TABLE employees (
  id integer PRIMARY KEY, name text NOT NULL, manager_id integer REFERENCES employees(id), department text, salary numeric(10,2),
  ssn text, created_at timestamptz NOT NULL, updated_at timestamptz NOT NULL);
CREATE TABLE accounts (id integer PRIMARY KEY, tenant_id integer NOT NULL, owner text NOT NULL, note text, balance numeric(10,2) NOT NULL);
CREATE TABLE badges (code integer PRIMARY KEY, name text NOT NULL);
CREATE TABLE secrets (id integer PRIMARY KEY, name text NOT NULL, secret_value text NOT NULL, created_at timestamptz NOT NULL);
CREATE TABLE products_fts (name text, description text);
CREATE SCHEMA vault;
CREATE TABLE vault.keys (id integer PRIMARY KEY, key_value text NOT NULL);
CREATE SEQUENCE invoice_seq;
INSERT INTO users VALUES
 (1, 'Ana', 'ana@example.com', '+1-202-555-0101', 'US', 'loves SQL', '{"theme":"dark"}', true, false, '2026-01-05 10:00+00', '2026-02-01 10:00+00', NULL, '2026-11-01'),
 (2, 'Bo', 'bo@example.com', '+44 20 7946 0958', 'GB', 'drop me a line', '{"theme":"light"}', true, false, '2026-02-10 11:00+00', '2026-03-01 10:00+00', NULL, '2026-11-02'),
 (3, 'Cy', 'cy@example.com', NULL, 'DE', NULL, '{}', false, true, '2026-03-15 12:00+00', '2026-04-01 10:00+00', '2026-05-01', NULL);
INSERT INTO products VALUES
 (1, 'Lamp', 'home', 25.50, 10, 'a desk lamp; select wisely', '{light,desk}', '{"color":"red"}', '2026-01-01', '2026-01-02'),
 (2, 'Chair', 'home', 80.00, 0, 'a chair', '{seat}', '{"color":"blue"}', '2026-01-01', '2026-01-03'),
 (3, 'Update Kit', 'tools', 15.00, 100, 'kit to update things', '{}', '{}', '2026-02-01', '2026-02-02');
INSERT INTO orders VALUES
 (1, 1, 'paid', 51.00, 'USD', 'DROP off at door', false, '2026-06-01 09:00+00', '2026-06-02 09:00+00'),
 (2, 1, 'cancelled', 80.00, 'USD', NULL, true, '2026-06-10 09:00+00', '2026-06-11 09:00+00'),
 (3, 2, 'paid', 15.00, 'GBP', 'it''s a gift -- wrap it', false, '2026-07-01 09:00+00', '2026-07-02 09:00+00');
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
INSERT INTO vault.keys VALUES (1, '{table}-4');
--other INSERT INTO secrets VALUES (3, 'more', '{table}-3', '2026-01-03');
INSERT INTO products_fts SELECT name, description FROM products;
CREATE VIEW v_users AS SELECT id, name, email, country, created_at FROM users WHERE NOT deleted;
CREATE VIEW v_secrets AS SELECT id, name, secret_value FROM secrets;
CREATE VIEW v_deep AS SELECT id FROM v_secrets;
CREATE VIEW v_staff AS SELECT id, name, department, ssn AS code FROM employees;
CREATE VIEW v_accounts AS SELECT id, tenant_id, owner FROM accounts;
CREATE MATERIALIZED VIEW m_secrets AS SELECT secret_value FROM secrets;
CREATE FUNCTION order_count(uid integer) RETURNS bigint LANGUAGE sql STABLE AS 'SELECT count(*) FROM orders WHERE user_id = uid';
CREATE FUNCTION purge_users() RETURNS integer LANGUAGE plpgsql VOLATILE AS $f$ BEGIN DELETE FROM order_items; RETURN 1; END $f$;
CREATE FUNCTION read_secret() RETURNS text LANGUAGE sql STABLE SECURITY DEFINER AS 'SELECT secret_value FROM secrets LIMIT 1';
CREATE FUNCTION read_secret_of(anyelement) RETURNS text LANGUAGE sql STABLE SECURITY DEFINER AS 'SELECT secret_value FROM secrets LIMIT 1';
CREATE FUNCTION purge(users) RETURNS text LANGUAGE sql STABLE SECURITY DEFINER AS 'SELECT secret_value FROM secrets LIMIT 1';
CREATE FUNCTION add_secret(integer, integer) RETURNS text LANGUAGE sql STABLE SECURITY DEFINER AS 'SELECT secret_value FROM secrets LIMIT 1';
CREATE OPERATOR public.+ (LEFTARG = text, RIGHTARG = text, FUNCTION = textcat);
CREATE OPERATOR public.<#@&> (LEFTARG = integer, RIGHTARG = integer, FUNCTION = add_secret);
CREATE VIEW v_opaque AS SELECT length(read_secret()) AS id;
CREATE DOMAIN secret_text AS text CHECK (VALUE <> read_secret());
