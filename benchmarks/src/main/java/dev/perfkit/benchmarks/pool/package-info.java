/** What a pool group costs, compared with bare HikariCP and with other wrappers of it. */
@NullMarked
package dev.perfkit.benchmarks.pool;

import org.jspecify.annotations.NullMarked;
