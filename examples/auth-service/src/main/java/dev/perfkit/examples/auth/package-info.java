/**
 * The example: an HTTP service on real servers that puts itself under load, first without and then
 * with every perfkit module.
 *
 * <p>{@link dev.perfkit.examples.auth.AuthService} is the way in. {@code Stack} is where the
 * modules meet: {@code PlainStack} is the service without them, {@code PerfkitStack} with them;
 * everything else is the same for both.
 */
@NullMarked
package dev.perfkit.examples.auth;

import org.jspecify.annotations.NullMarked;
