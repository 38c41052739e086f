package dev.perfkit.compress;

import dev.perfkit.spi.Knob;
import dev.perfkit.spi.Metric;
import dev.perfkit.spi.Telemetry;
import dev.perfkit.spi.support.Options;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Objects;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;

/** What a compressor has for one coding: codec, contexts, level and measurements. */
final class Lane implements AutoCloseable {

  private static final int FINGERPRINTED = 5_000;

  private final Codec codec;
  private final @Nullable String dictionary;
  private final ContextPool<Encoder> encoders;
  private final Telemetry.Counter bytesIn;
  private final Telemetry.Counter bytesOut;
  private final Telemetry.Timer encodeTime;
  private final Telemetry.Registration contexts;
  private volatile int level;
  private volatile @Nullable String failure;

  Lane(String compressor, Codec codec, int level, Telemetry telemetry) {
    this(compressor, codec, level, null, telemetry);
  }

  /**
   * @param dictionary what tells apart lanes of the same coding; null if there is one only
   */
  Lane(
      String compressor, Codec codec, int level, @Nullable String dictionary, Telemetry telemetry) {
    this.codec = codec;
    this.dictionary = dictionary;
    this.level = level;
    this.encoders = new ContextPool<>(ContextPool.defaultMaximum(), () -> codec.newEncoder(false));
    this.bytesIn =
        telemetry.counter(
            metric(compressor, "compress.bytes.in").unit("bytes").help("Bodies before encoding"));
    this.bytesOut =
        telemetry.counter(
            metric(compressor, "compress.bytes.out").unit("bytes").help("Bodies after encoding"));
    this.encodeTime =
        telemetry.timer(metric(compressor, "compress.encode").help("Time to encode a body"));
    this.contexts =
        telemetry.gauge(
            metric(compressor, "compress.contexts").unit("contexts").help("Native codec contexts"),
            encoders.open()::getAsInt);
  }

  private Metric metric(String compressor, String name) {
    Metric metric =
        Metric.named(name).tag("compressor", compressor).tag("coding", coding().token());
    return dictionary == null ? metric : metric.tag("dictionary", dictionary);
  }

  Coding coding() {
    return codec.coding();
  }

  /** Encodes a body; null if it would have more than {@code limit} bytes. */
  byte @Nullable [] encode(byte[] body, int level, int limit) {
    Encoder encoder = encoders.acquire();
    try {
      return encoder.encode(body, level, limit);
    } finally {
      encoders.release(encoder);
    }
  }

  /** Encodes a body without a context of those for responses. */
  byte @Nullable [] encodeApart(byte[] body, int level, int limit) {
    try (Encoder encoder = codec.newEncoder(false)) {
      return encoder.encode(body, level, limit);
    }
  }

  /** Returns a new encoder of a stream, begun; the caller closes it. */
  Encoder startStream() {
    Encoder encoder = codec.newStreamEncoder();
    boolean started = false;
    try {
      encoder.start(Encoder.UNKNOWN, Math.max(codec.minStreamLevel(), level));
      started = true;
      return encoder;
    } finally {
      if (!started) {
        encoder.close();
      }
    }
  }

  void recordSuccess(long before, long after, long nanos) {
    bytesIn.add(before);
    bytesOut.add(after);
    encodeTime.record(nanos);
    if (failure != null) {
      failure = null;
    }
  }

  /** Notes how the last encode ended; returns whether it is the first failure after a success. */
  boolean noteFailure(Throwable cause) {
    boolean first = failure == null;
    failure = cause.toString().lines().findFirst().orElse("");
    return first;
  }

  /** Returns what the last encode failed with, or null. */
  @Nullable String failure() {
    return failure;
  }

  /** Returns the level of bodies that begin now. */
  int level() {
    return level;
  }

  /**
   * Returns what tells apart encoders that give other bytes for the same body and level: eight
   * hexadecimal digits of what this one makes of a fixed text. Libraries do not tell their version.
   */
  String fingerprint() {
    StringBuilder text = new StringBuilder();
    for (int i = 0; text.length() < FINGERPRINTED; i++) {
      text.append("{\"id\":").append(i * i).append(",\"name\":\"").append(i % 17).append("\"},");
    }
    byte[] probe = text.toString().getBytes(StandardCharsets.US_ASCII);
    CRC32 crc = new CRC32();
    for (int probed : new int[] {codec.minLevel(), coding().defaultLevel(), codec.maxLevel()}) {
      crc.update(Objects.requireNonNull(encode(probe, probed, Integer.MAX_VALUE)));
    }
    return String.format(Locale.ROOT, "%08x", crc.getValue());
  }

  int openContexts() {
    return encoders.open().getAsInt();
  }

  boolean hasLevels() {
    return codec.minLevel() < codec.maxLevel();
  }

  Knob knob() {
    String name = coding().token() + "-level";
    return Knob.of(
        name, "", codec.minLevel(), codec.maxLevel(), 1, () -> level, value -> level(name, value));
  }

  private void level(String name, double value) {
    Options.require(value == Math.rint(value), name, "be a whole number", value);
    level = (int) value;
  }

  @Override
  public void close() {
    contexts.close();
    encoders.close();
  }
}
