ALTER TABLE country_name ADD PRIMARY KEY (lang, code);
ALTER TABLE currency_name ADD PRIMARY KEY (lang, code);
ALTER TABLE language_name ADD PRIMARY KEY (lang, code);
ALTER TABLE time_zone_name ADD PRIMARY KEY (lang, id);
ALTER TABLE role_permission ADD PRIMARY KEY (role, permission);
ALTER TABLE user_role ADD PRIMARY KEY (user_id, role);
CREATE UNIQUE INDEX users_login ON users (login);
ANALYZE;
