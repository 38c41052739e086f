/** Faults of the network between a client and a server, for tests. */
@NullMarked
package dev.perfkit.testkit.net;

import org.jspecify.annotations.NullMarked;
