package dev.perfkit.pool;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Who does what in a group, as one value.
 *
 * @param writer the node that takes writes, or null
 * @param readers all others that may be read from when they answer
 * @param vacancy why there is no writer; empty if there is one
 * @param timeline the highest one that was ever probed; nothing lower is written to
 */
record Roster(@Nullable PoolNode writer, List<PoolNode> readers, String vacancy, long timeline) {}
