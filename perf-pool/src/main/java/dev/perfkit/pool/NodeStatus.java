package dev.perfkit.pool;

import dev.perfkit.spi.Beta;

/**
 * One node of a group as it was at one moment.
 *
 * @param name the name given to it in the group
 * @param label the place it was configured for: {@link NodeRole#PRIMARY} or {@link
 *     NodeRole#REPLICA}
 * @param role what it said it is
 * @param state whether it can be used
 * @param active connections in use
 * @param idle connections ready for use
 * @param pending threads that wait for a connection
 * @param maximum the most connections allowed now
 * @param problem what is wrong, or an empty string
 */
@Beta
public record NodeStatus(
    String name,
    NodeRole label,
    NodeRole role,
    NodeState state,
    int active,
    int idle,
    int pending,
    int maximum,
    String problem) {}
