//! Functions of MySQL 8 and MariaDB 10.5 and later
//! (<https://dev.mysql.com/doc/refman/8.4/en/built-in-function-reference.html>,
//! <https://mariadb.com/kb/en/built-in-functions/>).

use super::{Class, Lists};

pub(super) const LISTS: Lists = Lists { harmless: HARMLESS, rows: ROWS, refused: REFUSED };

const HARMLESS: &[Class] = &[
    Class {
        reason: "aggregates read the rows they are given",
        names:
            "avg bit_and bit_or bit_xor count group_concat json_arrayagg json_objectagg max min std stddev stddev_pop
            stddev_samp sum var_pop var_samp variance any_value grouping median percentile_cont percentile_disc",
    },
    Class {
        reason: "window functions read the rows of their window",
        names: "row_number rank dense_rank percent_rank cume_dist ntile lag lead first_value last_value nth_value",
    },
    Class {
        reason: "arithmetic on their arguments",
        names: "abs acos asin atan atan2 ceil ceiling conv cos cot crc32 crc32c degrees exp floor greatest least ln log
            log10 log2 mod pi pow power radians rand round sign sin sqrt tan truncate bit_count",
    },
    Class {
        reason: "text in, text out; length is bounded by max_allowed_packet and the result caps",
        names: "ascii bin bit_length char char_length character_length chr concat concat_ws elt export_set field
            find_in_set format from_base64 hex initcap insert instr lcase left length lengthb locate lower lpad ltrim
            make_set mid natural_sort_key oct octet_length ord position quote regexp_instr regexp_like regexp_replace
            regexp_substr repeat replace reverse right rpad rtrim sformat soundex space strcmp substr substring
            substring_index substrb to_base64 to_char to_number translate trim ucase unhex upper weight_string binary
            convert cast collation charset coercibility",
    },
    Class {
        reason: "chooses among its arguments",
        names: "coalesce if ifnull isnull nullif nvl nvl2 decode_oracle interval values name_const row",
    },
    Class {
        reason: "dates and the clock",
        names: "adddate addtime add_months convert_tz curdate current_date current_time current_timestamp curtime date
            date_add date_diff date_format date_sub datediff day dayname dayofmonth dayofweek dayofyear extract
            from_days from_unixtime get_format hour last_day localtime localtimestamp makedate maketime microsecond
            minute month monthname now period_add period_diff quarter sec_to_time second str_to_date subdate subtime
            sysdate time time_format time_to_sec timediff timestamp timestampadd timestampdiff to_days to_seconds
            trunc unix_timestamp utc_date utc_time utc_timestamp week weekday weekofyear year yearweek",
    },
    Class {
        reason: "JSON in, JSON or values out",
        names: "json_array json_array_append json_array_insert json_array_intersect json_compact json_contains
            json_contains_path json_depth json_detailed json_equals json_exists json_extract json_insert json_keys
            json_length json_loose json_merge json_merge_patch json_merge_preserve json_normalize json_object
            json_object_filter_keys json_object_to_array json_overlaps json_pretty json_query json_quote json_remove
            json_replace json_schema_valid json_search json_set json_storage_size json_type json_unquote json_valid
            json_value member",
    },
    Class {
        reason: "digests and encodings of its arguments",
        names: "md5 sha sha1 sha2 compress uncompress uncompressed_length random_bytes",
    },
    Class {
        reason: "makes or reads an identifier or an address",
        names: "uuid uuid_to_bin bin_to_uuid is_uuid inet_aton inet_ntoa inet6_aton inet6_ntoa is_ipv4 is_ipv4_compat
            is_ipv4_mapped is_ipv6",
    },
    Class {
        reason: "geometry from its arguments",
        names: "point linestring polygon multipoint multilinestring multipolygon geometrycollection st_area st_asbinary
            st_asgeojson st_astext st_aswkb st_aswkt st_boundary st_buffer st_centroid st_contains st_convexhull
            st_crosses st_difference st_dimension st_disjoint st_distance st_distance_sphere st_endpoint st_envelope
            st_equals st_exteriorring st_geohash st_geometryn st_geometrytype st_geomfromgeojson st_geomfromtext
            st_geomfromwkb st_interiorringn st_intersection st_intersects st_isclosed st_isempty st_issimple st_isvalid
            st_latitude st_length st_longitude st_makeenvelope st_numgeometries st_numinteriorrings st_numpoints
            st_overlaps st_pointfromtext st_pointn st_simplify st_srid st_startpoint st_symdifference st_touches
            st_transform st_union st_within st_x st_y mbrcontains mbrcoveredby mbrcovers mbrdisjoint mbrequals
            mbrintersects mbroverlaps mbrtouches mbrwithin",
    },
    Class { reason: "full-text search in columns that are named", names: "match" },
];

const ROWS: &[Class] = &[Class { reason: "rows from its argument", names: "json_table" }];

const REFUSED: &[Class] = &[
    Class { reason: "reaches the files of the server", names: "load_file" },
    Class {
        reason: "waits or holds a lock",
        names: "sleep benchmark get_lock release_lock release_all_locks is_free_lock is_used_lock master_pos_wait
            source_pos_wait master_gtid_wait wait_for_executed_gtid_set wait_until_sql_thread_after_gtids
            service_get_read_locks service_get_write_locks service_release_locks",
    },
    Class {
        reason: "runs code of the server's machine",
        names: "sys_exec sys_eval sys_get sys_set lib_mysqludf_sys_info",
    },
    Class { reason: "carries data out in its error text", names: "extractvalue updatexml" },
    Class { reason: "reads or moves a sequence", names: "nextval setval lastval last_insert_id uuid_short" },
    Class {
        reason: "tells about the server or the session",
        names: "version user current_user session_user system_user database schema connection_id row_count found_rows
            current_role ps_current_thread_id ps_thread_id format_bytes format_pico_time roles_graphml
            statement_digest statement_digest_text icu_version validate_password_strength gtid_subset gtid_subtract
            password old_password encrypt aes_encrypt aes_decrypt des_encrypt des_decrypt encode decode",
    },
    Class {
        reason: "looks into the catalogue",
        names: "can_access_column can_access_database can_access_table can_access_user can_access_view
            get_dd_column_privileges get_dd_create_options get_dd_index_sub_part_length internal_table_rows
            internal_avg_row_length internal_data_length internal_auto_increment",
    },
];
