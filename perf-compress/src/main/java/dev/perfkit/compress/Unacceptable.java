package dev.perfkit.compress;

import dev.perfkit.spi.Beta;

/** What a client gets that accepts no offered coding and forbids identity as well. */
@Beta
public enum Unacceptable {
  /** The identity body all the same, as RFC 9110 section 12.5.3 advises. */
  IDENTITY,
  /**
   * Status 406 and no body, where that is true: for a successful GET or HEAD. After another method
   * a 406 would hide that the request was carried out, so the response stays identity.
   */
  STATUS_406
}
