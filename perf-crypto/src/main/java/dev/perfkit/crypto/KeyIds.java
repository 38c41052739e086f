package dev.perfkit.crypto;

/** Key ids as ciphertexts hold them: 32 bits, big-endian. */
final class KeyIds {

  private KeyIds() {}

  static void write(int id, byte[] target, int offset) {
    target[offset] = (byte) (id >>> 24);
    target[offset + 1] = (byte) (id >>> 16);
    target[offset + 2] = (byte) (id >>> 8);
    target[offset + 3] = (byte) id;
  }

  static int read(byte[] source, int offset) {
    return source[offset] << 24
        | (source[offset + 1] & 0xFF) << 16
        | (source[offset + 2] & 0xFF) << 8
        | (source[offset + 3] & 0xFF);
  }
}
