package dev.perfkit.pool;

import org.jspecify.annotations.Nullable;

/**
 * A physical connection as sessions have seen it.
 *
 * <p>A server that crashes and starts again may be further back than before, and ends all of its
 * connections. So what a node said of itself counts on connections that were open then, and on a
 * newer one only what is read on it.
 */
final class Physical {

  /** When it was seen first: it is open since then or longer. */
  final long seenNanos;

  private volatile @Nullable WalPosition own;

  Physical(long seenNanos) {
    this.seenNanos = seenNanos;
  }

  /** Returns what is known of its server, from a position of the node that may be from before. */
  @Nullable WalPosition known(@Nullable WalPosition ofNode) {
    WalPosition read = own;
    if (ofNode == null || !ofNode.wasAskedSince(seenNanos)) {
      return read;
    }
    return read != null && read.wasAskedSince(ofNode.askedNanos()) ? read : ofNode;
  }

  /** A position was read on it. */
  void read(WalPosition position) {
    own = position;
  }
}
