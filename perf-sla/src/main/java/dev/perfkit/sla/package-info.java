/**
 * Service levels inside the process: what happened, and whether it is within what was promised.
 *
 * <p>{@link dev.perfkit.sla.SlaMonitor} is the entry; it gives a {@link dev.perfkit.sla.Service}
 * handle for each kind of request, keeps windows from ten seconds to a month, and exports them. A
 * {@link dev.perfkit.sla.Slo} is what was promised; its error budget is counted, and an {@link
 * dev.perfkit.sla.Alert} tells when it burns too fast.
 */
@NullMarked
package dev.perfkit.sla;

import org.jspecify.annotations.NullMarked;
