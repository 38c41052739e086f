/** A real PostgreSQL primary for tests, with a streaming standby if wanted. */
@NullMarked
package dev.perfkit.testkit.postgres;

import org.jspecify.annotations.NullMarked;
