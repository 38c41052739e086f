/**
 * Service levels inside the process: what happened, and whether it is within what was promised.
 *
 * <p>{@link dev.perfkit.sla.SlaMonitor} is the entry; it gives a {@link dev.perfkit.sla.Service}
 * handle for each kind of request, keeps windows from ten seconds to a month, and exports them.
 */
@NullMarked
package dev.perfkit.sla;

import org.jspecify.annotations.NullMarked;
