package dev.perfkit.crypto;

import static dev.perfkit.crypto.Failures.assertReason;
import static dev.perfkit.crypto.Fixtures.WHERE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perfkit.crypto.DecryptException.Reason;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Proves the forms of a field beside new arrays: the caller's arrays, text, many at once, and a
 * header that is read without keys.
 */
class FieldFormsTest {

  private static final byte[] CLEAR = "Zebra-4711".getBytes(StandardCharsets.UTF_8);

  private final Keyset keyset = Keyset.generate();

  @ParameterizedTest
  @EnumSource
  void buffers_withinLargerArrays_touchTheirPartOnly(Format format) {
    FieldCipher cipher = cipher(format);
    byte[] source = new byte[50];
    System.arraycopy(CLEAR, 0, source, 7, CLEAR.length);
    byte[] target = filled(200);
    int size = cipher.encrypt(source, 7, CLEAR.length, WHERE, target, 3);
    assertThat(size).isEqualTo(CLEAR.length + format.overhead());
    assertThat(Arrays.copyOf(target, 3)).containsOnly(0x55);
    assertThat(Arrays.copyOfRange(target, 3 + size, 200)).containsOnly(0x55);
    assertThat(cipher.decrypt(Arrays.copyOfRange(target, 3, 3 + size), WHERE)).isEqualTo(CLEAR);

    byte[] plain = filled(30);
    assertThat(cipher.decrypt(target, 3, size, WHERE, plain, 20)).isEqualTo(CLEAR.length);
    assertThat(Arrays.copyOfRange(plain, 20, 30)).isEqualTo(CLEAR);
    assertThat(Arrays.copyOf(plain, 20)).containsOnly(0x55);
  }

  @ParameterizedTest
  @EnumSource
  void buffers_sameArrayApart_work(Format format) {
    FieldCipher cipher = cipher(format);
    byte[] array = Arrays.copyOf(CLEAR, 200);
    int size = cipher.encrypt(array, 0, CLEAR.length, WHERE, array, 80);
    Arrays.fill(array, 0, CLEAR.length, (byte) 0);
    cipher.decrypt(array, 80, size, WHERE, array, 0);
    assertThat(Arrays.copyOf(array, CLEAR.length)).isEqualTo(CLEAR);
  }

  @Test
  void buffers_withoutRoomOrOverlapping_areRefused() {
    FieldCipher cipher = cipher(Format.TINK);
    byte[] sealed = cipher.encrypt(CLEAR, WHERE);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> cipher.encrypt(CLEAR, 0, 10, WHERE, new byte[42], 0))
        .withMessage("target must have room for 43 bytes at 0 but was 42 bytes long");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> cipher.encrypt(CLEAR, 0, 10, WHERE, new byte[43], 1));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> cipher.encrypt(CLEAR, 0, 10, WHERE, new byte[43], -1));
    assertThatThrownBy(() -> cipher.encrypt(CLEAR, 1, 10, WHERE, new byte[43], 0))
        .isInstanceOf(IndexOutOfBoundsException.class);
    byte[] same = new byte[100];
    assertThatIllegalArgumentException()
        .isThrownBy(() -> cipher.encrypt(same, 10, 10, WHERE, same, 0))
        .withMessageContaining("not overlap");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> cipher.decrypt(sealed, 0, sealed.length, WHERE, sealed, 0));
    assertReason(
        Reason.TOO_LARGE,
        () -> cipher.decrypt(sealed, 0, sealed.length, WHERE, new byte[CLEAR.length - 1], 0));
  }

  @ParameterizedTest
  @EnumSource
  void buffers_notAuthentic_leaveNoPlaintext(Format format) {
    FieldCipher cipher = cipher(format);
    byte[] sealed = cipher.encrypt(CLEAR, WHERE);
    byte[] target = filled(20);
    assertReason(
        Reason.NOT_AUTHENTIC,
        () -> cipher.decrypt(sealed, 0, sealed.length, WHERE.purpose("other"), target, 5));
    assertThat(new String(target, StandardCharsets.ISO_8859_1)).doesNotContain("Zebra");
    assertThat(Arrays.copyOf(target, 5)).containsOnly(0x55);
  }

  @ParameterizedTest
  @EnumSource
  void text_anyFormat_isBase64UrlOfTheBytes(Format format) {
    FieldCipher cipher = cipher(format);
    TextCipher text = cipher.text();
    String sealed = text.encrypt("Zebra", WHERE);
    assertThat(sealed).matches("[A-Za-z0-9_-]+").doesNotContain("=");
    assertThat(text.decryptToString(sealed, WHERE)).isEqualTo("Zebra");
    byte[] bytes = Base64.getUrlDecoder().decode(sealed);
    assertThat(cipher.decryptToString(bytes, WHERE)).isEqualTo("Zebra");
    assertThat(text.decrypt(text.encrypt(CLEAR, WHERE), WHERE)).isEqualTo(CLEAR);
    assertReason(Reason.NOT_AUTHENTIC, () -> text.decrypt(sealed, WHERE.purpose("other")));
  }

  @Test
  void text_inAnotherForm_isUnknown() {
    TextCipher text = cipher(Format.TINK).text();
    String sealed = text.encrypt(new byte[1], WHERE);
    assertThat(sealed.length() % 4).isNotZero();
    char last = sealed.charAt(sealed.length() - 1);
    String otherBits = sealed.substring(0, sealed.length() - 1) + (char) (last + 1);
    List<String> others =
        List.of(sealed + "=", sealed + " ", "Zebra!", " " + sealed, otherBits, "\u00e9", "A");
    for (String other : others) {
      assertReason(Reason.UNKNOWN_FORMAT, () -> text.decryptToString(other, WHERE));
    }
    assertReason(Reason.TRUNCATED, () -> text.decryptToString("", WHERE));
    byte[] notText = {(byte) 0xFF};
    String sealedBytes = text.encrypt(notText, WHERE);
    assertReason(Reason.NOT_TEXT, () -> text.decryptToString(sealedBytes, WHERE));
  }

  @Test
  void encryptAll_someFailing_givesEachItsResult() {
    FieldCipher cipher = cipher(Format.C1);
    CipherContext row = CipherContext.ofTable("users").column("email");
    List<BatchResult> sealed =
        cipher.encryptAll(
            List.of(BatchItem.of(CLEAR, row.row(1)), BatchItem.of(new byte[0], row.row(2))));
    assertThat(sealed).hasSize(2).allMatch(result -> result.failure().isEmpty());
    byte[] first = sealed.get(0).orElseThrow();
    byte[] second = sealed.get(1).orElseThrow();
    List<BatchResult> opened =
        cipher.decryptAll(
            List.of(
                BatchItem.of(first, row.row(1)),
                BatchItem.of(first, row.row(2)),
                BatchItem.of(new byte[] {9}, row.row(3)),
                BatchItem.of(second, row.row(2))));
    assertThat(opened.get(0).orElseThrow()).isEqualTo(CLEAR);
    assertReason(Reason.NOT_AUTHENTIC, () -> opened.get(1).orElseThrow());
    assertReason(Reason.UNKNOWN_FORMAT, () -> opened.get(2).orElseThrow());
    assertThat(opened.get(1).failure()).isPresent();
    assertThat(opened.get(3).orElseThrow()).isEmpty();
    assertThat(opened + "" + BatchItem.of(CLEAR, row)).doesNotContain("Zebra");
    cipher.close();
    assertThatThrownBy(() -> cipher.encryptAll(List.of()))
        .isInstanceOf(IllegalStateException.class);
  }

  @ParameterizedTest
  @EnumSource
  void header_withoutKeys_namesFormatAndKey(Format format) {
    byte[] sealed = cipher(format).encrypt(CLEAR, WHERE);
    assertThat(CiphertextHeader.of(sealed))
        .isEqualTo(new CiphertextHeader(format, keyset.primaryKeyId()));
    assertReason(Reason.TRUNCATED, () -> CiphertextHeader.of(Arrays.copyOf(sealed, 32)));
    assertReason(Reason.TRUNCATED, () -> CiphertextHeader.of(new byte[0]));
    assertReason(Reason.UNKNOWN_FORMAT, () -> CiphertextHeader.of(new byte[99]));
  }

  @Test
  void decrypt_otherSuitesOfOurFormat_areUnknown() {
    FieldCipher cipher = cipher(Format.C1);
    byte[] sealed = cipher.encrypt(CLEAR, WHERE);
    for (int suite : new int[] {0, 2, 3, 4, 255}) {
      sealed[1] = (byte) suite;
      assertReason(Reason.UNKNOWN_FORMAT, () -> cipher.decrypt(sealed, WHERE));
    }
  }

  @Test
  void decrypt_oldKeyInEitherFormat_saysWhichIsUnknown() {
    for (Format format : Format.values()) {
      byte[] foreign =
          FieldCipher.named("other")
              .keyset(Keyset.generate())
              .format(format)
              .build()
              .encrypt(CLEAR, WHERE);
      DecryptException failure =
          assertReason(Reason.UNKNOWN_KEY, () -> cipher(Format.TINK).decrypt(foreign, WHERE));
      int id = CiphertextHeader.of(foreign).keyId();
      assertThat(failure).hasMessageContaining("key " + Integer.toUnsignedString(id));
    }
  }

  private FieldCipher cipher(Format format) {
    return FieldCipher.named("pii").keyset(keyset).format(format).build();
  }

  private static byte[] filled(int size) {
    byte[] bytes = new byte[size];
    Arrays.fill(bytes, (byte) 0x55);
    return bytes;
  }
}
