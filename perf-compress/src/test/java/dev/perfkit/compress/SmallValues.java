package dev.perfkit.compress;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Generated values like those of a cache: records as JSON of 350 bytes to 5 KB. */
final class SmallValues {

  private static final String[] FIRST = {"Ada", "Alan", "Barbara", "Edsger", "Grace", "Tony"};
  private static final String[] LAST = {"Dijkstra", "Hoare", "Hopper", "Liskov", "Turing"};
  private static final String[] STATES = {"active", "invited", "suspended", "deleted"};

  private SmallValues() {}

  /** Returns so many values, the same for the same seed. */
  static List<byte[]> of(int count, int seed) {
    Random random = new Random(seed);
    List<byte[]> values = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      int length = 350 + (int) (4_650 * Math.pow(random.nextDouble(), 3));
      StringBuilder json = new StringBuilder("{\"version\":3,\"kind\":\"user\",");
      while (json.length() < length) {
        append(json, random);
      }
      values.add(json.append('}').toString().getBytes(StandardCharsets.US_ASCII));
    }
    return values;
  }

  private static void append(StringBuilder json, Random random) {
    String first = FIRST[random.nextInt(FIRST.length)];
    String last = LAST[random.nextInt(LAST.length)];
    json.append("\"id\":\"")
        .append(Long.toHexString(random.nextLong()))
        .append("\",\"displayName\":\"")
        .append(first)
        .append(' ')
        .append(last)
        .append("\",\"email\":\"")
        .append(first)
        .append('.')
        .append(random.nextInt(100_000))
        .append("@example.org\",\"state\":\"")
        .append(STATES[random.nextInt(STATES.length)])
        .append("\",\"createdAt\":\"2026-0")
        .append(1 + random.nextInt(9))
        .append("-1")
        .append(random.nextInt(10))
        .append("T08:30:00Z\",\"permissions\":[\"read\",\"write\"],\"balanceCents\":")
        .append(random.nextInt(10_000_000))
        .append(",\"verified\":")
        .append(random.nextBoolean())
        .append(',');
  }
}
