package dev.perfkit.pool;

import java.io.InputStream;
import java.io.Reader;
import java.math.BigDecimal;
import java.net.URL;
import java.sql.Blob;
import java.sql.CallableStatement;
import java.sql.Clob;
import java.sql.Date;
import java.sql.NClob;
import java.sql.RowId;
import java.sql.SQLException;
import java.sql.SQLType;
import java.sql.SQLXML;
import java.sql.Time;
import java.sql.Timestamp;
import java.util.Calendar;

/** A call on a logical connection; its parameters by name are forwarded. */
final class LogicalCallableStatement extends ForwardingOutParameters {

  LogicalCallableStatement(
      LogicalConnection connection, String sql, StatementSource<CallableStatement> source) {
    super(connection, sql, source);
  }

  @Override
  CallableStatement call() throws SQLException {
    return (CallableStatement) delegate();
  }

  @Override
  public void setAsciiStream(String parameter, InputStream value, int length) throws SQLException {
    call().setAsciiStream(parameter, value, length);
  }

  @Override
  public void setAsciiStream(String parameter, InputStream value, long length) throws SQLException {
    call().setAsciiStream(parameter, value, length);
  }

  @Override
  public void setAsciiStream(String parameter, InputStream value) throws SQLException {
    call().setAsciiStream(parameter, value);
  }

  @Override
  public void setBigDecimal(String parameter, BigDecimal value) throws SQLException {
    call().setBigDecimal(parameter, value);
  }

  @Override
  public void setBinaryStream(String parameter, InputStream value, int length) throws SQLException {
    call().setBinaryStream(parameter, value, length);
  }

  @Override
  public void setBinaryStream(String parameter, InputStream value, long length)
      throws SQLException {
    call().setBinaryStream(parameter, value, length);
  }

  @Override
  public void setBinaryStream(String parameter, InputStream value) throws SQLException {
    call().setBinaryStream(parameter, value);
  }

  @Override
  public void setBlob(String parameter, InputStream value, long length) throws SQLException {
    call().setBlob(parameter, value, length);
  }

  @Override
  public void setBlob(String parameter, InputStream value) throws SQLException {
    call().setBlob(parameter, value);
  }

  @Override
  public void setBlob(String parameter, Blob value) throws SQLException {
    call().setBlob(parameter, value);
  }

  @Override
  public void setBoolean(String parameter, boolean value) throws SQLException {
    call().setBoolean(parameter, value);
  }

  @Override
  public void setByte(String parameter, byte value) throws SQLException {
    call().setByte(parameter, value);
  }

  @Override
  public void setBytes(String parameter, byte[] value) throws SQLException {
    call().setBytes(parameter, value);
  }

  @Override
  public void setCharacterStream(String parameter, Reader value, int length) throws SQLException {
    call().setCharacterStream(parameter, value, length);
  }

  @Override
  public void setCharacterStream(String parameter, Reader value, long length) throws SQLException {
    call().setCharacterStream(parameter, value, length);
  }

  @Override
  public void setCharacterStream(String parameter, Reader value) throws SQLException {
    call().setCharacterStream(parameter, value);
  }

  @Override
  public void setClob(String parameter, Reader value, long length) throws SQLException {
    call().setClob(parameter, value, length);
  }

  @Override
  public void setClob(String parameter, Reader value) throws SQLException {
    call().setClob(parameter, value);
  }

  @Override
  public void setClob(String parameter, Clob value) throws SQLException {
    call().setClob(parameter, value);
  }

  @Override
  public void setDate(String parameter, Date value, Calendar calendar) throws SQLException {
    call().setDate(parameter, value, calendar);
  }

  @Override
  public void setDate(String parameter, Date value) throws SQLException {
    call().setDate(parameter, value);
  }

  @Override
  public void setDouble(String parameter, double value) throws SQLException {
    call().setDouble(parameter, value);
  }

  @Override
  public void setFloat(String parameter, float value) throws SQLException {
    call().setFloat(parameter, value);
  }

  @Override
  public void setInt(String parameter, int value) throws SQLException {
    call().setInt(parameter, value);
  }

  @Override
  public void setLong(String parameter, long length) throws SQLException {
    call().setLong(parameter, length);
  }

  @Override
  public void setNCharacterStream(String parameter, Reader value, long length) throws SQLException {
    call().setNCharacterStream(parameter, value, length);
  }

  @Override
  public void setNCharacterStream(String parameter, Reader value) throws SQLException {
    call().setNCharacterStream(parameter, value);
  }

  @Override
  public void setNClob(String parameter, Reader value, long length) throws SQLException {
    call().setNClob(parameter, value, length);
  }

  @Override
  public void setNClob(String parameter, Reader value) throws SQLException {
    call().setNClob(parameter, value);
  }

  @Override
  public void setNClob(String parameter, NClob value) throws SQLException {
    call().setNClob(parameter, value);
  }

  @Override
  public void setNString(String parameter, String value) throws SQLException {
    call().setNString(parameter, value);
  }

  @Override
  public void setNull(String parameter, int value, String value2) throws SQLException {
    call().setNull(parameter, value, value2);
  }

  @Override
  public void setNull(String parameter, int value) throws SQLException {
    call().setNull(parameter, value);
  }

  @Override
  public void setObject(String parameter, Object value, int scaleOrLength, int scaleOrLength2)
      throws SQLException {
    call().setObject(parameter, value, scaleOrLength, scaleOrLength2);
  }

  @Override
  public void setObject(String parameter, Object value, int scaleOrLength) throws SQLException {
    call().setObject(parameter, value, scaleOrLength);
  }

  @Override
  public void setObject(String parameter, Object value, SQLType sqlType, int scaleOrLength)
      throws SQLException {
    call().setObject(parameter, value, sqlType, scaleOrLength);
  }

  @Override
  public void setObject(String parameter, Object value, SQLType sqlType) throws SQLException {
    call().setObject(parameter, value, sqlType);
  }

  @Override
  public void setObject(String parameter, Object value) throws SQLException {
    call().setObject(parameter, value);
  }

  @Override
  public void setRowId(String parameter, RowId value) throws SQLException {
    call().setRowId(parameter, value);
  }

  @Override
  public void setSQLXML(String parameter, SQLXML value) throws SQLException {
    call().setSQLXML(parameter, value);
  }

  @Override
  public void setShort(String parameter, short value) throws SQLException {
    call().setShort(parameter, value);
  }

  @Override
  public void setString(String parameter, String value) throws SQLException {
    call().setString(parameter, value);
  }

  @Override
  public void setTime(String parameter, Time value, Calendar calendar) throws SQLException {
    call().setTime(parameter, value, calendar);
  }

  @Override
  public void setTime(String parameter, Time value) throws SQLException {
    call().setTime(parameter, value);
  }

  @Override
  public void setTimestamp(String parameter, Timestamp value, Calendar calendar)
      throws SQLException {
    call().setTimestamp(parameter, value, calendar);
  }

  @Override
  public void setTimestamp(String parameter, Timestamp value) throws SQLException {
    call().setTimestamp(parameter, value);
  }

  @Override
  public void setURL(String parameter, URL value) throws SQLException {
    call().setURL(parameter, value);
  }
}
