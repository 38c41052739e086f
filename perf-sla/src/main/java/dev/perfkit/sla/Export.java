package dev.perfkit.sla;

import java.io.IOException;
import java.io.UncheckedIOException;

/** Something that a monitor can write, in one form. */
interface Export {

  void to(Appendable out) throws IOException;

  /** Returns what is written as text. */
  static String text(Export export) {
    StringBuilder text = new StringBuilder(4096);
    try {
      export.to(text);
    } catch (IOException impossible) {
      throw new UncheckedIOException(impossible);
    }
    return text.toString();
  }
}
