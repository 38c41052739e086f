package dev.perfkit.pool;

import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/**
 * Names that may stand before a parenthesis in a statement that only reads. Those of functions are
 * PostgreSQL's own, which write nothing, leave nothing in the session, run no text as SQL and
 * answer the same on every node that holds the same data.
 */
final class KnownFunctions {

  private static final Pattern BLANKS = Pattern.compile("\\s+");

  /** Words and types of the grammar, which cannot be called. */
  private static final Set<String> GRAMMAR =
      words(
          """
          all and any array as between by case distinct else except exists from group having ilike
          in intersect join lateral like limit not offset on only or row select some then to union
          using values when where with
          bit char character dec decimal float interval nchar numeric time timestamp timestamptz
          timetz varbit varchar varying
          current_time current_timestamp localtime localtimestamp
          """);

  /** These follow the call of an aggregate or a window function. */
  private static final Set<String> AFTER_CALL = Set.of("filter", "over");

  private static final Set<String> READING =
      words(
          """
          cast coalesce extract greatest grouping least normalize nullif overlay position substring
          trim
          any_value array_agg avg bit_and bit_or bit_xor bool_and bool_or corr count covar_pop
          covar_samp every json_agg json_object_agg jsonb_agg jsonb_object_agg max min mode
          percentile_cont percentile_disc range_agg regr_avgx regr_avgy regr_count regr_intercept
          regr_r2 regr_slope regr_sxx regr_sxy regr_syy stddev stddev_pop stddev_samp string_agg sum
          var_pop var_samp variance
          cube cume_dist dense_rank first_value lag last_value lead nth_value ntile percent_rank
          rank rollup row_number
          ascii bit_length btrim char_length character_length chr concat concat_ws decode encode
          format initcap left length lower lpad ltrim md5 octet_length quote_ident quote_literal
          quote_nullable regexp_count regexp_instr regexp_like regexp_match regexp_matches
          regexp_replace regexp_split_to_array regexp_split_to_table regexp_substr repeat replace
          reverse right rpad rtrim sha224 sha256 sha384 sha512 split_part starts_with
          string_to_array string_to_table strpos substr to_hex translate unistr upper
          abs acos asin atan atan2 cbrt ceil ceiling cos degrees div exp factorial floor gcd lcm ln
          log log10 mod pi power radians random round sign sin sqrt tan trunc width_bucket
          age clock_timestamp date_bin date_part date_trunc isfinite justify_days justify_hours
          justify_interval make_date make_interval make_time make_timestamp make_timestamptz now
          statement_timestamp timezone to_char to_date to_number to_timestamp transaction_timestamp
          json_array_elements json_array_elements_text json_array_length json_build_array
          json_build_object json_each json_each_text json_extract_path json_extract_path_text
          json_object json_object_keys json_populate_record json_populate_recordset
          json_strip_nulls json_to_record json_to_recordset json_typeof jsonb_array_elements
          jsonb_array_elements_text jsonb_array_length jsonb_build_array jsonb_build_object
          jsonb_each jsonb_each_text jsonb_extract_path jsonb_extract_path_text jsonb_insert
          jsonb_object jsonb_object_keys jsonb_path_exists jsonb_path_match jsonb_path_query
          jsonb_path_query_array jsonb_path_query_first jsonb_populate_record
          jsonb_populate_recordset jsonb_pretty jsonb_set jsonb_strip_nulls jsonb_to_record
          jsonb_to_recordset jsonb_typeof row_to_json to_json to_jsonb
          array_append array_cat array_dims array_length array_lower array_ndims array_position
          array_positions array_prepend array_remove array_replace array_to_json array_to_string
          array_upper cardinality generate_series generate_subscripts trim_array unnest
          daterange int4range int8range isempty lower_inc lower_inf numrange range_merge tsrange
          tstzrange upper_inc upper_inf
          numnode phraseto_tsquery plainto_tsquery setweight strip to_tsquery to_tsvector ts_headline
          ts_rank ts_rank_cd websearch_to_tsquery
          gen_random_uuid
          """);

  /** These leave nothing behind, but answer for one node or one session. */
  private static final Set<String> ANSWERING_HERE =
      words(
          """
          current_catalog current_database current_schema current_schemas current_setting currval
          has_column_privilege has_schema_privilege has_table_privilege inet_client_addr
          inet_client_port inet_server_addr inet_server_port lastval obj_description pg_backend_pid
          pg_column_size pg_current_wal_flush_lsn pg_current_wal_insert_lsn pg_current_wal_lsn
          pg_database_size pg_get_viewdef pg_indexes_size pg_is_in_recovery
          pg_last_wal_receive_lsn pg_last_wal_replay_lsn pg_last_xact_replay_timestamp
          pg_postmaster_start_time pg_relation_size pg_size_bytes pg_size_pretty pg_sleep
          pg_table_size pg_total_relation_size pg_typeof pg_wal_lsn_diff pg_walfile_name
          to_regclass version
          """);

  private static final Predicate<String> NAME =
      Pattern.compile("[a-z_][a-z0-9_$]{0,62}").asMatchPredicate();

  private KnownFunctions() {}

  private static Set<String> words(String text) {
    return Set.of(BLANKS.split(text.strip()));
  }

  /** Returns whether a parenthesis after this word is no call. */
  static boolean isGrammar(String word, boolean afterParenthesis) {
    return GRAMMAR.contains(word) || (afterParenthesis && AFTER_CALL.contains(word));
  }

  /** Returns what the call of a function makes of a statement. */
  static StatementKind kindOf(String function) {
    if (READING.contains(function)) {
      return StatementKind.READ;
    }
    return ANSWERING_HERE.contains(function) ? StatementKind.STATELESS : StatementKind.STATEFUL;
  }

  /** Returns whether a host can name a function so. */
  static boolean isName(String function) {
    return NAME.test(function);
  }
}
