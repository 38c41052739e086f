/**
 * Collaborators for tests: time that stands still until it is advanced, a scheduler that runs on
 * it, and a telemetry and an event sink that remember what they were told.
 */
@NullMarked
package dev.perfkit.testkit;

import org.jspecify.annotations.NullMarked;
