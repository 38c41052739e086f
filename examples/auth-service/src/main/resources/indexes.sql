ALTER TABLE country_name ADD PRIMARY KEY (lang, code);
ALTER TABLE currency_name ADD PRIMARY KEY (lang, code);
ALTER TABLE language_name ADD PRIMARY KEY (lang, code);
ALTER TABLE time_zone_name ADD PRIMARY KEY (lang, id);
CREATE UNIQUE INDEX users_login ON users (login);
ANALYZE;
