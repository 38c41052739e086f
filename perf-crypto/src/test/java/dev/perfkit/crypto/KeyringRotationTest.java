package dev.perfkit.crypto;

import static dev.perfkit.crypto.Fixtures.WHERE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.perfkit.crypto.cluster.Coordination;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/**
 * Proves that keys are replaced under load without an error, and that a process which dies at any
 * step of a rotation leaves a keyring that every other one reads and takes further.
 */
class KeyringRotationTest {

  private static final int THREADS = 4;
  private static final int ROTATIONS = 20;

  @Test
  void rotation_whileThreadsWork_causesNoError() throws Exception {
    Coordination store = Coordination.inMemory();
    var kms = KeyringFixture.kms(Keyset.generate());
    Keyring a = Keyring.named("pii").coordination(store).keyManagement(kms).build();
    Keyring b = Keyring.named("pii").coordination(store).keyManagement(kms).build();
    FieldCipher writer = FieldCipher.named("a").keyring(a).build();
    FieldCipher reader = FieldCipher.named("b").keyring(b).build();
    byte[] first = writer.encrypt("first", WHERE);
    AtomicBoolean stop = new AtomicBoolean();
    ExecutorService pool = Executors.newFixedThreadPool(THREADS);
    List<Future<Integer>> work = new ArrayList<>();
    for (int t = 0; t < THREADS; t++) {
      work.add(pool.submit(() -> workUntil(stop, writer, reader)));
    }
    for (int i = 0; i < ROTATIONS; i++) {
      a.forcePromote(a.rotate().id(), "a test");
      b.refresh();
    }
    stop.set(true);
    int total = 0;
    for (Future<Integer> count : work) {
      total += count.get();
    }
    pool.shutdown();
    assertThat(total).isPositive();
    assertThat(a.primary().version()).isEqualTo(ROTATIONS + 1);
    assertThat(reader.decryptToString(first, WHERE)).isEqualTo("first");
    writer.close();
    reader.close();
    a.close();
    b.close();
  }

  /** Writes with one process and reads with the other, which may not have the newest key yet. */
  private static int workUntil(AtomicBoolean stop, FieldCipher writer, FieldCipher reader) {
    int count = 0;
    while (!stop.get() || count == 0) {
      byte[] sealed = writer.encrypt("value", WHERE);
      assertThat(writer.decryptToString(sealed, WHERE)).isEqualTo("value");
      if (count % 64 == 0) {
        reader.decryptToString(firstReadable(reader, writer), WHERE);
      }
      count++;
    }
    return count;
  }

  /** Returns a ciphertext of a key that the reader has, or may ask for now. */
  private static byte[] firstReadable(FieldCipher reader, FieldCipher writer) {
    while (true) {
      byte[] sealed = writer.encrypt("value", WHERE);
      try {
        reader.decrypt(sealed, WHERE);
        return sealed;
      } catch (DecryptException behind) {
        // Forced promotions outrun the one question a second that a reader may ask.
        assertThat(behind.reason()).isEqualTo(DecryptException.Reason.UNKNOWN_KEY);
      }
    }
  }

  @Test
  void rotation_killedAtEveryStep_leavesNothingUnreadable() {
    int steps = 0;
    boolean finished = false;
    while (!finished) {
      boolean before = killAfter(steps, false);
      boolean after = killAfter(steps, true);
      finished = before && after;
      steps++;
      assertThat(steps).isLessThan(100);
    }
    assertThat(steps).isGreaterThan(3);
  }

  /** Encrypts with what was counted ahead; with a key of which nothing was, it must be refused. */
  private static byte[] encryptWithoutStore(FieldCipher cipher, KeyringFixture cluster) {
    try {
      return cipher.encrypt("during", WHERE);
    } catch (EncryptException refused) {
      assertThat(refused.reason()).isEqualTo(EncryptException.Reason.STORE_UNAVAILABLE);
      return cluster.cipher(cluster.node("other").build()).encrypt("during", WHERE);
    }
  }

  /** Lets a process die at a call of the store; returns whether it was done before. */
  private static boolean killAfter(int calls, boolean afterEffect) {
    KeyringFixture cluster = new KeyringFixture();
    Keyring survivor = cluster.node("survivor").build();
    byte[] before = cluster.cipher(survivor).encrypt("before", WHERE);
    FaultyCoordination line = new FaultyCoordination(cluster.store);
    Keyring doomed = cluster.node("doomed", line).build();
    cluster.time.advance(java.time.Duration.ZERO);
    FieldCipher cipher = cluster.cipher(doomed);
    line.callsLeft = calls;
    line.failAfterEffect = afterEffect;
    boolean finished = true;
    try {
      int id = doomed.rotate().id();
      doomed.forcePromote(id, "a test");
    } catch (KeysetException died) {
      finished = false;
    }
    line.away();
    byte[] during = encryptWithoutStore(cipher, cluster);
    // A minute later the dead process is no member any more.
    cluster.ticks(10);
    FieldCipher reader = cluster.cipher(survivor);
    assertThat(reader.decryptToString(before, WHERE)).isEqualTo("before");
    assertThat(reader.decryptToString(during, WHERE)).isEqualTo("during");
    Keyring fresh = cluster.node("fresh").build();
    assertThat(fresh.keys().stream().map(KeyringKey::id))
        .containsExactlyElementsOf(survivor.keys().stream().map(KeyringKey::id).toList());
    assertThat(fresh.keys()).noneMatch(key -> key.state() == KeyState.PENDING);
    cluster.ticks(1);
    survivor.rotate();
    cluster.ticks(2);
    assertThat(cluster.cipher(fresh).decryptToString(during, WHERE)).isEqualTo("during");
    assertThat(fresh.primary().id()).isEqualTo(survivor.primary().id());
    return finished;
  }
}
