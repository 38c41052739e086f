package dev.perfkit.sla;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perfkit.spi.Health;
import dev.perfkit.testkit.FakeScheduler;
import dev.perfkit.testkit.FakeTimeSource;
import dev.perfkit.testkit.RecordingEvents;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Proves that windows and budgets go on after a restart; that a damaged, foreign or unwritable file
 * harms nobody and is told; and that the file is bounded and of the documented form.
 */
final class PersistenceTest {

  private static final Slo AVAILABLE = Slo.availability(0.9);
  private static final Slo FAST = Slo.latency(0.9, Duration.ofMillis(200));
  private static final Instant BEGIN = Instant.parse("2026-03-01T12:00:00Z");

  @TempDir Path folder;

  private FakeTimeSource time = FakeTimeSource.create();
  private FakeScheduler scheduler = FakeScheduler.on(time);
  private RecordingEvents events = RecordingEvents.create();

  @Test
  void restart_afterClose_goesOnWithWindowsAndBudgets() {
    begin(BEGIN);
    SlaMonitor first = start();
    record(first.service("api", AVAILABLE, FAST), 30, 6);
    time.advance(Duration.ofMinutes(2));
    record(first.service("api"), 4, 0);
    first.close();

    begin(BEGIN.plusSeconds(120));
    SlaMonitor second = start();
    Service api = second.service("api", FAST, AVAILABLE);
    assertThat(api.window(Window.TEN_SECONDS).count()).isEqualTo(4);
    assertThat(api.window(Window.ONE_HOUR).count()).isEqualTo(40);
    assertThat(api.window(Window.THIRTY_DAYS).errors()).isEqualTo(6);
    assertThat(api.budget(AVAILABLE).compliance().bad()).isEqualTo(6);
    assertThat(api.budget(AVAILABLE).compliance().good()).isEqualTo(34);
    record(api, 0, 2);
    assertThat(api.budget(AVAILABLE).compliance().bad()).isEqualTo(8);
    assertThat(api.budget(FAST).compliance().total()).isEqualTo(34);
    second.close();
  }

  @Test
  void restart_afterAnHour_countsItAsTimeWithoutRequests() {
    begin(BEGIN);
    SlaMonitor first = start();
    record(first.service("api", AVAILABLE), 10, 0);
    time.advance(Duration.ofSeconds(2));
    first.close();

    begin(BEGIN.plus(Duration.ofHours(1)));
    SlaMonitor second = start();
    Service api = second.service("api", AVAILABLE);
    assertThat(api.window(Window.THIRTY_MINUTES).count()).isZero();
    assertThat(api.window(Window.TWO_HOURS).count()).isEqualTo(10);
    assertThat(api.window(Window.TWO_HOURS).covered()).isBetween(hour(), hour().plusSeconds(3));
    assertThat(api.compliance(AVAILABLE, Window.THIRTY_MINUTES).total()).isZero();
    assertThat(api.compliance(AVAILABLE, Window.TWO_HOURS).total()).isEqualTo(10);
    second.close();
  }

  @Test
  void restart_wallClockWentBack_goesOnWhereItWasAndSaysSo() {
    begin(BEGIN);
    SlaMonitor first = start();
    record(first.service("api", AVAILABLE), 10, 0);
    time.advance(Duration.ofSeconds(1));
    first.close();

    begin(BEGIN.minus(Duration.ofDays(2)));
    SlaMonitor second = start();
    assertThat(second.service("api", AVAILABLE).window(Window.ONE_MINUTE).count()).isEqualTo(10);
    time.advance(Duration.ofSeconds(1));
    assertThat(events.types()).containsExactly("state-from-the-future");
    second.close();
  }

  @Test
  void restart_withoutClose_losesAtMostTheLastSecond() throws IOException {
    begin(BEGIN);
    SlaMonitor first = start();
    Service api = first.service("api", AVAILABLE);
    for (int i = 0; i < 40; i++) {
      record(api, 1, 1);
      time.advance(Duration.ofMillis(250));
    }
    Path copy = Files.copy(file(), folder.resolve("killed"));
    begin(BEGIN.plusSeconds(10));
    SlaMonitor second = options().persistence(copy).build();
    Service again = second.service("api", AVAILABLE);
    assertThat(again.window(Window.ONE_HOUR).count()).isBetween(72L, 80L);
    assertThat(again.budget(AVAILABLE).compliance().bad()).isBetween(36L, 40L);
    second.close();
    first.close();
  }

  @Test
  void restart_otherObjectives_keepsWhatIsStillAskedFor() {
    Slo slices = Slo.throughput(0.9, 1).timeslices(Duration.ofSeconds(10));
    begin(BEGIN);
    SlaMonitor first = start();
    record(first.service("api", AVAILABLE, FAST, slices), 30, 3);
    time.advance(Duration.ofSeconds(40));
    Compliance sliced = first.service("api").compliance(slices);
    first.close();
    assertThat(sliced.total()).isGreaterThan(2);

    begin(BEGIN.plusSeconds(40));
    SlaMonitor second = start();
    Slo faster = Slo.latency(0.5, Duration.ofMillis(101));
    Service api = second.service("api", slices, faster, AVAILABLE);
    assertThat(api.compliance(AVAILABLE).bad()).isEqualTo(3);
    assertThat(api.compliance(slices).good()).isEqualTo(sliced.good());
    assertThat(api.compliance(slices).bad()).isEqualTo(sliced.bad());
    assertThat(api.compliance(faster).total()).isZero();
    assertThat(api.window(Window.ONE_HOUR).count()).isEqualTo(33);
    assertThat(api.window(Window.ONE_HOUR).percentile(0.5).orElseThrow())
        .isBetween(Duration.ofMillis(97), Duration.ofMillis(104));
    second.close();
  }

  @Test
  void restart_exactSumTurnedOn_estimatesThatOfThePast() {
    begin(BEGIN);
    SlaMonitor first = start();
    record(first.service("api", AVAILABLE), 10, 0);
    first.close();
    begin(BEGIN);
    SlaMonitor second = options().exactSum(true).persistence(file()).build();
    assertThat(second.service("api", AVAILABLE).window(Window.ONE_HOUR).mean().orElseThrow())
        .isBetween(Duration.ofMillis(98), Duration.ofMillis(102));
    second.close();
  }

  @Test
  void restart_serviceNotMadeMeanwhile_isKept() {
    begin(BEGIN);
    SlaMonitor first = start();
    record(first.service("rare", AVAILABLE), 5, 5);
    first.close();
    for (int i = 1; i < 4; i++) {
      begin(BEGIN.plusSeconds(60L * i));
      SlaMonitor other = start();
      record(other.service("api", AVAILABLE), 1, 0);
      time.advance(Duration.ofSeconds(3));
      other.close();
    }
    begin(BEGIN.plusSeconds(600));
    SlaMonitor last = start();
    assertThat(last.service("rare", AVAILABLE).compliance(AVAILABLE).bad()).isEqualTo(5);
    assertThat(last.service("api", AVAILABLE).compliance(AVAILABLE).good()).isEqualTo(3);
    last.close();
  }

  @Test
  void restart_fourHundredDaysLater_hasForgotten() throws IOException {
    begin(BEGIN);
    SlaMonitor first = start();
    record(first.service("api", AVAILABLE), 5, 5);
    first.close();
    begin(BEGIN.plus(Duration.ofDays(450)));
    SlaMonitor second = start();
    Service api = second.service("api", AVAILABLE.over(Slo.LONGEST_PERIOD));
    assertThat(api.compliance(api.objectives().get(0)).total()).isZero();
    assertThat(api.window(Window.THIRTY_DAYS).count()).isZero();
    second.close();
  }

  @Test
  void build_fileInUse_isRefusedUntilItIsFree() {
    SlaMonitor first = start();
    assertThatThrownBy(this::start)
        .isInstanceOf(SlaException.class)
        .hasMessageContaining("persistence must be a file of one monitor")
        .hasMessageContaining(file().toString());
    first.close();
    start().close();
  }

  @Test
  void build_noSuchFolder_isRefused() {
    assertThatThrownBy(() -> options().persistence(folder.resolve("none/state")).build())
        .isInstanceOf(SlaException.class)
        .hasMessageContaining("in a folder that can be written to");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> options().persistence(Path.of("/")))
        .withMessageContaining("persistence must name a file");
  }

  @Test
  void build_tailCutAnywhere_losesOnlyTheTail() throws IOException {
    byte[] whole = journal();
    int head = Files.readAllBytes(folder.resolve("head")).length;
    long before = 0;
    for (int length = head; length <= whole.length; length += 101) {
      Files.write(file(), Arrays.copyOf(whole, length));
      SlaMonitor monitor = start();
      long count = monitor.service("api", AVAILABLE).window(Window.ONE_HOUR).count();
      assertThat(count).isBetween(before, 40L);
      before = count;
      monitor.close();
    }
    assertThat(before).isGreaterThan(30);
  }

  @Test
  void build_damagedTail_isCutOffAndTold() throws IOException {
    byte[] whole = journal();
    whole[whole.length - 30] ^= 1;
    Files.write(file(), whole);
    SlaMonitor monitor = start();
    assertThat(monitor.service("api", AVAILABLE).window(Window.ONE_HOUR).count()).isPositive();
    time.advance(Duration.ofSeconds(1));
    assertThat(events.types()).contains("state-truncated");
    monitor.close();
    events = RecordingEvents.create();
    SlaMonitor again = start();
    time.advance(Duration.ofSeconds(1));
    assertThat(events.types()).doesNotContain("state-truncated");
    again.close();
  }

  @Test
  void build_anyByteOfTheHeadDamaged_movesTheFileAside() throws IOException {
    journal();
    byte[] head = firstPart(Files.readAllBytes(folder.resolve("head")));
    for (int at = 0; at < head.length; at += at < 24 ? 1 : 13) {
      byte[] damaged = head.clone();
      damaged[at] ^= 0x10;
      Files.write(file(), damaged);
      SlaMonitor monitor = start();
      assertThat(monitor.service("api", AVAILABLE).window(Window.ONE_HOUR).count())
          .as("byte %d", at)
          .isZero();
      monitor.close();
    }
    time.advance(Duration.ofSeconds(1));
    try (Stream<Path> all = Files.list(folder)) {
      assertThat(all.map(it -> it.getFileName().toString())).anyMatch(it -> it.contains("damaged"));
    }
  }

  @Test
  void build_laterVersion_saysSoAndKeepsTheFile() throws IOException {
    journal();
    byte[] later = Files.readAllBytes(file());
    later[4] = 2;
    Files.write(file(), later);
    begin(BEGIN);
    events = RecordingEvents.create();
    SlaMonitor monitor = start();
    time.advance(Duration.ofSeconds(1));
    assertThat(events.types()).containsExactly("state-refused");
    assertThat(events.events().get(0).message())
        .contains("its version is 2, and this reads 1", "moved to");
    assertThat(folder.resolve("state.damaged-" + BEGIN.toEpochMilli())).hasBinaryContent(later);
    monitor.close();
  }

  @Test
  void save_folderVanishes_isToldAndMadeUpFor() throws IOException {
    begin(BEGIN);
    Path inner = Files.createDirectory(folder.resolve("inner"));
    SlaMonitor first = options().persistence(inner.resolve("state")).build();
    Service api = first.service("api", AVAILABLE);
    // A folder in the place of the new file: it cannot be written.
    Files.createDirectory(inner.resolve("state.tmp"));
    record(api, 7, 0);
    time.advance(Duration.ofSeconds(2));
    assertThat(first.health().status()).isEqualTo(Health.Status.DEGRADED);
    assertThat(first.health().reason()).contains("cannot be written");
    Files.delete(inner.resolve("state.tmp"));
    time.advance(Duration.ofSeconds(2));
    assertThat(first.health().status()).isEqualTo(Health.Status.UP);
    assertThat(events.types()).containsExactly("state-not-written", "state-written-again");
    first.close();
    begin(BEGIN.plusSeconds(5));
    SlaMonitor second = options().persistence(inner.resolve("state")).build();
    assertThat(second.service("api", AVAILABLE).window(Window.ONE_HOUR).count()).isEqualTo(7);
    second.close();
  }

  @Test
  void save_forHours_replacesTheFileBeforeItGrowsTooLarge() throws IOException {
    begin(BEGIN);
    SlaMonitor monitor = start();
    long largest = 0;
    long shrunk = 0;
    long before = 0;
    for (int i = 0; i < 100; i++) {
      for (int service = 0; service < 30; service++) {
        Service one = monitor.service("service with a rather long name " + service, FAST);
        for (int j = 0; j < 20; j++) {
          one.record(1L << (i * 7 + j) % 40, Outcome.status(100 + j));
        }
      }
      time.advance(Duration.ofMillis(500));
      long size = Files.exists(file()) ? Files.size(file()) : 0;
      largest = Math.max(largest, size);
      shrunk += size < before ? 1 : 0;
      before = size;
    }
    assertThat(shrunk).isPositive();
    assertThat(largest).isLessThan(3L << 20);
    monitor.close();
  }

  @Test
  void read_recordsAndSectionsOfALaterVersion_areSkipped() throws IOException {
    begin(BEGIN);
    SlaMonitor first = start();
    record(first.service("api", AVAILABLE), 9, 0);
    first.close();
    StateWriter unknown = new StateWriter().octet(99).section(1_000, new StateWriter().number(5));
    byte[] with = Files.readAllBytes(file());
    StateFile other = StateFile.open(folder.resolve("other"));
    Files.write(folder.resolve("other"), with);
    byte[][] bodies = new byte[64][];
    int[] count = {0};
    other.read(body -> bodies[count[0]++] = body);
    other.replace(
        sink -> {
          sink.record(unknown);
          for (int i = 0; i < count[0]; i++) {
            sink.record(
                new StateWriter().raw(bodies[i]).section(77, new StateWriter().text("later")));
          }
        });
    other.close();
    begin(BEGIN);
    SlaMonitor second = options().persistence(folder.resolve("other")).build();
    assertThat(second.service("api", AVAILABLE).window(Window.ONE_HOUR).count()).isEqualTo(9);
    time.advance(Duration.ofSeconds(1));
    assertThat(events.types()).isEmpty();
    second.close();
  }

  @Test
  void golden_versionOne_isReadAndStillWritten() throws IOException {
    begin(BEGIN);
    SlaMonitor writer = start();
    record(writer.service("api", AVAILABLE, FAST), 10, 2);
    time.advance(Duration.ofSeconds(1));
    record(writer.service("api"), 3, 0);
    time.advance(Duration.ofSeconds(1));
    byte[] written = Files.readAllBytes(file());
    writer.close();
    if (Boolean.getBoolean("perfkit.golden.write")) {
      Files.write(Path.of("src/test/resources/golden/state-1.psla"), written);
    }
    byte[] golden;
    try (InputStream in =
        Objects.requireNonNull(getClass().getResourceAsStream("/golden/state-1.psla"))) {
      golden = in.readAllBytes();
    }
    assertThat(written).isEqualTo(golden);

    Path old = Files.write(folder.resolve("golden"), golden);
    begin(BEGIN.plusSeconds(3));
    SlaMonitor reader = options().persistence(old).build();
    Service api = reader.service("api", AVAILABLE, FAST);
    assertThat(api.window(Window.ONE_HOUR).count()).isEqualTo(15);
    assertThat(api.compliance(AVAILABLE).bad()).isEqualTo(2);
    assertThat(api.compliance(FAST).good()).isEqualTo(13);
    reader.close();
  }

  /** Leaves a file with many small additions; and another that ends with its first part. */
  private byte[] journal() throws IOException {
    begin(BEGIN);
    SlaMonitor first = start();
    Service api = first.service("api", AVAILABLE);
    record(api, 1, 0);
    time.advance(Duration.ofMillis(500));
    Files.copy(file(), folder.resolve("head"));
    for (int i = 0; i < 39; i++) {
      record(api, 1, 0);
      time.advance(Duration.ofMillis(500));
    }
    byte[] whole = Files.readAllBytes(file());
    first.close();
    events = RecordingEvents.create();
    return whole;
  }

  /** Returns what was written as a whole: up to the first record of the clocks. */
  private static byte[] firstPart(byte[] file) {
    int at = 12;
    while (true) {
      byte type = file[at + 8];
      at += 8 + ByteBuffer.wrap(file).getInt(at);
      if (type == SavedState.TIME_RECORD) {
        return Arrays.copyOf(file, at);
      }
    }
  }

  private static Duration hour() {
    return Duration.ofHours(1);
  }

  private static void record(Service service, int good, int bad) {
    for (int i = 0; i < good; i++) {
      service.record(Duration.ofMillis(100), Outcome.success());
    }
    for (int i = 0; i < bad; i++) {
      service.record(Duration.ofMillis(100), Outcome.status(503));
    }
  }

  private void begin(Instant wall) {
    time = FakeTimeSource.create();
    time.setWallClock(wall);
    scheduler = FakeScheduler.on(time);
  }

  private Path file() {
    return folder.resolve("state");
  }

  private SlaMonitor start() {
    return options().persistence(file()).build();
  }

  private SlaMonitorBuilder options() {
    return SlaMonitor.named("test")
        .timeSource(time)
        .scheduler(scheduler)
        .events(events)
        .absenceAfter(Duration.ZERO);
  }
}
