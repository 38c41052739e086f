package dev.perfkit.crypto;

import static dev.perfkit.crypto.Failures.assertReason;
import static dev.perfkit.crypto.Fixtures.WHERE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perfkit.crypto.DecryptException.Reason;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.LocalDate;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

/**
 * Proves that a record gives back every value with its type, in one ciphertext that is no field and
 * belongs to one place; and that bytes which are not a record are refused whole.
 */
class FieldRecordTest {

  private static final UUID ID = UUID.fromString("01234567-89ab-cdef-0123-456789abcdef");
  private static final FieldRecord ALL =
      FieldRecord.builder()
          .text("text", "Zebra \u00e9\u4e2d\ud83d\ude00")
          .number("number", Long.MIN_VALUE)
          .uuid("uuid", ID)
          .bytes("bytes", new byte[] {1, 2, 3})
          .flag("yes", true)
          .flag("no", false)
          .real("real", -0.0)
          .decimal("decimal", new BigDecimal("-12345678901234567890.1200"))
          .instant("instant", Instant.parse("1815-12-10T00:00:00.000000001Z"))
          .date("date", LocalDate.of(1815, 12, 10))
          .text("empty", "")
          .build();

  private final Keyset keyset = Keyset.generate();
  private final FieldCipher cipher = Fixtures.cipher(keyset);

  @Test
  void decryptRecord_everyType_givesTheValuesBack() {
    for (Format format : Format.values()) {
      FieldCipher writer = FieldCipher.named("pii").keyset(keyset).format(format).build();
      FieldRecord read = cipher.decryptRecord(writer.encryptRecord(ALL, WHERE), WHERE);
      assertThat(read).isEqualTo(ALL).hasSameHashCodeAs(ALL);
      assertThat(read.names()).containsExactlyElementsOf(ALL.names()).hasSize(11);
      assertThat(read.text("text")).contains("Zebra \u00e9\u4e2d\ud83d\ude00");
      assertThat(read.number("number")).contains(Long.MIN_VALUE);
      assertThat(read.uuid("uuid")).contains(ID);
      assertThat(read.bytes("bytes").orElseThrow()).containsExactly(1, 2, 3);
      assertThat(read.flag("yes")).contains(true);
      assertThat(read.flag("no")).contains(false);
      assertThat(read.real("real")).contains(-0.0);
      assertThat(read.decimal("decimal")).contains(new BigDecimal("-12345678901234567890.1200"));
      assertThat(read.instant("instant")).contains(Instant.parse("1815-12-10T00:00:00.000000001Z"));
      assertThat(read.date("date")).contains(LocalDate.of(1815, 12, 10));
      assertThat(read.text("empty")).contains("");
      assertThat(read.text("unknown")).isEmpty();
    }
  }

  @Test
  void encoded_golden_isAsDescribed() throws Exception {
    FieldRecord record = FieldRecord.builder().text("a", "b").number("no", 258).build();
    String hex = "01" + "0002" + "0161" + "01" + "00000001" + "62";
    hex += "026e6f" + "02" + "00000008" + "0000000000000102";
    assertThat(HexFormat.of().formatHex(record.encoded())).isEqualTo(hex);
    assertThat(FieldRecord.parse(HexFormat.of().parseHex(hex))).isEqualTo(record);
  }

  @Test
  void put_nullValue_isNotThere() {
    FieldRecord record =
        FieldRecord.builder()
            .text("a", null)
            .uuid("b", null)
            .bytes("c", null)
            .decimal("d", null)
            .instant("e", null)
            .date("f", null)
            .build();
    assertThat(record.names()).isEmpty();
    assertThat(cipher.decryptRecord(cipher.encryptRecord(record, WHERE), WHERE)).isEqualTo(record);
  }

  @Test
  void read_otherType_namesBoth() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ALL.number("text"))
        .withMessage("field 'text' must be read as TEXT but was NUMBER");
  }

  @Test
  void put_wrongNameOrTextOrTooMany_isRefused() {
    FieldRecord.Builder builder = FieldRecord.builder().flag("a", true);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder.number("a", 1))
        .withMessage("field 'a' must be put once but was again");
    for (String name : List.of("", "x".repeat(256), "\ud800")) {
      assertThatIllegalArgumentException().isThrownBy(() -> builder.flag(name, true));
    }
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder.text("b", "Zebra\udc00"))
        .withMessageContaining("field 'b': value must be well-formed")
        .withMessageNotContaining("Zebra");
    for (int i = 1; i < FieldRecord.MAX_FIELDS; i++) {
      builder.flag("f" + i, true);
    }
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder.flag("last", true))
        .withMessageContaining("at most 1000 fields");
    assertThat(builder.build().names()).hasSize(FieldRecord.MAX_FIELDS);
    assertThat(builder.build().names()).isEmpty();
  }

  @Test
  void decryptRecord_otherPlaceOrFieldOrChanged_fails() {
    byte[] sealed = cipher.encryptRecord(ALL, WHERE);
    assertReason(Reason.NOT_AUTHENTIC, () -> cipher.decryptRecord(sealed, WHERE.tenant("b")));
    assertReason(Reason.NOT_AUTHENTIC, () -> cipher.decrypt(sealed, WHERE));
    byte[] field = cipher.encrypt(ALL.encoded(), WHERE);
    assertReason(Reason.NOT_AUTHENTIC, () -> cipher.decryptRecord(field, WHERE));
    for (int bit = 40; bit < sealed.length * 8; bit += 3) {
      byte[] changed = sealed.clone();
      changed[bit / 8] ^= (byte) (1 << (bit % 8));
      assertReason(Reason.NOT_AUTHENTIC, () -> cipher.decryptRecord(changed, WHERE));
    }
  }

  @Test
  void decryptRecord_authenticButNoRecord_saysSo() {
    byte[] good = ALL.encoded();
    List<byte[]> malformed =
        List.of(
            new byte[0],
            new byte[] {1, 0},
            new byte[] {2, 0, 0},
            new byte[] {1, 0, 0, 0},
            new byte[] {1, (byte) 0xFF, (byte) 0xFF},
            Arrays.copyOf(good, good.length - 1),
            Arrays.copyOf(good, good.length + 1),
            hex("010001" + "00" + "05" + "00000001" + "01"), // no name
            hex("010001" + "01ff" + "05" + "00000001" + "01"), // name not UTF-8
            hex("010001" + "0161" + "05" + "00000001" + "02"), // neither true nor false
            hex("010001" + "0161" + "01" + "00000001" + "ff"), // text not UTF-8
            hex("010001" + "0161" + "0a" + "00000001" + "00"), // no such type
            hex("010001" + "0161" + "00" + "00000001" + "00"),
            hex("010001" + "0161" + "02" + "00000001" + "00"), // number too short
            hex("010001" + "0161" + "04" + "ffffffff" + "00"), // length below 0
            hex("010001" + "0161" + "04" + "7fffffff" + "00"), // length too large
            hex("010001" + "0161" + "07" + "00000004" + "00000000"), // decimal without digits
            hex("010001" + "0161" + "08" + "0000000c" + "0000000000000000" + "3b9aca00"),
            hex("010001" + "0161" + "08" + "0000000c" + "7fffffffffffffff" + "00000000"),
            hex("010001" + "0161" + "09" + "00000008" + "7fffffffffffffff"),
            hex("010002" + "0161" + "05" + "00000001" + "01" + "0161" + "05" + "00000001" + "01"));
    for (byte[] bytes : malformed) {
      byte[] sealed = cipher.encrypt(bytes, WHERE.inForm("record"));
      assertReason(Reason.NOT_A_RECORD, () -> cipher.decryptRecord(sealed, WHERE));
    }
  }

  @Property(tries = 2_000)
  void parse_anyBytes_isARecordOrRefused(@ForAll @Size(max = 60) byte[] bytes) {
    if (bytes.length > 2) {
      bytes[0] = 1;
      bytes[1] = 0;
      bytes[2] &= 3;
    }
    try {
      FieldRecord record = FieldRecord.parse(bytes);
      assertThat(record.encoded()).isEqualTo(bytes);
    } catch (RecordCodec.MalformedException refused) {
      assertThat(refused).hasMessage("malformed");
    }
  }

  @Property(tries = 200)
  void decryptRecord_anyTexts_givesThemBack(@ForAll @Size(max = 30) Map<String, String> texts) {
    FieldRecord.Builder builder = FieldRecord.builder();
    int[] expected = {0};
    texts.forEach(
        (name, text) -> {
          try {
            builder.text(name, text);
            expected[0]++;
          } catch (IllegalArgumentException illFormed) {
            assertThat(name.isEmpty() || name.length() > 60 || hasSurrogate(name + text)).isTrue();
          }
        });
    FieldRecord record = builder.build();
    FieldRecord read = cipher.decryptRecord(cipher.encryptRecord(record, WHERE), WHERE);
    assertThat(read.names()).hasSize(expected[0]);
    read.names().forEach(name -> assertThat(read.text(name)).contains(texts.get(name)));
  }

  @Test
  void wipe_always_erasesTheValues() {
    FieldRecord record = FieldRecord.builder().text("a", "Zebra").build();
    assertThat(new String(record.encoded(), StandardCharsets.UTF_8)).contains("Zebra");
    assertThat(record.toString()).isEqualTo("FieldRecord[1 fields]");
    record.wipe();
    assertThat(record.encoded()).containsOnly(0);
  }

  @Test
  void encryptRecord_afterClose_isRefused() {
    cipher.close();
    assertThatThrownBy(() -> cipher.encryptRecord(ALL, WHERE))
        .isInstanceOf(IllegalStateException.class);
  }

  private static boolean hasSurrogate(String text) {
    return text.chars().anyMatch(c -> Character.isSurrogate((char) c));
  }

  private static byte[] hex(String hex) {
    return HexFormat.of().parseHex(hex);
  }
}
