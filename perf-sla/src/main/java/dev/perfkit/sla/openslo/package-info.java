/**
 * Objectives from OpenSLO v1 files: {@link dev.perfkit.sla.openslo.OpenSlo} reads what this process
 * can measure, and refuses the rest with line, field and rule. Needs snakeyaml-engine on the class
 * path.
 */
@NullMarked
package dev.perfkit.sla.openslo;

import org.jspecify.annotations.NullMarked;
