package dev.perfkit.crypto.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/** What every store must do, whatever it is made of. */
abstract class CoordinationContract {

  private static final Duration LONG = Duration.ofSeconds(60);

  /** As short as can be waited for, and as long as a busy machine needs for three statements. */
  private static final Duration LEASE = Duration.ofSeconds(3);

  abstract Coordination store();

  /** Lets so much time pass for the store. */
  abstract void pass(Duration time);

  @Test
  void record_neverWritten_isAbsent() throws IOException {
    assertThat(store().read("absent")).isEmpty();
    assertThat(store().compareAndSet("absent", 1, new byte[1])).isFalse();
    assertThat(store().read("absent")).isEmpty();
  }

  @Test
  void compareAndSet_inTurn_countsVersions() throws IOException {
    assertThat(store().compareAndSet("r", 0, new byte[] {1})).isTrue();
    assertThat(store().compareAndSet("r", 0, new byte[] {2})).isFalse();
    assertThat(store().compareAndSet("r", 2, new byte[] {2})).isFalse();
    assertThat(store().compareAndSet("r", 1, new byte[] {3})).isTrue();
    StoredRecord record = store().read("r").orElseThrow();
    assertThat(record.version()).isEqualTo(2);
    assertThat(record.value()).containsExactly(3);
    assertThat(record).hasToString("StoredRecord[version=2, bytes=1]");
  }

  @Test
  void compareAndSet_manyThreads_loseNoUpdate() throws Exception {
    assertThat(store().compareAndSet("counter", 0, new byte[4])).isTrue();
    ExecutorService pool = Executors.newFixedThreadPool(4);
    List<Future<Integer>> tasks = new ArrayList<>();
    for (int t = 0; t < 4; t++) {
      tasks.add(pool.submit(() -> increment(25)));
    }
    for (Future<Integer> task : tasks) {
      assertThat(task.get()).isEqualTo(25);
    }
    pool.shutdown();
    assertThat(store().read("counter").orElseThrow().version()).isEqualTo(101);
  }

  @Test
  void members_withinTheirLease_areListedByName() throws IOException {
    store().announce("g", "b", "old", LONG);
    store().announce("g", "a", "1", LONG);
    store().announce("g", "b", "2", LONG);
    store().announce("other", "c", "3", LONG);
    assertThat(store().members("g")).containsExactly(new Member("a", "1"), new Member("b", "2"));
    store().leave("g", "a");
    store().leave("g", "never-there");
    store().leave("no-group", "a");
    assertThat(store().members("g")).containsExactly(new Member("b", "2"));
    assertThat(store().members("no-group")).isEmpty();
  }

  @Test
  void members_withoutRenewal_endWithTheirLease() throws IOException {
    store().announce("lease", "dead", "", LEASE);
    store().announce("lease", "alive", "", LONG);
    assertThat(store().members("lease")).hasSize(2);
    pass(LEASE);
    assertThat(store().members("lease")).containsExactly(new Member("alive", ""));
    store().announce("lease", "dead", "back", LONG);
    assertThat(store().members("lease")).hasSize(2);
  }

  @Test
  void arguments_outOfBounds_areRefused() {
    for (String name : List.of("", " ", "x".repeat(Coordination.MAX_NAME_LENGTH + 1))) {
      assertRefused(() -> store().read(name));
      assertRefused(() -> store().compareAndSet(name, 0, new byte[0]));
      assertRefused(() -> store().members(name));
      assertRefused(() -> store().announce(name, "m", "", LONG));
      assertRefused(() -> store().announce("g", name, "", LONG));
      assertRefused(() -> store().leave(name, "m"));
    }
    assertRefused(() -> store().compareAndSet("r", -1, new byte[0]));
    byte[] tooLong = new byte[Coordination.MAX_VALUE_BYTES + 1];
    assertRefused(() -> store().compareAndSet("r", 0, tooLong));
    assertRefused(() -> store().announce("g", "m", "", Duration.ZERO));
    String note = "x".repeat(Coordination.MAX_NOTE_LENGTH + 1);
    assertRefused(() -> store().announce("g", "m", note, LONG));
  }

  private static void assertRefused(org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
    assertThatThrownBy(call).isInstanceOf(IllegalArgumentException.class);
  }

  private int increment(int times) throws IOException {
    int done = 0;
    while (done < times) {
      long version = store().read("counter").orElseThrow().version();
      done += store().compareAndSet("counter", version, new byte[4]) ? 1 : 0;
    }
    return done;
  }
}
