-- V0005: entities. Owns all of schema entities. Needs ledger.event (V0002).
CREATE SCHEMA entities;
CREATE TYPE entities.role_kind AS ENUM (
  'shareholder', 'director', 'supervisor', 'manager', 'legal_representative', 'member', 'operator',
  'family_member', 'liaison');
CREATE TYPE entities.party_kind AS ENUM ('person', 'organization');

-- Subject codes from the code center, pooled for the whole province; each is used once.
CREATE TABLE entities.code_pool (
  region_code   integer NOT NULL CHECK (region_code = 210000),
  subject_code  text    NOT NULL CHECK (subject_code ~ '^[0-9A-HJ-NPQRTUWXY]{8}[0-9X]$'),
  entity_region integer,
  entity_id     uuid,
  PRIMARY KEY (region_code, subject_code),
  CONSTRAINT an_entity_has_one_subject_code UNIQUE (region_code, entity_region, entity_id),
  CONSTRAINT a_code_is_taken_whole_or_not_at_all CHECK ((entity_id IS NULL) = (entity_region IS NULL))
);
CREATE INDEX code_pool_free ON entities.code_pool (region_code, subject_code) WHERE entity_id IS NULL;
COMMENT ON COLUMN entities.code_pool.subject_code IS
  'Organization code (GB 11714-1997): 8 characters and a check digit, places 9 to 17 of the credit code.';

CREATE TABLE entities.entity (
  region_code           integer        NOT NULL,
  entity_id             uuid           NOT NULL,
  credit_code           text           NOT NULL CHECK (credit_code ~ '^9[123][0-9]{6}[0-9A-Z]{10}$'),
  enterprise_name       text           NOT NULL CHECK (char_length(enterprise_name) BETWEEN 2 AND 100),
  entity_type           text           NOT NULL CHECK (entity_type ~ '^[0-9]{4}$'),
  authority_code        integer        NOT NULL CHECK (authority_code BETWEEN 210000 AND 219999),
  domicile_region       integer        NOT NULL CHECK (domicile_region BETWEEN 210000 AND 219999),
  domicile              text           NOT NULL CHECK (domicile <> ''),
  capital_fen           bigint         CHECK (capital_fen >= 0),
  composition_form      text,
  establishment_date    date           NOT NULL,
  term_end_date         date,
  responsible_name      text           NOT NULL CHECK (responsible_name <> ''),
  responsible_number    text           NOT NULL CHECK (responsible_number ~ '^[0-9]{17}[0-9X]$'),
  responsible_mobile    text           CHECK (responsible_mobile ~ '^1[0-9]{10}$'),
  register_time         timestamptz(3) NOT NULL,
  version               bigint         NOT NULL DEFAULT 1 CHECK (version > 0),
  PRIMARY KEY (region_code, entity_id),
  CONSTRAINT a_credit_code_names_one_entity UNIQUE (credit_code),
  CONSTRAINT a_term_ends_after_the_establishment CHECK (term_end_date > establishment_date),
  CONSTRAINT a_change_of_an_entity_has_its_event
    FOREIGN KEY (region_code, entity_id, version)
    REFERENCES ledger.event (region_code, subject_id, subject_version) DEFERRABLE INITIALLY DEFERRED
);
CREATE INDEX entity_by_responsible_person ON entities.entity (responsible_number);
CREATE TRIGGER entity_takes_the_next_version BEFORE INSERT OR UPDATE OR DELETE ON entities.entity
  FOR EACH ROW EXECUTE FUNCTION ledger.require_next_version();
COMMENT ON TABLE entities.entity IS 'The register (登记簿): entities as they stand now.';
COMMENT ON COLUMN entities.entity.responsible_number IS
  'Resident identity number of the legal representative or operator; the database refuses an entity without one.';
COMMENT ON COLUMN entities.entity.capital_fen IS 'Registered capital or contributions in fen; NULL where there is none.';

-- Every version that the register has had, by its public items.
CREATE TABLE entities.entity_version (
  region_code    integer        NOT NULL,
  entity_id      uuid           NOT NULL,
  version_number bigint         NOT NULL CHECK (version_number > 0),
  face           bytea          NOT NULL,
  filing         text           NOT NULL,
  version_time   timestamptz(3) NOT NULL,
  PRIMARY KEY (region_code, entity_id, version_number),
  FOREIGN KEY (region_code, entity_id) REFERENCES entities.entity (region_code, entity_id)
);
CREATE TRIGGER entity_version_is_never_changed BEFORE UPDATE OR DELETE ON entities.entity_version
  FOR EACH ROW EXECUTE FUNCTION ledger.refuse_change();
COMMENT ON COLUMN entities.entity_version.face IS 'Serialized liaoning.registry.v1.LicenseFace.';

CREATE TABLE entities.entity_scope_item (
  region_code    integer  NOT NULL,
  entity_id      uuid     NOT NULL,
  item_number    smallint NOT NULL CHECK (item_number > 0),
  wording        text     NOT NULL CHECK (wording <> ''),
  industry_class text     NOT NULL CHECK (industry_class ~ '^[0-9]{4}$'),
  PRIMARY KEY (region_code, entity_id, item_number),
  FOREIGN KEY (region_code, entity_id) REFERENCES entities.entity (region_code, entity_id)
);

CREATE TABLE entities.entity_role (
  region_code      integer             NOT NULL,
  entity_id        uuid                NOT NULL,
  role_number      smallint            NOT NULL CHECK (role_number > 0),
  kind             entities.role_kind  NOT NULL,
  party_kind       entities.party_kind NOT NULL,
  party_name       text                NOT NULL CHECK (party_name <> ''),
  party_code       text                NOT NULL CHECK (party_code ~ '^[0-9A-Z]{18}$'),
  party_mobile     text                CHECK (party_mobile ~ '^1[0-9]{10}$'),
  contribution_fen bigint              CHECK (contribution_fen > 0),
  due_date         date,
  is_farmer        boolean             NOT NULL DEFAULT false,
  PRIMARY KEY (region_code, entity_id, role_number),
  CONSTRAINT only_contributors_contribute
    CHECK (kind IN ('shareholder', 'member') OR (contribution_fen IS NULL AND due_date IS NULL)),
  CONSTRAINT only_contributors_are_organizations
    CHECK (party_kind = 'person' OR kind IN ('shareholder', 'member')),
  CONSTRAINT only_members_are_farmers CHECK (NOT is_farmer OR kind = 'member'),
  CONSTRAINT a_party_holds_a_role_once UNIQUE (region_code, entity_id, kind, party_code),
  FOREIGN KEY (region_code, entity_id) REFERENCES entities.entity (region_code, entity_id)
);
CREATE INDEX entity_role_by_party ON entities.entity_role (party_code, kind);
