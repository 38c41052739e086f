package dev.perfkit.pool;

import java.io.InputStream;
import java.io.Reader;
import java.math.BigDecimal;
import java.sql.Array;
import java.sql.Blob;
import java.sql.Clob;
import java.sql.Date;
import java.sql.NClob;
import java.sql.Ref;
import java.sql.ResultSet;
import java.sql.RowId;
import java.sql.SQLException;
import java.sql.SQLType;
import java.sql.SQLXML;
import java.sql.Time;
import java.sql.Timestamp;

/** Forwards the column updates of a result set to another one. */
abstract class ForwardingRowUpdates extends ForwardingRow {

  ForwardingRowUpdates(ResultSet delegate) {
    super(delegate);
  }

  @Override
  public void updateArray(String columnLabel, Array value) throws SQLException {
    delegate.updateArray(columnLabel, value);
  }

  @Override
  public void updateArray(int columnIndex, Array value) throws SQLException {
    delegate.updateArray(columnIndex, value);
  }

  @Override
  public void updateAsciiStream(String columnLabel, InputStream value, int length)
      throws SQLException {
    delegate.updateAsciiStream(columnLabel, value, length);
  }

  @Override
  public void updateAsciiStream(String columnLabel, InputStream value, long length)
      throws SQLException {
    delegate.updateAsciiStream(columnLabel, value, length);
  }

  @Override
  public void updateAsciiStream(String columnLabel, InputStream value) throws SQLException {
    delegate.updateAsciiStream(columnLabel, value);
  }

  @Override
  public void updateAsciiStream(int columnIndex, InputStream value, int length)
      throws SQLException {
    delegate.updateAsciiStream(columnIndex, value, length);
  }

  @Override
  public void updateAsciiStream(int columnIndex, InputStream value, long length)
      throws SQLException {
    delegate.updateAsciiStream(columnIndex, value, length);
  }

  @Override
  public void updateAsciiStream(int columnIndex, InputStream value) throws SQLException {
    delegate.updateAsciiStream(columnIndex, value);
  }

  @Override
  public void updateBigDecimal(String columnLabel, BigDecimal value) throws SQLException {
    delegate.updateBigDecimal(columnLabel, value);
  }

  @Override
  public void updateBigDecimal(int columnIndex, BigDecimal value) throws SQLException {
    delegate.updateBigDecimal(columnIndex, value);
  }

  @Override
  public void updateBinaryStream(String columnLabel, InputStream value, int length)
      throws SQLException {
    delegate.updateBinaryStream(columnLabel, value, length);
  }

  @Override
  public void updateBinaryStream(String columnLabel, InputStream value, long length)
      throws SQLException {
    delegate.updateBinaryStream(columnLabel, value, length);
  }

  @Override
  public void updateBinaryStream(String columnLabel, InputStream value) throws SQLException {
    delegate.updateBinaryStream(columnLabel, value);
  }

  @Override
  public void updateBinaryStream(int columnIndex, InputStream value, int length)
      throws SQLException {
    delegate.updateBinaryStream(columnIndex, value, length);
  }

  @Override
  public void updateBinaryStream(int columnIndex, InputStream value, long length)
      throws SQLException {
    delegate.updateBinaryStream(columnIndex, value, length);
  }

  @Override
  public void updateBinaryStream(int columnIndex, InputStream value) throws SQLException {
    delegate.updateBinaryStream(columnIndex, value);
  }

  @Override
  public void updateBlob(String columnLabel, InputStream value, long length) throws SQLException {
    delegate.updateBlob(columnLabel, value, length);
  }

  @Override
  public void updateBlob(String columnLabel, InputStream value) throws SQLException {
    delegate.updateBlob(columnLabel, value);
  }

  @Override
  public void updateBlob(String columnLabel, Blob value) throws SQLException {
    delegate.updateBlob(columnLabel, value);
  }

  @Override
  public void updateBlob(int columnIndex, InputStream value, long length) throws SQLException {
    delegate.updateBlob(columnIndex, value, length);
  }

  @Override
  public void updateBlob(int columnIndex, InputStream value) throws SQLException {
    delegate.updateBlob(columnIndex, value);
  }

  @Override
  public void updateBlob(int columnIndex, Blob value) throws SQLException {
    delegate.updateBlob(columnIndex, value);
  }

  @Override
  public void updateBoolean(String columnLabel, boolean value) throws SQLException {
    delegate.updateBoolean(columnLabel, value);
  }

  @Override
  public void updateBoolean(int columnIndex, boolean value) throws SQLException {
    delegate.updateBoolean(columnIndex, value);
  }

  @Override
  public void updateByte(String columnLabel, byte value) throws SQLException {
    delegate.updateByte(columnLabel, value);
  }

  @Override
  public void updateByte(int columnIndex, byte value) throws SQLException {
    delegate.updateByte(columnIndex, value);
  }

  @Override
  public void updateBytes(String columnLabel, byte[] value) throws SQLException {
    delegate.updateBytes(columnLabel, value);
  }

  @Override
  public void updateBytes(int columnIndex, byte[] value) throws SQLException {
    delegate.updateBytes(columnIndex, value);
  }

  @Override
  public void updateCharacterStream(String columnLabel, Reader value, int length)
      throws SQLException {
    delegate.updateCharacterStream(columnLabel, value, length);
  }

  @Override
  public void updateCharacterStream(String columnLabel, Reader value, long length)
      throws SQLException {
    delegate.updateCharacterStream(columnLabel, value, length);
  }

  @Override
  public void updateCharacterStream(String columnLabel, Reader value) throws SQLException {
    delegate.updateCharacterStream(columnLabel, value);
  }

  @Override
  public void updateCharacterStream(int columnIndex, Reader value, int length) throws SQLException {
    delegate.updateCharacterStream(columnIndex, value, length);
  }

  @Override
  public void updateCharacterStream(int columnIndex, Reader value, long length)
      throws SQLException {
    delegate.updateCharacterStream(columnIndex, value, length);
  }

  @Override
  public void updateCharacterStream(int columnIndex, Reader value) throws SQLException {
    delegate.updateCharacterStream(columnIndex, value);
  }

  @Override
  public void updateClob(String columnLabel, Reader value, long length) throws SQLException {
    delegate.updateClob(columnLabel, value, length);
  }

  @Override
  public void updateClob(String columnLabel, Reader value) throws SQLException {
    delegate.updateClob(columnLabel, value);
  }

  @Override
  public void updateClob(String columnLabel, Clob value) throws SQLException {
    delegate.updateClob(columnLabel, value);
  }

  @Override
  public void updateClob(int columnIndex, Reader value, long length) throws SQLException {
    delegate.updateClob(columnIndex, value, length);
  }

  @Override
  public void updateClob(int columnIndex, Reader value) throws SQLException {
    delegate.updateClob(columnIndex, value);
  }

  @Override
  public void updateClob(int columnIndex, Clob value) throws SQLException {
    delegate.updateClob(columnIndex, value);
  }

  @Override
  public void updateDate(String columnLabel, Date value) throws SQLException {
    delegate.updateDate(columnLabel, value);
  }

  @Override
  public void updateDate(int columnIndex, Date value) throws SQLException {
    delegate.updateDate(columnIndex, value);
  }

  @Override
  public void updateDouble(String columnLabel, double value) throws SQLException {
    delegate.updateDouble(columnLabel, value);
  }

  @Override
  public void updateDouble(int columnIndex, double value) throws SQLException {
    delegate.updateDouble(columnIndex, value);
  }

  @Override
  public void updateFloat(String columnLabel, float value) throws SQLException {
    delegate.updateFloat(columnLabel, value);
  }

  @Override
  public void updateFloat(int columnIndex, float value) throws SQLException {
    delegate.updateFloat(columnIndex, value);
  }

  @Override
  public void updateInt(String columnLabel, int value) throws SQLException {
    delegate.updateInt(columnLabel, value);
  }

  @Override
  public void updateInt(int columnIndex, int value) throws SQLException {
    delegate.updateInt(columnIndex, value);
  }

  @Override
  public void updateLong(String columnLabel, long length) throws SQLException {
    delegate.updateLong(columnLabel, length);
  }

  @Override
  public void updateLong(int columnIndex, long length) throws SQLException {
    delegate.updateLong(columnIndex, length);
  }

  @Override
  public void updateNCharacterStream(String columnLabel, Reader value, long length)
      throws SQLException {
    delegate.updateNCharacterStream(columnLabel, value, length);
  }

  @Override
  public void updateNCharacterStream(String columnLabel, Reader value) throws SQLException {
    delegate.updateNCharacterStream(columnLabel, value);
  }

  @Override
  public void updateNCharacterStream(int columnIndex, Reader value, long length)
      throws SQLException {
    delegate.updateNCharacterStream(columnIndex, value, length);
  }

  @Override
  public void updateNCharacterStream(int columnIndex, Reader value) throws SQLException {
    delegate.updateNCharacterStream(columnIndex, value);
  }

  @Override
  public void updateNClob(String columnLabel, Reader value, long length) throws SQLException {
    delegate.updateNClob(columnLabel, value, length);
  }

  @Override
  public void updateNClob(String columnLabel, Reader value) throws SQLException {
    delegate.updateNClob(columnLabel, value);
  }

  @Override
  public void updateNClob(String columnLabel, NClob value) throws SQLException {
    delegate.updateNClob(columnLabel, value);
  }

  @Override
  public void updateNClob(int columnIndex, Reader value, long length) throws SQLException {
    delegate.updateNClob(columnIndex, value, length);
  }

  @Override
  public void updateNClob(int columnIndex, Reader value) throws SQLException {
    delegate.updateNClob(columnIndex, value);
  }

  @Override
  public void updateNClob(int columnIndex, NClob value) throws SQLException {
    delegate.updateNClob(columnIndex, value);
  }

  @Override
  public void updateNString(String columnLabel, String value) throws SQLException {
    delegate.updateNString(columnLabel, value);
  }

  @Override
  public void updateNString(int columnIndex, String value) throws SQLException {
    delegate.updateNString(columnIndex, value);
  }

  @Override
  public void updateNull(String columnLabel) throws SQLException {
    delegate.updateNull(columnLabel);
  }

  @Override
  public void updateNull(int columnIndex) throws SQLException {
    delegate.updateNull(columnIndex);
  }

  @Override
  public void updateObject(String columnLabel, Object value, int scaleOrLength)
      throws SQLException {
    delegate.updateObject(columnLabel, value, scaleOrLength);
  }

  @Override
  public void updateObject(String columnLabel, Object value, SQLType sqlType, int scaleOrLength)
      throws SQLException {
    delegate.updateObject(columnLabel, value, sqlType, scaleOrLength);
  }

  @Override
  public void updateObject(String columnLabel, Object value, SQLType sqlType) throws SQLException {
    delegate.updateObject(columnLabel, value, sqlType);
  }

  @Override
  public void updateObject(String columnLabel, Object value) throws SQLException {
    delegate.updateObject(columnLabel, value);
  }

  @Override
  public void updateObject(int columnIndex, Object value, int scaleOrLength) throws SQLException {
    delegate.updateObject(columnIndex, value, scaleOrLength);
  }

  @Override
  public void updateObject(int columnIndex, Object value, SQLType sqlType, int scaleOrLength)
      throws SQLException {
    delegate.updateObject(columnIndex, value, sqlType, scaleOrLength);
  }

  @Override
  public void updateObject(int columnIndex, Object value, SQLType sqlType) throws SQLException {
    delegate.updateObject(columnIndex, value, sqlType);
  }

  @Override
  public void updateObject(int columnIndex, Object value) throws SQLException {
    delegate.updateObject(columnIndex, value);
  }

  @Override
  public void updateRef(String columnLabel, Ref value) throws SQLException {
    delegate.updateRef(columnLabel, value);
  }

  @Override
  public void updateRef(int columnIndex, Ref value) throws SQLException {
    delegate.updateRef(columnIndex, value);
  }

  @Override
  public void updateRowId(String columnLabel, RowId value) throws SQLException {
    delegate.updateRowId(columnLabel, value);
  }

  @Override
  public void updateRowId(int columnIndex, RowId value) throws SQLException {
    delegate.updateRowId(columnIndex, value);
  }

  @Override
  public void updateSQLXML(String columnLabel, SQLXML value) throws SQLException {
    delegate.updateSQLXML(columnLabel, value);
  }

  @Override
  public void updateSQLXML(int columnIndex, SQLXML value) throws SQLException {
    delegate.updateSQLXML(columnIndex, value);
  }

  @Override
  public void updateShort(String columnLabel, short value) throws SQLException {
    delegate.updateShort(columnLabel, value);
  }

  @Override
  public void updateShort(int columnIndex, short value) throws SQLException {
    delegate.updateShort(columnIndex, value);
  }

  @Override
  public void updateString(String columnLabel, String value) throws SQLException {
    delegate.updateString(columnLabel, value);
  }

  @Override
  public void updateString(int columnIndex, String value) throws SQLException {
    delegate.updateString(columnIndex, value);
  }

  @Override
  public void updateTime(String columnLabel, Time value) throws SQLException {
    delegate.updateTime(columnLabel, value);
  }

  @Override
  public void updateTime(int columnIndex, Time value) throws SQLException {
    delegate.updateTime(columnIndex, value);
  }

  @Override
  public void updateTimestamp(String columnLabel, Timestamp value) throws SQLException {
    delegate.updateTimestamp(columnLabel, value);
  }

  @Override
  public void updateTimestamp(int columnIndex, Timestamp value) throws SQLException {
    delegate.updateTimestamp(columnIndex, value);
  }
}
