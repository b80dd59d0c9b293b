#!/bin/sh
# A database file that the agent can read and not write. SQLite knows no logins: what it has is the file system.
#
#     sh sqlite.sh shop.db reader
#
# makes reader/shop.db, a copy without the tables that the agent shall not see, which nobody may write.
# Run it again when the data shall be newer, and let the agent run as a user that owns neither file nor folder.
set -eu

source=$1
folder=$2
target=$folder/$(basename "$source")

mkdir -p "$folder"
rm -f "$target.new"
# VACUUM INTO reads one consistent state, also while others write, and leaves no deleted rows behind.
sqlite3 "$source" "VACUUM INTO '$target.new'"
# What it shall not see: tables and columns. VACUUM takes the dropped pages out of the file.
sqlite3 "$target.new" "DROP TABLE salaries; ALTER TABLE employees DROP COLUMN ssn; VACUUM"
chmod 444 "$target.new"
mv -f "$target.new" "$target"
