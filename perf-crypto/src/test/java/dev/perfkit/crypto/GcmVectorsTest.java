package dev.perfkit.crypto;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.HexFormat;
import javax.crypto.AEADBadTagException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Proves that keys read what the specification of GCM writes: its test cases with 256-bit keys and
 * 96-bit nonces (13 to 16, McGrew and Viega), and no tag with a changed bit.
 */
class GcmVectorsTest {

  private static final String KEY =
      "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308";
  private static final String ZEROS =
      "0000000000000000000000000000000000000000000000000000000000000000";
  private static final HexFormat HEX = HexFormat.of();

  @ParameterizedTest
  @CsvSource({
    "zeros, 000000000000000000000000, '', '', '', 530f8afbc74536b9a963b4f1c4cb738b",
    "zeros, 000000000000000000000000, '', 00000000000000000000000000000000,"
        + " cea7403d4d606b6e074ec5d3baf39d18, d0d1c8a799996bf0265b98b5d48ab919",
    "key, cafebabefacedbaddecaf888, '',"
        + " d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
        + "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b391aafd255,"
        + " 522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa"
        + "8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662898015ad,"
        + " b094dac5d93471bdec1a502270e3cc6c",
    "key, cafebabefacedbaddecaf888, feedfacedeadbeeffeedfacedeadbeefabaddad2,"
        + " d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
        + "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39,"
        + " 522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa"
        + "8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662,"
        + " 76fc6ece0f4e1768cddf8853bb2d551b"
  })
  void open_vectorsOfTheSpecification_givesThePlaintext(
      String key, String nonce, String associatedData, String plaintext, String sealed, String tag)
      throws Exception {
    byte[] secret = HEX.parseHex(key.equals("key") ? KEY : ZEROS);
    FieldKey reader = new FieldKey(7, secret, Fixtures.engine());
    byte[] message = HEX.parseHex("0100000007" + nonce + sealed + tag);
    byte[] plain = new byte[plaintext.length() / 2];
    byte[] data = HEX.parseHex(associatedData);
    reader.in(Format.TINK).open(message, 0, message.length, data, plain, 0);
    assertThat(HEX.formatHex(plain)).isEqualTo(plaintext);
    for (int bit = 0; bit < 128; bit++) {
      byte[] changed = message.clone();
      changed[message.length - 16 + bit / 8] ^= (byte) (1 << (bit % 8));
      Arrays.fill(plain, (byte) 0x55);
      assertThatThrownBy(
              () -> reader.in(Format.TINK).open(changed, 0, changed.length, data, plain, 0))
          .isInstanceOf(AEADBadTagException.class);
      assertThat(plain).isEqualTo(new byte[plain.length]);
    }
  }
}
