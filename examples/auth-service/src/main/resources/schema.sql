CREATE EXTENSION IF NOT EXISTS pg_stat_statements;

CREATE TABLE country (code text PRIMARY KEY, currency text);
CREATE TABLE country_language (country text, language text, PRIMARY KEY (country, language));
CREATE TABLE country_name (lang text, code text, name text NOT NULL);
CREATE TABLE currency_name (lang text, code text, name text NOT NULL, symbol text NOT NULL);
CREATE TABLE language_name (lang text, code text, name text NOT NULL);
CREATE TABLE time_zone_name (lang text, id text, name text NOT NULL);

CREATE TABLE users (
  id bigint PRIMARY KEY,
  login text NOT NULL,
  password_hash text,
  display_name text NOT NULL,
  country text NOT NULL,
  email bytea NOT NULL,
  phone bytea NOT NULL,
  token_generation int NOT NULL DEFAULT 0
);

CREATE TABLE role_permission (role text, permission text);
CREATE TABLE user_role (user_id bigint, role text);
