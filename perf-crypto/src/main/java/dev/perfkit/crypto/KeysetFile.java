package dev.perfkit.crypto;

import dev.perfkit.crypto.KeysetException.Reason;
import dev.perfkit.crypto.KeysetFileFormat.Content;
import dev.perfkit.spi.Beta;
import dev.perfkit.spi.support.Options;
import java.io.IOException;
import java.nio.CharBuffer;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.Objects;

/**
 * A keyset in a file that is encrypted under a password.
 *
 * <pre>{@code
 * Keyset keyset = KeysetFile.at(Path.of("pii.keyset")).readOrCreate(password);
 * }</pre>
 *
 * <p>The password becomes a key by PBKDF2-HMAC-SHA-512 with {@value #ITERATIONS} iterations, which
 * takes about a second. A write is all or nothing: it goes to a temporary file, to the disk, and
 * then by an atomic rename to its place, readable by its owner only. An empty file {@code
 * <name>.lock} beside it keeps writers apart.
 *
 * <p>Protects the keys on a disk or in a backup. It does not protect them from whoever has the
 * password too, and not from somebody who puts an older file of the same password back. A lost
 * password is a lost keyset.
 *
 * <p>Safe for use by any number of threads. Passwords stay the caller's to wipe.
 */
@Beta
public final class KeysetFile {

  /** The iterations of PBKDF2 for every file that is written. */
  public static final int ITERATIONS = KeysetFileFormat.DEFAULT_ITERATIONS;

  private final AtomicFile file;
  private final String subject;
  private final KeysetFileFormat format;

  private KeysetFile(Path path, KeysetFileFormat format) {
    this.subject = "keyset file '" + path + "'";
    this.file = new AtomicFile(path, subject);
    this.format = format;
  }

  /** Returns the file of a path; nothing is read or written yet. */
  public static KeysetFile at(Path path) {
    return new KeysetFile(
        Objects.requireNonNull(path, "path"), new KeysetFileFormat(ITERATIONS, ITERATIONS));
  }

  /** For tests only: a file of an iteration count that a password cannot be trusted to. */
  static KeysetFile atWithWeakIterationsForTests(Path path, int iterations) {
    return new KeysetFile(path, new KeysetFileFormat(iterations, iterations));
  }

  /**
   * Writes a keyset into a new file.
   *
   * @throws KeysetException if there is a file already ({@code EXISTS}), another writer ({@code
   *     BUSY}), or the file cannot be written ({@code FILE})
   * @throws IllegalArgumentException if the password is empty or not well-formed
   */
  public void create(Keyset keyset, char[] password) {
    Objects.requireNonNull(keyset, "keyset");
    requirePassword(password);
    file.locked(
        () -> {
          requireAbsent();
          return write(keyset, 1, password);
        });
  }

  /**
   * Returns the keyset of the file.
   *
   * @throws KeysetException if the file is not there ({@code FILE}), not a keyset file of a known
   *     version ({@code UNSUPPORTED}), changed by accident ({@code DAMAGED}), or of another
   *     password or changed on purpose ({@code WRONG_PASSWORD})
   * @throws IllegalArgumentException if the password is empty or not well-formed
   */
  public Keyset read(char[] password) {
    requirePassword(password);
    return content(password).keyset();
  }

  /**
   * Returns the keyset of the file, which is first created with a fresh key if it is not there.
   *
   * @throws KeysetException as {@link #read} and {@link #create}
   * @throws IllegalArgumentException if the password is empty or not well-formed
   */
  public Keyset readOrCreate(char[] password) {
    requirePassword(password);
    if (file.exists()) {
      return read(password);
    }
    return file.locked(
        () -> file.exists() ? content(password).keyset() : write(Keyset.generate(), 1, password));
  }

  /**
   * Puts a keyset in the place of the one in the file, under the same password.
   *
   * @throws KeysetException if a key of the file is not in the new keyset, since what is encrypted
   *     under it would be lost ({@code LOSES_KEYS}); and as {@link #read} and {@link #create}
   * @throws IllegalArgumentException if the password is empty or not well-formed
   */
  public void replace(Keyset keyset, char[] password) {
    Objects.requireNonNull(keyset, "keyset");
    requirePassword(password);
    file.locked(
        () -> {
          Content old = content(password);
          requireNoLoss(old.keyset(), keyset);
          return write(keyset, Math.addExact(old.generation(), 1), password);
        });
  }

  /** Returns the path, never content. */
  @Override
  public String toString() {
    return subject;
  }

  /** Returns the keyset and how often it was written. */
  Content content(char[] password) {
    try {
      return format.read(subject, file.read(KeysetFileFormat.MAX_FILE_BYTES), password);
    } catch (GeneralSecurityException failure) {
      throw new KeysetException(Reason.UNSUPPORTED, subject + ": the JCE provider failed", failure);
    }
  }

  private Keyset write(Keyset keyset, long generation, char[] password) throws IOException {
    try {
      file.replace(format.write(keyset, generation, password));
      return keyset;
    } catch (GeneralSecurityException failure) {
      throw new KeysetException(Reason.UNSUPPORTED, subject + ": the JCE provider failed", failure);
    }
  }

  private void requireAbsent() {
    if (file.exists()) {
      throw new KeysetException(
          Reason.EXISTS, subject + " exists; read it, or replace its keyset by one with its keys");
    }
  }

  private void requireNoLoss(Keyset old, Keyset next) {
    if (!next.holdsAllOf(old)) {
      throw new KeysetException(
          Reason.LOSES_KEYS,
          subject
              + " holds a key that the new keyset does not; what is encrypted under it would be"
              + " lost. Build the new keyset from the one in the file");
    }
  }

  static void requirePassword(char[] password) {
    Objects.requireNonNull(password, "password");
    Options.require(password.length > 0, "password", "not be empty", "0 characters");
    Text.requireWellFormed("password", CharBuffer.wrap(password));
  }
}
