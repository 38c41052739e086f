package dev.perfkit.compress;

/** A codec that also reads back what it wrote, where the length is declared. */
interface PayloadCodec extends Codec {

  /** Returns a new decoder of what an encoder with a checksum wrote. */
  Decoder newDecoder();
}
