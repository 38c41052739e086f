package dev.perfkit.pool;

import java.io.Reader;
import java.math.BigDecimal;
import java.net.URL;
import java.sql.Array;
import java.sql.Blob;
import java.sql.CallableStatement;
import java.sql.Clob;
import java.sql.Date;
import java.sql.NClob;
import java.sql.Ref;
import java.sql.RowId;
import java.sql.SQLException;
import java.sql.SQLType;
import java.sql.SQLXML;
import java.sql.Time;
import java.sql.Timestamp;
import java.util.Calendar;
import java.util.Map;

/** Forwards the out parameters of a call to another statement. */
abstract class ForwardingOutParameters extends LogicalPreparedStatement
    implements CallableStatement {

  ForwardingOutParameters(
      LogicalConnection connection, String sql, StatementSource<CallableStatement> source) {
    super(connection, sql, source);
  }

  abstract CallableStatement call() throws SQLException;

  @Override
  public Array getArray(String parameter) throws SQLException {
    return call().getArray(parameter);
  }

  @Override
  public Array getArray(int index) throws SQLException {
    return call().getArray(index);
  }

  @Override
  public BigDecimal getBigDecimal(String parameter) throws SQLException {
    return call().getBigDecimal(parameter);
  }

  @Override
  @Deprecated
  public BigDecimal getBigDecimal(int index, int value) throws SQLException {
    return call().getBigDecimal(index, value);
  }

  @Override
  public BigDecimal getBigDecimal(int index) throws SQLException {
    return call().getBigDecimal(index);
  }

  @Override
  public Blob getBlob(String parameter) throws SQLException {
    return call().getBlob(parameter);
  }

  @Override
  public Blob getBlob(int index) throws SQLException {
    return call().getBlob(index);
  }

  @Override
  public boolean getBoolean(String parameter) throws SQLException {
    return call().getBoolean(parameter);
  }

  @Override
  public boolean getBoolean(int index) throws SQLException {
    return call().getBoolean(index);
  }

  @Override
  public byte getByte(String parameter) throws SQLException {
    return call().getByte(parameter);
  }

  @Override
  public byte getByte(int index) throws SQLException {
    return call().getByte(index);
  }

  @Override
  public byte[] getBytes(String parameter) throws SQLException {
    return call().getBytes(parameter);
  }

  @Override
  public byte[] getBytes(int index) throws SQLException {
    return call().getBytes(index);
  }

  @Override
  public Reader getCharacterStream(String parameter) throws SQLException {
    return call().getCharacterStream(parameter);
  }

  @Override
  public Reader getCharacterStream(int index) throws SQLException {
    return call().getCharacterStream(index);
  }

  @Override
  public Clob getClob(String parameter) throws SQLException {
    return call().getClob(parameter);
  }

  @Override
  public Clob getClob(int index) throws SQLException {
    return call().getClob(index);
  }

  @Override
  public Date getDate(String parameter, Calendar calendar) throws SQLException {
    return call().getDate(parameter, calendar);
  }

  @Override
  public Date getDate(String parameter) throws SQLException {
    return call().getDate(parameter);
  }

  @Override
  public Date getDate(int index, Calendar calendar) throws SQLException {
    return call().getDate(index, calendar);
  }

  @Override
  public Date getDate(int index) throws SQLException {
    return call().getDate(index);
  }

  @Override
  public double getDouble(String parameter) throws SQLException {
    return call().getDouble(parameter);
  }

  @Override
  public double getDouble(int index) throws SQLException {
    return call().getDouble(index);
  }

  @Override
  public float getFloat(String parameter) throws SQLException {
    return call().getFloat(parameter);
  }

  @Override
  public float getFloat(int index) throws SQLException {
    return call().getFloat(index);
  }

  @Override
  public int getInt(String parameter) throws SQLException {
    return call().getInt(parameter);
  }

  @Override
  public int getInt(int index) throws SQLException {
    return call().getInt(index);
  }

  @Override
  public long getLong(String parameter) throws SQLException {
    return call().getLong(parameter);
  }

  @Override
  public long getLong(int index) throws SQLException {
    return call().getLong(index);
  }

  @Override
  public Reader getNCharacterStream(String parameter) throws SQLException {
    return call().getNCharacterStream(parameter);
  }

  @Override
  public Reader getNCharacterStream(int index) throws SQLException {
    return call().getNCharacterStream(index);
  }

  @Override
  public NClob getNClob(String parameter) throws SQLException {
    return call().getNClob(parameter);
  }

  @Override
  public NClob getNClob(int index) throws SQLException {
    return call().getNClob(index);
  }

  @Override
  public String getNString(String parameter) throws SQLException {
    return call().getNString(parameter);
  }

  @Override
  public String getNString(int index) throws SQLException {
    return call().getNString(index);
  }

  @Override
  public <T> T getObject(String parameter, Class<T> type) throws SQLException {
    return call().getObject(parameter, type);
  }

  @Override
  public Object getObject(String parameter, Map<String, Class<?>> types) throws SQLException {
    return wrapped(call().getObject(parameter, types));
  }

  @Override
  public Object getObject(String parameter) throws SQLException {
    return wrapped(call().getObject(parameter));
  }

  @Override
  public <T> T getObject(int index, Class<T> type) throws SQLException {
    return call().getObject(index, type);
  }

  @Override
  public Object getObject(int index, Map<String, Class<?>> types) throws SQLException {
    return wrapped(call().getObject(index, types));
  }

  @Override
  public Object getObject(int index) throws SQLException {
    return wrapped(call().getObject(index));
  }

  @Override
  public Ref getRef(String parameter) throws SQLException {
    return call().getRef(parameter);
  }

  @Override
  public Ref getRef(int index) throws SQLException {
    return call().getRef(index);
  }

  @Override
  public RowId getRowId(String parameter) throws SQLException {
    return call().getRowId(parameter);
  }

  @Override
  public RowId getRowId(int index) throws SQLException {
    return call().getRowId(index);
  }

  @Override
  public SQLXML getSQLXML(String parameter) throws SQLException {
    return call().getSQLXML(parameter);
  }

  @Override
  public SQLXML getSQLXML(int index) throws SQLException {
    return call().getSQLXML(index);
  }

  @Override
  public short getShort(String parameter) throws SQLException {
    return call().getShort(parameter);
  }

  @Override
  public short getShort(int index) throws SQLException {
    return call().getShort(index);
  }

  @Override
  public String getString(String parameter) throws SQLException {
    return call().getString(parameter);
  }

  @Override
  public String getString(int index) throws SQLException {
    return call().getString(index);
  }

  @Override
  public Time getTime(String parameter, Calendar calendar) throws SQLException {
    return call().getTime(parameter, calendar);
  }

  @Override
  public Time getTime(String parameter) throws SQLException {
    return call().getTime(parameter);
  }

  @Override
  public Time getTime(int index, Calendar calendar) throws SQLException {
    return call().getTime(index, calendar);
  }

  @Override
  public Time getTime(int index) throws SQLException {
    return call().getTime(index);
  }

  @Override
  public Timestamp getTimestamp(String parameter, Calendar calendar) throws SQLException {
    return call().getTimestamp(parameter, calendar);
  }

  @Override
  public Timestamp getTimestamp(String parameter) throws SQLException {
    return call().getTimestamp(parameter);
  }

  @Override
  public Timestamp getTimestamp(int index, Calendar calendar) throws SQLException {
    return call().getTimestamp(index, calendar);
  }

  @Override
  public Timestamp getTimestamp(int index) throws SQLException {
    return call().getTimestamp(index);
  }

  @Override
  public URL getURL(String parameter) throws SQLException {
    return call().getURL(parameter);
  }

  @Override
  public URL getURL(int index) throws SQLException {
    return call().getURL(index);
  }

  @Override
  public void registerOutParameter(String parameter, int value, String value2) throws SQLException {
    call().registerOutParameter(parameter, value, value2);
  }

  @Override
  public void registerOutParameter(String parameter, int value, int scaleOrLength)
      throws SQLException {
    call().registerOutParameter(parameter, value, scaleOrLength);
  }

  @Override
  public void registerOutParameter(String parameter, int value) throws SQLException {
    call().registerOutParameter(parameter, value);
  }

  @Override
  public void registerOutParameter(String parameter, SQLType sqlType, String value)
      throws SQLException {
    call().registerOutParameter(parameter, sqlType, value);
  }

  @Override
  public void registerOutParameter(String parameter, SQLType sqlType, int scaleOrLength)
      throws SQLException {
    call().registerOutParameter(parameter, sqlType, scaleOrLength);
  }

  @Override
  public void registerOutParameter(String parameter, SQLType sqlType) throws SQLException {
    call().registerOutParameter(parameter, sqlType);
  }

  @Override
  public void registerOutParameter(int index, int value, String value2) throws SQLException {
    call().registerOutParameter(index, value, value2);
  }

  @Override
  public void registerOutParameter(int index, int value, int scaleOrLength) throws SQLException {
    call().registerOutParameter(index, value, scaleOrLength);
  }

  @Override
  public void registerOutParameter(int index, int value) throws SQLException {
    call().registerOutParameter(index, value);
  }

  @Override
  public void registerOutParameter(int index, SQLType sqlType, String value) throws SQLException {
    call().registerOutParameter(index, sqlType, value);
  }

  @Override
  public void registerOutParameter(int index, SQLType sqlType, int scaleOrLength)
      throws SQLException {
    call().registerOutParameter(index, sqlType, scaleOrLength);
  }

  @Override
  public void registerOutParameter(int index, SQLType sqlType) throws SQLException {
    call().registerOutParameter(index, sqlType);
  }

  @Override
  public boolean wasNull() throws SQLException {
    return call().wasNull();
  }
}
