//! Functions of PostgreSQL 12 and later
//! (<https://www.postgresql.org/docs/current/functions.html>, and `pg_proc` of version 15).

use super::{Class, Lists};

pub(super) const LISTS: Lists = Lists { harmless: HARMLESS, rows: ROWS, refused: REFUSED };

const HARMLESS: &[Class] = &[
    Class {
        reason: "aggregates read the rows they are given",
        names: "count sum avg min max every bool_and bool_or bit_and bit_or bit_xor array_agg string_agg any_value
            json_agg jsonb_agg json_object_agg jsonb_object_agg json_agg_strict jsonb_agg_strict json_object_agg_strict
            jsonb_object_agg_strict json_object_agg_unique jsonb_object_agg_unique range_agg range_intersect_agg xmlagg
            corr covar_pop covar_samp regr_avgx regr_avgy regr_count regr_intercept regr_r2 regr_slope regr_sxx
            regr_sxy regr_syy stddev stddev_pop stddev_samp variance var_pop var_samp mode percentile_cont
            percentile_disc grouping",
    },
    Class {
        reason: "window functions read the rows of their window",
        names: "row_number rank dense_rank percent_rank cume_dist ntile lag lead first_value last_value nth_value",
    },
    Class {
        reason: "arithmetic on their arguments",
        names: "abs cbrt ceil ceiling degrees div exp factorial floor gcd lcm ln log log10 min_scale mod power pow
            radians round scale sign sqrt trim_scale trunc width_bucket random acos acosd asin asind atan atand atan2
            atan2d cos cosd cot cotd sin sind tan tand sinh cosh tanh asinh acosh atanh pi numeric_inc erf erfc
            random_normal float4 float8 int2 int4 int8 numeric bool text date time timetz timestamp timestamptz
            interval bit varbit bpchar varchar char bytea cash_words money",
    },
    Class {
        reason: "text in, text out; length is bounded by the result caps",
        names: "ascii bit_length btrim char_length character_length chr concat concat_ws convert convert_from
            convert_to decode encode format initcap left length lower lpad ltrim md5 normalize octet_length overlay
            parse_ident position quote_ident quote_literal quote_nullable regexp_count regexp_instr regexp_like
            regexp_match regexp_replace regexp_split_to_array regexp_substr repeat replace reverse right rpad rtrim
            split_part starts_with string_to_array strpos substr substring to_ascii to_bin to_hex to_oct translate
            trim unistr upper unaccent similarity word_similarity strict_word_similarity show_trgm levenshtein
            levenshtein_less_equal soundex difference metaphone dmetaphone dmetaphone_alt daitch_mokotoff
            is_normalized pg_input_is_valid similar_to_escape similar_escape like ilike notlike texteq textcat like_escape",
    },
    Class {
        reason: "bytes in, bytes or digest out",
        names: "hashtext hashtextextended hashint2 hashint4 hashint8 hash_numeric hash_record digest get_bit get_byte set_bit set_byte sha224 sha256 sha384 sha512 bit_count crc32 crc32c",
    },
    Class {
        reason: "formats and parses text, numbers and dates",
        names: "to_char to_date to_number to_timestamp",
    },
    Class {
        reason: "dates and the clock",
        names: "age time_bucket clock_timestamp current_date current_time current_timestamp date_add date_bin date_part
            date_subtract date_trunc extract isfinite justify_days justify_hours justify_interval localtime
            localtimestamp make_date make_interval make_time make_timestamp make_timestamptz now statement_timestamp
            timeofday transaction_timestamp timezone overlaps date_larger date_smaller generate_subscripts",
    },
    Class {
        reason: "chooses among its arguments",
        names: "coalesce nullif greatest least num_nonnulls num_nulls row",
    },
    Class {
        reason: "arrays in, arrays or values out",
        names: "array_append array_cat array_dims array_fill array_length array_lower array_ndims array_position
            array_positions array_prepend array_remove array_replace array_sample array_shuffle array_sort array_reverse
            array_to_string array_upper cardinality trim_array array unnest array_contains any all some",
    },
    Class {
        reason: "JSON in, JSON or values out",
        names: "to_json to_jsonb array_to_json row_to_json json_build_array jsonb_build_array json_build_object
            jsonb_build_object json_object jsonb_object json_array json_scalar json_serialize json_value json_query
            json_exists json json_arrayagg json_objectagg jsonb json_array_length jsonb_array_length json_extract_path
            jsonb_extract_path json_extract_path_text jsonb_extract_path_text json_strip_nulls jsonb_strip_nulls
            jsonb_set jsonb_set_lax jsonb_insert jsonb_path_exists jsonb_path_match jsonb_path_query_array
            jsonb_path_query_first jsonb_path_exists_tz jsonb_path_match_tz jsonb_path_query_array_tz
            jsonb_path_query_first_tz jsonb_pretty json_typeof jsonb_typeof jsonb_contains jsonb_exists
            jsonb_exists_any jsonb_exists_all jsonb_delete jsonb_concat json_each json_each_text jsonb_each
            jsonb_each_text json_array_elements json_array_elements_text jsonb_array_elements
            jsonb_array_elements_text json_object_keys jsonb_object_keys jsonb_path_query jsonb_path_query_tz
            json_populate_record jsonb_populate_record hstore akeys avals skeys svals exist defined hstore_to_json
            hstore_to_jsonb json_object_field json_object_field_text jsonb_object_field
            jsonb_object_field_text json_array_element json_array_element_text jsonb_array_element
            jsonb_array_element_text",
    },
    Class {
        reason: "ranges in, ranges or values out",
        names: "isempty lower_inc lower_inf upper_inc upper_inf range_merge multirange int4range int8range numrange
            tsrange tstzrange daterange int4multirange int8multirange nummultirange tsmultirange tstzmultirange
            datemultirange range_adjacent range_contains range_overlaps
            range_contains_elem range_before range_after range_intersect range_minus",
    },
    Class {
        reason: "full-text search in a document that is an argument",
        names: "array_to_tsvector get_current_ts_config length numnode plainto_tsquery phraseto_tsquery
            websearch_to_tsquery querytree setweight strip to_tsquery to_tsvector json_to_tsvector jsonb_to_tsvector
            ts_delete ts_filter ts_headline ts_rank ts_rank_cd tsquery_phrase tsvector_to_array",
    },
    Class {
        reason: "network addresses in, parts of them out",
        names: "abbrev broadcast family host hostmask inet_merge inet_same_family masklen netmask network set_masklen
            macaddr8_set7bit inet cidr",
    },
    Class {
        reason: "geometry from its arguments",
        names: "area bound_box center diagonal diameter height isclosed isopen npoints path pclose popen radius slope
            width box circle line lseg point polygon isparallel isperp isvertical ishorizontal st_area st_asbinary
            st_asewkt st_asgeojson st_astext st_boundary st_buffer st_centroid st_contains st_convexhull st_coveredby
            st_covers st_crosses st_difference st_disjoint st_distance st_distancesphere st_dwithin st_endpoint
            st_envelope st_equals st_extent st_geogfromtext st_geohash st_geometrytype st_geomfromgeojson
            st_geomfromtext st_geomfromewkt st_intersection st_intersects st_isempty st_isvalid st_length st_makeenvelope
            st_makeline st_makepoint st_numpoints st_npoints st_overlaps st_perimeter st_point st_pointonsurface
            st_setsrid st_simplify st_srid st_startpoint st_touches st_transform st_union st_within st_x st_xmax
            st_xmin st_y st_ymax st_ymin st_z",
    },
    Class {
        reason: "makes or reads an identifier",
        names: "gen_random_uuid uuid_generate_v4 uuidv4 uuidv7 uuid_extract_timestamp uuid_extract_version",
    },
    Class {
        reason: "an enumeration's values, given one of them",
        names: "enum_first enum_last enum_range",
    },
    Class {
        reason: "XML from its arguments",
        names: "xmlattributes xmlcomment xmlconcat xmlelement xmlforest xmlparse xmlpi xmlroot xmlserialize xmlexists xml_is_well_formed
            xml_is_well_formed_content xml_is_well_formed_document xpath xpath_exists xmltext xml",
    },
    Class {
        reason: "vectors of a search index, from its arguments",
        names: "cosine_distance inner_product l1_distance l2_distance l2_norm l2_normalize vector_dims vector_norm",
    },
    Class {
        reason: "says what type its argument has, or how large it is",
        names: "pg_typeof pg_column_size pg_size_pretty pg_size_bytes",
    },
];

const ROWS: &[Class] = &[
    Class {
        reason: "rows from their arguments; the caps bound their number",
        names: "generate_series generate_subscripts unnest json_each json_each_text jsonb_each jsonb_each_text
            json_array_elements json_array_elements_text jsonb_array_elements jsonb_array_elements_text
            json_object_keys jsonb_object_keys json_to_record jsonb_to_record json_to_recordset jsonb_to_recordset
            json_populate_record jsonb_populate_record json_populate_recordset jsonb_populate_recordset
            jsonb_path_query jsonb_path_query_tz regexp_matches regexp_split_to_table string_to_table json_table
            xmltable ts_parse ts_debug ts_token_type skeys svals each",
    },
    Class { reason: "the random members of a bounded series", names: "normal_rand" },
];

const REFUSED: &[Class] = &[
    Class {
        reason: "runs SQL that stands in a text, so nobody sees what it reads",
        names: "query_to_xml query_to_xmlschema query_to_xml_and_xmlschema cursor_to_xml cursor_to_xmlschema
            table_to_xml table_to_xmlschema table_to_xml_and_xmlschema schema_to_xml schema_to_xmlschema
            schema_to_xml_and_xmlschema database_to_xml database_to_xmlschema database_to_xml_and_xmlschema ts_stat
            ts_rewrite dblink dblink_exec dblink_open dblink_fetch dblink_send_query dblink_connect dblink_connect_u
            dblink_get_result crosstab crosstab2 crosstab3 crosstab4 crosstabn connectby xpath_table pg_get_expr",
    },
    Class {
        reason: "reaches the files of the server",
        names: "pg_read_file pg_read_binary_file pg_ls_dir pg_ls_logdir pg_ls_waldir pg_ls_tmpdir
            pg_ls_archive_statusdir pg_ls_replslotdir pg_ls_logicalmapdir pg_ls_logicalsnapdir pg_stat_file
            pg_file_read pg_file_write pg_file_rename pg_file_unlink pg_file_sync pg_logdir_ls pg_current_logfile
            pg_hba_file_rules pg_ident_file_mappings lo_import lo_export pg_relation_filepath pg_relation_filenode",
    },
    Class {
        reason: "reads or writes large objects",
        names: "lo_get lo_put lo_create lo_creat lo_from_bytea lo_open lo_close lo_unlink lo_truncate lo_truncate64 loread
            lowrite lo_lseek lo_lseek64 lo_tell lo_tell64",
    },
    Class {
        reason: "changes or reads the session's settings",
        names: "set_config current_setting pg_show_all_settings pg_reload_conf setseed pg_get_keywords",
    },
    Class {
        reason: "waits or holds a lock",
        names: "pg_sleep pg_sleep_for pg_sleep_until pg_advisory_lock pg_advisory_lock_shared pg_advisory_xact_lock
            pg_advisory_xact_lock_shared pg_try_advisory_lock pg_try_advisory_lock_shared pg_try_advisory_xact_lock
            pg_try_advisory_xact_lock_shared pg_advisory_unlock pg_advisory_unlock_shared pg_advisory_unlock_all
            pg_blocking_pids pg_isolation_test_session_is_blocked",
    },
    Class {
        reason: "acts on the server or on other sessions",
        names: "pg_terminate_backend pg_cancel_backend pg_rotate_logfile pg_switch_wal pg_create_restore_point
            pg_backup_start pg_backup_stop pg_start_backup pg_stop_backup pg_promote pg_wal_replay_pause
            pg_wal_replay_resume pg_notify pg_export_snapshot pg_logical_emit_message pg_log_backend_memory_contexts
            pg_create_physical_replication_slot pg_create_logical_replication_slot pg_drop_replication_slot
            pg_copy_physical_replication_slot pg_copy_logical_replication_slot pg_replication_slot_advance
            pg_logical_slot_get_changes pg_logical_slot_peek_changes pg_stat_reset pg_stat_reset_shared
            pg_stat_reset_single_table_counters pg_stat_reset_slru pg_stat_statements_reset pg_current_xact_id
            txid_current pg_import_system_collations brin_summarize_new_values gin_clean_pending_list pg_prewarm
            pg_stat_clear_snapshot pg_stat_force_next_flush",
    },
    Class { reason: "reads or moves a sequence", names: "nextval setval currval lastval pg_sequence_last_value" },
    Class {
        reason: "looks into the catalogue",
        names: "to_regclass to_regproc to_regprocedure to_regtype to_regoper to_regoperator to_regrole to_regnamespace
            to_regcollation has_table_privilege has_column_privilege has_any_column_privilege has_schema_privilege
            has_database_privilege has_function_privilege has_sequence_privilege has_server_privilege
            has_type_privilege has_tablespace_privilege has_foreign_data_wrapper_privilege has_language_privilege
            has_parameter_privilege pg_has_role row_security_active pg_get_viewdef pg_get_functiondef
            pg_get_function_arguments pg_get_function_result pg_get_function_sqlbody pg_get_indexdef pg_get_constraintdef
            pg_get_ruledef pg_get_triggerdef pg_get_userbyid pg_get_serial_sequence pg_get_statisticsobjdef
            pg_get_partkeydef obj_description col_description shobj_description pg_describe_object pg_identify_object
            pg_table_size pg_relation_size pg_total_relation_size pg_indexes_size pg_database_size pg_tablespace_size
            pg_table_is_visible format_type pg_stat_get_activity pg_lock_status pg_stat_get_backend_activity
            pg_config pg_control_system pg_control_checkpoint pg_control_init pg_control_recovery pageinspect
            get_raw_page heap_page_items pg_stat_statements pgstattuple bt_page_items",
    },
    Class {
        reason: "tells about the server or the session",
        names: "version current_user session_user user current_role current_catalog current_schema current_schemas
            current_database current_query inet_server_addr inet_server_port inet_client_addr inet_client_port
            pg_backend_pid pg_postmaster_start_time pg_conf_load_time pg_is_in_recovery pg_my_temp_schema
            pg_listening_channels pg_current_wal_lsn pg_current_snapshot txid_current_snapshot system_user",
    },
];
