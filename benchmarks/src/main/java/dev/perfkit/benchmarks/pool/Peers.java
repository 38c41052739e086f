package dev.perfkit.benchmarks.pool;

import com.vladmihalcea.flexypool.FlexyPoolDataSource;
import com.vladmihalcea.flexypool.adaptor.HikariCPPoolAdapter;
import com.vladmihalcea.flexypool.config.FlexyPoolConfiguration;
import com.zaxxer.hikari.HikariDataSource;
import javax.sql.DataSource;

/** Other wrappers of HikariCP, set up as their manuals say. */
final class Peers {

  private Peers() {}

  @SuppressWarnings("unchecked") // The builder's varargs of a generic type; none are given.
  static DataSource flexy(HikariDataSource pool) {
    FlexyPoolConfiguration<HikariDataSource> configuration =
        new FlexyPoolConfiguration.Builder<>("flexy", pool, HikariCPPoolAdapter.FACTORY).build();
    return new FlexyPoolDataSource<>(configuration);
  }
}
