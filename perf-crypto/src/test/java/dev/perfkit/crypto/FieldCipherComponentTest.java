package dev.perfkit.crypto;

import dev.perfkit.spi.Component;
import dev.perfkit.testkit.conformance.ComponentConformance;

/** Proves that a cipher is a component like any other. */
class FieldCipherComponentTest extends ComponentConformance {

  FieldCipherComponentTest() {
    super(Capability.HEALTHY_WHEN_FRESH);
  }

  @Override
  protected Component create() {
    return Fixtures.cipher(Keyset.generate());
  }

  @Override
  protected void use(Component component) {
    FieldCipher cipher = (FieldCipher) component;
    cipher.decrypt(cipher.encrypt("x", Fixtures.WHERE), Fixtures.WHERE);
  }
}
