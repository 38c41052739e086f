package dev.perfkit.benchmarks.compress;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;

/** Bodies to compress: generated like those of an API, or the beginning of a file. */
final class Corpus {

  /** The name of the generated one. */
  static final String GENERATED = "generated";

  private Corpus() {}

  /**
   * Returns a body, and prints its SHA-256.
   *
   * @param corpus {@value #GENERATED}, or the path of a file
   * @param size in bytes; 0 for all of the file
   */
  static byte[] body(String corpus, int size) {
    byte[] body = corpus.equals(GENERATED) ? ApiJson.ofLength(size) : ofFile(Path.of(corpus), size);
    System.out.println(describe(corpus, body));
    return body;
  }

  /** Returns what identifies a body. */
  static String describe(String corpus, byte[] body) {
    return "corpus " + corpus + ": " + body.length + " bytes, SHA-256 " + sha256(body);
  }

  private static byte[] ofFile(Path file, int size) {
    byte[] all = bytesOf(file);
    if (size > all.length) {
      throw new IllegalArgumentException(
          "size must be at most the " + all.length + " bytes of " + file + " but was " + size);
    }
    return size == 0 ? all : Arrays.copyOf(all, size);
  }

  private static byte[] bytesOf(Path file) {
    try {
      return Files.readAllBytes(file);
    } catch (IOException unreadable) {
      throw new UncheckedIOException("corpus must be a file that can be read", unreadable);
    }
  }

  private static String sha256(byte[] body) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(body));
    } catch (NoSuchAlgorithmException impossible) {
      throw new IllegalStateException("every JDK has SHA-256", impossible);
    }
  }
}
