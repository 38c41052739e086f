package dev.perfkit.examples.auth;

/** Another process already listens on the port that was asked for. */
final class PortTakenException extends RuntimeException {

  private static final long serialVersionUID = 1;

  PortTakenException(int port, Throwable cause) {
    super(
        "port " + port + " is taken; choose another with --port N, or any free one with --port 0",
        cause);
  }
}
