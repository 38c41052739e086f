package dev.perfkit.crypto;

import static dev.perfkit.crypto.Failures.assertReason;
import static dev.perfkit.crypto.Fixtures.WHERE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.crypto.tink.StreamingAead;
import com.google.crypto.tink.aead.AesGcmKey;
import com.google.crypto.tink.subtle.AesGcmHkdfStreaming;
import com.google.crypto.tink.subtle.Hkdf;
import dev.perfkit.crypto.DecryptException.Reason;
import dev.perfkit.testkit.RecordingTelemetry;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * Proves that a stream of any length comes back whole or not at all, that it is Tink's behind our
 * header, and that a forged stream and a broken source are told apart.
 */
class StreamCipherTest {

  private static final int HEADERS = 6 + 1 + 32 + 7;
  private static final int SEGMENT = StreamCipher.SEGMENT_BYTES;

  private final Keyset keyset = Keyset.generate();
  private final RecordingTelemetry telemetry = RecordingTelemetry.create();
  private final FieldCipher cipher =
      FieldCipher.named("pii").keyset(keyset).telemetry(telemetry).build();

  @Test
  void decrypting_anyLength_givesItBack() throws IOException {
    int first = SEGMENT - (1 + 32 + 7) - 16;
    int other = SEGMENT - 16;
    int[] sizes = {0, 1, first - 1, first, first + 1, first + other, first + other + 1, 1_000_000};
    long total = 0;
    for (int size : sizes) {
      byte[] clear = bytes(size);
      byte[] sealed = seal(clear);
      assertThat(open(sealed)).isEqualTo(clear);
      total += size;
    }
    assertThat(telemetry.count("crypto.encrypts", "cipher", "pii")).isEqualTo(sizes.length);
    assertThat(telemetry.count("crypto.encrypted_bytes", "cipher", "pii")).isEqualTo(total);
    assertThat(telemetry.count("crypto.decrypts", "cipher", "pii")).isEqualTo(sizes.length);
    assertThat(telemetry.count("crypto.decrypted_bytes", "cipher", "pii")).isEqualTo(total);
  }

  @Test
  void decrypting_byteByByte_givesItBack() throws IOException {
    byte[] clear = bytes(3_000);
    ByteArrayOutputStream target = new ByteArrayOutputStream();
    try (OutputStream out = cipher.streams().encrypting(target, WHERE)) {
      for (byte one : clear) {
        out.write(one);
      }
      out.flush();
    }
    try (InputStream in =
        cipher.streams().decrypting(new ByteArrayInputStream(target.toByteArray()), WHERE)) {
      assertThat(in.available()).isGreaterThanOrEqualTo(0);
      for (byte one : clear) {
        assertThat(in.read()).isEqualTo(one & 0xFF);
      }
      assertThat(in.read()).isEqualTo(-1);
    }
  }

  @Test
  void streams_behindTheHeader_areTinks() throws Exception {
    byte[] clear = bytes(200_000);
    byte[] sealed = seal(clear);
    assertThat(sealed).startsWith(0xC1, 3);
    assertThat(ByteBuffer.wrap(sealed).getInt(2)).isEqualTo(keyset.primaryKeyId());
    StreamingAead tink = tink();
    byte[] associatedData = WHERE.inForm("stream").toAssociatedData();
    InputStream body = new ByteArrayInputStream(sealed, 6, sealed.length - 6);
    assertThat(tink.newDecryptingStream(body, associatedData).readAllBytes()).isEqualTo(clear);

    ByteArrayOutputStream target = new ByteArrayOutputStream();
    target.write(sealed, 0, 6);
    try (OutputStream out = tink.newEncryptingStream(target, associatedData)) {
      out.write(clear);
    }
    assertThat(open(target.toByteArray())).isEqualTo(clear);
  }

  @Test
  void decrypting_cutAnywhere_isRefused() throws IOException {
    byte[] sealed = seal(bytes(2 * SEGMENT));
    int[] lengths = {
      6, 7, HEADERS - 1, HEADERS, HEADERS + 1, 6 + SEGMENT, 6 + 2 * SEGMENT, sealed.length - 1
    };
    for (int length : lengths) {
      assertReason(Reason.NOT_AUTHENTIC, () -> open(Arrays.copyOf(sealed, length)));
    }
    for (int length = 0; length < 6; length++) {
      byte[] cut = Arrays.copyOf(sealed, length);
      assertReason(Reason.TRUNCATED, () -> open(cut));
    }
    assertReason(Reason.NOT_AUTHENTIC, () -> open(Arrays.copyOf(sealed, sealed.length + 1)));
  }

  @Test
  void decrypting_flippedBit_isRefused() throws IOException {
    byte[] sealed = seal("Zebra".getBytes(StandardCharsets.UTF_8));
    for (int bit = 0; bit < sealed.length * 8; bit++) {
      byte[] changed = sealed.clone();
      changed[bit / 8] ^= (byte) (1 << (bit % 8));
      Reason expected =
          bit < 16 ? Reason.UNKNOWN_FORMAT : bit < 48 ? Reason.UNKNOWN_KEY : Reason.NOT_AUTHENTIC;
      assertReason(expected, () -> open(changed));
    }
    byte[] large = seal(bytes(3 * SEGMENT));
    for (int at = HEADERS; at < large.length; at += 4_999) {
      byte[] changed = large.clone();
      changed[at] ^= 1;
      assertReason(Reason.NOT_AUTHENTIC, () -> open(changed));
    }
  }

  @Test
  void decrypting_segmentsSwapped_isRefused() throws IOException {
    byte[] sealed = seal(bytes(4 * SEGMENT));
    byte[] swapped = sealed.clone();
    System.arraycopy(sealed, 6 + SEGMENT, swapped, 6 + 2 * SEGMENT, SEGMENT);
    System.arraycopy(sealed, 6 + 2 * SEGMENT, swapped, 6 + SEGMENT, SEGMENT);
    assertReason(Reason.NOT_AUTHENTIC, () -> open(swapped));
  }

  @Test
  void decrypting_otherPlaceOrForm_isRefused() throws IOException {
    byte[] sealed = seal(new byte[10]);
    assertReason(
        Reason.NOT_AUTHENTIC,
        () ->
            cipher
                .streams()
                .decrypting(new ByteArrayInputStream(sealed), WHERE.tenant("b"))
                .readAllBytes());
    assertReason(Reason.UNKNOWN_FORMAT, () -> cipher.decrypt(Arrays.copyOf(sealed, 99), WHERE));
    byte[] field = cipher.encrypt("Zebra", WHERE);
    assertReason(Reason.UNKNOWN_FORMAT, () -> open(field));
  }

  @Test
  void decrypting_brokenSource_throwsItsException() throws IOException {
    byte[] sealed = seal(bytes(3 * SEGMENT));
    IOException broken = new IOException("connection reset");
    InputStream source =
        new FilterInputStream(new ByteArrayInputStream(sealed)) {
          private int left = 2 * SEGMENT;

          @Override
          public int read(byte[] target, int offset, int length) throws IOException {
            int count = super.read(target, offset, Math.min(length, 1_000));
            left -= count;
            if (left < 0) {
              throw broken;
            }
            return count;
          }
        };
    InputStream in = cipher.streams().decrypting(source, WHERE);
    assertThatThrownBy(in::readAllBytes).isSameAs(broken);
  }

  @Test
  void encrypting_brokenTarget_throwsItsException() {
    IOException full = new IOException("disk full");
    OutputStream target =
        new OutputStream() {
          @Override
          public void write(int one) throws IOException {
            throw full;
          }
        };
    assertThatThrownBy(() -> cipher.streams().encrypting(target, WHERE)).isSameAs(full);
  }

  @Test
  void streams_afterClose_areRefused() throws IOException {
    byte[] sealed = seal(new byte[10]);
    cipher.close();
    assertThatThrownBy(() -> seal(new byte[1])).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> open(sealed)).isInstanceOf(IllegalStateException.class);
  }

  private byte[] seal(byte[] clear) throws IOException {
    ByteArrayOutputStream target = new ByteArrayOutputStream();
    try (OutputStream out = cipher.streams().encrypting(target, WHERE)) {
      out.write(clear);
    }
    return target.toByteArray();
  }

  private byte[] open(byte[] sealed) throws IOException {
    try (InputStream in = cipher.streams().decrypting(new ByteArrayInputStream(sealed), WHERE)) {
      return in.readAllBytes();
    }
  }

  private StreamingAead tink() throws Exception {
    byte[] secret = InsecureKeyAccess.bytesOf((AesGcmKey) keyset.toTink().getPrimary().getKey());
    byte[] name = "perfkit-crypto-stream".getBytes(StandardCharsets.US_ASCII);
    byte[] info =
        ByteBuffer.allocate(name.length + 5)
            .put(name)
            .put((byte) 3)
            .putInt(keyset.primaryKeyId())
            .array();
    byte[] key = Hkdf.computeHkdf("HmacSha256", secret, new byte[0], info, 32);
    return new AesGcmHkdfStreaming(key, "HmacSha256", 32, SEGMENT, 0);
  }

  private static byte[] bytes(int size) {
    byte[] bytes = new byte[size];
    new Random(size).nextBytes(bytes);
    return bytes;
  }
}
