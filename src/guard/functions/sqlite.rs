//! Functions of SQLite 3 (<https://www.sqlite.org/lang_corefunc.html> and the pages beside it).

use super::{Class, Lists};

pub(super) const LISTS: Lists = Lists { harmless: HARMLESS, rows: ROWS, refused: REFUSED };

const HARMLESS: &[Class] = &[
    Class {
        reason: "aggregates read the rows they are given",
        names: "avg count group_concat max min string_agg sum total median percentile percentile_cont percentile_disc",
    },
    Class {
        reason: "window functions read the rows of their window",
        names: "row_number rank dense_rank percent_rank cume_dist ntile lag lead first_value last_value nth_value",
    },
    Class {
        reason: "compute from their arguments; length is bounded by the connection's limits",
        names: "abs char coalesce concat concat_ws format glob hex if ifnull iif instr length like likelihood likely
            lower ltrim max min nullif octet_length printf quote random replace round rtrim sign soundex
            substr substring trim typeof unhex unicode unistr unistr_quote unlikely upper regexp cast reverse",
    },
    Class {
        reason: "arithmetic on their arguments",
        names: "acos acosh asin asinh atan atan2 atanh ceil ceiling cos cosh degrees exp floor ln log log10 log2 mod pi
            pow power radians sin sinh sqrt tan tanh trunc",
    },
    Class {
        reason: "dates and the clock",
        names: "date time datetime julianday unixepoch strftime timediff current_date current_time current_timestamp",
    },
    Class {
        reason: "JSON in, JSON or values out",
        names: "json json_array json_array_insert json_array_length json_error_position json_extract json_insert json_object
            json_patch json_pretty json_quote json_remove json_replace json_set json_type json_valid
            json_group_array json_group_object jsonb jsonb_array jsonb_array_insert jsonb_extract jsonb_insert jsonb_object jsonb_patch
            jsonb_remove jsonb_replace jsonb_set jsonb_group_array jsonb_group_object",
    },
    Class { reason: "full-text search in a table that is named as one", names: "match bm25 highlight snippet" },
];

const ROWS: &[Class] = &[Class {
    reason: "rows from their arguments; the caps bound their number",
    names: "json_each json_tree jsonb_each jsonb_tree generate_series",
}];

const REFUSED: &[Class] = &[
    Class { reason: "makes a value of any size out of nothing", names: "zeroblob randomblob" },
    Class { reason: "loads code into the server", names: "load_extension fts3_tokenizer fts5 fts5_decode" },
    Class {
        reason: "reaches the files of the server",
        names: "readfile writefile edit fsdir lsmode zipfile sqlar_uncompress",
    },
    Class { reason: "runs SQL that stands in a text, so nobody sees what it reads", names: "eval" },
    Class {
        reason: "tells about the server or the session",
        names: "sqlite_version sqlite_source_id sqlite_compileoption_get sqlite_compileoption_used sqlite_offset
            last_insert_rowid changes total_changes sqlite_log subtype rtreecheck rtreedepth rtreenode
            sqlite_rename_table sqlite_rename_column",
    },
    Class { reason: "looks into the catalogue", names: "bytecode tables_used dbstat sqlite_dbpage" },
];
