/** perf-cache against bare Caffeine, JetCache, Redisson and bare Jedis. */
@NullMarked
package dev.perfkit.benchmarks.cache;

import org.jspecify.annotations.NullMarked;
