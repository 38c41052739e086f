package dev.perfkit.testkit.conformance;

import static dev.perfkit.spi.TransformException.Reason.DAMAGED;
import static dev.perfkit.spi.TransformException.Reason.TOO_LARGE;

import dev.perfkit.spi.ByteTransform;
import dev.perfkit.spi.TransformException;
import java.io.ByteArrayOutputStream;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Objects;
import java.util.zip.DataFormatException;
import java.util.zip.Deflater;
import java.util.zip.Inflater;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/** Sound transforms to hold the kit against; the broken ones are made from them. */
final class Transforms {

  private Transforms() {}

  /** Zlib, without a dictionary and without the context. */
  static class Zlib implements ByteTransform {

    @Override
    public int id() {
      return 60;
    }

    @Override
    public boolean required() {
      return false;
    }

    @Override
    public byte @Nullable [] encode(byte[] input, byte[] context) {
      Deflater deflater = new Deflater();
      try {
        deflater.setInput(input);
        deflater.finish();
        byte[] output = new byte[input.length];
        int length = deflater.deflate(output);
        return deflater.finished() && length < input.length ? Arrays.copyOf(output, length) : null;
      } finally {
        deflater.end();
      }
    }

    @Override
    public byte[] decode(byte[] input, int offset, int length, byte[] context, int maxLength) {
      Objects.checkFromIndexSize(offset, length, input.length);
      Inflater inflater = new Inflater();
      try {
        inflater.setInput(input, offset, length);
        byte[] output = inflate(inflater, maxLength);
        if (inflater.getRemaining() > 0) {
          throw new TransformException(DAMAGED, "bytes after the end");
        }
        return output;
      } catch (DataFormatException damaged) {
        throw new TransformException(DAMAGED, "not a zlib stream");
      } finally {
        inflater.end();
      }
    }

    private static byte[] inflate(Inflater inflater, int maxLength) throws DataFormatException {
      ByteArrayOutputStream output = new ByteArrayOutputStream();
      byte[] buffer = new byte[4_096];
      while (!inflater.finished()) {
        int count = inflater.inflate(buffer);
        if (count == 0 && !inflater.finished()) {
          throw new TransformException(DAMAGED, "the stream ends early");
        }
        if (output.size() + count > maxLength) {
          throw new TransformException(TOO_LARGE, "the result is over " + maxLength + " bytes");
        }
        output.write(buffer, 0, count);
      }
      return output.toByteArray();
    }
  }

  /** AES in Galois/counter mode; the context is the associated data. */
  static class AesGcm implements ByteTransform {

    private static final int NONCE = 12;
    private static final int TAG = 16;
    private static final SecretKeySpec KEY = new SecretKeySpec(new byte[16], "AES");

    @Override
    public int id() {
      return 120;
    }

    @Override
    public boolean required() {
      return true;
    }

    @Override
    public byte @Nullable [] encode(byte[] input, byte[] context) {
      byte[] nonce = new byte[NONCE];
      new SecureRandom().nextBytes(nonce);
      byte[] output = Arrays.copyOf(nonce, NONCE + input.length + TAG);
      try {
        cipher(Cipher.ENCRYPT_MODE, nonce, context).doFinal(input, 0, input.length, output, NONCE);
        return output;
      } catch (GeneralSecurityException failure) {
        throw new IllegalStateException(failure);
      }
    }

    @Override
    public byte[] decode(byte[] input, int offset, int length, byte[] context, int maxLength) {
      Objects.checkFromIndexSize(offset, length, input.length);
      if (length < NONCE + TAG) {
        throw new TransformException(DAMAGED, "shorter than nonce and tag");
      }
      if (length - NONCE - TAG > maxLength) {
        throw new TransformException(TOO_LARGE, "the result is over " + maxLength + " bytes");
      }
      byte[] nonce = Arrays.copyOfRange(input, offset, offset + NONCE);
      try {
        return cipher(Cipher.DECRYPT_MODE, nonce, context)
            .doFinal(input, offset + NONCE, length - NONCE);
      } catch (GeneralSecurityException failure) {
        throw new TransformException(DAMAGED, "the tag does not match");
      }
    }

    byte[] associatedData(byte[] context) {
      return context;
    }

    private Cipher cipher(int mode, byte[] nonce, byte[] context) throws GeneralSecurityException {
      Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
      cipher.init(mode, KEY, new GCMParameterSpec(TAG * 8, nonce));
      cipher.updateAAD(associatedData(context));
      return cipher;
    }
  }
}
