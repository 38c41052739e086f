package dev.perfkit.examples.auth;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/** Reads the countries with their names in one language: a large and rarely changing answer. */
final class CountryStore {

  private static final String COUNTRIES =
      """
      SELECT c.code, n.name, c.currency, u.name, u.symbol
      FROM country c
      JOIN country_name n ON n.lang = ? AND n.code = c.code
      LEFT JOIN currency_name u ON u.lang = ? AND u.code = c.currency
      ORDER BY n.name""";
  private static final String LANGUAGES =
      """
      SELECT s.country, s.language, n.name
      FROM country_language s
      JOIN language_name n ON n.lang = ? AND n.code = s.language
      ORDER BY s.country, s.language""";

  private final ObjectMapper json;

  CountryStore(ObjectMapper json) {
    this.json = json;
  }

  @JsonInclude(JsonInclude.Include.NON_NULL)
  private record Country(
      String code, String name, @Nullable Currency currency, List<Language> languages) {}

  private record Currency(String code, String name, String symbol) {}

  private record Language(String code, String name) {}

  /** Returns a JSON array of all countries, sorted by their names. */
  byte[] asJson(DataSource source, String language) throws SQLException {
    try (Connection connection = source.getConnection()) {
      return json.writeValueAsBytes(countries(connection, language));
    } catch (JsonProcessingException impossible) {
      throw new IllegalStateException("records of strings always have a JSON form", impossible);
    }
  }

  private static List<Country> countries(Connection connection, String language)
      throws SQLException {
    Map<String, List<Language>> languages = languages(connection, language);
    List<Country> countries = new ArrayList<>(256);
    try (PreparedStatement query = connection.prepareStatement(COUNTRIES)) {
      query.setString(1, language);
      query.setString(2, language);
      try (ResultSet rows = query.executeQuery()) {
        while (rows.next()) {
          countries.add(country(rows, languages));
        }
      }
    }
    return countries;
  }

  private static Country country(ResultSet row, Map<String, List<Language>> languages)
      throws SQLException {
    String code = row.getString(1);
    String currency = row.getString(3);
    return new Country(
        code,
        row.getString(2),
        currency == null ? null : new Currency(currency, row.getString(4), row.getString(5)),
        languages.getOrDefault(code, List.of()));
  }

  private static Map<String, List<Language>> languages(Connection connection, String language)
      throws SQLException {
    Map<String, List<Language>> byCountry = new HashMap<>();
    try (PreparedStatement query = connection.prepareStatement(LANGUAGES)) {
      query.setString(1, language);
      try (ResultSet rows = query.executeQuery()) {
        while (rows.next()) {
          byCountry
              .computeIfAbsent(rows.getString(1), country -> new ArrayList<>())
              .add(new Language(rows.getString(2), rows.getString(3)));
        }
      }
    }
    return byCountry;
  }
}
