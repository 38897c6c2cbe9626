-- +goose Up

-- A changed département is read without the others.

CREATE INDEX sites_department ON sites (coalesce(department_code, ''));
CREATE INDEX zones_departments ON zones (coalesce(department_codes, '[""]'));
CREATE INDEX places_department ON places (coalesce(department_code, ''));
CREATE INDEX areas_department ON areas (coalesce(department_code, ''));
