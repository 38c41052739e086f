package dev.perfkit.compress;

import dev.perfkit.spi.Health;
import dev.perfkit.spi.Knob;
import dev.perfkit.spi.Telemetry;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The codings that work in this process, the best first, and what is said of the others. */
final class Lanes implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(ResponseCompressor.class);

  private final String name;
  private final BiConsumer<String, String> tell;
  private final List<Lane> lanes;
  private final Health fresh;

  /**
   * @param tell takes type and message of an event
   */
  Lanes(ResponseCompressorBuilder builder, Telemetry telemetry, BiConsumer<String, String> tell) {
    this.name = builder.name;
    this.tell = tell;
    Health health = Health.up();
    List<Lane> working = new ArrayList<>();
    for (Coding coding : builder.preferred) {
      Codecs.Availability available = builder.codecOf(coding);
      Codec codec = available.codec();
      if (codec != null) {
        working.add(new Lane(name, codec, builder.levels.get(coding), telemetry));
      } else {
        health = without(health, coding, available, builder.asked);
      }
    }
    if (!builder.dictionaries.isEmpty()) {
      for (Coding coding : Coding.withDictionary()) {
        Codecs.Availability available = builder.codecForDictionaries(coding);
        if (available.codec() == null) {
          health = without(health, coding, available, false);
        }
      }
    }
    this.fresh = health;
    this.lanes = List.copyOf(working);
  }

  /** Says that a coding is not on offer: in the log, as an event, and in the health returned. */
  private Health without(
      Health health, Coding coding, Codecs.Availability available, boolean asked) {
    String token = coding.token();
    if (!asked && !available.broken()) {
      log.info("compressor '{}' does not offer {}: {}", name, token, available.problem());
      return health.with(token, available.problem());
    }
    String reason = token + " is not offered: " + available.problem();
    log.warn("compressor '{}': {}", name, reason, available.cause());
    tell.accept("coding-unavailable", reason);
    Health worse = Health.of(Health.Status.DEGRADED, reason);
    for (Map.Entry<String, String> detail : health.details().entrySet()) {
      worse = worse.with(detail.getKey(), detail.getValue());
    }
    return worse.with(token, available.problem());
  }

  List<Coding> offered() {
    return lanes.stream().map(Lane::coding).toList();
  }

  /**
   * @throws IllegalArgumentException if the coding is not on offer here
   */
  Lane of(Coding coding) {
    for (Lane lane : lanes) {
      if (lane.coding().equals(coding)) {
        return lane;
      }
    }
    throw new IllegalArgumentException(
        "decision must be of compressor '"
            + name
            + "' but names "
            + coding.token()
            + ", which it does not offer");
  }

  /** Returns the fingerprint of each coding, if tags are to have them. */
  Map<Coding, String> fingerprints(ResponseCompressorBuilder builder) {
    Map<Coding, String> fingerprints = new HashMap<>();
    if (builder.entityTagPolicy == EntityTagPolicy.SUFFIX) {
      List<String> beside = builder.minifiers.stream().map(Minifier::id).toList();
      lanes.forEach(lane -> fingerprints.put(lane.coding(), lane.fingerprint(beside)));
    }
    return fingerprints;
  }

  /** Returns the knobs of the levels, and one more. */
  List<Knob> knobsAnd(Knob another) {
    return Stream.concat(lanes.stream().filter(Lane::hasLevels).map(Lane::knob), Stream.of(another))
        .toList();
  }

  void failed(Lane lane, Throwable failure) {
    if (lane.noteFailure(failure)) {
      String token = lane.coding().token();
      log.warn(
          "compressor '{}': {} failed, responses go out as identity until it works again",
          name,
          token,
          failure);
      tell.accept("coding-failed", token + " failed: responses go out as identity");
    }
  }

  /**
   * @param others more lanes, which may fail, too
   */
  Health health(List<Lane> others) {
    for (Lane lane : Stream.concat(lanes.stream(), others.stream()).toList()) {
      String failure = lane.failure();
      if (failure != null) {
        return Health.of(
            Health.Status.DEGRADED,
            lane.coding().token() + " failed at the last body (" + failure + "): sent as identity");
      }
    }
    return fresh;
  }

  /** Returns how many native contexts exist. */
  int openContexts() {
    return lanes.stream().mapToInt(Lane::openContexts).sum();
  }

  @Override
  public void close() {
    lanes.forEach(Lane::close);
  }
}
