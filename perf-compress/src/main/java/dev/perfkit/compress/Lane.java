package dev.perfkit.compress;

import dev.perfkit.compress.BodyEncoder.Goal;
import dev.perfkit.spi.Knob;
import dev.perfkit.spi.Metric;
import dev.perfkit.spi.Telemetry;
import dev.perfkit.spi.support.Options;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.IntSupplier;
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
  private final Telemetry.Counter cpuTime;
  private final Telemetry.Registration contexts;
  private final Telemetry.Registration buffers;
  private final Telemetry.Registration ratio;
  private final LongAdder before = new LongAdder();
  private final LongAdder after = new LongAdder();
  private volatile int level;
  private volatile boolean levelChosen;
  private volatile @Nullable String failure;

  Lane(String compressor, Codec codec, @Nullable Integer chosen, Telemetry telemetry) {
    this(compressor, codec, chosen, null, telemetry);
  }

  /**
   * @param chosen the level of all bodies, or null for that of the {@link Frontier}
   * @param dictionary what tells apart lanes of the same coding; null if there is one only
   */
  Lane(
      String compressor,
      Codec codec,
      @Nullable Integer chosen,
      @Nullable String dictionary,
      Telemetry telemetry) {
    this.codec = codec;
    this.dictionary = dictionary;
    this.level = chosen == null ? codec.coding().defaultLevel() : chosen;
    this.levelChosen = chosen != null;
    // Neither what makes contexts nor what tells of them holds the pool: see there.
    AtomicInteger bufferBytes = new AtomicInteger();
    this.encoders =
        new ContextPool<>(ContextPool.defaultMaximum(), () -> newEncoder(codec, bufferBytes));
    IntSupplier open = encoders.open();
    this.bytesIn =
        telemetry.counter(
            metric(compressor, "compress.bytes.in").unit("bytes").help("Bodies before encoding"));
    this.bytesOut =
        telemetry.counter(
            metric(compressor, "compress.bytes.out").unit("bytes").help("Bodies after encoding"));
    this.encodeTime =
        telemetry.timer(metric(compressor, "compress.encode").help("Time to encode a body"));
    this.cpuTime =
        telemetry.counter(
            metric(compressor, "compress.cpu").unit("nanoseconds").help("CPU time of encoding"));
    this.ratio =
        telemetry.gauge(
            metric(compressor, "compress.ratio").help("Bytes after encoding for each one before"),
            this::ratio);
    this.contexts =
        telemetry.gauge(
            metric(compressor, "compress.contexts").unit("contexts").help("Native codec contexts"),
            open::getAsInt);
    this.buffers =
        telemetry.gauge(
            metric(compressor, "compress.buffers")
                .unit("bytes")
                .help("Buffers of native contexts, outside the heap"),
            () -> (double) open.getAsInt() * bufferBytes.get());
  }

  private static Encoder newEncoder(Codec codec, AtomicInteger bufferBytes) {
    Encoder encoder = codec.newEncoder(false);
    bufferBytes.set(encoder.in.capacity() + encoder.out.capacity());
    return encoder;
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

  /** Encodes a body with padding; null if it would have more than {@code limit} bytes without. */
  byte @Nullable [] encodePadded(byte[] body, int level, int limit) {
    if (body.length == 0) {
      return encode(body, level, limit);
    }
    Goal goal = Padding.endsFlushed(coding()) ? Goal.FLUSH : Goal.END;
    Encoder encoder = encoders.acquire();
    try {
      byte[] encoded = encoder.encode(body, level, limit, goal);
      return encoded == null ? null : Padding.around(coding(), encoded);
    } finally {
      encoders.release(encoder);
    }
  }

  /** Returns a new encoder of a stream, begun; the caller closes it. */
  Encoder startStream(int level) {
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

  void recordSuccess(long length, long sent, long nanos) {
    bytesIn.add(length);
    bytesOut.add(sent);
    before.add(length);
    after.add(sent);
    encodeTime.record(nanos);
    if (failure != null) {
      failure = null;
    }
  }

  void recordCpu(long nanos) {
    cpuTime.add(Math.max(0, nanos));
  }

  private double ratio() {
    long length = before.sum();
    return length == 0 ? Double.NaN : (double) after.sum() / length;
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

  /** Returns the level that is wanted where neither route nor body say more. */
  int level() {
    return level;
  }

  /** Returns the level that is wanted for a body. */
  int level(String type, long length) {
    return levelChosen
        ? Frontier.bounded(coding(), level, length)
        : Frontier.level(coding(), type, length);
  }

  /**
   * Returns what tells apart encoders that give other bytes for the same body and level: eight
   * hexadecimal digits of what this one makes of a fixed text. Libraries do not tell their version.
   *
   * @param beside what else changes the bytes
   */
  String fingerprint(List<String> beside) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; text.length() < FINGERPRINTED; i++) {
      text.append("{\"id\":").append(i * i).append(",\"name\":\"").append(i % 17).append("\"},");
    }
    byte[] probe = text.toString().getBytes(StandardCharsets.US_ASCII);
    CRC32 crc = new CRC32();
    for (int probed : new int[] {codec.minLevel(), coding().defaultLevel(), codec.maxLevel()}) {
      crc.update(Objects.requireNonNull(encode(probe, probed, Integer.MAX_VALUE)));
    }
    beside.forEach(name -> crc.update(name.getBytes(StandardCharsets.UTF_8)));
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
    levelChosen = true;
  }

  @Override
  public void close() {
    contexts.close();
    buffers.close();
    ratio.close();
    encoders.close();
  }
}
