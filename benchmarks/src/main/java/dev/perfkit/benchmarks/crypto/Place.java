package dev.perfkit.benchmarks.crypto;

import dev.perfkit.crypto.CipherContext;

/** The context all peers bind: that of one field of one row. */
final class Place {

  static final CipherContext WHERE = CipherContext.ofTable("users").column("email").row("42");

  private Place() {}
}
