package dev.perfkit.benchmarks.crypto;

import com.google.crypto.tink.Aead;
import com.google.crypto.tink.RegistryConfiguration;
import dev.perfkit.crypto.FieldCipher;
import dev.perfkit.crypto.Keyset;
import java.security.GeneralSecurityException;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** A field cipher and Tink's Aead of the same keyset, shared by all threads. */
@State(Scope.Benchmark)
public class Ciphers {

  /** Bytes of plaintext. */
  @Param({"32", "256", "4096"})
  int size;

  final FieldCipher cipher;
  final Aead tink;
  final byte[] associatedData = Place.WHERE.toAssociatedData();
  byte[] clear = {};
  byte[] sealed = {};

  /** Makes both of a fresh keyset. */
  public Ciphers() {
    Keyset keyset = Keyset.generate();
    cipher = FieldCipher.named("benchmark").keyset(keyset).build();
    try {
      tink = keyset.toTink().getPrimitive(RegistryConfiguration.get(), Aead.class);
    } catch (GeneralSecurityException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  /** Encrypts once, so that there is something to decrypt. */
  @Setup
  public void fill() {
    clear = new byte[size];
    sealed = cipher.encrypt(clear, Place.WHERE);
  }
}
