package dev.perfkit.examples.auth;

import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What each module did, told from the modules' own counters as Prometheus would read them. */
final class Account {

  private final String metrics;

  private Account(String metrics) {
    this.metrics = metrics;
  }

  /** Returns one line for each module. */
  static List<String> of(String metrics) {
    Account account = new Account(metrics);
    return List.of(account.cache(), account.pool(), account.crypto(), account.compress());
  }

  private String cache() {
    return say(
        "cache     %,.0f answers from memory, %,.0f from Redis; %,.0f loads, %,.0f reads joined one",
        sum("cache_memory_hits_total", ""),
        sum("cache_remote_hits_total", ""),
        sum("cache_loads_succeeded_total", ""),
        sum("cache_loads_joined_total", ""));
  }

  private String pool() {
    return say(
        "pool      %,.0f connections borrowed from the primary, %,.0f from the standby",
        sum("pool_borrow_seconds_count", "node=\"primary\""),
        sum("pool_borrow_seconds_count", "node=\"standby\""));
  }

  private String crypto() {
    return say(
        "crypto    %,.0f values encrypted, %,.0f decrypted",
        sum("crypto_encrypts_total", ""), sum("crypto_decrypts_total", ""));
  }

  private String compress() {
    double in = sum("compress_bytes_in_bytes_total", "");
    double out = sum("compress_bytes_out_bytes_total", "");
    return say(
        "compress  %,.1f MB of answers became %,.1f MB (%.1f %% saved)",
        in / 1e6, out / 1e6, in == 0 ? 0 : 100 * (1 - out / in));
  }

  /** Adds up all series of a name whose labels hold a text. */
  private double sum(String name, String label) {
    Matcher series =
        Pattern.compile("(?m)^" + Pattern.quote(name) + "(\\{[^}]*})? (\\S+)").matcher(metrics);
    double sum = 0;
    boolean any = false;
    while (series.find()) {
      String labels = series.group(1) == null ? "" : series.group(1);
      any = true;
      sum += labels.contains(label) ? Double.parseDouble(series.group(2)) : 0;
    }
    if (!any) {
      throw new IllegalStateException("the modules have no counter " + name);
    }
    return sum;
  }

  private static String say(String format, Object... values) {
    return String.format(Locale.ROOT, format, values);
  }
}
