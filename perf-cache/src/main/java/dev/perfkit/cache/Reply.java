package dev.perfkit.cache;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.exceptions.JedisDataException;

/**
 * What a script about a key answered.
 *
 * @param status one of the constants
 * @param genesis of the shard's sequence; 0 if it has none
 * @param sequence of the shard
 * @param value the value, when that is the answer
 * @param waitMillis how long the lease of another lasts, when that is the answer
 * @param freshness tokens of what a load must not miss
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record Reply(
    int status,
    long genesis,
    long sequence,
    byte @Nullable [] value,
    long waitMillis,
    List<String> freshness) {

  static final int VALUE = 0;
  static final int DONE = 1;
  static final int WAIT = 2;
  static final int NOTHING = 3;

  /** The lease was granted, and the key holds another type than a string. */
  static final int DONE_ODD = 4;

  /** Nothing but another type than a string. */
  static final int ODD = 5;

  static Reply of(Object raw) {
    List<?> parts = list(raw);
    int status = Math.toIntExact(number(parts.get(0)));
    Object last = parts.size() > 3 ? parts.get(3) : null;
    return new Reply(
        status,
        genesis(parts.get(1)),
        number(parts.get(2)),
        last instanceof byte[] bytes && bytes.length > 0 ? bytes : null,
        last instanceof Long millis ? millis : 0,
        parts.size() > 4 ? texts(parts.get(4)) : List.of());
  }

  /** Returns what was found for each of many keys, or nothing. */
  static List<Reply> each(Object raw) {
    List<?> state = list(list(raw).get(0));
    List<?> values = list(list(raw).get(1));
    long genesis = genesis(state.get(0));
    long sequence = number(state.get(1));
    List<Reply> all = new ArrayList<>(values.size());
    for (Object value : values) {
      byte[] bytes = value instanceof byte[] found && found.length > 0 ? found : null;
      int status = bytes == null ? NOTHING : VALUE;
      all.add(new Reply(status, genesis, sequence, bytes, 0, List.of()));
    }
    return all;
  }

  /** How far the invalidations of a shard are, with the log of those that were missing. */
  record Progress(Shard.Position position, List<Missed> log) {

    static Progress of(Object raw) {
      List<?> parts = list(raw);
      List<Missed> log = new ArrayList<>();
      for (Object each : list(parts.get(3))) {
        log.add(Missed.of(text(each)));
      }
      return new Progress(
          new Shard.Position(genesis(parts.get(0)), number(parts.get(1)), text(parts.get(2))), log);
    }
  }

  /** One invalidation in the log. */
  record Missed(long sequence, String id, String key) {

    static Missed of(String text) {
      String[] parts = text.split(" ", 3);
      if (parts.length < 3) {
        throw new JedisDataException("not a record of the log");
      }
      return new Missed(parse(parts[0]), parts[1], parts[2]);
    }
  }

  static Marks.Clock clock(Object raw) {
    List<?> parts = list(raw);
    List<?> fields = list(parts.get(4));
    Map<String, Marks.Mark> marks = new HashMap<>();
    for (int i = 0; i + 1 < fields.size(); i += 2) {
      String name = text(fields.get(i));
      if (name.startsWith("t:")) {
        String[] times = text(fields.get(i + 1)).split(" ", 2);
        marks.put(name.substring(2), new Marks.Mark(parse(times[0]), parse(times[1])));
      }
    }
    return new Marks.Clock(
        genesis(parts.get(0)),
        number(parts.get(1)),
        text(parts.get(2)),
        number(parts.get(3)),
        marks,
        texts(parts.get(5)));
  }

  static byte[] genesisText(long genesis) {
    return HexFormat.of().toHexDigits(genesis).getBytes(StandardCharsets.US_ASCII);
  }

  /** Returns 0 for what is no genesis. */
  static long parseGenesis(String text) {
    try {
      return text.length() == 16 ? HexFormat.fromHexDigitsToLong(text) : 0;
    } catch (IllegalArgumentException foreign) {
      return 0;
    }
  }

  private static long genesis(@Nullable Object raw) {
    return raw == null ? 0 : parseGenesis(text(raw));
  }

  private static List<?> list(Object raw) {
    if (raw instanceof List<?> list) {
      return list;
    }
    throw new JedisDataException("not the answer of a script");
  }

  private static List<String> texts(Object raw) {
    return list(raw).stream().map(Reply::text).toList();
  }

  private static long number(@Nullable Object raw) {
    if (raw == null) {
      return 0;
    }
    return raw instanceof Long number ? number : parse(text(raw));
  }

  private static long parse(String text) {
    try {
      return Long.parseLong(text);
    } catch (NumberFormatException foreign) {
      throw new JedisDataException("not a number in the state of a cache");
    }
  }

  private static String text(@Nullable Object raw) {
    return raw instanceof byte[] bytes ? new String(bytes, StandardCharsets.UTF_8) : "";
  }
}
