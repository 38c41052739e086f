package dev.perfkit.crypto.audit;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Where a chain stands, in a small file beside the log. It has two slots: the new state is written
 * to the one that is free and forced to the disk, and only then the old one is overwritten with
 * zeros, in place, so that the key of an entry that was written is on the disk no more (as far as
 * the disk overwrites in place). A crash in between leaves two states, of which the later counts.
 */
final class ChainState {

  static final int SLOT_BYTES = 512;

  private static final int MAGIC = 0x50434153; // PCAS
  private static final int CONTENT_BYTES =
      4 + AuditFormat.CHAIN_BYTES + 8 + 8 + ChainKey.BYTES + AuditFormat.MAC_BYTES;
  private static final Set<OpenOption> READ_WRITE =
      Set.of(StandardOpenOption.READ, StandardOpenOption.WRITE, StandardOpenOption.CREATE);

  /** The state before an entry is written. */
  static final class At {

    final byte[] chain;
    final long sequence;
    final long logLength;
    final byte[] previousMac;
    final ChainKey key;

    /**
     * Holds them.
     *
     * @param sequence of the next entry
     * @param logLength of the log without it
     */
    At(byte[] chain, long sequence, long logLength, byte[] previousMac, ChainKey key) {
      this.chain = chain;
      this.sequence = sequence;
      this.logLength = logLength;
      this.previousMac = previousMac;
      this.key = key;
    }
  }

  private final Path path;

  ChainState(Path path) {
    this.path = path;
  }

  /** Returns the latest state, or nothing if there is none that is whole. */
  Optional<At> read() throws IOException {
    if (!Files.exists(path)) {
      return Optional.empty();
    }
    byte[] bytes = Arrays.copyOf(Files.readAllBytes(path), 2 * SLOT_BYTES);
    At first = slot(bytes, 0);
    At second = slot(bytes, SLOT_BYTES);
    Arrays.fill(bytes, (byte) 0);
    if (first == null || second == null) {
      return Optional.ofNullable(first == null ? second : first);
    }
    return Optional.of(first.sequence > second.sequence ? first : second);
  }

  void write(At state) throws IOException {
    try (FileChannel file = FileChannel.open(path, READ_WRITE, ownerOnly())) {
      long slot = state.sequence & 1;
      byte[] content = content(state);
      write(file, content, slot * SLOT_BYTES);
      Arrays.fill(content, (byte) 0);
      write(file, new byte[SLOT_BYTES], (1 - slot) * SLOT_BYTES);
    }
  }

  private static void write(FileChannel file, byte[] bytes, long offset) throws IOException {
    ByteBuffer from = ByteBuffer.wrap(bytes);
    while (from.hasRemaining()) {
      file.write(from, offset + from.position());
    }
    file.force(false);
  }

  private static byte[] content(At state) {
    byte[] key = state.key.bytes();
    ByteBuffer to = ByteBuffer.allocate(SLOT_BYTES);
    to.putInt(MAGIC).put(state.chain).putLong(state.sequence).putLong(state.logLength);
    to.put(key).put(state.previousMac);
    Arrays.fill(key, (byte) 0);
    to.put(ChainKey.sha256(Arrays.copyOf(to.array(), CONTENT_BYTES)));
    return to.array();
  }

  private static @Nullable At slot(byte[] bytes, int offset) {
    byte[] content = Arrays.copyOfRange(bytes, offset, offset + CONTENT_BYTES);
    byte[] digest =
        Arrays.copyOfRange(
            bytes, offset + CONTENT_BYTES, offset + CONTENT_BYTES + AuditFormat.MAC_BYTES);
    ByteBuffer from = ByteBuffer.wrap(content);
    if (from.getInt() != MAGIC || !Arrays.equals(digest, ChainKey.sha256(content))) {
      return null;
    }
    byte[] chain = new byte[AuditFormat.CHAIN_BYTES];
    byte[] key = new byte[ChainKey.BYTES];
    byte[] previous = new byte[AuditFormat.MAC_BYTES];
    from.get(chain);
    long sequence = from.getLong();
    long length = from.getLong();
    from.get(key).get(previous);
    At at = new At(chain, sequence, length, previous, new ChainKey(key));
    Arrays.fill(key, (byte) 0);
    Arrays.fill(content, (byte) 0);
    return at;
  }

  private FileAttribute<?>[] ownerOnly() {
    if (!path.getFileSystem().supportedFileAttributeViews().contains("posix")) {
      return new FileAttribute<?>[0];
    }
    return new FileAttribute<?>[] {
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))
    };
  }
}
