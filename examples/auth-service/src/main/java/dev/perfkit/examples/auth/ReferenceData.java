package dev.perfkit.examples.auth;

import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.ZoneId;
import java.util.Collections;
import java.util.Currency;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TimeZone;
import java.util.TreeSet;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * All countries, currencies, time zones and languages with their names in each of the JDK's
 * languages, from the CLDR data in every JDK.
 */
final class ReferenceData {

  private static final List<String> COUNTRIES = List.of(Locale.getISOCountries());
  private static final Set<String> LANGUAGES = jdkLanguages();

  private ReferenceData() {}

  /** Returns the codes of the languages that names exist in, about 210. */
  static Set<String> languages() {
    return LANGUAGES;
  }

  /** Returns the codes of all countries. */
  static List<String> countries() {
    return COUNTRIES;
  }

  /** Fills countries, currencies and languages; returns the number of rows. */
  static long load(DataSource database) throws SQLException, IOException {
    try (Connection connection = database.getConnection()) {
      return countryRows(connection)
          + countryLanguages(connection)
          + countryNames(connection)
          + currencyNames(connection)
          + languageNames(connection);
    }
  }

  /** Fills the time zones' names, which take longest; returns the number of rows. */
  static long loadTimeZones(DataSource database) throws SQLException, IOException {
    try (Connection connection = database.getConnection();
        CopyTable table = CopyTable.into(connection, "time_zone_name")) {
      Set<String> zones = new TreeSet<>(ZoneId.getAvailableZoneIds());
      for (String language : LANGUAGES) {
        Locale locale = Locale.forLanguageTag(language);
        for (String zone : zones) {
          String name = TimeZone.getTimeZone(zone).getDisplayName(false, TimeZone.LONG, locale);
          table.row(language, zone, name);
        }
      }
      return table.rows();
    }
  }

  private static long countryRows(Connection connection) throws SQLException, IOException {
    try (CopyTable table = CopyTable.into(connection, "country")) {
      for (String country : COUNTRIES) {
        Currency currency = currencyOf(country);
        table.row(country, currency == null ? null : currency.getCurrencyCode());
      }
      return table.rows();
    }
  }

  private static long countryLanguages(Connection connection) throws SQLException, IOException {
    Set<String> pairs = new TreeSet<>();
    for (Locale locale : Locale.getAvailableLocales()) {
      if (COUNTRIES.contains(locale.getCountry()) && !locale.getLanguage().isEmpty()) {
        pairs.add(locale.getCountry() + " " + locale.getLanguage());
      }
    }
    try (CopyTable table = CopyTable.into(connection, "country_language")) {
      for (String pair : pairs) {
        table.row(pair.substring(0, 2), pair.substring(3));
      }
      return table.rows();
    }
  }

  private static long countryNames(Connection connection) throws SQLException, IOException {
    try (CopyTable table = CopyTable.into(connection, "country_name")) {
      for (String language : LANGUAGES) {
        Locale locale = Locale.forLanguageTag(language);
        for (String country : COUNTRIES) {
          table.row(language, country, region(country).getDisplayCountry(locale));
        }
      }
      return table.rows();
    }
  }

  private static long currencyNames(Connection connection) throws SQLException, IOException {
    try (CopyTable table = CopyTable.into(connection, "currency_name")) {
      for (String language : LANGUAGES) {
        Locale locale = Locale.forLanguageTag(language);
        for (Currency currency : Currency.getAvailableCurrencies()) {
          table.row(
              language,
              currency.getCurrencyCode(),
              currency.getDisplayName(locale),
              currency.getSymbol(locale));
        }
      }
      return table.rows();
    }
  }

  private static long languageNames(Connection connection) throws SQLException, IOException {
    try (CopyTable table = CopyTable.into(connection, "language_name")) {
      for (String language : LANGUAGES) {
        Locale locale = Locale.forLanguageTag(language);
        for (String named : LANGUAGES) {
          table.row(language, named, Locale.forLanguageTag(named).getDisplayLanguage(locale));
        }
      }
      return table.rows();
    }
  }

  private static @Nullable Currency currencyOf(String country) {
    return Currency.getInstance(region(country)); // null for a territory without one
  }

  private static Locale region(String country) {
    return new Locale.Builder().setRegion(country).build();
  }

  private static Set<String> jdkLanguages() {
    Set<String> languages = new TreeSet<>();
    for (Locale locale : Locale.getAvailableLocales()) {
      if (!locale.getLanguage().isEmpty()) {
        languages.add(locale.getLanguage());
      }
    }
    return Collections.unmodifiableSet(languages);
  }
}
