package dev.perfkit.crypto;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Proves that no bytes make a reader of ciphertexts or records do anything but refuse them by its
 * own exception, or give what a writer wrote. Runs its seeds in every build; searches when {@code
 * JAZZER_FUZZ=1}.
 */
class CiphertextFuzzTest {

  private static final CipherContext WHERE = CipherContext.ofTable("users").column("email");
  private static final FieldCipher CIPHER = cipher();
  private static final FieldCipher MIGRATING =
      FieldCipher.named("migrating")
          .keyset(keyset())
          .acceptPlaintext(WHERE, Instant.parse("9999-01-01T00:00:00Z"))
          .build();

  @FuzzTest
  void decrypt_anyBytes_refusesOrReads(byte[] bytes) {
    try {
      byte[] plain = CIPHER.decrypt(bytes, WHERE);
      CiphertextHeader header = CiphertextHeader.of(bytes);
      require(plain.length == bytes.length - header.format().overhead(), "length");
    } catch (DecryptException refused) {
      require(refused.getCause() == null, "a cause");
    }
    byte[] read = null;
    try {
      read = MIGRATING.decrypt(bytes, WHERE);
    } catch (DecryptException refused) {
      require(bytes.length > 0 && TextForm.hasVersion(bytes[0]), "plaintext refused");
    }
    if (read != null && (bytes.length == 0 || !TextForm.hasVersion(bytes[0]))) {
      require(Arrays.equals(read, bytes), "plaintext changed");
    }
  }

  @FuzzTest
  void text_anyText_refusesOrReads(byte[] bytes) {
    String text = new String(bytes, StandardCharsets.UTF_8);
    try {
      byte[] plain = CIPHER.text().decrypt(text, WHERE);
      require(text.equals(TextForm.encode(TextForm.decode("", text))), "two forms of one value");
      require(plain.length < text.length(), "length");
    } catch (DecryptException refused) {
      require(refused.getCause() == null, "a cause");
    }
    try {
      MIGRATING.text().decryptToString(text, WHERE);
    } catch (DecryptException refused) {
      require(refused.getCause() == null, "a cause");
    }
  }

  @FuzzTest
  void record_anyBytes_isARecordOrMalformed(byte[] bytes) {
    FieldRecord record;
    try {
      record = FieldRecord.parse(bytes.clone());
    } catch (RecordCodec.MalformedException refused) {
      return;
    }
    require(Arrays.equals(record.encoded(), bytes), "bytes changed");
    for (String name : record.names()) {
      readAs(record, name);
    }
  }

  @FuzzTest
  void stream_anyBytes_refusesOrReads(byte[] bytes) throws IOException {
    try (InputStream in = CIPHER.streams().decrypting(new ByteArrayInputStream(bytes), WHERE)) {
      in.readAllBytes();
    } catch (DecryptException refused) {
      require(refused.getCause() == null, "a cause");
    }
  }

  @FuzzTest
  void deterministic_anyBytes_refusesOrReads(byte[] bytes) {
    DeterministicCipher column = CIPHER.deterministic(WHERE);
    try {
      byte[] plain = column.decrypt(bytes);
      require(Arrays.equals(column.encrypt(plain), bytes), "two ciphertexts of one value");
    } catch (DecryptException refused) {
      require(refused.getCause() == null, "a cause");
    }
  }

  /** Reads a value by each type; all but one refuse. */
  private static void readAs(FieldRecord record, String name) {
    List<Supplier<Optional<?>>> types =
        List.of(
            () -> record.text(name),
            () -> record.number(name),
            () -> record.uuid(name),
            () -> record.bytes(name),
            () -> record.flag(name),
            () -> record.real(name),
            () -> record.decimal(name),
            () -> record.instant(name),
            () -> record.date(name));
    int read = 0;
    for (Supplier<Optional<?>> as : types) {
      try {
        require(as.get().isPresent(), "not there");
        read++;
      } catch (IllegalArgumentException otherType) {
        require(otherType.getMessage() != null, "no message");
      }
    }
    require(read == 1, "read as " + read + " types");
  }

  private static void require(boolean holds, String what) {
    if (!holds) {
      throw new AssertionError(what);
    }
  }

  private static Keyset keyset() {
    try {
      return Fixtures.goldenKeyset();
    } catch (GeneralSecurityException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  private static FieldCipher cipher() {
    return FieldCipher.named("fuzzed").keyset(keyset()).build();
  }
}
