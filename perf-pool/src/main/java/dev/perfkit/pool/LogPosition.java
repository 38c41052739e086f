package dev.perfkit.pool;

import dev.perfkit.spi.Beta;

/**
 * How far a server has come: what a primary has written to its log, or a replica has replayed.
 *
 * @param writable whether it accepts writes
 * @param cluster which cluster the log is of
 * @param timeline counts the promotions of its history; positions of different ones are not
 *     compared
 * @param position grows with each write; a replica at the position of a commit shows that commit
 */
@Beta
public record LogPosition(boolean writable, long cluster, long timeline, long position) {}
