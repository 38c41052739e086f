package dev.perfkit.crypto;

import dev.perfkit.crypto.KeysetException.Reason;
import dev.perfkit.crypto.KeysetFileFormat.Opened;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A keyring in a password-protected file. With a coordination store the highest generation ever
 * seen is kept there, so that an older file is noticed, and messages are counted there; without one
 * they are counted in the file.
 */
final class FileRingStore implements RingStore {

  private final AtomicFile file;
  private final String subject;
  private final KeysetFileFormat format;
  private final char[] password;
  private final @Nullable SharedCounts counts;
  private final long now;

  /** Copies the password. */
  FileRingStore(
      Path path,
      KeysetFileFormat format,
      char[] password,
      @Nullable SharedCounts counts,
      long now) {
    this.subject = "keyring file '" + path + "'";
    this.file = new AtomicFile(path, subject);
    this.format = format;
    this.password = password.clone();
    this.counts = counts;
    this.now = now;
  }

  @Override
  public boolean exists() {
    return file.exists();
  }

  @Override
  public Optional<Stored> newerThan(long known) {
    byte[] bytes = file.read(KeysetFileFormat.MAX_FILE_BYTES);
    if (known > 0 && KeysetFileFormat.generationUnchecked(bytes) == known) {
      return Optional.empty();
    }
    Stored stored = read(bytes);
    long newest = Math.max(known, counts == null ? 0 : counts.fileGeneration());
    if (stored.generation() < newest) {
      throw new KeysetException(
          Reason.ROLLED_BACK,
          subject
              + " has generation "
              + stored.generation()
              + " but "
              + newest
              + " was seen before; restore the newest file");
    }
    raise(stored.generation());
    return Optional.of(stored);
  }

  @Override
  public boolean save(Ring ring, long expected) {
    byte[] bytes = write(ring, expected + 1);
    boolean saved =
        file.locked(
            () -> {
              if (generationThere() != expected) {
                return false;
              }
              file.replace(bytes);
              return true;
            });
    if (saved) {
      raise(expected + 1);
    }
    return saved;
  }

  @Override
  public long messages(int keyId) {
    return counts == null ? -1 : counts.messages(keyId);
  }

  @Override
  public long reserve(int keyId, long wanted, long most) {
    if (counts == null) {
      throw new IllegalStateException("the ring counts messages");
    }
    return counts.reserve(keyId, wanted, most);
  }

  @Override
  public void close() {
    Arrays.fill(password, '\0');
  }

  private long generationThere() {
    return file.exists()
        ? KeysetFileFormat.generationUnchecked(file.read(KeysetFileFormat.MAX_FILE_BYTES))
        : 0;
  }

  private void raise(long generation) {
    if (counts != null) {
      counts.raiseFileGeneration(generation);
    }
  }

  private Stored read(byte[] bytes) {
    try {
      Opened opened = format.open(subject, bytes, password);
      try {
        return new Stored(ring(opened), opened.generation());
      } finally {
        Arrays.fill(opened.payload(), (byte) 0);
      }
    } catch (GeneralSecurityException failure) {
      throw providerFailed(failure);
    }
  }

  /** Reads a file of a bare keyset too, which becomes a keyring with the next write. */
  private Ring ring(Opened opened) {
    return opened.version() == KeysetFileFormat.KEYRING
        ? RingFormat.read(subject, opened.payload())
        : Ring.of(Keyset.of(KeysetFileFormat.parse(subject, opened.payload())), now);
  }

  private byte[] write(Ring ring, long generation) {
    try {
      return format.seal(KeysetFileFormat.KEYRING, RingFormat.write(ring), generation, password);
    } catch (GeneralSecurityException failure) {
      throw providerFailed(failure);
    }
  }

  private KeysetException providerFailed(GeneralSecurityException failure) {
    return new KeysetException(Reason.UNSUPPORTED, subject + ": the JCE provider failed", failure);
  }
}
