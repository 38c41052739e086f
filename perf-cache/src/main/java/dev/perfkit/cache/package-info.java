/**
 * A tiered cache: Caffeine in memory, Redis behind it, one load per miss.
 *
 * <p>{@link dev.perfkit.cache.TieredCache} is the way in; {@link dev.perfkit.cache.TieredCaches}
 * holds several. A fault of Redis, of its contents, or of a telemetry or event sink never reaches
 * the caller: it narrows the cache, shows in its health, its statistics and its events, and ends by
 * itself.
 */
@NullMarked
package dev.perfkit.cache;

import org.jspecify.annotations.NullMarked;
