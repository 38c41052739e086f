package dev.perfkit.examples.auth;

import java.util.Set;

/**
 * What a user may do, worked out once from the roles.
 *
 * @param roles the user's, also those that permit nothing
 * @param names of all that any of them permits, such as {@code users:read}
 */
record Permissions(Set<String> roles, Set<String> names) {

  static final String READ_USERS = "users:read";
  static final String CHANGE_USERS = "users:change";
  static final String CHANGE_ROLES = "roles:change";

  boolean allow(String name) {
    return names.contains(name);
  }
}
