package dev.perfkit.examples.auth;

import com.google.crypto.tink.Aead;
import com.google.crypto.tink.KeysetHandle;
import com.google.crypto.tink.RegistryConfiguration;
import com.google.crypto.tink.aead.AeadConfig;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;

/** Cells encrypted by plain Tink; what perf-crypto reads and writes is byte for byte the same. */
final class TinkCells implements CellCipher {

  private final Aead aead;

  TinkCells(KeysetHandle keyset) throws GeneralSecurityException {
    AeadConfig.register();
    this.aead = keyset.getPrimitive(RegistryConfiguration.get(), Aead.class);
  }

  @Override
  public byte[] seal(String clear, Cell cell) {
    try {
      return aead.encrypt(
          clear.getBytes(StandardCharsets.UTF_8), cell.context().toAssociatedData());
    } catch (GeneralSecurityException failure) {
      throw new IllegalStateException("cannot encrypt " + cell, failure);
    }
  }

  @Override
  public String open(byte[] sealed, Cell cell) {
    try {
      return new String(
          aead.decrypt(sealed, cell.context().toAssociatedData()), StandardCharsets.UTF_8);
    } catch (GeneralSecurityException failure) {
      throw new IllegalStateException("cannot decrypt " + cell, failure);
    }
  }
}
