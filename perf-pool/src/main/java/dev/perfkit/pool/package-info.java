/**
 * Groups of HikariCP pools behind one {@link javax.sql.DataSource}: a primary, its read replicas,
 * and routing between them.
 *
 * <p>{@link dev.perfkit.pool.PoolGroup} is where to start.
 */
@NullMarked
package dev.perfkit.pool;

import org.jspecify.annotations.NullMarked;
