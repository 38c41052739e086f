package dev.perfkit.pool;

import java.io.InputStream;
import java.io.Reader;
import java.math.BigDecimal;
import java.net.URL;
import java.sql.Array;
import java.sql.Blob;
import java.sql.Clob;
import java.sql.Date;
import java.sql.NClob;
import java.sql.PreparedStatement;
import java.sql.Ref;
import java.sql.RowId;
import java.sql.SQLException;
import java.sql.SQLType;
import java.sql.SQLXML;
import java.sql.Time;
import java.sql.Timestamp;
import java.util.Calendar;

/** Sets parameters on another statement, and notes those that can be set again elsewhere. */
abstract class ForwardingPreparedStatement extends LogicalStatement implements PreparedStatement {

  ForwardingPreparedStatement(
      LogicalConnection connection, StatementSource<? extends PreparedStatement> source) {
    super(connection, source);
  }

  abstract PreparedStatement prepared() throws SQLException;

  /** Notes a parameter by its index, from 1. */
  abstract void replayable(int index, Binding binding);

  abstract void notReplayable();

  @Override
  public void setArray(int index, Array value) throws SQLException {
    prepared().setArray(index, value);
    notReplayable();
  }

  @Override
  public void setAsciiStream(int index, InputStream value, int length) throws SQLException {
    prepared().setAsciiStream(index, value, length);
    notReplayable();
  }

  @Override
  public void setAsciiStream(int index, InputStream value, long length) throws SQLException {
    prepared().setAsciiStream(index, value, length);
    notReplayable();
  }

  @Override
  public void setAsciiStream(int index, InputStream value) throws SQLException {
    prepared().setAsciiStream(index, value);
    notReplayable();
  }

  @Override
  public void setBigDecimal(int index, BigDecimal value) throws SQLException {
    prepared().setBigDecimal(index, value);
    replayable(index, s -> s.setBigDecimal(index, value));
  }

  @Override
  public void setBinaryStream(int index, InputStream value, int length) throws SQLException {
    prepared().setBinaryStream(index, value, length);
    notReplayable();
  }

  @Override
  public void setBinaryStream(int index, InputStream value, long length) throws SQLException {
    prepared().setBinaryStream(index, value, length);
    notReplayable();
  }

  @Override
  public void setBinaryStream(int index, InputStream value) throws SQLException {
    prepared().setBinaryStream(index, value);
    notReplayable();
  }

  @Override
  public void setBlob(int index, InputStream value, long length) throws SQLException {
    prepared().setBlob(index, value, length);
    notReplayable();
  }

  @Override
  public void setBlob(int index, InputStream value) throws SQLException {
    prepared().setBlob(index, value);
    notReplayable();
  }

  @Override
  public void setBlob(int index, Blob value) throws SQLException {
    prepared().setBlob(index, value);
    notReplayable();
  }

  @Override
  public void setBoolean(int index, boolean value) throws SQLException {
    prepared().setBoolean(index, value);
    replayable(index, s -> s.setBoolean(index, value));
  }

  @Override
  public void setByte(int index, byte value) throws SQLException {
    prepared().setByte(index, value);
    replayable(index, s -> s.setByte(index, value));
  }

  @Override
  public void setBytes(int index, byte[] value) throws SQLException {
    prepared().setBytes(index, value);
    replayable(index, s -> s.setBytes(index, value));
  }

  @Override
  public void setCharacterStream(int index, Reader value, int length) throws SQLException {
    prepared().setCharacterStream(index, value, length);
    notReplayable();
  }

  @Override
  public void setCharacterStream(int index, Reader value, long length) throws SQLException {
    prepared().setCharacterStream(index, value, length);
    notReplayable();
  }

  @Override
  public void setCharacterStream(int index, Reader value) throws SQLException {
    prepared().setCharacterStream(index, value);
    notReplayable();
  }

  @Override
  public void setClob(int index, Reader value, long length) throws SQLException {
    prepared().setClob(index, value, length);
    notReplayable();
  }

  @Override
  public void setClob(int index, Reader value) throws SQLException {
    prepared().setClob(index, value);
    notReplayable();
  }

  @Override
  public void setClob(int index, Clob value) throws SQLException {
    prepared().setClob(index, value);
    notReplayable();
  }

  @Override
  public void setDate(int index, Date value, Calendar calendar) throws SQLException {
    prepared().setDate(index, value, calendar);
    replayable(index, s -> s.setDate(index, value, calendar));
  }

  @Override
  public void setDate(int index, Date value) throws SQLException {
    prepared().setDate(index, value);
    replayable(index, s -> s.setDate(index, value));
  }

  @Override
  public void setDouble(int index, double value) throws SQLException {
    prepared().setDouble(index, value);
    replayable(index, s -> s.setDouble(index, value));
  }

  @Override
  public void setFloat(int index, float value) throws SQLException {
    prepared().setFloat(index, value);
    replayable(index, s -> s.setFloat(index, value));
  }

  @Override
  public void setInt(int index, int value) throws SQLException {
    prepared().setInt(index, value);
    replayable(index, s -> s.setInt(index, value));
  }

  @Override
  public void setLong(int index, long length) throws SQLException {
    prepared().setLong(index, length);
    replayable(index, s -> s.setLong(index, length));
  }

  @Override
  public void setNCharacterStream(int index, Reader value, long length) throws SQLException {
    prepared().setNCharacterStream(index, value, length);
    notReplayable();
  }

  @Override
  public void setNCharacterStream(int index, Reader value) throws SQLException {
    prepared().setNCharacterStream(index, value);
    notReplayable();
  }

  @Override
  public void setNClob(int index, Reader value, long length) throws SQLException {
    prepared().setNClob(index, value, length);
    notReplayable();
  }

  @Override
  public void setNClob(int index, Reader value) throws SQLException {
    prepared().setNClob(index, value);
    notReplayable();
  }

  @Override
  public void setNClob(int index, NClob value) throws SQLException {
    prepared().setNClob(index, value);
    notReplayable();
  }

  @Override
  public void setNString(int index, String value) throws SQLException {
    prepared().setNString(index, value);
    replayable(index, s -> s.setNString(index, value));
  }

  @Override
  public void setNull(int index, int value, String value2) throws SQLException {
    prepared().setNull(index, value, value2);
    replayable(index, s -> s.setNull(index, value, value2));
  }

  @Override
  public void setNull(int index, int value) throws SQLException {
    prepared().setNull(index, value);
    replayable(index, s -> s.setNull(index, value));
  }

  @Override
  public void setObject(int index, Object value, int scaleOrLength, int scaleOrLength2)
      throws SQLException {
    prepared().setObject(index, value, scaleOrLength, scaleOrLength2);
    if (Binding.holdsNoResource(value)) {
      replayable(index, s -> s.setObject(index, value, scaleOrLength, scaleOrLength2));
    } else {
      notReplayable();
    }
  }

  @Override
  public void setObject(int index, Object value, int scaleOrLength) throws SQLException {
    prepared().setObject(index, value, scaleOrLength);
    if (Binding.holdsNoResource(value)) {
      replayable(index, s -> s.setObject(index, value, scaleOrLength));
    } else {
      notReplayable();
    }
  }

  @Override
  public void setObject(int index, Object value, SQLType sqlType, int scaleOrLength)
      throws SQLException {
    prepared().setObject(index, value, sqlType, scaleOrLength);
    if (Binding.holdsNoResource(value)) {
      replayable(index, s -> s.setObject(index, value, sqlType, scaleOrLength));
    } else {
      notReplayable();
    }
  }

  @Override
  public void setObject(int index, Object value, SQLType sqlType) throws SQLException {
    prepared().setObject(index, value, sqlType);
    if (Binding.holdsNoResource(value)) {
      replayable(index, s -> s.setObject(index, value, sqlType));
    } else {
      notReplayable();
    }
  }

  @Override
  public void setObject(int index, Object value) throws SQLException {
    prepared().setObject(index, value);
    if (Binding.holdsNoResource(value)) {
      replayable(index, s -> s.setObject(index, value));
    } else {
      notReplayable();
    }
  }

  @Override
  public void setRef(int index, Ref value) throws SQLException {
    prepared().setRef(index, value);
    notReplayable();
  }

  @Override
  public void setRowId(int index, RowId value) throws SQLException {
    prepared().setRowId(index, value);
    notReplayable();
  }

  @Override
  public void setSQLXML(int index, SQLXML value) throws SQLException {
    prepared().setSQLXML(index, value);
    notReplayable();
  }

  @Override
  public void setShort(int index, short value) throws SQLException {
    prepared().setShort(index, value);
    replayable(index, s -> s.setShort(index, value));
  }

  @Override
  public void setString(int index, String value) throws SQLException {
    prepared().setString(index, value);
    replayable(index, s -> s.setString(index, value));
  }

  @Override
  public void setTime(int index, Time value, Calendar calendar) throws SQLException {
    prepared().setTime(index, value, calendar);
    replayable(index, s -> s.setTime(index, value, calendar));
  }

  @Override
  public void setTime(int index, Time value) throws SQLException {
    prepared().setTime(index, value);
    replayable(index, s -> s.setTime(index, value));
  }

  @Override
  public void setTimestamp(int index, Timestamp value, Calendar calendar) throws SQLException {
    prepared().setTimestamp(index, value, calendar);
    replayable(index, s -> s.setTimestamp(index, value, calendar));
  }

  @Override
  public void setTimestamp(int index, Timestamp value) throws SQLException {
    prepared().setTimestamp(index, value);
    replayable(index, s -> s.setTimestamp(index, value));
  }

  @Override
  public void setURL(int index, URL value) throws SQLException {
    prepared().setURL(index, value);
    replayable(index, s -> s.setURL(index, value));
  }

  @Override
  @Deprecated
  public void setUnicodeStream(int index, InputStream value, int length) throws SQLException {
    prepared().setUnicodeStream(index, value, length);
    notReplayable();
  }
}
