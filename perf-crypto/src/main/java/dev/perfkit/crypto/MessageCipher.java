package dev.perfkit.crypto;

import dev.perfkit.crypto.MessageBudget.SpentException;
import dev.perfkit.crypto.NonceSource.NonceException;
import dev.perfkit.spi.Event.Severity;
import dev.perfkit.spi.EventSink;
import dev.perfkit.spi.TimeSource;
import java.nio.charset.CharacterCodingException;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.crypto.AEADBadTagException;
import org.jspecify.annotations.Nullable;

/**
 * Single messages on their way through keys and formats: checked before, counted after, and every
 * failure turned into a typed exception that says no more than it must.
 */
final class MessageCipher {

  private final String subject;
  private final String cannotDecrypt;
  private final LiveKeys keys;
  private final Format format;
  private final Meters meters;
  private final FailureReports<EncryptException.Reason> refusals;
  private final FailureReports<DecryptException.Reason> failures;
  private final AtomicBoolean closed = new AtomicBoolean();

  MessageCipher(
      String name, LiveKeys keys, Format format, Meters meters, EventSink events, TimeSource time) {
    // Made once: every decryption hands them on, in case it fails.
    subject = "field cipher '" + name + "'";
    cannotDecrypt = subject + " cannot decrypt: ";
    this.keys = keys;
    this.format = format;
    this.meters = meters;
    refusals =
        new FailureReports<>(
            "crypto/" + name,
            "encrypt-failures",
            subject() + " could not encrypt; callers got exceptions, nothing was written",
            Severity.CRITICAL,
            EncryptException.Reason.class,
            events,
            time);
    failures =
        new FailureReports<>(
            "crypto/" + name,
            "decrypt-failures",
            subject() + " could not decrypt some values; see the counts by reason",
            Severity.WARNING,
            DecryptException.Reason.class,
            events,
            time);
  }

  String subject() {
    return subject;
  }

  Format format() {
    return format;
  }

  /** Returns the key that encrypts, for uses with formats of their own. */
  FieldKey primary() {
    requireOpen();
    return keys.primary();
  }

  /** Returns the key that may decrypt what names this id. */
  FieldKey decryptingKey(int id) {
    return keys.decryptingKey(subject(), id);
  }

  /** Returns the keys of this moment. */
  KeyTable keys() {
    return keys.current();
  }

  boolean isClosed() {
    return closed.get();
  }

  void requireOpen() {
    if (isClosed()) {
      throw new IllegalStateException(subject() + " is closed");
    }
  }

  void close() {
    if (closed.compareAndSet(false, true)) {
      keys.destroy();
      refusals.flush();
      failures.flush();
    }
  }

  /** Returns the ciphertext in a new array. */
  byte[] seal(byte[] input, int offset, int length, byte[] associatedData) {
    requireOpen();
    requireRoom(length);
    byte[] sealed = new byte[format.overhead() + length];
    seal(input, offset, length, associatedData, sealed, 0);
    return sealed;
  }

  /** Writes the ciphertext where the caller wants it. */
  void seal(
      byte[] input,
      int offset,
      int length,
      byte[] associatedData,
      byte[] target,
      int targetOffset) {
    requireOpen();
    try {
      KeyTable now = keys.current();
      if (format == Format.TINK) {
        // In the other format an epoch counts what it encrypts.
        now.spend();
      }
      now.primary().in(format).seal(input, offset, length, associatedData, target, targetOffset);
    } catch (NonceException failure) {
      throw refused(EncryptException.Reason.RANDOM_SOURCE, failure.getMessage(), failure);
    } catch (SpentException failure) {
      requireOpen();
      throw refused(failure.reason(), failure.getMessage(), failure);
    } catch (GeneralSecurityException | RuntimeException failure) {
      throw sealFailed(failure);
    }
    meters.encrypted(length);
  }

  /** Returns the plaintext in a new array of {@code maxLength} bytes at most. */
  byte[] open(byte[] input, int offset, int length, byte[] associatedData, int maxLength) {
    requireOpen();
    try {
      Format found = CiphertextHeader.format(cannotDecrypt(), input, offset, length);
      FieldKey key = keyOf(input, offset, found);
      byte[] plain = new byte[plaintextLength(found, length, maxLength)];
      open(found, key, input, offset, length, associatedData, plain, 0);
      return plain;
    } catch (DecryptException failure) {
      throw noted(failure);
    }
  }

  /** Writes the plaintext where the caller wants it, and returns its length. */
  int open(
      byte[] input,
      int offset,
      int length,
      byte[] associatedData,
      byte[] target,
      int targetOffset) {
    requireOpen();
    try {
      Format found = CiphertextHeader.format(cannotDecrypt(), input, offset, length);
      FieldKey key = keyOf(input, offset, found);
      int plain = plaintextLength(found, length, target.length - targetOffset);
      open(found, key, input, offset, length, associatedData, target, targetOffset);
      return plain;
    } catch (DecryptException failure) {
      throw noted(failure);
    }
  }

  /** Counts a success of a format of its own. */
  void encrypted(long bytes) {
    meters.encrypted(bytes);
  }

  /** As {@link #encrypted}, for decryption. */
  void decrypted(long bytes) {
    meters.decrypted(bytes);
  }

  /** Counts a failure and tells of it. */
  DecryptException noted(DecryptException failure) {
    meters.failed(failure.reason());
    failures.note(failure.reason());
    return failure;
  }

  /** As {@link #noted}, for a failure to encrypt that has no exception yet. */
  EncryptException refused(
      EncryptException.Reason reason, @Nullable String what, @Nullable Throwable cause) {
    meters.failed(reason);
    refusals.note(reason);
    return new EncryptException(reason, subject() + " cannot encrypt: " + what, cause);
  }

  /** Begins the message of a failure to decrypt. */
  String cannotDecrypt() {
    return cannotDecrypt;
  }

  /** Turns what a provider threw into what the caller gets. */
  RuntimeException sealFailed(Exception failure) {
    requireOpen();
    return failure instanceof EncryptException known
        ? known
        : refused(EncryptException.Reason.PROVIDER, "the JCE provider failed", failure);
  }

  /** As {@link #sealFailed}, for decryption; to be noted by the caller. */
  DecryptException openFailed(Exception failure) {
    if (failure instanceof AEADBadTagException) {
      // Without the cause: its trace says nothing, and costs a forger's every attempt twice.
      return notAuthentic();
    }
    requireOpen();
    return new DecryptException(
        DecryptException.Reason.PROVIDER, cannotDecrypt() + "the JCE provider failed", failure);
  }

  DecryptException notAuthentic() {
    return new DecryptException(
        DecryptException.Reason.NOT_AUTHENTIC,
        cannotDecrypt() + "changed since it was written, or written for another context");
  }

  /**
   * Returns the text of a plaintext, which is erased.
   *
   * @throws DecryptException ({@code NOT_TEXT}) if it is not UTF-8
   */
  <T> T decoded(byte[] plain, Text.Decoder<T> decoder) {
    try {
      return decoder.decode(plain);
    } catch (CharacterCodingException notText) {
      // Without the cause, whose message counts the plaintext's bytes.
      throw noted(
          new DecryptException(
              DecryptException.Reason.NOT_TEXT,
              cannotDecrypt() + "the plaintext is not UTF-8; use decrypt for bytes"));
    } finally {
      Arrays.fill(plain, (byte) 0);
    }
  }

  private void open(
      Format found,
      FieldKey key,
      byte[] input,
      int offset,
      int length,
      byte[] associatedData,
      byte[] target,
      int targetOffset) {
    try {
      key.in(found).open(input, offset, length, associatedData, target, targetOffset);
    } catch (GeneralSecurityException | RuntimeException failure) {
      throw openFailed(failure);
    }
    meters.decrypted(length - found.overhead());
  }

  private FieldKey keyOf(byte[] input, int offset, Format found) {
    int at = offset + (found == Format.TINK ? 1 : 2);
    return keys.decryptingKey(subject(), KeyIds.read(input, at));
  }

  private int plaintextLength(Format found, int length, int maxLength) {
    int plain = length - found.overhead();
    if (plain > maxLength) {
      throw new DecryptException(
          DecryptException.Reason.TOO_LARGE,
          cannotDecrypt() + "plaintext must be at most " + maxLength + " bytes but has " + plain);
    }
    return plain;
  }

  private void requireRoom(int length) {
    if (length > FieldCipher.MAX_PLAINTEXT_BYTES) {
      throw refused(
          EncryptException.Reason.TOO_LARGE,
          "plaintext must be at most "
              + FieldCipher.MAX_PLAINTEXT_BYTES
              + " bytes but was "
              + length,
          null);
    }
  }
}
