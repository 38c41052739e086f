package dev.perfkit.compress;

/** The state of a codec, with memory outside the heap. For one thread at a time. */
interface NativeContext extends AutoCloseable {

  /** Returns whether the last use ended cleanly and left no more memory behind than is worth it. */
  boolean isReusable();

  @Override
  void close();
}
