package dev.perfkit.pool;

import java.io.IOException;
import java.io.StringReader;
import java.sql.CallableStatement;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.postgresql.PGConnection;

/** How a write may come to be committed. */
enum CommitWay {
  AUTOCOMMIT {
    @Override
    void write(Connection connection) throws SQLException {
      Servers.run(connection, "INSERT INTO item (name) VALUES ('way')");
    }
  },
  COMMIT {
    @Override
    void write(Connection connection) throws SQLException {
      connection.setAutoCommit(false);
      Servers.run(connection, "INSERT INTO item (name) VALUES ('way')");
      connection.commit();
    }
  },
  COMMIT_AS_TEXT {
    @Override
    void write(Connection connection) throws SQLException {
      Servers.run(connection, "BEGIN; INSERT INTO item (name) VALUES ('way')");
      Servers.run(connection, "/* done */ COMMIT");
    }
  },
  COMMIT_AS_TEXT_IN_A_TRANSACTION {
    @Override
    void write(Connection connection) throws SQLException {
      connection.setAutoCommit(false);
      Servers.run(connection, "INSERT INTO item (name) VALUES ('way')");
      Servers.run(connection, "COMMIT");
    }
  },
  AUTOCOMMIT_TURNED_ON {
    @Override
    void write(Connection connection) throws SQLException {
      connection.setAutoCommit(false);
      Servers.run(connection, "INSERT INTO item (name) VALUES ('way')");
      connection.setAutoCommit(true);
    }
  },
  CALL {
    @Override
    void write(Connection connection) throws SQLException {
      try (CallableStatement call = connection.prepareCall("CALL add_item(?)")) {
        call.setString(1, "way");
        call.execute();
      }
    }
  },
  FUNCTION {
    @Override
    void write(Connection connection) throws SQLException {
      Servers.one(connection, "SELECT added_item('way')");
    }
  },
  BATCH {
    @Override
    void write(Connection connection) throws SQLException {
      try (PreparedStatement batch =
          connection.prepareStatement("INSERT INTO item (name) VALUES (?)")) {
        batch.setString(1, "way");
        batch.addBatch();
        batch.executeBatch();
      }
    }
  },
  UPDATABLE_ROWS {
    @Override
    void write(Connection connection) throws SQLException {
      try (Statement statement =
              connection.createStatement(
                  ResultSet.TYPE_SCROLL_INSENSITIVE, ResultSet.CONCUR_UPDATABLE);
          ResultSet rows = statement.executeQuery("SELECT id, name FROM item WHERE false")) {
        rows.moveToInsertRow();
        rows.updateInt(1, (int) (System.nanoTime() & 0x7FFF_FFFF));
        rows.updateString(2, "way");
        rows.insertRow();
      }
    }
  },
  COPY {
    @Override
    void write(Connection connection) throws SQLException {
      connection.setAutoCommit(false);
      PGConnection driver = connection.unwrap(PGConnection.class);
      connection.commit();
      try {
        driver.getCopyAPI().copyIn("COPY item (name) FROM STDIN", new StringReader("way\n"));
      } catch (IOException impossible) {
        throw new SQLException(impossible);
      }
      connection.setAutoCommit(true);
    }
  };

  abstract void write(Connection connection) throws SQLException;
}
