package dev.perfkit.compress;

/** One coding's encoder and decoder. Safe for use by any number of threads. */
interface Codec {

  Coding coding();

  int minLevel();

  int maxLevel();

  /**
   * Returns a new encoder.
   *
   * @param checksum whether the result carries a checksum where the format leaves the choice
   */
  Encoder newEncoder(boolean checksum);

  /** Returns a new decoder of what an encoder with a checksum wrote. */
  Decoder newDecoder();
}
