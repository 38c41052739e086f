package dev.perfkit.crypto;

import java.security.AlgorithmParameters;
import java.security.GeneralSecurityException;
import java.security.InvalidAlgorithmParameterException;
import java.security.InvalidKeyException;
import java.security.Key;
import java.security.Provider;
import java.security.SecureRandom;
import java.security.spec.AlgorithmParameterSpec;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntPredicate;
import javax.crypto.AEADBadTagException;
import javax.crypto.BadPaddingException;
import javax.crypto.Cipher;
import javax.crypto.CipherSpi;
import javax.crypto.IllegalBlockSizeException;
import javax.crypto.ShortBufferException;

/** The JDK's AES-GCM with a fault that a test chooses. */
final class WrongProvider extends Provider {

  private static final long serialVersionUID = 1;

  /** What goes wrong. */
  enum Fault {
    /** A bit of the ciphertext is wrong. */
    CIPHERTEXT,
    /** A bit of the plaintext is wrong. */
    PLAINTEXT,
    /** A forged ciphertext is decrypted. */
    ACCEPTS_FORGERIES,
    /** It throws. */
    THROWS
  }

  private final transient Fault fault;
  private final transient int rightCalls;
  private final transient IntPredicate wrongLengths;
  final transient AtomicInteger calls = new AtomicInteger();

  /** The key that each of its ciphers knows, in the order they were made. */
  final transient Map<Object, byte[]> knownKeys =
      Collections.synchronizedMap(new LinkedHashMap<>());

  /**
   * @param rightCalls how many messages it computes rightly first
   * @param wrongLengths the lengths of plaintexts that go wrong afterwards
   */
  WrongProvider(Fault fault, int rightCalls, IntPredicate wrongLengths) {
    super("Wrong", "1", "AES-GCM with a fault, for tests");
    this.fault = fault;
    this.rightCalls = rightCalls;
    this.wrongLengths = wrongLengths;
    putService(new AesGcm(this));
  }

  private boolean isWrong(Fault fault, int length) {
    return this.fault == fault && calls.get() > rightCalls && wrongLengths.test(length);
  }

  private static final class AesGcm extends Provider.Service {

    private final WrongProvider provider;

    AesGcm(WrongProvider provider) {
      super(provider, "Cipher", JceGcm.TRANSFORMATION, Spi.class.getName(), null, null);
      this.provider = provider;
    }

    @Override
    public Object newInstance(Object parameter) {
      return new Spi(provider);
    }

    @Override
    public boolean supportsParameter(Object parameter) {
      return true;
    }
  }

  private static final class Spi extends CipherSpi {

    private final WrongProvider provider;
    private final Cipher right;
    private boolean encrypting;

    Spi(WrongProvider provider) {
      this.provider = provider;
      try {
        right = Cipher.getInstance(JceGcm.TRANSFORMATION, "SunJCE");
      } catch (GeneralSecurityException impossible) {
        throw new IllegalStateException(impossible);
      }
    }

    @Override
    protected void engineInit(
        int opmode, Key key, AlgorithmParameterSpec params, SecureRandom random)
        throws InvalidKeyException, InvalidAlgorithmParameterException {
      encrypting = opmode == Cipher.ENCRYPT_MODE;
      right.init(opmode, key, params);
      provider.knownKeys.put(this, key.getEncoded());
    }

    @Override
    protected void engineUpdateAAD(byte[] source, int offset, int length) {
      right.updateAAD(source, offset, length);
    }

    @Override
    protected int engineDoFinal(
        byte[] input, int inputOffset, int inputLength, byte[] output, int outputOffset)
        throws ShortBufferException, IllegalBlockSizeException, BadPaddingException {
      provider.calls.incrementAndGet();
      int length = encrypting ? inputLength : inputLength - 16;
      if (provider.isWrong(Fault.THROWS, length)) {
        throw new IllegalStateException("internal error");
      }
      int written;
      try {
        written = right.doFinal(input, inputOffset, inputLength, output, outputOffset);
      } catch (AEADBadTagException forged) {
        if (provider.isWrong(Fault.ACCEPTS_FORGERIES, length)) {
          return length;
        }
        throw forged;
      }
      if (provider.isWrong(encrypting ? Fault.CIPHERTEXT : Fault.PLAINTEXT, length)) {
        output[outputOffset + length / 2] ^= 4;
      }
      return written;
    }

    @Override
    protected void engineInit(int opmode, Key key, SecureRandom random) {
      throw new UnsupportedOperationException();
    }

    @Override
    protected void engineInit(
        int opmode, Key key, AlgorithmParameters params, SecureRandom random) {
      throw new UnsupportedOperationException();
    }

    @Override
    protected byte[] engineUpdate(byte[] input, int offset, int length) {
      throw new UnsupportedOperationException();
    }

    @Override
    protected int engineUpdate(
        byte[] input, int inputOffset, int inputLength, byte[] output, int outputOffset) {
      throw new UnsupportedOperationException();
    }

    @Override
    protected byte[] engineDoFinal(byte[] input, int offset, int length) {
      throw new UnsupportedOperationException();
    }

    @Override
    protected void engineSetMode(String mode) {}

    @Override
    protected void engineSetPadding(String padding) {}

    @Override
    protected int engineGetBlockSize() {
      return 16;
    }

    @Override
    protected int engineGetOutputSize(int length) {
      return length + 16;
    }

    @Override
    protected byte[] engineGetIV() {
      return right.getIV();
    }

    @Override
    protected AlgorithmParameters engineGetParameters() {
      return right.getParameters();
    }
  }
}
