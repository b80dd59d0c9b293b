-- A login for the agent that can read what is named here, and nothing else. For MySQL 8 and MariaDB 10.5 and later.
--
-- Run it as an administrator, in the database that is meant:
--     mysql --database shop < mysql.sql
-- First change the names of the account and the tables, the host it comes from, and the password.

CREATE USER 'shop_reader'@'%' IDENTIFIED BY 'change-me' WITH MAX_USER_CONNECTIONS 20;

-- Name tables one by one: `shop.*` would take in what is added for other uses.
GRANT SELECT ON customers TO 'shop_reader'@'%';
GRANT SELECT ON orders TO 'shop_reader'@'%';
-- Of this one some columns only; `SELECT *` fails then, and the guard's `blocked_columns` says so before.
GRANT SELECT (id, name, department) ON employees TO 'shop_reader'@'%';

-- Not given, and to be looked for in an account that is there already (`SHOW GRANTS FOR …`):
--     FILE, which reads and writes files of the server (`LOAD_FILE`, `INTO OUTFILE`)
--     EXECUTE, which calls procedures and functions with the rights of who made them
--     CREATE TEMPORARY TABLES, PROCESS, SUPER, and whatever the account PUBLIC or a default role has
--
-- Neither engine has rights on rows: make a view with the condition, and grant SELECT on the view alone.
CREATE VIEW open_orders AS SELECT id, customer_id, total FROM orders WHERE NOT confidential;
GRANT SELECT ON open_orders TO 'shop_reader'@'%';
