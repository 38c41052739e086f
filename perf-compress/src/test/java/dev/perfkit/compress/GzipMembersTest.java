package dev.perfkit.compress;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.List;
import java.util.zip.CRC32;
import java.util.zip.GZIPOutputStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

/**
 * Proves that a body of gzip is all of its members, however many, however they come, with whatever
 * their headers hold; and that what is damaged, cut or goes on is not taken for whole.
 */
class GzipMembersTest {

  private static final byte[] TEXT = Bodies.text(3_000);

  @Property(tries = 200)
  void read_anyMembersInAnyPieces_isAllOfThem(
      @ForAll @Size(max = 5) List<@IntRange(max = 9_000) Integer> lengths,
      @ForAll @IntRange(min = 1, max = 9_000) int piece)
      throws IOException {
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    ByteArrayOutputStream encoded = new ByteArrayOutputStream();
    encoded.writeBytes(gzip(new byte[0]));
    for (int length : lengths) {
      body.writeBytes(Bodies.text(length));
      encoded.writeBytes(gzip(Bodies.text(length)));
    }
    assertThat(read(new InPieces(encoded.toByteArray(), piece))).isEqualTo(body.toByteArray());
  }

  @Test
  void read_aHundredThousandEmptyMembers_isEmpty() throws IOException {
    byte[] empty = gzip(new byte[0]);
    ByteArrayOutputStream encoded = new ByteArrayOutputStream();
    for (int i = 0; i < 100_000; i++) {
      encoded.writeBytes(empty);
    }
    assertThat(read(encoded.toByteArray())).isEmpty();
  }

  @Test
  void read_secondMemberCutAnywhere_isNotWhole() {
    byte[] member = gzip(TEXT);
    byte[] both = concat(member, member);
    for (int length = member.length + 1; length < both.length; length++) {
      byte[] cut = Arrays.copyOf(both, length);
      assertThatThrownBy(() -> read(cut)).as("cut at %s", length).isInstanceOf(EOFException.class);
    }
  }

  @Test
  void read_headerOfAllFields_isSkippedAndChecked() throws IOException {
    byte[] member = gzip(TEXT);
    byte[] full = withHeader(member, 0x1f, true);
    assertThat(read(full)).isEqualTo(TEXT);
    assertThatThrownBy(() -> read(withHeader(member, 0x1f, false))).hasMessage("damaged header");
    assertThatThrownBy(() -> read(withHeader(member, 0x20, true))).hasMessage("reserved flags");
  }

  /** Puts a header with an extra field, a name, a comment and a checksum before a member's data. */
  private static byte[] withHeader(byte[] member, int flags, boolean right) {
    byte[] header = {
      0x1f, (byte) 0x8b, 8, (byte) flags, 1, 2, 3, 4, 0, 3, 3, 0, 7, 8, 9, 'n', 0, 'c', 'c', 0
    };
    CRC32 crc = new CRC32();
    crc.update(header);
    int sum = (int) crc.getValue() + (right ? 0 : 1);
    byte[] checksum = {(byte) sum, (byte) (sum >>> 8)};
    return concat(concat(header, checksum), Arrays.copyOfRange(member, 10, member.length));
  }

  @Test
  void read_damagedOrGoingOn_isRefused() {
    byte[] member = gzip(TEXT);
    for (int at = 1; at <= 8; at++) {
      byte[] damaged = member.clone();
      damaged[damaged.length - at] ^= 1;
      assertThatThrownBy(() -> read(damaged)).hasMessage("damaged data");
    }
    byte[] invalid = member.clone();
    invalid[10] = (byte) 0xff;
    assertThatThrownBy(() -> read(invalid)).hasMessage("invalid data");
    for (byte[] more : new byte[][] {{0}, new byte[100], Bodies.ascii("more")}) {
      assertThatThrownBy(() -> read(concat(member, more))).isInstanceOf(IOException.class);
    }
    assertThatThrownBy(() -> read(new byte[0])).isInstanceOf(EOFException.class);
  }

  private static byte[] read(byte[] encoded) throws IOException {
    return read(new ByteArrayInputStream(encoded));
  }

  private static byte[] read(InputStream encoded) throws IOException {
    try (InputStream in = new GzipMembers(encoded)) {
      return in.readAllBytes();
    }
  }

  private static byte[] gzip(byte[] body) {
    ByteArrayOutputStream encoded = new ByteArrayOutputStream();
    try (GZIPOutputStream out = new GZIPOutputStream(encoded)) {
      out.write(body);
    } catch (IOException impossible) {
      throw new UncheckedIOException(impossible);
    }
    return encoded.toByteArray();
  }

  private static byte[] concat(byte[] first, byte[] second) {
    byte[] both = Arrays.copyOf(first, first.length + second.length);
    System.arraycopy(second, 0, both, first.length, second.length);
    return both;
  }

  /** Gives at most so many bytes at once and says that there are no more, as a network does. */
  private static final class InPieces extends ByteArrayInputStream {

    private final int piece;

    InPieces(byte[] bytes, int piece) {
      super(bytes);
      this.piece = piece;
    }

    @Override
    public synchronized int read(byte[] bytes, int offset, int length) {
      return super.read(bytes, offset, Math.min(piece, length));
    }

    @Override
    public synchronized int available() {
      return 0;
    }
  }
}
