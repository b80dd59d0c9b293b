-- A login for the agent that can read what is named here, and nothing else. For SQL Server 2016 and later.
--
-- This version of the agent does not connect to SQL Server; its guard reads Transact-SQL. The script is written
-- from the manual and was not run. Run it as an administrator, in the database that is meant:
--     sqlcmd -d shop -i mssql.sql
-- First change the names of the login and the tables, and the password.

CREATE LOGIN shop_reader WITH PASSWORD = 'Change-me-1', CHECK_POLICY = ON;
CREATE USER shop_reader FOR LOGIN shop_reader WITH DEFAULT_SCHEMA = dbo;

-- Name tables one by one: the role db_datareader reads all of them, also those that are added.
GRANT SELECT ON dbo.customers TO shop_reader;
GRANT SELECT ON dbo.orders TO shop_reader;
GRANT SELECT ON dbo.employees (id, name, department) TO shop_reader;

-- SQL Server has no read-only transaction, so these rights are the only fence there is.
DENY INSERT, UPDATE, DELETE, EXECUTE, ALTER, REFERENCES, TAKE OWNERSHIP TO shop_reader;
DENY VIEW DEFINITION TO shop_reader;

-- Rows: a security policy holds for every way to the table.
--     CREATE FUNCTION dbo.is_open(@confidential bit) RETURNS TABLE WITH SCHEMABINDING
--         AS RETURN SELECT 1 AS allowed WHERE @confidential = 0 OR USER_NAME() <> 'shop_reader';
--     CREATE SECURITY POLICY dbo.open_orders ADD FILTER PREDICATE dbo.is_open(confidential) ON dbo.orders;
