package dev.perfkit.sla;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.perfkit.testkit.FakeScheduler;
import dev.perfkit.testkit.FakeTimeSource;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.zip.CRC32C;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

/**
 * Proves that merged snapshots are exactly what one recorder of all requests would have said, in
 * any order of merging; that bytes read back the same and are of the documented form; and that
 * damaged or foreign ones are refused.
 */
final class ServiceSnapshotTest {

  private static final Slo UP = Slo.availability(0.9).named("up");
  private static final Slo FAST = Slo.latency(0.9, Duration.ofMillis(150)).named("fast");
  private static final Instant BEGIN = Instant.parse("2026-03-01T12:00:00Z");

  private final FakeTimeSource time = FakeTimeSource.create();

  ServiceSnapshotTest() {
    time.setWallClock(BEGIN);
  }

  @Property(tries = 50)
  void merge_instances_isWhatOneRecorderSaw(
      @ForAll long seed, @ForAll @IntRange(min = 1, max = 5) int count) {
    Random random = new Random(seed);
    SlaMonitor alone = monitor();
    List<SlaMonitor> fleet = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      fleet.add(monitor());
    }
    for (int i = 0; i < 300; i++) {
      long nanos = (long) (1e8 * Math.exp(2 * random.nextGaussian()));
      Outcome outcome = Outcome.status(random.nextInt(20) == 0 ? 503 : 200);
      api(alone).record(nanos, outcome);
      api(fleet.get(random.nextInt(count))).record(nanos, outcome);
    }
    ServiceSnapshot expected = api(alone).snapshot(Window.ONE_MINUTE);
    ServiceSnapshot merged = merged(fleet, random);
    assertThat(merged.instances()).isEqualTo(count);
    assertThat(merged.count()).isEqualTo(300);
    assertThat(merged.errors()).isEqualTo(expected.errors());
    assertThat(merged.status(2)).isEqualTo(expected.status(2));
    assertThat(merged.buckets()).isEqualTo(expected.buckets());
    assertThat(merged.objectives()).isEqualTo(expected.objectives());
    assertThat(merged.percentile(0.99)).isEqualTo(expected.percentile(0.99)).isPresent();
    assertThat(nanos(merged.mean()))
        .isBetween(nanos(expected.mean()) - 1, nanos(expected.mean()) + 1);
    assertThat(ServiceSnapshot.of(merged.toBytes())).isEqualTo(merged).hasSameHashCodeAs(merged);
    fleet.forEach(SlaMonitor::close);
    alone.close();
  }

  @Test
  void readme_runs() {
    SlaMonitor sla = monitor();
    Service api = api(sla);
    byte[] fromAnother = api(monitor()).snapshot(Window.FIVE_MINUTES).toBytes();
    // region: fleet
    byte[] bytes = api.snapshot(Window.FIVE_MINUTES).toBytes(); // from each instance
    ServiceSnapshot fleet = ServiceSnapshot.of(bytes).merge(ServiceSnapshot.of(fromAnother));
    Optional<Duration> p99 = fleet.percentile(0.99); // of all requests of all instances
    // endregion: fleet
    assertThat(p99).isEmpty();
    assertThat(fleet.instances()).isEqualTo(2);
    assertThat(fleet.mean()).isEmpty();
    sla.close();
  }

  @Test
  void merge_oneSlowInstance_isNotTheMeanOfPercentiles() {
    SlaMonitor fast = monitor();
    SlaMonitor slow = monitor();
    for (int i = 0; i < 9_900; i++) {
      api(fast).record(Duration.ofMillis(10), Outcome.success());
    }
    for (int i = 0; i < 100; i++) {
      api(slow).record(Duration.ofSeconds(1), Outcome.success());
    }
    ServiceSnapshot one = api(fast).snapshot(Window.ONE_MINUTE);
    ServiceSnapshot other = api(slow).snapshot(Window.ONE_MINUTE);
    long mean = (nanos(one.percentile(0.99)) + nanos(other.percentile(0.99))) / 2;
    assertThat(mean).isGreaterThan(500_000_000);
    assertThat(nanos(one.merge(other).percentile(0.99))).isLessThan(10_200_000);
    assertThat(nanos(one.merge(other).percentile(0.991))).isGreaterThan(980_000_000);
  }

  @Test
  void snapshot_ofRunningRequestPastItsThreshold_countsItAsBad() {
    SlaMonitor monitor = monitor();
    long running = api(monitor).start();
    time.advance(Duration.ofSeconds(2));
    ServiceSnapshot before = ServiceSnapshot.of(api(monitor).snapshot().toBytes());
    assertThat(before.count()).isZero();
    assertThat(counts(before, "fast").bad()).isEqualTo(1);
    api(monitor).end(running, Outcome.success());
    ServiceSnapshot after = api(monitor).snapshot();
    assertThat(after.count()).isEqualTo(1);
    assertThat(counts(after.merge(before), "fast").bad()).isEqualTo(2);
    assertThat(after.merge(before).reading().over(150_000_000)).isEqualTo(2);
  }

  @Test
  void snapshot_ofAWindow_holdsThatWindowOnly() {
    SlaMonitor monitor = monitor();
    api(monitor).record(Duration.ofMillis(10), Outcome.success());
    time.advance(Duration.ofMinutes(2));
    api(monitor).record(Duration.ofMillis(10), Outcome.failure());
    ServiceSnapshot minute = api(monitor).snapshot(Window.ONE_MINUTE);
    assertThat(minute.count()).isEqualTo(1);
    assertThat(minute.window()).contains(Window.ONE_MINUTE);
    assertThat(minute.covered()).isBetween(Duration.ofSeconds(60), Duration.ofSeconds(61));
    assertThat(minute.taken()).isEqualTo(BEGIN.plusSeconds(120));
    assertThat(api(monitor).snapshot().count()).isEqualTo(2);
    assertThat(api(monitor).snapshot().window()).isEmpty();
    assertThat(counts(minute, "up").ratio()).hasValue(0.5);
    assertThat(minute.merge(minute).merge(minute).taken()).isEqualTo(minute.taken());
  }

  @Test
  void merge_foreign_isRefusedAndNamed() {
    ServiceSnapshot mine = api(monitor()).snapshot(Window.ONE_MINUTE);
    assertForeign(
        mine, monitor().service("other", UP, FAST).snapshot(Window.ONE_MINUTE), "service");
    assertForeign(mine, api(monitor()).snapshot(Window.ONE_HOUR), "window");
    assertForeign(mine, api(monitor()).snapshot(), "window");
    Slo slower = Slo.latency(0.9, Duration.ofMillis(151)).named("fast");
    assertForeign(
        mine, monitor().service("api", UP, slower).snapshot(Window.ONE_MINUTE), "thresholds");
    assertForeign(
        mine, monitor().service("api", FAST).snapshot(Window.ONE_MINUTE), "number of objectives");
    Slo stricter = Slo.availability(0.95).named("up");
    assertForeign(
        mine, monitor().service("api", stricter, FAST).snapshot(Window.ONE_MINUTE), "objective");
  }

  @Test
  void merge_tooManyInstances_isRefused() {
    ServiceSnapshot sum = api(monitor()).snapshot();
    while (sum.instances() < ServiceSnapshot.MOST_INSTANCES / 2) {
      sum = sum.merge(sum);
    }
    ServiceSnapshot large = sum;
    assertThatIllegalArgumentException()
        .isThrownBy(() -> large.merge(large).merge(large))
        .withMessageContaining("instances must be at most 10000");
  }

  @Test
  void of_anyByteChangedOrMissing_isRefused() {
    byte[] good = sample().toBytes();
    for (int at = 0; at < good.length; at++) {
      byte[] changed = good.clone();
      changed[at] ^= 0x10;
      assertThatThrownBy(() -> ServiceSnapshot.of(changed)).isInstanceOf(SnapshotException.class);
      byte[] cut = Arrays.copyOf(good, at);
      assertThat(reasonOf(cut)).isEqualTo(SnapshotException.Reason.DAMAGED);
    }
    assertThat(reasonOf(Arrays.copyOf(good, good.length + 1)))
        .isEqualTo(SnapshotException.Reason.DAMAGED);
    assertThat(reasonOf(new byte[(1 << 20) + 1])).isEqualTo(SnapshotException.Reason.DAMAGED);
  }

  @Test
  void of_otherVersionOrDivision_saysSo() {
    byte[] later = sample().toBytes();
    later[4] = 2;
    assertThat(reasonOf(later)).isEqualTo(SnapshotException.Reason.UNKNOWN_VERSION);
    byte[] foreign = sample().toBytes();
    foreign[5] = 2;
    assertThat(reasonOf(signed(foreign))).isEqualTo(SnapshotException.Reason.FOREIGN);
  }

  @Test
  void golden_version1_readsAndIsWritten() throws IOException {
    if (Boolean.getBoolean("perfkit.golden.write")) {
      Files.write(Path.of("src/test/resources/golden/snapshot-1.psls"), sample().toBytes());
    }
    byte[] golden;
    try (InputStream in =
        Objects.requireNonNull(getClass().getResourceAsStream("/golden/snapshot-1.psls"))) {
      golden = in.readAllBytes();
    }
    assertThat(sample().toBytes()).isEqualTo(golden);
    ServiceSnapshot read = ServiceSnapshot.of(golden);
    assertThat(read.service()).isEqualTo("api");
    assertThat(read.window()).contains(Window.FIVE_MINUTES);
    assertThat(read.count()).isEqualTo(10);
    assertThat(read.errors()).isEqualTo(2);
    assertThat(read.status(5)).isEqualTo(2);
    assertThat(read.taken()).isEqualTo(BEGIN.plusSeconds(2));
    assertThat(counts(read, "fast")).isEqualTo(counts(sample(), "fast"));
    assertThat(counts(read, "up").definition()).isEqualTo("AVAILABILITY 0.9 over 30d");
    assertThat(counts(read, "fast").good()).isEqualTo(6);
    assertThat(read).hasToString("ServiceSnapshot[api 5m, instances 1, requests 10]");
  }

  /** The snapshot of the golden file. */
  private static ServiceSnapshot sample() {
    FakeTimeSource time = FakeTimeSource.create();
    time.setWallClock(BEGIN);
    SlaMonitor monitor =
        SlaMonitor.named("golden").timeSource(time).scheduler(FakeScheduler.on(time)).build();
    Service api = api(monitor);
    for (int i = 1; i <= 10; i++) {
      api.record(Duration.ofMillis(20L * i), Outcome.status(i % 5 == 0 ? 503 : 200));
    }
    time.advance(Duration.ofSeconds(2));
    return api.snapshot(Window.FIVE_MINUTES);
  }

  private ServiceSnapshot merged(List<SlaMonitor> fleet, Random random) {
    List<ServiceSnapshot> parts = new ArrayList<>();
    fleet.forEach(
        one -> parts.add(ServiceSnapshot.of(api(one).snapshot(Window.ONE_MINUTE).toBytes())));
    while (parts.size() > 1) {
      ServiceSnapshot one = parts.remove(random.nextInt(parts.size()));
      ServiceSnapshot other = parts.remove(random.nextInt(parts.size()));
      parts.add(one.merge(other));
    }
    return parts.get(0);
  }

  private SlaMonitor monitor() {
    return SlaMonitor.named("test").timeSource(time).scheduler(FakeScheduler.on(time)).build();
  }

  private static Service api(SlaMonitor monitor) {
    return monitor.service("api", UP, FAST);
  }

  private static ObjectiveCounts counts(ServiceSnapshot snapshot, String name) {
    return snapshot.objectives().stream()
        .filter(it -> it.name().equals(name))
        .findFirst()
        .orElseThrow();
  }

  private static long nanos(Optional<Duration> duration) {
    return duration.orElseThrow().toNanos();
  }

  private static void assertForeign(ServiceSnapshot mine, ServiceSnapshot other, String what) {
    SnapshotException refused =
        catchThrowableOfType(SnapshotException.class, () -> mine.merge(other));
    assertThat(refused).hasMessageContaining("must agree in " + what);
    assertThat(refused.reason()).isEqualTo(SnapshotException.Reason.FOREIGN);
  }

  private static SnapshotException.Reason reasonOf(byte[] bytes) {
    return catchThrowableOfType(SnapshotException.class, () -> ServiceSnapshot.of(bytes)).reason();
  }

  /** Returns bytes with the checksum that they should have. */
  static byte[] signed(byte[] bytes) {
    CRC32C crc = new CRC32C();
    crc.update(bytes, 0, bytes.length - 4);
    StateWriter out = new StateWriter().raw(Arrays.copyOf(bytes, bytes.length - 4));
    return out.fixed32((int) crc.getValue()).toBytes();
  }
}
