package dev.perfkit.sla;

import dev.perfkit.spi.Beta;

/**
 * How a request ended: well or not, and with which status code if its protocol has them.
 *
 * <p>Immutable. The factories return ready instances and do not allocate.
 */
@Beta
public final class Outcome {

  private static final int FIRST_STATUS = 100;
  private static final int LAST_STATUS = 599;

  private static final Outcome[] SUCCESSES = all(true);
  private static final Outcome[] FAILURES = all(false);

  /** Known to recorders, who tell it apart by identity. */
  static final Outcome SUCCESS = SUCCESSES[0];

  private final boolean success;
  private final int status;
  private final int statusClass;

  private Outcome(boolean success, int status) {
    this.success = success;
    this.status = status;
    this.statusClass = status / 100;
  }

  /** Returns a request that did what it promised, without a status code. */
  public static Outcome success() {
    return SUCCESS;
  }

  /** Returns a request that did not do what it promised, without a status code. */
  public static Outcome failure() {
    return FAILURES[0];
  }

  /**
   * Returns the outcome that an HTTP status code stands for: a failure from 500 on. What the caller
   * did wrong, 400 to 499, is not a failure of the service.
   *
   * @param code a status code; one outside 100 to 599 is not kept
   */
  public static Outcome status(int code) {
    return of(code < 500, code);
  }

  /**
   * Returns an outcome that is judged by the host.
   *
   * @param status a status code; one outside 100 to 599 is not kept, such as 0 for none
   */
  public static Outcome of(boolean success, int status) {
    boolean known = status >= FIRST_STATUS && status <= LAST_STATUS;
    return (success ? SUCCESSES : FAILURES)[known ? status - FIRST_STATUS + 1 : 0];
  }

  /** Returns whether the request did what it promised. */
  public boolean isSuccess() {
    return success;
  }

  /** Returns the status code, 100 to 599, or 0 if there is none. */
  public int status() {
    return status;
  }

  /** Returns the first digit of the status code, or 0 if there is none. */
  int statusClass() {
    return statusClass;
  }

  @Override
  public String toString() {
    return (success ? "success" : "failure") + (status == 0 ? "" : " " + status);
  }

  private static Outcome[] all(boolean success) {
    Outcome[] all = new Outcome[LAST_STATUS - FIRST_STATUS + 2];
    all[0] = new Outcome(success, 0);
    for (int i = 1; i < all.length; i++) {
      all[i] = new Outcome(success, FIRST_STATUS + i - 1);
    }
    return all;
  }
}
