package dev.perfkit.benchmarks.crypto;

import com.amazon.corretto.crypto.provider.AmazonCorrettoCryptoProvider;
import com.google.crypto.tink.Aead;
import com.google.crypto.tink.RegistryConfiguration;
import dev.perfkit.crypto.CipherContext;
import dev.perfkit.crypto.CipherProvider;
import dev.perfkit.crypto.FieldCipher;
import dev.perfkit.crypto.Format;
import dev.perfkit.crypto.Keyset;
import java.security.GeneralSecurityException;
import java.security.Provider;
import java.security.Security;
import java.util.ArrayList;
import java.util.List;
import org.conscrypt.Conscrypt;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** The peer of a run. Ciphers that threads can share are shared. */
@State(Scope.Benchmark)
public class Ciphers {

  /** The context all peers bind: that of one field of one row. */
  static final CipherContext WHERE = CipherContext.ofTable("users").column("email").row("42");

  /** Who encrypts; {@code bare-} is a JCE cipher of one thread without anything around it. */
  @Param({
    "perfkit",
    "perfkit-c1",
    "perfkit-corretto",
    "tink",
    "bare-jdk",
    "bare-corretto",
    "bare-conscrypt"
  })
  String peer;

  /** Bytes of plaintext. */
  @Param({"32", "256", "4096", "65536"})
  int size;

  private final Keyset keyset = Keyset.generate();
  private final List<FieldCipher> open = new ArrayList<>();
  private Peer shared = new Nothing();

  /** Makes what all threads use. */
  @Setup
  public void start() throws GeneralSecurityException {
    shared =
        switch (peer) {
          case "perfkit" -> perfkit(Format.TINK, CipherProvider.jdk());
          case "perfkit-c1" -> perfkit(Format.C1, CipherProvider.jdk());
          case "perfkit-corretto" -> perfkit(Format.TINK, CipherProvider.corretto());
          case "tink" -> tink();
          default -> new Nothing();
        };
  }

  /** Stops what was started. */
  @TearDown
  public void stop() {
    open.forEach(FieldCipher::close);
    open.clear();
  }

  /** Returns the peer for one thread. */
  Peer ofThread() throws GeneralSecurityException {
    return switch (peer) {
      case "bare-jdk" -> bare(Security.getProvider("SunJCE"));
      case "bare-corretto" -> bare(AmazonCorrettoCryptoProvider.INSTANCE);
      case "bare-conscrypt" -> bare(Conscrypt.newProvider());
      default -> shared;
    };
  }

  private Peer bare(Provider provider) throws GeneralSecurityException {
    return new BareCipher(provider, size, WHERE);
  }

  private Peer perfkit(Format format, CipherProvider provider) {
    FieldCipher cipher =
        FieldCipher.named("benchmark").keyset(keyset).format(format).provider(provider).build();
    open.add(cipher);
    return new Perfkit(cipher);
  }

  private Peer tink() throws GeneralSecurityException {
    return new Tink(keyset.toTink().getPrimitive(RegistryConfiguration.get(), Aead.class));
  }

  private record Perfkit(FieldCipher cipher) implements Peer {

    @Override
    public byte[] encrypt(byte[] clear) {
      return cipher.encrypt(clear, WHERE);
    }

    @Override
    public byte[] decrypt(byte[] sealed) {
      return cipher.decrypt(sealed, WHERE);
    }
  }

  private static final class Tink implements Peer {

    private final Aead aead;
    private final byte[] associatedData = WHERE.toAssociatedData();

    Tink(Aead aead) {
      this.aead = aead;
    }

    @Override
    public byte[] encrypt(byte[] clear) throws GeneralSecurityException {
      return aead.encrypt(clear, associatedData);
    }

    @Override
    public byte[] decrypt(byte[] sealed) throws GeneralSecurityException {
      return aead.decrypt(sealed, associatedData);
    }
  }

  private record Nothing() implements Peer {

    @Override
    public byte[] encrypt(byte[] clear) {
      throw new IllegalStateException("not started");
    }

    @Override
    public byte[] decrypt(byte[] sealed) {
      throw new IllegalStateException("not started");
    }
  }
}
