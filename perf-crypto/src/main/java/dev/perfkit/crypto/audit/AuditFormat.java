package dev.perfkit.crypto.audit;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The bytes of a log: a header, and entries that each end with the last one's MAC and their own.
 */
final class AuditFormat {

  static final int MAC_BYTES = 32;
  static final int CHAIN_BYTES = 16;
  static final int MAX_ENTRY_BYTES = 1 << 16;
  static final int MAX_DETAILS = 50;
  static final int MAX_TEXT = 1_000;

  private static final int MAGIC = 0x5043414C; // PCAL
  private static final byte VERSION = 1;
  private static final int MIN_ENTRY_BYTES = 8 + 8 + 2 + 1 + MAC_BYTES + MAC_BYTES;

  private AuditFormat() {}

  /** The header of a log. */
  static byte[] header(byte[] chain, String node) {
    byte[] name = utf8(node);
    return ByteBuffer.allocate(4 + 1 + CHAIN_BYTES + 2 + name.length)
        .putInt(MAGIC)
        .put(VERSION)
        .put(chain)
        .putShort((short) name.length)
        .put(name)
        .array();
  }

  /**
   * Returns how long the header at the beginning is.
   *
   * @throws IOException if there is none
   */
  static int headerLength(byte[] log) throws IOException {
    ByteBuffer from = ByteBuffer.wrap(log);
    int fixed = 4 + 1 + CHAIN_BYTES + 2;
    if (log.length < fixed || from.getInt(0) != MAGIC) {
      throw new IOException("not an audit log: it does not begin with PCAL");
    }
    if (from.get(4) != VERSION) {
      throw new IOException("the audit log must have version 1 but has " + from.get(4));
    }
    int end = fixed + (from.getShort(fixed - 2) & 0xFFFF);
    if (end > log.length) {
      throw new IOException("the header of the audit log is cut off");
    }
    return end;
  }

  static byte[] chain(byte[] log) {
    return Arrays.copyOfRange(log, 5, 5 + CHAIN_BYTES);
  }

  /** Returns an entry with its MAC. */
  static byte[] entry(AuditEntry entry, byte[] previousMac, ChainKey key) {
    byte[] body = body(entry, previousMac);
    byte[] whole = new byte[4 + body.length + MAC_BYTES];
    ByteBuffer.wrap(whole).putInt(body.length + MAC_BYTES).put(body);
    byte[] mac = key.mac(whole, 4 + body.length);
    System.arraycopy(mac, 0, whole, 4 + body.length, MAC_BYTES);
    return whole;
  }

  /**
   * Returns where the entry at an offset ends, or -1 if there is no whole one of possible length.
   */
  static int end(byte[] log, int offset) {
    if (log.length - offset < 4) {
      return -1;
    }
    int length = ByteBuffer.wrap(log).getInt(offset);
    boolean possible = length >= MIN_ENTRY_BYTES && length <= MAX_ENTRY_BYTES;
    return possible && log.length - offset - 4 >= length ? offset + 4 + length : -1;
  }

  /** Returns the sequence number of a whole entry. */
  static long sequence(byte[] log, int offset) {
    return ByteBuffer.wrap(log).getLong(offset + 4);
  }

  static byte[] mac(byte[] log, int end) {
    return Arrays.copyOfRange(log, end - MAC_BYTES, end);
  }

  static byte[] previousMac(byte[] log, int end) {
    return Arrays.copyOfRange(log, end - 2 * MAC_BYTES, end - MAC_BYTES);
  }

  /**
   * Returns what a whole entry says.
   *
   * @throws IOException if it does not hold together
   */
  static AuditEntry read(byte[] log, int offset, int end) throws IOException {
    try {
      ByteBuffer from = ByteBuffer.wrap(log, offset + 4, end - offset - 4 - 2 * MAC_BYTES);
      long sequence = from.getLong();
      Instant time = Instant.ofEpochMilli(from.getLong());
      String type = text(from);
      int count = from.get() & 0xFF;
      Map<String, String> details = new LinkedHashMap<>();
      for (int i = 0; i < count; i++) {
        String key = text(from);
        details.put(key, text(from));
      }
      if (from.hasRemaining()) {
        throw new IOException("an entry is longer than what it holds");
      }
      return new AuditEntry(sequence, time, type, details);
    } catch (BufferUnderflowException shorter) {
      throw new IOException("an entry is shorter than what it holds", shorter);
    }
  }

  private static byte[] body(AuditEntry entry, byte[] previousMac) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(256);
    try (DataOutputStream to = new DataOutputStream(bytes)) {
      to.writeLong(entry.sequence());
      to.writeLong(entry.time().toEpochMilli());
      write(to, entry.type());
      int count = Math.min(MAX_DETAILS, entry.details().size());
      to.writeByte(count);
      for (Map.Entry<String, String> detail :
          entry.details().entrySet().stream().limit(count).toList()) {
        write(to, detail.getKey());
        write(to, detail.getValue());
      }
      to.write(previousMac);
    } catch (IOException impossible) {
      throw new UncheckedIOException(impossible);
    }
    return bytes.toByteArray();
  }

  private static void write(DataOutputStream to, String text) throws IOException {
    byte[] bytes = utf8(text);
    to.writeShort(bytes.length);
    to.write(bytes);
  }

  /** A text may have at most so many characters that 50 details of it fit an entry. */
  private static byte[] utf8(String text) {
    int length = Math.min(text.length(), MAX_TEXT / 5);
    return text.substring(0, length).getBytes(StandardCharsets.UTF_8);
  }

  private static String text(ByteBuffer from) {
    byte[] bytes = new byte[Math.min(from.getShort() & 0xFFFF, from.remaining())];
    from.get(bytes);
    return new String(bytes, StandardCharsets.UTF_8);
  }
}
