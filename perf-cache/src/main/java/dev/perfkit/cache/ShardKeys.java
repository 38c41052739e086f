package dev.perfkit.cache;

import java.nio.charset.StandardCharsets;

/**
 * The Redis keys of one shard of a cache. They begin with {@code {cache:shard}}: the braces are
 * Redis' hash tag, so all of them are on one node and one script may touch them.
 *
 * @param index of the shard, from 0
 * @param valuePrefix what the keys of entries begin with
 * @param leasePrefix what the keys of leases begin with
 * @param freshnessPrefix what the keys of freshness tokens begin with
 * @param state genesis, sequence and last id of the invalidations
 * @param log the last invalidations
 * @param clock the logical clock of the cache, if it is here
 * @param tagFreshness freshness tokens of tags, where the clock is
 * @param channel where invalidations are published
 * @param probe written to find out whether Redis takes writes
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record ShardKeys(
    int index,
    byte[] valuePrefix,
    byte[] leasePrefix,
    byte[] freshnessPrefix,
    byte[] state,
    byte[] log,
    byte[] clock,
    byte[] tagFreshness,
    byte[] channel,
    byte[] probe) {

  /** The index of the keys of a clock that has a place of its own. */
  static final int OF_CLOCK = -1;

  static ShardKeys of(String cache, int index) {
    return of(index, "{" + cache + ":" + index + "}:");
  }

  /** Returns keys of which only those of a clock are used, with a hash tag of their own. */
  static ShardKeys ofClock(String cache) {
    return of(OF_CLOCK, "{" + cache + ":clock}:");
  }

  private static ShardKeys of(int index, String tag) {
    return new ShardKeys(
        index,
        ascii(tag + "v:"),
        ascii(tag + "l:"),
        ascii(tag + "f:"),
        ascii(tag + "s"),
        ascii(tag + "i"),
        ascii(tag + "c"),
        ascii(tag + "t"),
        ascii(tag + "m"),
        ascii(tag + "p"));
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
