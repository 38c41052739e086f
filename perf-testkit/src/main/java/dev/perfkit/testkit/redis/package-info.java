/** A real Redis server for tests. */
@NullMarked
package dev.perfkit.testkit.redis;

import org.jspecify.annotations.NullMarked;
