/**
 * Choosing one of several endpoints for a piece of work. Nothing here knows JDBC or pools: hosts of
 * a service can be balanced with it as well as databases.
 *
 * <p>{@link dev.perfkit.pool.balance.Balancer} has the strategies, {@link
 * dev.perfkit.pool.balance.Load} counts what they decide by.
 */
@NullMarked
package dev.perfkit.pool.balance;

import org.jspecify.annotations.NullMarked;
