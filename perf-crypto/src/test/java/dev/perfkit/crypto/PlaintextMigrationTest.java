package dev.perfkit.crypto;

import static dev.perfkit.crypto.Failures.assertReason;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.perfkit.crypto.DecryptException.Reason;
import dev.perfkit.testkit.FakeTimeSource;
import dev.perfkit.testkit.RecordingTelemetry;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * Proves that plaintext is read in a column that is being migrated, until its date, counted; and
 * that nothing which was ever encrypted passes for plaintext.
 */
class PlaintextMigrationTest {

  private static final CipherContext EMAIL = CipherContext.ofTable("users").column("email");
  private static final CipherContext PHONE = CipherContext.ofTable("users").column("phone");
  private static final CipherContext ROW = EMAIL.tenant("acme").row(42);
  private static final Instant END = Instant.parse("2030-01-01T00:00:00Z");

  private final FakeTimeSource time = FakeTimeSource.create();
  private final RecordingTelemetry telemetry = RecordingTelemetry.create();
  private final Keyset keyset = Keyset.generate();
  private final FieldCipher cipher =
      FieldCipher.named("pii")
          .keyset(keyset)
          .timeSource(time)
          .telemetry(telemetry)
          .acceptPlaintext(EMAIL, END)
          .build();

  PlaintextMigrationTest() {
    time.setWallClock(END.minus(Duration.ofDays(1)));
  }

  @Test
  void decrypt_plaintextInTheColumn_readsAndCounts() {
    byte[] clear = utf8("ada@example.org");
    assertThat(cipher.decrypt(clear, ROW)).isEqualTo(clear).isNotSameAs(clear);
    assertThat(cipher.decryptToString(clear, ROW)).isEqualTo("ada@example.org");
    assertThat(cipher.decryptToChars(clear, ROW)).isEqualTo("ada@example.org".toCharArray());
    assertThat(cipher.decrypt(new byte[0], ROW)).isEmpty();
    assertThat(clear).isEqualTo(utf8("ada@example.org"));
    assertThat(reads()).isEqualTo(4);
    byte[] sealed = cipher.encrypt("x", ROW);
    assertThat(cipher.decryptToString(sealed, ROW)).isEqualTo("x");
    assertThat(reads()).isEqualTo(4);
  }

  @Test
  void decrypt_afterTheEnd_isRefused() {
    time.setWallClock(END.minusMillis(1));
    assertThat(cipher.decryptToString(utf8("a"), ROW)).isEqualTo("a");
    time.setWallClock(END);
    assertReason(Reason.UNKNOWN_FORMAT, () -> cipher.decrypt(utf8("a"), ROW));
    assertReason(Reason.UNKNOWN_FORMAT, () -> cipher.text().decrypt("a@b", ROW));
    assertThat(reads()).isEqualTo(1);
  }

  @Test
  void decrypt_elsewhere_isRefused() {
    byte[] clear = utf8("Zebra");
    for (CipherContext other :
        List.of(
            PHONE.row(42),
            CipherContext.ofTable("users").row(42),
            CipherContext.ofTable("staff").column("email").row(42),
            CipherContext.ofPurpose("email"))) {
      assertReason(Reason.UNKNOWN_FORMAT, () -> cipher.decrypt(clear, other));
    }
    FieldCipher without = Fixtures.cipher(keyset);
    assertReason(Reason.UNKNOWN_FORMAT, () -> without.decrypt(clear, ROW));
    assertReason(Reason.UNKNOWN_FORMAT, () -> cipher.decryptRecord(clear, ROW));
  }

  @Test
  void decrypt_whatWasEncrypted_neverPassesForPlaintext() {
    for (Format format : Format.values()) {
      FieldCipher writer = FieldCipher.named("pii").keyset(keyset).format(format).build();
      byte[] sealed = writer.encrypt("Zebra", ROW);
      assertReason(Reason.NOT_AUTHENTIC, () -> cipher.decrypt(sealed, EMAIL.row(43)));
      for (int length = 1; length < sealed.length; length++) {
        byte[] cut = Arrays.copyOf(sealed, length);
        Reason expected = length < format.overhead() ? Reason.TRUNCATED : Reason.NOT_AUTHENTIC;
        assertReason(expected, () -> cipher.decrypt(cut, ROW));
      }
      byte[] foreign =
          FieldCipher.named("pii")
              .keyset(Keyset.generate())
              .format(format)
              .build()
              .encrypt("Zebra", ROW);
      assertReason(Reason.UNKNOWN_KEY, () -> cipher.decrypt(foreign, ROW));
    }
    assertThat(telemetry.count("crypto.plaintext_reads", "cipher", "pii", "column", "users.email"))
        .isZero();
  }

  @Test
  void text_plaintextInTheColumn_readsEvenWhatLooksLikeBase64() {
    TextCipher text = cipher.text();
    for (String clear :
        List.of(
            "ada@example.org", "Ada", "Abelard", "AQ", "wQE", "", "\u00e9", "Adalbertine-Ann")) {
      assertThat(text.decryptToString(clear, ROW)).isEqualTo(clear);
      assertThat(text.decrypt(clear, ROW)).isEqualTo(utf8(clear));
    }
  }

  @Test
  void text_whatWasEncrypted_neverPassesForPlaintext() {
    for (Format format : Format.values()) {
      FieldCipher writer = FieldCipher.named("pii").keyset(keyset).format(format).build();
      String sealed = writer.text().encrypt("Zebra", ROW);
      assertReason(Reason.NOT_AUTHENTIC, () -> cipher.text().decrypt(sealed, EMAIL.row(43)));
      for (int length = 8; length < sealed.length(); length++) {
        String cut = sealed.substring(0, length);
        DecryptException failure =
            org.assertj.core.api.Assertions.catchThrowableOfType(
                DecryptException.class, () -> cipher.text().decrypt(cut, ROW));
        assertThat(failure).as("cut to " + length).isNotNull();
      }
      String foreign =
          FieldCipher.named("pii")
              .keyset(Keyset.generate())
              .format(format)
              .build()
              .text()
              .encrypt("Zebra", ROW);
      assertReason(Reason.UNKNOWN_KEY, () -> cipher.text().decrypt(foreign, ROW));
    }
  }

  @Test
  void acceptPlaintext_otherThanAColumnOrTwice_isRefused() {
    FieldCipher.Builder builder = FieldCipher.named("pii").acceptPlaintext(EMAIL, END);
    for (CipherContext wrong :
        List.of(EMAIL, EMAIL.row(1), PHONE.tenant("acme"), CipherContext.ofTable("users"))) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> builder.acceptPlaintext(wrong, END))
          .withMessageStartingWith("column must be");
    }
  }

  private long reads() {
    return telemetry.count("crypto.plaintext_reads", "cipher", "pii", "column", "users.email");
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
