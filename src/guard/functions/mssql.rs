//! Functions of SQL Server 2016 and later
//! (<https://learn.microsoft.com/sql/t-sql/functions/functions>).

use super::{Class, Lists};

pub(super) const LISTS: Lists = Lists { harmless: HARMLESS, rows: ROWS, refused: REFUSED };

const HARMLESS: &[Class] = &[
    Class {
        reason: "aggregates read the rows they are given",
        names: "approx_count_distinct approx_percentile_cont approx_percentile_disc avg checksum_agg count count_big
            grouping grouping_id max min stdev stdevp string_agg sum var varp json_arrayagg json_objectagg product",
    },
    Class {
        reason: "window functions read the rows of their window",
        names: "row_number rank dense_rank percent_rank cume_dist ntile lag lead first_value last_value percentile_cont
            percentile_disc",
    },
    Class {
        reason: "arithmetic on their arguments",
        names: "abs acos asin atan atn2 ceiling cos cot degrees exp floor log log10 pi power radians rand round sign sin
            sqrt square tan bit_count get_bit set_bit left_shift right_shift greatest least",
    },
    Class {
        reason: "text in, text out; length is bounded by the result caps",
        names: "ascii char charindex concat concat_ws difference format left len lower ltrim nchar patindex quotename
            replace replicate reverse right rtrim soundex space str string_escape stuff substring translate trim
            unicode upper datalength regexp_like regexp_replace regexp_substr regexp_instr regexp_count isnumeric
            base64_encode base64_decode unistr edit_distance edit_distance_similarity jaro_winkler_distance
            jaro_winkler_similarity",
    },
    Class {
        reason: "chooses among or converts its arguments",
        names: "cast choose coalesce convert iif isnull nullif parse try_cast try_convert try_parse isdate
            binary_checksum checksum hashbytes compress decompress",
    },
    Class {
        reason: "dates and the clock",
        names: "current_timestamp current_date dateadd date_bucket datediff datediff_big datefromparts datename datepart datetime2fromparts
            datetimefromparts datetimeoffsetfromparts datetrunc day eomonth getdate getutcdate month
            smalldatetimefromparts switchoffset sysdatetime sysdatetimeoffset sysutcdatetime timefromparts
            todatetimeoffset year",
    },
    Class {
        reason: "JSON in, JSON or values out",
        names: "isjson json_array json_modify json_object json_path_exists json_query json_value json_contains",
    },
    Class { reason: "makes an identifier", names: "newid newsequentialid" },
    Class { reason: "full-text search in columns that are named", names: "contains freetext" },
    Class { reason: "vectors, from its arguments", names: "vector_distance vector_norm vector_normalize" },
];

const ROWS: &[Class] = &[Class {
    reason: "rows from their arguments; the caps bound their number",
    names: "string_split openjson generate_series regexp_matches regexp_split_to_table",
}];

const REFUSED: &[Class] = &[
    Class {
        reason: "reaches files or other servers",
        names: "openrowset openquery opendatasource openxml fn_trace_gettable fn_get_audit_file fn_xe_file_target_read_file
            fn_dblog fn_dump_dblog fn_virtualfilestats dm_os_file_exists dm_os_enumerate_filesystem",
    },
    Class {
        reason: "reads a table that is named in its arguments",
        names: "changetable containstable freetexttable predict semantickeyphrasetable semanticsimilaritytable
            semanticsimilaritydetailstable ai_generate_embeddings ai_generate_chunks vector_search",
    },
    Class {
        reason: "tells about the server or the session",
        names: "user_name suser_name suser_sname original_login host_name app_name db_name db_id session_user system_user
            current_user user has_perms_by_name is_member is_srvrolemember is_rolemember serverproperty
            databasepropertyex connectionproperty sessionproperty session_context context_info user_id suser_id
            suser_sid host_id xact_state scope_identity ident_current ident_incr ident_seed rowcount_big error_message error_number
            error_line error_procedure error_severity error_state current_request_id current_transaction_id
            current_timezone current_timezone_id pwdcompare pwdencrypt min_active_rowversion",
    },
    Class {
        reason: "looks into the catalogue",
        names: "object_id object_name object_definition object_schema_name objectproperty objectpropertyex col_name
            col_length columnproperty schema_name schema_id type_name type_id typeproperty index_col
            indexproperty indexkey_property stats_date parsename file_name file_id fileproperty
            filegroup_name fulltextcatalogproperty fulltextserviceproperty assemblyproperty
            fn_listextendedproperty fn_my_permissions fn_helpcollations fn_builtin_permissions",
    },
    Class {
        reason: "decrypts or signs with the server's keys",
        names: "decryptbykey decryptbypassphrase decryptbycert decryptbyasymkey decryptbykeyautocert
            decryptbykeyautoasymkey encryptbykey encryptbypassphrase encryptbycert encryptbyasymkey key_guid key_id
            key_name symkeyproperty certencoded certprivatekey signbycert signbyasymkey verifysignedbycert
            verifysignedbyasymkey crypt_gen_random",
    },
];
