package dev.perfkit.crypto;

import dev.perfkit.crypto.KeysetException.Reason;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.Set;
import java.util.UUID;

/**
 * A file that is either as it was or wholly new: written beside, forced to the disk, and renamed
 * over. One writer at a time, by a lock on a file beside it.
 */
final class AtomicFile {

  private static final Set<OpenOption> NEW_FILE =
      Set.of(StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW);

  private final Path path;
  private final String subject;
  private final Runnable onStep;

  AtomicFile(Path path, String subject) {
    this(path, subject, () -> {});
  }

  /** For tests, which look at the disk between any two steps of a write. */
  AtomicFile(Path path, String subject, Runnable onStep) {
    this.path = path.toAbsolutePath();
    this.subject = subject;
    this.onStep = onStep;
  }

  /** What is done while no other writer is. */
  interface Locked<T> {
    T run() throws IOException;
  }

  boolean exists() {
    return Files.exists(path);
  }

  byte[] read(int maxBytes) {
    try (FileChannel file = FileChannel.open(path, StandardOpenOption.READ)) {
      if (file.size() > maxBytes) {
        throw new KeysetException(
            Reason.UNSUPPORTED,
            subject + " must have at most " + maxBytes + " bytes but has " + file.size());
      }
      ByteBuffer bytes = ByteBuffer.allocate((int) file.size());
      int read = 0;
      while (bytes.hasRemaining() && read >= 0) {
        read = file.read(bytes);
      }
      return Arrays.copyOf(bytes.array(), bytes.position());
    } catch (NoSuchFileException missing) {
      throw new KeysetException(Reason.FILE, subject + " does not exist", missing);
    } catch (IOException failure) {
      throw new KeysetException(Reason.FILE, subject + " could not be read", failure);
    }
  }

  /** Runs something while this process and no other thread of it holds the lock. */
  <T> T locked(Locked<T> action) {
    Path lockFile = path.resolveSibling(path.getFileName() + ".lock");
    try (FileChannel channel =
            FileChannel.open(
                lockFile,
                Set.of(StandardOpenOption.WRITE, StandardOpenOption.CREATE),
                ownerOnly());
        var lock = channel.tryLock()) {
      if (lock == null) {
        throw busy();
      }
      return action.run();
    } catch (OverlappingFileLockException sameProcess) {
      throw busy();
    } catch (IOException failure) {
      throw new KeysetException(Reason.FILE, subject + " could not be written", failure);
    }
  }

  /** Puts new bytes in the place of the file. To be called with the lock. */
  void replace(byte[] bytes) throws IOException {
    Path fresh = path.resolveSibling(path.getFileName() + "." + UUID.randomUUID() + ".tmp");
    try {
      try (FileChannel file = FileChannel.open(fresh, NEW_FILE, ownerOnly())) {
        onStep.run();
        for (int end : new int[] {bytes.length / 2, bytes.length}) {
          write(file, bytes, end);
          onStep.run();
        }
        file.force(true);
        onStep.run();
      }
      Files.move(fresh, path, StandardCopyOption.ATOMIC_MOVE);
      onStep.run();
    } finally {
      Files.deleteIfExists(fresh);
    }
    forceDirectory();
    onStep.run();
  }

  private static void write(FileChannel file, byte[] bytes, int end) throws IOException {
    int begin = (int) file.position();
    ByteBuffer from = ByteBuffer.wrap(bytes, begin, end - begin);
    while (from.hasRemaining()) {
      file.write(from);
    }
  }

  /** Makes the rename survive a power failure, where the system lets a directory be opened. */
  private void forceDirectory() {
    Path directory = path.getParent();
    if (directory != null) {
      try (FileChannel entries = FileChannel.open(directory, StandardOpenOption.READ)) {
        entries.force(true);
      } catch (IOException notHere) {
        // Windows opens no directories; its rename is journalled.
      }
    }
  }

  private KeysetException busy() {
    return new KeysetException(
        Reason.BUSY, subject + " is being written by another thread or process; try again");
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
