package dev.perfkit.pool;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Nested;

/**
 * Proves that what users of HikariCP rely on holds for a group's connections: the same tests pass
 * for bare HikariCP, for a single node, and for a primary with a replica.
 */
class HikariBehaviourTest {

  /** What is relied on, as HikariCP does it. */
  @Nested
  class OfHikari extends HikariBehaviour {

    private @Nullable HikariDataSource hikari;

    @Override
    DataSource open(HikariConfig config) {
      HikariDataSource opened = new HikariDataSource(config);
      hikari = opened;
      return opened;
    }

    @Override
    void shut() {
      if (hikari != null) {
        hikari.close();
      }
    }
  }

  /** A single node. */
  @Nested
  class OfAGroup extends HikariBehaviour {

    private @Nullable PoolGroup group;

    @Override
    DataSource open(HikariConfig config) {
      PoolGroup opened = PoolGroup.named("behaving").primary(config).build();
      group = opened;
      return opened.dataSource();
    }

    @Override
    void shut() {
      if (group != null) {
        group.close();
      }
    }
  }

  /** Another node, which is not used here, must change nothing. */
  @Nested
  class OfAGroupWithAReplica extends HikariBehaviour {

    private @Nullable PoolGroup group;

    @Override
    DataSource open(HikariConfig config) {
      PoolGroup opened = PoolGroup.named("behaving").primary(config).replica("r1", config).build();
      group = opened;
      return opened.dataSource();
    }

    @Override
    void shut() {
      if (group != null) {
        group.close();
      }
    }
  }
}
