package dev.perfkit.benchmarks.compress;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;

/** Generated bodies like those of an API: a list of records; the same for the same length. */
final class ApiJson {

  private static final String[] FIRST = {"Ada", "Alan", "Barbara", "Edsger", "Grace", "Tony"};
  private static final String[] LAST = {"Dijkstra", "Hoare", "Hopper", "Liskov", "Turing"};
  private static final String[] STATES = {"active", "invited", "suspended"};

  private ApiJson() {}

  /** Returns a body of exactly so many bytes; the last record may be cut. */
  static byte[] ofLength(int length) {
    Random random = new Random(42);
    StringBuilder json = new StringBuilder(length + 300).append("{\"items\":[");
    while (json.length() < length) {
      append(json, random);
    }
    return Arrays.copyOf(json.toString().getBytes(StandardCharsets.US_ASCII), length);
  }

  private static void append(StringBuilder json, Random random) {
    String first = pick(FIRST, random);
    String last = pick(LAST, random);
    json.append("{\"id\":\"")
        .append(Long.toHexString(random.nextLong()))
        .append("\",\"name\":\"")
        .append(first)
        .append(' ')
        .append(last)
        .append("\",\"email\":\"")
        .append(first)
        .append('.')
        .append(last)
        .append(random.nextInt(10_000))
        .append("@example.org\",\"state\":\"")
        .append(pick(STATES, random))
        .append("\",\"createdAt\":\"2026-0")
        .append(1 + random.nextInt(9))
        .append('-')
        .append(10 + random.nextInt(18))
        .append("T0")
        .append(random.nextInt(10))
        .append(":30:00Z\",\"balance\":")
        .append(random.nextInt(1_000_000) / 100.0)
        .append(",\"tags\":[\"")
        .append(random.nextInt(50))
        .append("\"],\"verified\":")
        .append(random.nextBoolean())
        .append("},");
  }

  private static String pick(String[] words, Random random) {
    return words[random.nextInt(words.length)];
  }
}
