package dev.perfkit.compress;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;
import java.util.zip.ZipException;

/**
 * Decodes gzip (RFC 1952), whoever wrote it: all members, each checked, and nothing after the last.
 *
 * <p>Not the JDK's stream, which calls itself for each empty member until the stack ends, and takes
 * for the end of the body what follows a member in a later packet, or is cut in a header.
 */
final class GzipMembers extends InputStream {

  private static final int BUFFER = 8192;
  private static final int MAGIC = 0x8b1f;
  private static final int DEFLATE = 8;
  private static final int HEADER_CRC = 2;
  private static final int EXTRA = 4;
  private static final int NAME = 8;
  private static final int COMMENT = 16;
  private static final int RESERVED = 0xe0;

  /** Time, extra flags and system. */
  private static final int OF_NO_USE = 6;

  private final InputStream in;
  private final Inflater inflater = new Inflater(true);
  private final CRC32 crc = new CRC32();
  private final byte[] buffer = new byte[BUFFER];
  private final byte[] one = new byte[1];
  private int next;
  private int end;
  private boolean inMember;
  private boolean any;

  GzipMembers(InputStream in) {
    this.in = in;
  }

  @Override
  public int read() throws IOException {
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] bytes, int offset, int length) throws IOException {
    if (length == 0) {
      return 0;
    }
    while (inMember || beginMember()) {
      int read = inflate(bytes, offset, length);
      if (read > 0) {
        crc.update(bytes, offset, read);
        return read;
      }
      endMember();
    }
    return -1;
  }

  /** Returns how much came out; 0 at the end of the member. */
  private int inflate(byte[] bytes, int offset, int length) throws IOException {
    try {
      int read = inflater.inflate(bytes, offset, length);
      while (read == 0 && !inflater.finished()) {
        requireInput();
        inflater.setInput(buffer, next, end - next);
        next = end;
        read = inflater.inflate(bytes, offset, length);
      }
      return read;
    } catch (DataFormatException damaged) {
      ZipException invalid = new ZipException("invalid data");
      invalid.initCause(damaged);
      throw invalid;
    }
  }

  private boolean hasInput() throws IOException {
    while (next == end) {
      int read = in.read(buffer, 0, BUFFER);
      if (read < 0) {
        return false;
      }
      next = 0;
      end = read;
    }
    return true;
  }

  private void requireInput() throws IOException {
    if (!hasInput()) {
      throw new EOFException("cut short");
    }
  }

  /** Returns false at the end; an empty body is no gzip. */
  private boolean beginMember() throws IOException {
    if (any && !hasInput()) {
      return false;
    }
    crc.reset();
    if (take16() != MAGIC || take8() != DEFLATE) {
      throw new ZipException("no member of gzip");
    }
    takeRestOfHeader(take8());
    inflater.reset();
    crc.reset();
    inMember = true;
    any = true;
    return true;
  }

  private void takeRestOfHeader(int flags) throws IOException {
    if ((flags & RESERVED) != 0) {
      throw new ZipException("reserved flags");
    }
    skip8(OF_NO_USE);
    if ((flags & EXTRA) != 0) {
      skip8(take16());
    }
    if ((flags & NAME) != 0) {
      skipText();
    }
    if ((flags & COMMENT) != 0) {
      skipText();
    }
    int computed = (int) crc.getValue() & 0xffff;
    if ((flags & HEADER_CRC) != 0 && take16() != computed) {
      throw new ZipException("damaged header");
    }
  }

  private void endMember() throws IOException {
    next = end - inflater.getRemaining();
    int computed = (int) crc.getValue();
    int length = (int) inflater.getBytesWritten();
    if (take32() != computed || take32() != length) {
      throw new ZipException("damaged data");
    }
    inMember = false;
  }

  private int take8() throws IOException {
    requireInput();
    int taken = buffer[next++] & 0xff;
    crc.update(taken);
    return taken;
  }

  private int take16() throws IOException {
    int low = take8();
    return low | take8() << 8;
  }

  private int take32() throws IOException {
    int low = take16();
    return low | take16() << 16;
  }

  private void skip8(int bytes) throws IOException {
    for (int i = 0; i < bytes; i++) {
      take8();
    }
  }

  private void skipText() throws IOException {
    int taken = take8();
    while (taken != 0) {
      taken = take8();
    }
  }

  @Override
  public void close() throws IOException {
    inflater.end();
    in.close();
  }
}
