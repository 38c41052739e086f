package dev.perfkit.examples.auth;

/** A user as the service's clients see it; e-mail and phone are encrypted in the database. */
record User(long id, String login, String displayName, String country, String email, String phone) {

  /** Leaves out what nobody should find in a log. */
  @Override
  public String toString() {
    return "User[" + id + "]";
  }
}
