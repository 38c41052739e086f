package dev.perfkit.examples.auth;

import java.time.Duration;
import java.util.Arrays;
import java.util.Iterator;

/**
 * The options of the program.
 *
 * @param port where to serve; 0 means any free port
 * @param warmUp how long each side is under load before either is measured
 * @param duration how long each measured load lasts
 * @param rate requests a second to offer; 0 means 1.5 times what the service can do without modules
 * @param exit whether to end after the table instead of going on to serve
 * @param users how many users to make up
 */
record CommandLine(
    int port, Duration warmUp, Duration duration, int rate, boolean exit, int users) {

  static final String USAGE =
      """
      Usage: java -jar auth-service.jar [options]
        --port N       where to serve (default 8080; 0 picks a free port)
        --warm-up N    seconds of load on each side before the first measured one, 1 to
                       3600 (default 8)
        --duration N   seconds of each measured load, 1 to 3600 (default 15)
        --rate N       requests a second to offer (default: 1.5 times what the service
                       can do without modules, measured first)
        --users N      how many users to make up, 100 to 1000000 (default 20000)
        --exit         end after the table instead of going on to serve
        --help         this text""";

  static CommandLine parse(String... arguments) {
    int port = 8080;
    int warmUp = 8;
    int seconds = 15;
    int rate = 0;
    int users = 20_000;
    boolean exit = false;
    Iterator<String> rest = Arrays.asList(arguments).iterator();
    while (rest.hasNext()) {
      String option = rest.next();
      switch (option) {
        case "--port" -> port = number(option, rest, 0, 65_535);
        case "--warm-up" -> warmUp = number(option, rest, 1, 3_600);
        case "--duration" -> seconds = number(option, rest, 1, 3_600);
        case "--rate" -> rate = number(option, rest, 1, 1_000_000);
        case "--users" -> users = number(option, rest, 100, 1_000_000);
        case "--exit" -> exit = true;
        default -> throw new IllegalArgumentException("there is no option " + option);
      }
    }
    return new CommandLine(
        port, Duration.ofSeconds(warmUp), Duration.ofSeconds(seconds), rate, exit, users);
  }

  private static int number(String option, Iterator<String> rest, int min, int max) {
    String value = rest.hasNext() ? rest.next() : "missing";
    try {
      int number = Integer.parseInt(value);
      if (number >= min && number <= max) {
        return number;
      }
    } catch (NumberFormatException notANumber) {
      // said below
    }
    throw new IllegalArgumentException(
        option + " must be a number from " + min + " to " + max + " but was " + value);
  }
}
