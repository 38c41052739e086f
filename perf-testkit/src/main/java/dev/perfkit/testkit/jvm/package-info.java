/** Java programs in JVMs of their own, to drive, kill and freeze. */
@NullMarked
package dev.perfkit.testkit.jvm;

import org.jspecify.annotations.NullMarked;
