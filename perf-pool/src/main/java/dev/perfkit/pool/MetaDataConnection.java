package dev.perfkit.pool;

import java.sql.DatabaseMetaData;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Tells metadata of any node, over connections that are borrowed for the question or its rows. */
abstract class MetaDataConnection extends StatementConnection {

  final Router router;
  private @Nullable List<MetaDataRows> metaDataRows;

  MetaDataConnection(Router router, boolean reader) {
    super(reader, router.readOnlyByDefault(), router.autoCommitByDefault());
    this.router = router;
  }

  @Override
  final String group() {
    return router.group();
  }

  @Override
  public final DatabaseMetaData getMetaData() throws SQLException {
    requireOpen();
    if (!router.hasReplicas()) {
      pin();
    }
    return LogicalMetaData.of(self());
  }

  /** Borrows a connection of any node for rows of metadata; it is held until they are closed. */
  final Lease borrowForMetaData() throws SQLException {
    requireOpen();
    return router.borrowAnywhere();
  }

  final void holding(MetaDataRows rows) {
    List<MetaDataRows> held = metaDataRows == null ? new ArrayList<>(1) : metaDataRows;
    held.add(rows);
    metaDataRows = held;
  }

  final void release(@Nullable MetaDataRows rows, Lease lease) {
    if (rows != null && metaDataRows != null) {
      metaDataRows.remove(rows);
    }
    router.giveBackQuietly(lease);
  }

  final void closeMetaDataRows() throws SQLException {
    if (metaDataRows != null) {
      for (MetaDataRows rows : List.copyOf(metaDataRows)) {
        rows.close();
      }
    }
  }
}
