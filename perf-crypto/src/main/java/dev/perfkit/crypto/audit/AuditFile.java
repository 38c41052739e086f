package dev.perfkit.crypto.audit;

import dev.perfkit.crypto.audit.ChainState.At;
import dev.perfkit.spi.TimeSource;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A log and the state of its chain on the disk. An entry is forced to the disk first, the state
 * that follows it second; a crash in between is seen at the next start, when the entry is there and
 * the state still has its key. For one thread at a time.
 */
final class AuditFile {

  private final FileChannel log;
  private final ChainState states;
  private At at;

  private AuditFile(FileChannel log, ChainState states, At at) {
    this.log = log;
    this.states = states;
    this.at = at;
  }

  static AuditFile open(Path path, String node, byte @Nullable [] firstKey, TimeSource time)
      throws IOException {
    ChainState states = new ChainState(path.resolveSibling(path.getFileName() + ".key"));
    Optional<At> known = states.read();
    if (known.isPresent()) {
      return resume(path, node, states, known.get(), time);
    }
    if (firstKey == null) {
      throw new IOException(
          "audit log '"
              + path
              + "' has no state of its chain; give a first key to begin a new one");
    }
    return begin(path, node, states, firstKey, time);
  }

  void append(long millis, String type, Map<String, String> details) throws IOException {
    AuditEntry entry = new AuditEntry(at.sequence, Instant.ofEpochMilli(millis), type, details);
    byte[] bytes = AuditFormat.entry(entry, at.previousMac, at.key);
    if (log.size() > at.logLength) {
      // What a failed append, such as on a full disk, left behind.
      log.truncate(at.logLength);
    }
    write(log, bytes, at.logLength);
    advance(bytes);
  }

  AuditHead head() {
    HexFormat hex = HexFormat.of();
    return new AuditHead(hex.formatHex(at.chain), at.sequence - 1, hex.formatHex(at.previousMac));
  }

  void close() {
    at.key.erase();
    try {
      log.close();
    } catch (IOException lost) {
      // Everything was forced to the disk before.
    }
  }

  /** Begins a chain; a log without a state is put aside, since its key is lost. */
  private static AuditFile begin(
      Path path, String node, ChainState states, byte[] firstKey, TimeSource time)
      throws IOException {
    String aside = putAside(path, time);
    byte[] chain = new byte[AuditFormat.CHAIN_BYTES];
    new SecureRandom().nextBytes(chain);
    FileChannel log = openLog(path);
    byte[] header = AuditFormat.header(chain, node);
    write(log, header, 0);
    At first = new At(chain, 1, header.length, ChainKey.sha256(header), new ChainKey(firstKey));
    states.write(first);
    AuditFile file = new AuditFile(log, states, first);
    file.append(
        time.currentTimeMillis(),
        aside.isEmpty() ? "begun" : "gap",
        aside.isEmpty() ? Map.of("node", node) : Map.of("node", node, "earlier_log", aside));
    return file;
  }

  private static String putAside(Path path, TimeSource time) throws IOException {
    if (!Files.exists(path)) {
      return "";
    }
    Path aside = path.resolveSibling(path.getFileName() + "." + time.currentTimeMillis());
    Files.move(path, aside, StandardCopyOption.ATOMIC_MOVE);
    return aside.getFileName().toString();
  }

  private static AuditFile resume(
      Path path, String node, ChainState states, At known, TimeSource time) throws IOException {
    FileChannel log = openLog(path);
    AuditFile file = new AuditFile(log, states, known);
    byte[] bytes = Files.readAllBytes(path);
    if (bytes.length > known.logLength) {
      file.takeOverLastEntry(bytes);
    }
    file.mendAndTell(bytes, node, time.currentTimeMillis());
    return file;
  }

  /** Advances over the one entry that a crash may have left without its state. */
  private void takeOverLastEntry(byte[] bytes) throws IOException {
    int offset = Math.toIntExact(at.logLength);
    int end = AuditFormat.end(bytes, offset);
    if (end == bytes.length
        && AuditFormat.sequence(bytes, offset) == at.sequence
        && Arrays.equals(
            AuditFormat.mac(bytes, end),
            at.key.mac(
                Arrays.copyOfRange(bytes, offset, end), end - AuditFormat.MAC_BYTES - offset))) {
      advance(Arrays.copyOfRange(bytes, offset, end));
    }
  }

  private void mendAndTell(byte[] bytes, String node, long now) throws IOException {
    if (bytes.length == at.logLength) {
      append(now, "restarted", Map.of("node", node));
      return;
    }
    long end = Math.min(at.logLength, wholeLength(bytes));
    byte[] cut = Arrays.copyOfRange(bytes, (int) end, bytes.length);
    if (end == 0) {
      byte[] header = AuditFormat.header(at.chain, node);
      write(log, header, 0);
      end = header.length;
    }
    Map<String, String> details =
        Map.of(
            "node",
            node,
            "expected_bytes",
            Long.toString(at.logLength),
            "found_bytes",
            Integer.toString(bytes.length),
            "dropped_bytes",
            Integer.toString(cut.length),
            "dropped_sha256",
            HexFormat.of().formatHex(ChainKey.sha256(cut)));
    log.truncate(end);
    at = new At(at.chain, at.sequence, end, at.previousMac, at.key);
    append(now, "gap", details);
  }

  /** Returns how far a log consists of whole entries. */
  private static long wholeLength(byte[] bytes) {
    int offset;
    try {
      offset = AuditFormat.headerLength(bytes);
    } catch (IOException noHeader) {
      return 0;
    }
    for (int end = offset; end >= 0; end = AuditFormat.end(bytes, offset)) {
      offset = end;
    }
    return offset;
  }

  private void advance(byte[] entry) throws IOException {
    byte[] mac = AuditFormat.mac(entry, entry.length);
    byte[] nextKey = at.key.derived();
    At next =
        new At(at.chain, at.sequence + 1, at.logLength + entry.length, mac, new ChainKey(nextKey));
    Arrays.fill(nextKey, (byte) 0);
    states.write(next);
    at.key.erase();
    at = next;
  }

  private static FileChannel openLog(Path path) throws IOException {
    FileChannel log =
        FileChannel.open(
            path, StandardOpenOption.READ, StandardOpenOption.WRITE, StandardOpenOption.CREATE);
    try {
      FileLock lock = log.tryLock();
      if (lock != null) {
        return log;
      }
    } catch (OverlappingFileLockException sameProcess) {
      // As if another process had it.
    }
    log.close();
    throw new IOException("audit log '" + path + "' is open already; one node writes one log");
  }

  private static void write(FileChannel file, byte[] bytes, long offset) throws IOException {
    ByteBuffer from = ByteBuffer.wrap(bytes);
    while (from.hasRemaining()) {
      file.write(from, offset + from.position());
    }
    file.force(true);
  }
}
