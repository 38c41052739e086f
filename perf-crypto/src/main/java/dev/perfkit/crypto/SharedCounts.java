package dev.perfkit.crypto;

import dev.perfkit.crypto.KeysetException.Reason;
import dev.perfkit.crypto.cluster.Coordination;
import dev.perfkit.crypto.cluster.StoredRecord;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;

/** Numbers of a keyring in the coordination store, changed by compare-and-set. */
final class SharedCounts {

  private static final int MAX_ATTEMPTS = 100;

  private final Coordination coordination;
  private final String prefix;
  private final String subject;

  SharedCounts(Coordination coordination, String name, String subject) {
    this.coordination = coordination;
    this.prefix = "keyring/" + name + "/";
    this.subject = subject;
  }

  long messages(int keyId) {
    return read(messagesName(keyId));
  }

  /** Takes up to so many of the most there may be; a negative number gives back. */
  long reserve(int keyId, long wanted, long most) {
    long[] granted = {0};
    change(
        messagesName(keyId),
        used -> {
          granted[0] = Math.min(wanted, Math.max(0, most - used));
          return Math.max(0, used + granted[0]);
        });
    return granted[0];
  }

  /** Returns the highest generation of a key file that was ever seen. */
  long fileGeneration() {
    return read(prefix + "file-generation");
  }

  void raiseFileGeneration(long generation) {
    change(prefix + "file-generation", seen -> Math.max(seen, generation));
  }

  private String messagesName(int keyId) {
    return prefix + "messages/" + Keyset.idText(keyId);
  }

  private interface Step {
    long next(long now);
  }

  private long read(String name) {
    try {
      return coordination.read(name).map(SharedCounts::number).orElse(0L);
    } catch (IOException failure) {
      throw unavailable(failure);
    }
  }

  private void change(String name, Step step) {
    try {
      for (int i = 0; i < MAX_ATTEMPTS; i++) {
        Optional<StoredRecord> record = coordination.read(name);
        long now = record.map(SharedCounts::number).orElse(0L);
        long next = step.next(now);
        byte[] bytes = ByteBuffer.allocate(Long.BYTES).putLong(next).array();
        long version = record.map(StoredRecord::version).orElse(0L);
        if (next == now || coordination.compareAndSet(name, version, bytes)) {
          return;
        }
      }
    } catch (IOException failure) {
      throw unavailable(failure);
    }
    throw new KeysetException(
        Reason.UNAVAILABLE,
        subject + ": others changed a count of the coordination store all the time; try again");
  }

  private static long number(StoredRecord stored) {
    byte[] bytes = stored.value();
    if (bytes.length != Long.BYTES) {
      throw new KeysetException(
          Reason.DAMAGED, "a count in the coordination store must have 8 bytes; restore it");
    }
    return ByteBuffer.wrap(bytes).getLong();
  }

  private KeysetException unavailable(IOException failure) {
    return new KeysetException(
        Reason.UNAVAILABLE, subject + ": the coordination store is away", failure);
  }
}
