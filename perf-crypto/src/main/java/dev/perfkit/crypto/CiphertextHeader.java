package dev.perfkit.crypto;

import dev.perfkit.crypto.DecryptException.Reason;
import dev.perfkit.spi.Beta;

/**
 * What a ciphertext says about itself without any key: which format it has and which key it needs.
 * Nothing of it is authentic; it is for reports such as how many rows a key still has.
 *
 * @param format the wire format
 * @param keyId the id of the key, as {@link Keyset#keyIds} has it; unsigned when it is shown
 */
@Beta
public record CiphertextHeader(Format format, int keyId) {

  /**
   * Reads the header of a field or record.
   *
   * @throws DecryptException ({@code UNKNOWN_FORMAT}) if it begins with no known version, or
   *     ({@code TRUNCATED}) if it is shorter than any ciphertext of its format
   */
  public static CiphertextHeader of(byte[] ciphertext) {
    return read("", ciphertext, 0, ciphertext.length);
  }

  static CiphertextHeader read(String prefix, byte[] input, int offset, int length) {
    Format format = format(prefix, input, offset, length);
    int keyAt = offset + (format == Format.TINK ? 1 : 2);
    return new CiphertextHeader(format, KeyIds.read(input, keyAt));
  }

  static Format format(String prefix, byte[] input, int offset, int length) {
    if (length == 0) {
      throw truncated(prefix, Format.TINK, length);
    }
    Format format =
        switch (input[offset]) {
          case TinkFormat.VERSION -> Format.TINK;
          case CommittedFormat.VERSION -> Format.C1;
          default ->
              throw new DecryptException(
                  Reason.UNKNOWN_FORMAT,
                  prefix
                      + "the value does not begin with a known format version; is it encrypted?");
        };
    if (length < format.overhead()) {
      throw truncated(prefix, format, length);
    }
    if (format == Format.C1 && input[offset + 1] != Suite.FIELD.code()) {
      throw new DecryptException(
          Reason.UNKNOWN_FORMAT,
          prefix + "a field of format C1 has suite 1 but this has " + (input[offset + 1] & 0xFF));
    }
    return format;
  }

  private static DecryptException truncated(String prefix, Format format, int length) {
    return new DecryptException(
        Reason.TRUNCATED,
        prefix
            + "a ciphertext of format "
            + format
            + " has at least "
            + format.overhead()
            + " bytes but this has "
            + length);
  }
}
