package dev.perfkit.testkit.jvm;

import dev.perfkit.spi.Beta;
import java.util.List;

/**
 * What runs in a JVM that a {@link JvmFixture} started. Needs a constructor without parameters.
 * Both methods are called by one thread, the main one; what goes on besides needs threads of its
 * own.
 */
@Beta
@FunctionalInterface
public interface JvmProgram {

  /**
   * Called once, before anything is asked; does nothing unless overridden.
   *
   * @throws Exception to refuse; the start of the JVM then fails with it
   */
  default void start(List<String> arguments) throws Exception {}

  /**
   * Answers what {@link Jvm#ask} asks.
   *
   * @throws Exception told to who asked; the program goes on
   */
  String answer(String command) throws Exception;
}
