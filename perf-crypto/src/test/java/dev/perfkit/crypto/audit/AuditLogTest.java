package dev.perfkit.crypto.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perfkit.spi.Event;
import dev.perfkit.spi.Health;
import dev.perfkit.testkit.FakeScheduler;
import dev.perfkit.testkit.FakeTimeSource;
import dev.perfkit.testkit.RecordingEvents;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Proves that whatever is done to a log shows: a changed bit, a missing, added or moved entry, a
 * cut-off end; that a restart goes on with the chain or says what it found; and that old keys are
 * nowhere on the disk.
 */
class AuditLogTest {

  private static final byte[] FIRST =
      HexFormat.of().parseHex("000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f");

  private final FakeTimeSource time = FakeTimeSource.create();
  private final FakeScheduler scheduler = FakeScheduler.on(time);
  private final RecordingEvents events = RecordingEvents.create();
  private final Path path;
  private final Path state;

  AuditLogTest(@TempDir Path folder) {
    path = folder.resolve("audit.log");
    state = folder.resolve("audit.log.key");
  }

  @Test
  void append_severalEntries_areReadBackInOrder() throws IOException {
    AuditLog log = open();
    log.append("key-added", Map.of("key", "1"));
    time.advance(Duration.ofSeconds(5));
    log.accept(
        Event.of("crypto/pii", "decrypt-failures", Event.Severity.WARNING, 0, "sentence")
            .with("not_authentic", "3"));
    log.close();
    List<AuditEntry> read = new ArrayList<>();
    AuditReport report = AuditVerifier.verify(path, FIRST, null, read::add);
    assertThat(report.problems()).isEmpty();
    assertThat(report.entries()).isEqualTo(3);
    assertThat(report.head()).isEqualTo(exportedHead());
    assertThat(read.stream().map(AuditEntry::type))
        .containsExactly("begun", "key-added", "decrypt-failures");
    assertThat(read.get(1).details()).containsExactly(Map.entry("key", "1"));
    assertThat(read.get(2).details())
        .containsEntry("source", "crypto/pii")
        .containsEntry("not_authentic", "3")
        .doesNotContainValue("sentence");
    assertThat(Duration.between(read.get(1).time(), read.get(2).time())).hasSeconds(5);
  }

  @Test
  void verify_anyBitChanged_isNotIntact() throws IOException {
    byte[] good = written();
    for (int i = 0; i < good.length; i++) {
      byte[] changed = good.clone();
      changed[i] ^= 1;
      assertThat(intact(changed)).as("byte %d", i).isFalse();
    }
    assertThat(intact(good)).isTrue();
  }

  @Test
  void verify_anyEndCutOff_isFoundByTheExportedHead() throws IOException {
    byte[] good = written();
    AuditHead head = exportedHead();
    for (int length = 0; length < good.length; length++) {
      Files.write(path, Arrays.copyOf(good, length));
      boolean intact;
      try {
        intact = AuditVerifier.verify(path, FIRST, head, entry -> {}).isIntact();
      } catch (IOException noLog) {
        intact = false;
      }
      assertThat(intact).as("length %d", length).isFalse();
    }
  }

  @Test
  void verify_entriesRemovedSwappedOrRepeated_namesThem() throws IOException {
    byte[] good = written();
    List<Integer> bounds = bounds(good);
    byte[] withoutSecond = join(good, 0, bounds.get(1), bounds.get(2), good.length);
    assertThat(problems(withoutSecond)).anyMatch(text -> text.equals("entries 2 to 2 are missing"));
    byte[] swapped =
        join(
            join(good, 0, bounds.get(1), bounds.get(2), bounds.get(3)),
            join(good, bounds.get(1), bounds.get(2), bounds.get(3), good.length));
    assertThat(problems(swapped)).isNotEmpty();
    byte[] repeated = join(good, 0, bounds.get(2), bounds.get(1), good.length);
    assertThat(problems(repeated)).isNotEmpty();
  }

  @Test
  void verify_otherFirstKey_acceptsNothing() throws IOException {
    Files.write(path, written());
    AuditReport report = AuditVerifier.verify(path, AuditLog.newKey());
    assertThat(report.entries()).isZero();
    assertThat(report.head()).isNull();
    assertThat(report.isIntact()).isFalse();
    assertThatThrownBy(() -> AuditVerifier.verify(path, new byte[31]))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void verify_hugeSequence_endsSoon() throws IOException {
    byte[] good = written();
    good[bounds(good).get(1) + 4] = 0x7F;
    assertThat(problems(good)).anyMatch(text -> text.startsWith("entry 2 is missing"));
  }

  @Test
  void restart_afterAClose_goesOnWithTheChain() throws IOException {
    open().close();
    AuditLog second = reopen();
    second.append("key-added", Map.of());
    second.close();
    assertThat(types()).containsExactly("begun", "restarted", "key-added");
  }

  @Test
  void restart_afterACrashBetweenEntryAndState_goesOnWithTheChain() throws IOException {
    AuditLog log = open();
    byte[] before = Files.readAllBytes(state);
    log.append("key-added", Map.of());
    log.close();
    Files.write(state, before);
    reopen().close();
    assertThat(types()).containsExactly("begun", "key-added", "restarted");
  }

  @Test
  void restart_afterACrashInTheState_goesOnWithTheChain() throws IOException {
    AuditLog log = open();
    byte[] before = Files.readAllBytes(state);
    log.append("key-added", Map.of());
    log.close();
    byte[] after = Files.readAllBytes(state);
    // The new slot is written and the old one not erased yet; or the new one is half written.
    for (int half : new int[] {ChainState.SLOT_BYTES, 40}) {
      byte[] both = before.clone();
      int slot = before[0] == 0 ? 0 : ChainState.SLOT_BYTES;
      System.arraycopy(after, slot, both, slot, half);
      Files.write(state, both);
      reopen().close();
    }
    assertThat(AuditVerifier.verify(path, FIRST).problems()).isEmpty();
  }

  @Test
  void restart_afterEntriesWereRemovedOrTorn_recordsAGap() throws IOException {
    byte[] good = written();
    Files.write(path, Arrays.copyOf(good, bounds(good).get(2) + 5));
    reopen().close();
    List<AuditEntry> read = new ArrayList<>();
    AuditReport report = AuditVerifier.verify(path, FIRST, null, read::add);
    assertThat(report.problems()).containsExactly("entries 3 to 4 are missing");
    AuditEntry gap = read.get(read.size() - 1);
    assertThat(gap.type()).isEqualTo("gap");
    assertThat(gap.details())
        .containsEntry("dropped_bytes", "5")
        .containsEntry("expected_bytes", Integer.toString(good.length));
    Files.delete(path);
    reopen().close();
    assertThat(AuditVerifier.verify(path, FIRST).isIntact()).isFalse();
  }

  @Test
  void restart_withoutState_needsAFirstKeyAndKeepsTheOldLog() throws IOException {
    byte[] good = written();
    Files.delete(state);
    assertThatThrownBy(this::reopen)
        .isInstanceOf(IOException.class)
        .hasMessageContaining("give a first key");
    assertThat(Files.readAllBytes(path)).isEqualTo(good);
    byte[] key = AuditLog.newKey();
    AuditLog fresh = builder().firstKey(key).build();
    fresh.close();
    List<AuditEntry> read = new ArrayList<>();
    assertThat(AuditVerifier.verify(path, key, null, read::add).isIntact()).isTrue();
    assertThat(read.get(0).type()).isEqualTo("gap");
    Path aside = path.resolveSibling(read.get(0).details().get("earlier_log"));
    assertThat(Files.readAllBytes(aside)).isEqualTo(good);
  }

  @Test
  void state_afterAnEntry_holdsNoEarlierKey() throws IOException {
    AuditLog log = open();
    for (int i = 0; i < 5; i++) {
      log.append("e", Map.of());
      ChainKey key = new ChainKey(FIRST);
      String onDisk = HexFormat.of().formatHex(Files.readAllBytes(state));
      for (int used = 0; used < i + 2; used++) {
        assertThat(onDisk).doesNotContain(HexFormat.of().formatHex(key.bytes()));
        key.advance();
      }
      assertThat(onDisk).contains(HexFormat.of().formatHex(key.bytes()));
    }
    log.close();
    assertThat(
            java.nio.file.attribute.PosixFilePermissions.toString(
                Files.getPosixFilePermissions(state)))
        .isEqualTo("rw-------");
  }

  @Test
  void head_everyMinuteWithNews_isExported() throws IOException {
    AuditLog log = open();
    time.advance(Duration.ofMinutes(3));
    assertThat(events.types()).containsExactly("audit-head");
    log.append("e", Map.of());
    time.advance(Duration.ofMinutes(1));
    assertThat(events.types()).hasSize(2);
    log.append("e", Map.of());
    log.close();
    log.close();
    assertThat(events.types()).hasSize(3);
    assertThat(exportedHead().sequence()).isEqualTo(3);
  }

  @Test
  void open_twice_isRefused() throws IOException {
    AuditLog log = open();
    assertThatThrownBy(this::reopen)
        .isInstanceOf(IOException.class)
        .hasMessageContaining("is open already");
    log.close();
  }

  @Test
  void accept_afterClose_harmsNobody() throws IOException {
    AuditLog log = open();
    RecordingEvents next = RecordingEvents.create();
    log.close();
    Event event = Event.of("s", "t", Event.Severity.INFO, 0, "m");
    log.andThen(next).accept(event);
    assertThat(next.events()).containsExactly(event);
    assertThat(log.health().status()).isEqualTo(Health.Status.DOWN);
    assertThatThrownBy(() -> log.append("t", Map.of())).isInstanceOf(IllegalStateException.class);
    assertThat(log).hasToString("AuditLog[node-1]");
  }

  @Test
  void append_longOrManyDetails_areCut() throws IOException {
    AuditLog log = open();
    Map<String, String> many = new java.util.TreeMap<>();
    for (int i = 0; i < 60; i++) {
      many.put("k" + i, "\u20ac".repeat(2_000));
    }
    log.append("t".repeat(2_000), many);
    log.close();
    List<AuditEntry> read = new ArrayList<>();
    assertThat(AuditVerifier.verify(path, FIRST, null, read::add).isIntact()).isTrue();
    assertThat(read.get(1).details()).hasSize(50).allSatisfy((k, v) -> assertThat(v).hasSize(200));
  }

  @Test
  void verify_goldenLog_isIntact() throws IOException {
    try (InputStream golden = AuditLogTest.class.getResourceAsStream("/golden/crypto/audit.pcal")) {
      Files.write(path, Objects.requireNonNull(golden).readAllBytes());
    }
    List<AuditEntry> read = new ArrayList<>();
    AuditReport report = AuditVerifier.verify(path, FIRST, null, read::add);
    assertThat(report.problems()).isEmpty();
    assertThat(read.stream().map(AuditEntry::type))
        .containsExactly("begun", "key-added", "key-promoted", "decrypt-failures");
  }

  @Test
  void build_withoutFile_namesTheOption() {
    assertThatThrownBy(() -> AuditLog.named("n").build())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("file must be given");
    assertThatThrownBy(() -> AuditLog.named("n").firstKey(new byte[3]))
        .hasMessageContaining("firstKey must have 32 bytes but was 3");
  }

  private AuditLog open() throws IOException {
    return builder().firstKey(FIRST).build();
  }

  private AuditLog reopen() throws IOException {
    return builder().build();
  }

  private AuditLog.Builder builder() {
    return AuditLog.named("node-1").file(path).events(events).timeSource(time).scheduler(scheduler);
  }

  /** Returns a log of four entries. */
  private byte[] written() throws IOException {
    AuditLog log = open();
    log.append("key-added", Map.of("key", "1"));
    log.append("key-promoted", Map.of("key", "1"));
    log.append("decrypt-failures", Map.of("not_authentic", "3"));
    log.close();
    return Files.readAllBytes(path);
  }

  private AuditHead exportedHead() {
    List<Event> heads = events.events("audit-head");
    Map<String, String> last = heads.get(heads.size() - 1).details();
    return new AuditHead(
        Objects.requireNonNull(last.get("chain")),
        Long.parseLong(Objects.requireNonNull(last.get("sequence"))),
        Objects.requireNonNull(last.get("mac")));
  }

  private List<String> types() throws IOException {
    List<String> types = new ArrayList<>();
    AuditReport report = AuditVerifier.verify(path, FIRST, null, entry -> types.add(entry.type()));
    assertThat(report.problems()).isEmpty();
    return types;
  }

  private boolean intact(byte[] log) throws IOException {
    Files.write(path, log);
    try {
      return AuditVerifier.verify(path, FIRST).isIntact();
    } catch (IOException noLog) {
      return false;
    }
  }

  private List<String> problems(byte[] log) throws IOException {
    Files.write(path, log);
    return AuditVerifier.verify(path, FIRST).problems();
  }

  /** Returns where entries begin: the first at index 0. */
  private static List<Integer> bounds(byte[] log) throws IOException {
    List<Integer> bounds = new ArrayList<>();
    for (int at = AuditFormat.headerLength(log); at >= 0; at = AuditFormat.end(log, at)) {
      bounds.add(at);
    }
    return bounds;
  }

  private static byte[] join(byte[] from, int begin, int end, int begin2, int end2) {
    return join(Arrays.copyOfRange(from, begin, end), Arrays.copyOfRange(from, begin2, end2));
  }

  private static byte[] join(byte[] first, byte[] second) {
    byte[] both = Arrays.copyOf(first, first.length + second.length);
    System.arraycopy(second, 0, both, first.length, second.length);
    return both;
  }
}
