/**
 * One JUnit kit for each contract of the SPI that others implement. The test of an implementation
 * is a short subclass: it says how to make the implementation and what it is capable of, and
 * inherits every test.
 *
 * <p>The kits need JUnit Jupiter and AssertJ on the test class path.
 */
@NullMarked
package dev.perfkit.testkit.conformance;

import org.jspecify.annotations.NullMarked;
