package dev.perfkit.cache;

import dev.perfkit.spi.Beta;

/**
 * A load took longer than {@link TieredCacheBuilder#hardTimeout} and there is no older value to
 * serve. The load goes on, and what it returns is kept.
 */
@Beta
public final class LoadTimeoutException extends CacheException {

  private static final long serialVersionUID = 1;

  LoadTimeoutException(String message) {
    super(message, null);
  }
}
