-- V0006: names. Owns all of schema names. Needs ledger.event (V0002) and accounts.account (V0004).
CREATE SCHEMA names;
CREATE TYPE names.standing AS ENUM ('registered', 'cancelled', 'former', 'revoked', 'reserved');
CREATE TYPE names.reservation_state AS ENUM ('reserved', 'released', 'expired', 'used');

-- Who reserves in a set of names holds its row, so that two never judge at once.
CREATE TABLE names.scope (
  scope_code integer NOT NULL PRIMARY KEY,
  CONSTRAINT a_scope_is_the_province_or_a_city
    CHECK (scope_code = 210000 OR (scope_code BETWEEN 210100 AND 211400 AND scope_code % 100 = 0))
);
INSERT INTO names.scope (scope_code)
VALUES (210000), (210100), (210200), (210300), (210400), (210500), (210600), (210700), (210800),
  (210900), (211000), (211100), (211200), (211300), (211400);
COMMENT ON TABLE names.scope IS
  'Sets of names compared with each other: the province''s own, and each city''s with its counties.';

CREATE TABLE names.number_day (
  scope_code  integer NOT NULL REFERENCES names.scope (scope_code),
  day         integer NOT NULL CHECK (day BETWEEN 20170101 AND 99991231),
  last_number integer NOT NULL CHECK (last_number BETWEEN 1 AND 999999),
  PRIMARY KEY (scope_code, day)
);
COMMENT ON TABLE names.number_day IS
  'Declaration numbers count from 1 in each scope each day, whichever server''s clock reaches it first.';
COMMENT ON COLUMN names.number_day.day IS 'As yyyymmdd in Asia/Shanghai.';

-- Who reserves holds the own row too, so that the limit of live reservations holds.
CREATE TABLE names.declarant (
  region_code integer NOT NULL,
  account_id  uuid    NOT NULL,
  PRIMARY KEY (region_code, account_id),
  FOREIGN KEY (region_code, account_id) REFERENCES accounts.account (region_code, account_id)
);

-- Rows are never deleted: one that blocks no more has blocks_until in the past.
CREATE TABLE names.library_name (
  scope_code        integer        NOT NULL REFERENCES names.scope (scope_code),
  library_id        text           NOT NULL CHECK (char_length(library_id) BETWEEN 1 AND 40),
  name_number       bigint         GENERATED ALWAYS AS IDENTITY,
  enterprise_name   text           NOT NULL CHECK (char_length(enterprise_name) BETWEEN 2 AND 100),
  division          text           NOT NULL,
  trade_name        text           NOT NULL CHECK (trade_name <> ''),
  industry_words    text           NOT NULL,
  industry_key      text           NOT NULL,
  organization_form text           NOT NULL,
  industry_class    text           NOT NULL CHECK (industry_class ~ '^[0-9]{4}$'),
  entity_type       text           NOT NULL CHECK (entity_type ~ '^[0-9]{4}$'),
  standing          names.standing NOT NULL,
  standing_time     timestamptz(3),
  blocks_until      timestamptz(3),
  credit_code       text           CHECK (credit_code ~ '^[0-9A-Z]{18}$'),
  key_version       integer        NOT NULL,
  PRIMARY KEY (scope_code, library_id),
  CONSTRAINT a_name_has_one_number UNIQUE (scope_code, name_number),
  CONSTRAINT what_ended_has_its_time
    CHECK (standing NOT IN ('cancelled', 'former', 'revoked')
      OR (standing_time IS NOT NULL AND blocks_until IS NOT NULL))
);
COMMENT ON TABLE names.library_name IS 'The names that new names are compared with, reserved ones among them.';
COMMENT ON COLUMN names.library_name.blocks_until IS
  'Until when the name stands in the way of others, exclusive; NULL for as long as its holder lives.';
COMMENT ON COLUMN names.library_name.trade_name IS 'In standard (simplified) characters.';
COMMENT ON COLUMN names.library_name.industry_key IS
  'What industry_words mean: expressions of one synonym group have one key. Derived as the keys are.';
COMMENT ON COLUMN names.library_name.standing_time IS
  'When the name was cancelled, given up, revoked, reserved or registered; NULL if unknown.';
COMMENT ON COLUMN names.library_name.key_version IS 'Which derivation made its keys.';

-- Derived keys find candidates; the rules decide. Written with the name, in its transaction.
CREATE TABLE names.name_key (
  scope_code  integer  NOT NULL,
  key_hash    bigint   NOT NULL,
  industry    smallint NOT NULL CHECK (industry BETWEEN 0 AND 97),
  name_number bigint   NOT NULL,
  PRIMARY KEY (scope_code, key_hash, industry, name_number),
  FOREIGN KEY (scope_code, name_number) REFERENCES names.library_name (scope_code, name_number)
);
COMMENT ON COLUMN names.name_key.key_hash IS
  'FNV-1a, 64 bits, of a kind and what it says: whole name, trade and industry, syllables, runs, order, shape.';
COMMENT ON COLUMN names.name_key.industry IS
  'Division of GB/T 4754-2017 in which the key counts, 0 in every one.';

CREATE TABLE names.reservation (
  region_code      integer                 NOT NULL REFERENCES names.scope (scope_code),
  reservation_id   uuid                    NOT NULL,
  number           text                    NOT NULL CHECK (number ~ '^N[0-9]{23}$'),
  exact_name       text                    NOT NULL,
  enterprise_name  text                    NOT NULL CHECK (char_length(enterprise_name) BETWEEN 4 AND 60),
  trade_name       text                    NOT NULL,
  industry_words   text                    NOT NULL,
  industry_class   text                    NOT NULL CHECK (industry_class ~ '^[0-9]{4}$'),
  entity_type      text                    NOT NULL CHECK (entity_type ~ '^[0-9]{4}$'),
  authority_code   integer                 NOT NULL CHECK (authority_code BETWEEN 210000 AND 219999),
  parent_name      text,
  declarant_region integer                 NOT NULL,
  declarant_id     uuid                    NOT NULL,
  verdict          bytea                   NOT NULL,
  state            names.reservation_state NOT NULL DEFAULT 'reserved',
  filing_region    integer,
  filing_id        uuid,
  create_time      timestamptz(3)          NOT NULL,
  expire_time      timestamptz(3)          NOT NULL,
  kept_time        timestamptz(3),
  end_time         timestamptz(3),
  version          bigint                  NOT NULL DEFAULT 1 CHECK (version > 0),
  PRIMARY KEY (region_code, reservation_id),
  CONSTRAINT a_number_is_given_once UNIQUE (region_code, number),
  CONSTRAINT a_reservation_expires_after_it_begins CHECK (expire_time > create_time),
  CONSTRAINT only_a_filing_keeps_a_reservation_alive
    CHECK (kept_time IS NULL OR filing_id IS NOT NULL),
  CONSTRAINT a_filing_has_its_region CHECK ((filing_id IS NULL) = (filing_region IS NULL)),
  CONSTRAINT only_what_is_over_has_an_end CHECK ((state = 'reserved') = (end_time IS NULL)),
  CONSTRAINT what_was_given_up_has_no_filing
    CHECK (state NOT IN ('released', 'expired') OR filing_id IS NULL),
  FOREIGN KEY (declarant_region, declarant_id)
    REFERENCES names.declarant (region_code, account_id),
  CONSTRAINT a_change_of_a_reservation_has_its_event
    FOREIGN KEY (region_code, reservation_id, version)
    REFERENCES ledger.event (region_code, subject_id, subject_version) DEFERRABLE INITIALLY DEFERRED
);
CREATE UNIQUE INDEX one_live_reservation_a_name
  ON names.reservation (region_code, exact_name) WHERE state = 'reserved';
CREATE INDEX reservation_by_declarant
  ON names.reservation (declarant_region, declarant_id, create_time DESC, reservation_id DESC);
CREATE TRIGGER reservation_takes_the_next_version BEFORE INSERT OR UPDATE OR DELETE ON names.reservation
  FOR EACH ROW EXECUTE FUNCTION ledger.require_next_version();
COMMENT ON TABLE names.reservation IS
  'Name reservations (企业名称申报). region_code is the scope that the name is compared in.';
COMMENT ON COLUMN names.reservation.exact_name IS 'The whole name in one spelling: simplified, full-width parentheses.';
COMMENT ON COLUMN names.reservation.verdict IS
  'Serialized liaoning.registry.v1.CheckNameResponse on which the reservation rests, with the hits confirmed.';
COMMENT ON COLUMN names.reservation.kept_time IS
  'When a filing that holds it was submitted: from then on it does not expire until the filing is decided.';
COMMENT ON COLUMN names.reservation.expire_time IS
  'Exclusive. A row past it that no submitted filing keeps counts as expired, whatever its state says.';
