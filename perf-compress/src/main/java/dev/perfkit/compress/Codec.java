package dev.perfkit.compress;

/** One coding's encoders. Safe for use by any number of threads. */
interface Codec {

  Coding coding();

  default int minLevel() {
    return coding().minLevel();
  }

  default int maxLevel() {
    return coding().maxLevel();
  }

  /**
   * Returns a new encoder of whole bodies, to be used again and again.
   *
   * @param checksum whether the result carries a checksum where the format leaves the choice
   */
  Encoder newEncoder(boolean checksum);

  /** Returns a new encoder of one body of unknown length, which takes less memory. */
  Encoder newStreamEncoder();

  /** Returns the lowest level whose output does not suffer when it is flushed often. */
  default int minStreamLevel() {
    return minLevel();
  }
}
