-- A login for the agent that can read what is named here, and nothing else.
--
-- Run it as the owner of the database, which a superuser need not be but for the lines that say so:
--     psql --dbname shop --set ON_ERROR_STOP=1 --file postgresql.sql
-- First change the names of the role and the tables, and the password.

CREATE ROLE shop_reader LOGIN PASSWORD 'change-me'
    NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS CONNECTION LIMIT 20;

-- Up to version 14 every role may make tables in `public`, in each version temporary ones and calls of functions.
-- A function marked SECURITY DEFINER reads what its owner may read.
REVOKE CREATE ON SCHEMA public FROM PUBLIC;
REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA public FROM PUBLIC;
ALTER DEFAULT PRIVILEGES IN SCHEMA public REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
DO $$ BEGIN
    EXECUTE format('REVOKE TEMPORARY ON DATABASE %I FROM PUBLIC', current_database());
    EXECUTE format('GRANT CONNECT ON DATABASE %I TO shop_reader', current_database());
END $$;

-- Name tables one by one: ALL TABLES would take in what is added for other uses.
GRANT USAGE ON SCHEMA public TO shop_reader;
GRANT SELECT ON customers, orders TO shop_reader;
-- Of this one some columns only; `SELECT *` fails then, and the guard's `blocked_columns` says so before.
GRANT SELECT (id, name, department) ON employees TO shop_reader;

-- The agent sets the like for its own sessions. Here they hold for every session of the role.
ALTER ROLE shop_reader SET default_transaction_read_only = on;
ALTER ROLE shop_reader SET statement_timeout = '30s';
ALTER ROLE shop_reader SET idle_in_transaction_session_timeout = '60s';
ALTER ROLE shop_reader SET lock_timeout = '2s';
ALTER ROLE shop_reader SET search_path = public;
-- Only a superuser may set this one.
ALTER ROLE shop_reader SET temp_file_limit = '1GB';

-- Rows: a policy holds for every way to the table. The role must not own it.
ALTER TABLE orders ENABLE ROW LEVEL SECURITY;
CREATE POLICY shop_reader_orders ON orders FOR SELECT TO shop_reader USING (NOT confidential);
