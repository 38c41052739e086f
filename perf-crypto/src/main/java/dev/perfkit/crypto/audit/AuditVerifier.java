package dev.perfkit.crypto.audit;

import dev.perfkit.spi.Beta;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Checks an {@link AuditLog} with its first key, which is kept away from the node. Finds entries
 * that were changed, removed, added or put elsewhere; that entries are missing at the end is found
 * by a head that was exported before. For logs of at most 2 GiB.
 */
@Beta
public final class AuditVerifier {

  private static final int MAX_PROBLEMS = 100;

  /** A hostile number must not make the verifier derive keys for ever. */
  private static final long MAX_GAP = 10_000_000;

  private final List<String> problems = new ArrayList<>();
  private final byte[] log;
  private final ChainKey key;
  private final @Nullable AuditHead exported;
  private final Consumer<AuditEntry> reader;

  private byte[] previousMac = {};
  private long next = 1;
  private long entries;
  private @Nullable AuditHead head;

  private AuditVerifier(
      byte[] log, ChainKey key, @Nullable AuditHead exported, Consumer<AuditEntry> reader) {
    this.log = log;
    this.key = key;
    this.exported = exported;
    this.reader = reader;
  }

  /**
   * Verifies a log.
   *
   * @param firstKey the key that the log was begun with
   * @throws IOException if it cannot be read, or is not an audit log of a known version
   * @throws IllegalArgumentException if the key does not have 32 bytes
   */
  public static AuditReport verify(Path log, byte[] firstKey) throws IOException {
    return verify(log, firstKey, null, entry -> {});
  }

  /**
   * Verifies a log that must go on from a head, and reads it.
   *
   * @param exported what was exported last; null if nothing was
   * @param reader gets every authentic entry, in order
   * @throws IOException if it cannot be read, or is not an audit log of a known version
   * @throws IllegalArgumentException if the key does not have 32 bytes
   */
  public static AuditReport verify(
      Path log, byte[] firstKey, @Nullable AuditHead exported, Consumer<AuditEntry> reader)
      throws IOException {
    ChainKey key = new ChainKey(firstKey);
    try {
      return new AuditVerifier(Files.readAllBytes(log), key, exported, reader).run();
    } finally {
      key.erase();
    }
  }

  private AuditReport run() throws IOException {
    int offset = AuditFormat.headerLength(log);
    previousMac = ChainKey.sha256(Arrays.copyOf(log, offset));
    while (offset < log.length) {
      int end = AuditFormat.end(log, offset);
      if (end < 0) {
        problem("the log breaks off at byte " + offset + ", inside entry " + next);
        break;
      }
      if (!check(offset, end)) {
        break;
      }
      offset = end;
    }
    requireExported();
    return new AuditReport(entries, problems, head);
  }

  /** Checks an entry; returns whether the ones after it can be checked. */
  private boolean check(int offset, int end) throws IOException {
    long sequence = AuditFormat.sequence(log, offset);
    if (sequence < next || sequence - next > MAX_GAP) {
      problem("entry " + next + " is missing: number " + sequence + " stands in its place");
      return false;
    }
    if (sequence > next) {
      problem("entries " + next + " to " + (sequence - 1) + " are missing");
    } else if (!Arrays.equals(previousMac, AuditFormat.previousMac(log, end))) {
      problem("entry " + sequence + " does not follow the one before it");
    }
    for (; next < sequence; next++) {
      key.advance();
    }
    byte[] mac = AuditFormat.mac(log, end);
    byte[] entry = Arrays.copyOfRange(log, offset, end - AuditFormat.MAC_BYTES);
    if (MessageDigest.isEqual(mac, key.mac(entry, entry.length))) {
      accept(sequence, mac, AuditFormat.read(log, offset, end));
    } else {
      problem("entry " + sequence + " was changed, or is of another key");
    }
    previousMac = mac;
    key.advance();
    next++;
    return true;
  }

  private void accept(long sequence, byte[] mac, AuditEntry entry) {
    entries++;
    AuditHead now = new AuditHead(hex(AuditFormat.chain(log)), sequence, hex(mac));
    head = now;
    AuditHead wanted = exported;
    if (wanted != null && wanted.sequence() == sequence && !wanted.equals(now)) {
      problem("entry " + sequence + " is not the one whose head was exported");
    }
    reader.accept(entry);
  }

  private void requireExported() {
    AuditHead wanted = exported;
    if (wanted != null && wanted.sequence() >= next) {
      problem("the log ends before entry " + wanted.sequence() + ", whose head was exported");
    }
  }

  private void problem(String text) {
    if (problems.size() < MAX_PROBLEMS) {
      problems.add(text);
    }
  }

  private static String hex(byte[] bytes) {
    return HexFormat.of().formatHex(bytes);
  }
}
