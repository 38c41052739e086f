package dev.perfkit.compress;

import dev.perfkit.spi.Beta;

/**
 * What becomes of a strong entity tag {@code "x"} when the body is encoded: it promises the same
 * bytes, so it must not stay.
 */
@Beta
public enum EntityTagPolicy {
  /**
   * {@code W/"x"}, which promises the same meaning. The application compares If-None-Match as
   * before. If-Match compares strongly: after an encoded GET it never matches, and a conditional
   * PUT is answered 412.
   */
  WEAK,
  /**
   * {@code "x--gzip-6-1a2b3c4d"}: coding, level, and a fingerprint of what encoded it, so that the
   * same tag does mean the same bytes. The application must compare what {@link
   * ResponseCompressor#identityTags} makes of If-Match and If-None-Match. A body that is encoded as
   * it comes still gets the weak form.
   */
  SUFFIX
}
