package dev.perfkit.sla;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * A file of checksummed records that is either appended to or replaced as a whole. One process at a
 * time has it, by a lock on a second file, since this one is replaced by renaming. Nothing is
 * appended before the first replacement, so never behind bytes that nobody could read. For one
 * thread at a time.
 */
final class StateFile implements AutoCloseable {

  static final int VERSION = 1;

  private static final byte[] MAGIC = {'P', 'S', 'L', 'A'};
  private static final int MOST_BODY = 64 << 20;
  private static final int FRAME = 8;

  private final Path path;
  private final FileChannel lockChannel;
  private @Nullable FileChannel channel;

  /** What is done with each record of a file, in order. */
  interface Reader {
    void record(byte[] body) throws StateDamage;
  }

  /** Writes the records of a file that replaces another. */
  interface Content {
    void writeTo(Sink sink) throws IOException;
  }

  /** Takes the records of a file. */
  interface Sink {
    void record(StateWriter body) throws IOException;
  }

  /**
   * How reading ended.
   *
   * @param read the bytes that were good
   * @param dropped the bytes from the first bad one on; 0 if all were good
   * @param reason what was bad
   */
  record Ending(long read, long dropped, String reason) {}

  private StateFile(Path path, FileChannel lockChannel) {
    this.path = path;
    this.lockChannel = lockChannel;
  }

  /**
   * Takes a file for this monitor; it need not exist yet.
   *
   * @throws SlaException if another has it, or the folder cannot be written to
   */
  static StateFile open(Path path) {
    Path lock = path.resolveSibling(path.getFileName() + ".lock");
    try {
      FileChannel channel =
          FileChannel.open(lock, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      if (!isLocked(channel)) {
        channel.close();
        throw new SlaException(
            "persistence must be a file of one monitor but "
                + path
                + " is in use by another, in this or another process: give each its own",
            null);
      }
      return new StateFile(path, channel);
    } catch (IOException failure) {
      throw new SlaException(
          "persistence must be a file in a folder that can be written to but was " + path, failure);
    }
  }

  private static boolean isLocked(FileChannel channel) throws IOException {
    try {
      FileLock held = channel.tryLock();
      return held != null;
    } catch (OverlappingFileLockException sameProcess) {
      return false;
    }
  }

  boolean exists() {
    return Files.exists(path);
  }

  Path path() {
    return path;
  }

  /** Reads records up to the end of the file or the first that is damaged. */
  Ending read(Reader reader) throws IOException {
    long size = Files.size(path);
    long good = 0;
    try (InputStream in = Files.newInputStream(path);
        DataInputStream data = new DataInputStream(new BufferedInputStream(in, 1 << 16))) {
      readHeader(data);
      good = headerLength();
      while (good < size) {
        byte[] body = readRecord(data, size - good);
        reader.record(body);
        good += FRAME + body.length;
      }
      return new Ending(good, 0, "");
    } catch (EOFException early) {
      return new Ending(good, size - good, "it ends in the middle of a record");
    } catch (StateDamage damage) {
      return new Ending(good, size - good, String.valueOf(damage.getMessage()));
    }
  }

  /** Moves the file away, to a name that tells when; returns where it is. */
  Path moveAside(long epochMillis) throws IOException {
    Path aside = path.resolveSibling(path.getFileName() + ".damaged-" + epochMillis);
    return Files.move(path, aside, StandardCopyOption.REPLACE_EXISTING);
  }

  /** Replaces the file; whoever kills the process meanwhile leaves the old one. */
  void replace(Content content) throws IOException {
    closeChannel();
    Path fresh = path.resolveSibling(path.getFileName() + ".tmp");
    FileChannel out =
        FileChannel.open(
            fresh,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE);
    try {
      writeFully(out, header());
      content.writeTo(body -> writeFully(out, framed(body)));
      out.force(true);
      Files.move(fresh, path, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException | RuntimeException | Error failure) {
      out.close();
      throw failure;
    }
    channel = out;
    forceFolder();
  }

  /** Returns whether {@link #append} may be called. */
  boolean isWritable() {
    return channel != null;
  }

  /** Appends records with one write, so that a kill leaves all or, rarely, a damaged tail. */
  void append(Iterable<StateWriter> bodies) throws IOException {
    StateWriter all = new StateWriter();
    bodies.forEach(body -> all.raw(framed(body)));
    writeFully(open(), all.toBytes());
  }

  /** Waits until what was written is on the disk. */
  void force() throws IOException {
    open().force(false);
  }

  long size() throws IOException {
    return open().size();
  }

  /** Lets another have the file; nothing is written by this. */
  @Override
  public void close() throws IOException {
    closeChannel();
    lockChannel.close();
  }

  /** Forgets where to append; only a replacement makes it known again. */
  void closeChannel() throws IOException {
    FileChannel open = channel;
    channel = null;
    if (open != null) {
      open.close();
    }
  }

  private FileChannel open() throws IOException {
    FileChannel open = channel;
    if (open == null) {
      throw new IOException("the state file was not replaced yet");
    }
    return open;
  }

  private static byte[] header() {
    StateWriter header = new StateWriter().raw(MAGIC).octet(VERSION).octet(0).octet(0).octet(0);
    return header.fixed32(crc(header.toBytes())).toBytes();
  }

  private static int headerLength() {
    return header().length;
  }

  private static void readHeader(DataInputStream in) throws IOException, StateDamage {
    byte[] found = new byte[headerLength()];
    in.readFully(found);
    byte[] expected = header();
    StateDamage.require(
        Arrays.equals(found, 0, MAGIC.length, expected, 0, MAGIC.length), "it begins otherwise");
    StateDamage.require(
        found[MAGIC.length] == VERSION,
        "its version is " + (found[MAGIC.length] & 0xFF) + ", and this reads " + VERSION);
    StateDamage.require(Arrays.equals(found, expected), "its header is damaged");
  }

  private static byte[] readRecord(DataInputStream in, long left) throws IOException, StateDamage {
    if (left < FRAME) {
      throw new EOFException();
    }
    int length = in.readInt();
    int crc = in.readInt();
    StateDamage.require(length > 0 && length <= MOST_BODY, "the length of a record is damaged");
    if (length > left - FRAME) {
      throw new EOFException();
    }
    byte[] body = new byte[length];
    in.readFully(body);
    StateDamage.require(crc(body) == crc, "the checksum of a record does not match");
    return body;
  }

  private static byte[] framed(StateWriter body) {
    byte[] bytes = body.toBytes();
    return new StateWriter().fixed32(bytes.length).fixed32(crc(bytes)).raw(bytes).toBytes();
  }

  private static int crc(byte[] bytes) {
    CRC32C crc = new CRC32C();
    crc.update(bytes);
    return (int) crc.getValue();
  }

  private static void writeFully(FileChannel out, byte[] bytes) throws IOException {
    ByteBuffer buffer = ByteBuffer.wrap(bytes);
    while (buffer.hasRemaining()) {
      out.write(buffer);
    }
  }

  /** Makes the new name last; where folders cannot be forced, the system does it in its time. */
  private void forceFolder() {
    Path folder = path.toAbsolutePath().getParent();
    if (folder == null) {
      return;
    }
    try (FileChannel directory = FileChannel.open(folder, StandardOpenOption.READ)) {
      directory.force(true);
    } catch (IOException unsupported) {
      // Windows has no such thing; the rename itself has succeeded.
    }
  }
}
