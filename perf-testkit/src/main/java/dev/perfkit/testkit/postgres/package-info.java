/** A real PostgreSQL primary for tests, with streaming standbys if wanted. */
@NullMarked
package dev.perfkit.testkit.postgres;

import org.jspecify.annotations.NullMarked;
