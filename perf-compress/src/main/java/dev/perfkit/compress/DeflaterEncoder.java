package dev.perfkit.compress;

import dev.perfkit.compress.BodyEncoder.Goal;
import java.util.zip.Deflater;

/** Encodes with the JDK's zlib. */
abstract class DeflaterEncoder extends Encoder {

  /** Stored blocks, the worst case, add 5 bytes for each 16 KiB or less. */
  private static final int SLACK = 256;

  private static final byte[] NOTHING = {};

  private final Deflater deflater;
  private int level = Deflater.DEFAULT_COMPRESSION;

  /**
   * @param raw whether the deflater leaves out the zlib header and trailer
   */
  DeflaterEncoder(int piece, boolean raw) {
    super(piece, piece + SLACK);
    deflater = new Deflater(Deflater.DEFAULT_COMPRESSION, raw);
  }

  /** Writes what follows the deflated data; false if {@link #out} has no room for it. */
  abstract boolean end();

  @Override
  void begin(long length, int level) {
    deflater.reset();
    if (this.level != level) {
      changeLevel(level);
      this.level = level;
    }
  }

  /** The call after a change of the level does nothing else, not even flush: that call is here. */
  private void changeLevel(int level) {
    deflater.setLevel(level);
    deflater.setInput(NOTHING);
    deflater.deflate(out);
  }

  @Override
  void feed() {
    // The deflater is given the buffer at each step: it reads what that holds at the call.
  }

  @Override
  final boolean step(Goal goal) {
    deflater.setInput(in);
    return switch (goal) {
      case TAKE -> take();
      case FLUSH -> flush();
      case END -> finish();
    };
  }

  private boolean take() {
    deflater.deflate(out);
    return !in.hasRemaining();
  }

  /** With room to spare after a flush, the flush is complete. */
  private boolean flush() {
    deflater.deflate(out, Deflater.SYNC_FLUSH);
    return out.hasRemaining();
  }

  private boolean finish() {
    deflater.finish();
    deflater.deflate(out);
    return deflater.finished() && end();
  }

  @Override
  public final void close() {
    deflater.end();
  }
}
