package dev.perfkit.sla;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.zip.CRC32C;

/** The bytes of a snapshot, version 1; described in docs/formats.md. */
final class SnapshotFormat {

  static final int VERSION = 1;

  /** The division of durations by {@link Buckets}. */
  static final int BUCKETS = 1;

  private static final byte[] MAGIC = {'P', 'S', 'L', 'S'};
  private static final int HEAD = MAGIC.length + 2;
  private static final int CRC = 4;
  private static final int MOST_BYTES = 1 << 20;

  /** More than a process counts: 9 years at a million requests a second. */
  private static final long MOST_COUNTED = 1L << 48;

  private SnapshotFormat() {}

  static byte[] write(ServiceSnapshot snapshot) {
    StateWriter out = new StateWriter().raw(MAGIC).octet(VERSION).octet(BUCKETS);
    out.text(snapshot.service());
    out.number(snapshot.window().map(Window::length).orElse(Duration.ZERO).toNanos());
    out.fixed64(snapshot.taken().toEpochMilli());
    out.number(snapshot.instances());
    Reading reading = snapshot.reading();
    out.number(reading.spanNanos());
    writeReading(out, reading);
    out.number(snapshot.objectives().size());
    for (ObjectiveCounts counts : snapshot.objectives()) {
      out.text(counts.name()).text(counts.definition());
      out.fixed64(Double.doubleToLongBits(counts.target()));
      out.number(counts.good()).number(counts.bad());
    }
    return out.fixed32(crc(out.toBytes())).toBytes();
  }

  static ServiceSnapshot read(byte[] bytes) {
    try {
      return new Body(checked(bytes)).snapshot();
    } catch (StateDamage damage) {
      throw refused(SnapshotException.Reason.DAMAGED, String.valueOf(damage.getMessage()));
    }
  }

  private static void writeReading(StateWriter out, Reading reading) {
    long[] thresholds = reading.layout().thresholds();
    out.number(thresholds.length);
    for (int i = 0; i < thresholds.length; i++) {
      out.number(thresholds[i]).number(zigzag(reading.running(i)));
    }
    for (int i = 1; i <= Layout.STATUS_CLASSES; i++) {
      out.number(reading.status(i));
    }
    out.fixed64(Double.doubleToLongBits(reading.sumNanos(true)));
    out.fixed64(Double.doubleToLongBits(reading.sumNanos(false)));
    List<Bucket> buckets = reading.buckets();
    out.number(buckets.size());
    long before = 0;
    for (Bucket bucket : buckets) {
      out.number(bucket.upToNanos() - before);
      out.number(bucket.successes()).number(bucket.failures());
      before = bucket.upToNanos();
    }
  }

  /** Returns the bytes between head and checksum. */
  private static StateReader checked(byte[] bytes) throws StateDamage {
    StateDamage.require(bytes.length <= MOST_BYTES, "it is over " + MOST_BYTES + " bytes long");
    StateDamage.require(
        bytes.length >= HEAD + CRC && Arrays.equals(MAGIC, Arrays.copyOf(bytes, MAGIC.length)),
        "it begins otherwise");
    int version = bytes[MAGIC.length] & 0xFF;
    if (version != VERSION) {
      throw refused(
          SnapshotException.Reason.UNKNOWN_VERSION,
          "its version is " + version + ", and this reads " + VERSION);
    }
    int end = bytes.length - CRC;
    byte[] sum = new StateWriter().fixed32(crc(Arrays.copyOf(bytes, end))).toBytes();
    StateDamage.require(
        Arrays.equals(sum, Arrays.copyOfRange(bytes, end, bytes.length)),
        "its checksum does not match");
    int buckets = bytes[MAGIC.length + 1] & 0xFF;
    if (buckets != BUCKETS) {
      throw refused(
          SnapshotException.Reason.FOREIGN,
          "its division of durations is " + buckets + ", and this reads " + BUCKETS);
    }
    return new StateReader(Arrays.copyOfRange(bytes, HEAD, end));
  }

  private static SnapshotException refused(SnapshotException.Reason reason, String why) {
    return new SnapshotException(
        reason, "bytes are not a snapshot of a service: " + why + "; take a new one");
  }

  private static long zigzag(long value) {
    return value << 1 ^ value >> 63;
  }

  private static int crc(byte[] bytes) {
    CRC32C crc = new CRC32C();
    crc.update(bytes);
    return (int) crc.getValue();
  }

  /** What is between head and checksum, read from front to back. */
  private record Body(StateReader in) {

    ServiceSnapshot snapshot() throws StateDamage {
      String service = name();
      Optional<Window> window = window();
      Instant taken = Instant.ofEpochMilli(in.fixed64());
      int instances = (int) in.number(ServiceSnapshot.MOST_INSTANCES);
      StateDamage.require(instances > 0, "it is of no instance");
      long most = instances * MOST_COUNTED;
      Reading reading = reading(in.number(History.LATEST), most);
      List<ObjectiveCounts> objectives = objectives(most);
      StateDamage.require(!in.hasMore(), "it goes on after its end");
      return new ServiceSnapshot(service, window, taken, instances, reading, objectives);
    }

    private String name() throws StateDamage {
      String name = in.text();
      StateDamage.require(!name.isBlank() && name.length() <= 200, "a name is not one");
      return name;
    }

    private Optional<Window> window() throws StateDamage {
      Duration length = Duration.ofNanos(in.number(Window.LONGEST.toNanos()));
      if (length.isZero()) {
        return Optional.empty();
      }
      StateDamage.require(length.compareTo(Window.SHORTEST) >= 0, "its window is too short");
      return Optional.of(Window.of(length));
    }

    private Reading reading(long spanNanos, long most) throws StateDamage {
      int count = (int) in.number(Objectives.MOST_THRESHOLDS);
      List<Long> thresholds = new ArrayList<>();
      long[] running = new long[count];
      for (int i = 0; i < count; i++) {
        long before = i == 0 ? 0 : thresholds.get(i - 1);
        thresholds.add(in.number(Buckets.MAX_NANOS));
        StateDamage.require(thresholds.get(i) > before, "thresholds do not ascend");
        running[i] = running(most);
      }
      Layout layout = Layout.withThresholds(thresholds);
      long[] statuses = new long[Layout.STATUS_CLASSES];
      for (int i = 0; i < statuses.length; i++) {
        statuses[i] = in.number(most);
      }
      Sums sums = new Sums(sum(), sum());
      long[][] counts = counts(layout, most);
      return new Reading(layout, spanNanos, 0, counts[0], counts[1], statuses, running, sums);
    }

    private long running(long most) throws StateDamage {
      long zigzag = in.number(most);
      return zigzag >>> 1 ^ -(zigzag & 1);
    }

    private double sum() throws StateDamage {
      double sum = Double.longBitsToDouble(in.fixed64());
      StateDamage.require(sum >= 0 && Double.isFinite(sum), "a sum is not one");
      return sum;
    }

    /** Returns successes and failures by bucket. */
    private long[][] counts(Layout layout, long most) throws StateDamage {
      long[][] counts = new long[2][layout.buckets()];
      int ranges = (int) in.number(layout.buckets());
      long left = most;
      long edge = 0;
      for (int i = 0; i < ranges; i++) {
        long step = in.number(Buckets.MAX_NANOS);
        edge += step;
        int bucket = layout.bucketEndingAt(edge);
        StateDamage.require(step > 0 && bucket >= 0, "no bucket ends there");
        counts[0][bucket] = in.number(left);
        counts[1][bucket] = in.number(left - counts[0][bucket]);
        left -= counts[0][bucket] + counts[1][bucket];
      }
      return counts;
    }

    private List<ObjectiveCounts> objectives(long most) throws StateDamage {
      int count = (int) in.number(Objectives.MOST);
      List<ObjectiveCounts> objectives = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        String name = name();
        String definition = in.text();
        double target = Double.longBitsToDouble(in.fixed64());
        StateDamage.require(target > 0 && target < 1, "a target is not one");
        objectives.add(
            new ObjectiveCounts(name, definition, target, in.number(most), in.number(most)));
      }
      return objectives;
    }
  }
}
