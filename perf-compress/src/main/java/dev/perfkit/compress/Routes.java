package dev.perfkit.compress;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Which rules hold for a request: those of the first route that matches.
 *
 * @param routes in the order they were given
 * @param otherwise the rules where none matches
 */
record Routes(List<Route> routes, RouteRules otherwise) {

  /**
   * A route as it was given.
   *
   * @param pattern of the path, or null
   * @param predicate of the request, where there is no pattern
   */
  record Definition(
      @Nullable RoutePattern pattern, Predicate<RequestHead> predicate, RoutePolicy policy) {}

  /**
   * A route: by pattern or by predicate.
   *
   * @param pattern of the path, or null
   * @param predicate of the request, where there is no pattern
   */
  record Route(@Nullable RoutePattern pattern, Predicate<RequestHead> predicate, RouteRules rules) {

    boolean matches(RequestHead request, @Nullable String path) {
      if (pattern == null) {
        return predicate.test(request);
      }
      // Without a path nobody knows where a secret is: it is taken to be here.
      return path == null ? rules.policy().isSecret() : pattern.matches(path);
    }
  }

  /** Returns the routes of these policies, over rules where none matches. */
  static Routes of(List<Definition> definitions, RouteRules otherwise) {
    List<Route> routes = new ArrayList<>();
    for (Definition each : definitions) {
      routes.add(new Route(each.pattern(), each.predicate(), otherwise.under(each.policy())));
    }
    return new Routes(List.copyOf(routes), otherwise);
  }

  RouteRules of(RequestHead request) {
    if (routes.isEmpty()) {
      return otherwise;
    }
    String path = RoutePattern.ofTarget(request.target());
    for (Route route : routes) {
      if (route.matches(request, path)) {
        return route.rules();
      }
    }
    return otherwise;
  }
}
