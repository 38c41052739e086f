package dev.perfkit.crypto;

import dev.perfkit.spi.ByteTransform;
import dev.perfkit.spi.TransformException;
import dev.perfkit.spi.TransformException.Reason;
import java.util.Objects;

/** A cipher as a transform of payloads whose place a host names by bytes. */
final class FieldTransform implements ByteTransform {

  /** Tink's format with a context of one location. Written beside payloads: never change it. */
  static final int ID = 64;

  private final FieldCipher cipher;

  FieldTransform(FieldCipher cipher) {
    this.cipher = cipher;
  }

  @Override
  public int id() {
    return ID;
  }

  @Override
  public boolean required() {
    return true;
  }

  @Override
  public byte[] encode(byte[] input, byte[] context) {
    Objects.requireNonNull(input, "input");
    CipherContext where = located(context);
    requireOpen();
    try {
      return cipher.encrypt(input, where);
    } catch (EncryptException failure) {
      throw new TransformException(
          failure.reason() == EncryptException.Reason.TOO_LARGE
              ? Reason.TOO_LARGE
              : Reason.KEY_UNAVAILABLE,
          String.valueOf(failure.getMessage()),
          failure);
    }
  }

  @Override
  public byte[] decode(byte[] input, int offset, int length, byte[] context, int maxLength) {
    Objects.checkFromIndexSize(offset, length, input.length);
    CipherContext where = located(context);
    requireOpen();
    try {
      return cipher.open(input, offset, length, where, maxLength);
    } catch (DecryptException failure) {
      throw new TransformException(
          reasonOf(failure), String.valueOf(failure.getMessage()), failure);
    }
  }

  @Override
  public String toString() {
    return "FieldTransform[" + cipher.name() + "]";
  }

  private static Reason reasonOf(DecryptException failure) {
    return switch (failure.reason()) {
      case TRUNCATED, UNKNOWN_FORMAT, NOT_AUTHENTIC, NOT_TEXT, NOT_A_RECORD -> Reason.DAMAGED;
      case TOO_LARGE -> Reason.TOO_LARGE;
      case UNKNOWN_KEY, DISABLED_KEY, SERVICE_UNAVAILABLE, PROVIDER -> Reason.KEY_UNAVAILABLE;
    };
  }

  private CipherContext located(byte[] context) {
    Objects.requireNonNull(context, "context");
    if (context.length > CipherContext.MAX_LOCATION_BYTES) {
      throw new TransformException(
          Reason.TOO_LARGE,
          cipher.subject()
              + ": context must be at most "
              + CipherContext.MAX_LOCATION_BYTES
              + " bytes but was "
              + context.length);
    }
    return CipherContext.ofLocation(context);
  }

  private void requireOpen() {
    if (cipher.isClosed()) {
      throw new TransformException(Reason.KEY_UNAVAILABLE, cipher.subject() + " is closed");
    }
  }
}
