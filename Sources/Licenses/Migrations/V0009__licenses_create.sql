-- V0009: licenses. Owns licenses.license and licenses.download. Needs ledger.event (V0002) and entities.entity (V0005).
CREATE SCHEMA licenses;
CREATE TYPE licenses.license_status AS ENUM ('valid', 'superseded', 'revoked', 'cancelled');
CREATE TABLE licenses.license (
  region_code     integer                 NOT NULL,
  license_id      uuid                    NOT NULL,
  entity_id       uuid                    NOT NULL,
  credit_code     text                    NOT NULL CHECK (credit_code ~ '^9[123][0-9]{6}[0-9A-Z]{10}$'),
  license_version integer                 NOT NULL CHECK (license_version > 0),
  serial          text                    NOT NULL CHECK (char_length(serial) BETWEEN 1 AND 200),
  status          licenses.license_status NOT NULL DEFAULT 'valid',
  file            bytea                   NOT NULL CHECK (octet_length(file) BETWEEN 1 AND 65536),
  filing          text                    NOT NULL,
  issue_time      timestamptz(3)          NOT NULL,
  status_time     timestamptz(3)          NOT NULL,
  version         bigint                  NOT NULL DEFAULT 1 CHECK (version > 0),
  PRIMARY KEY (region_code, license_id),
  CONSTRAINT a_license_version_is_issued_once UNIQUE (credit_code, license_version),
  CONSTRAINT a_serial_names_one_license UNIQUE (serial),
  CONSTRAINT a_status_begins_with_the_issue CHECK (status_time >= issue_time),
  CONSTRAINT a_license_belongs_to_an_entity FOREIGN KEY (region_code, entity_id)
    REFERENCES entities.entity (region_code, entity_id),
  CONSTRAINT a_change_of_a_license_has_its_event FOREIGN KEY (region_code, license_id, version)
    REFERENCES ledger.event (region_code, subject_id, subject_version) DEFERRABLE INITIALLY DEFERRED
);
CREATE UNIQUE INDEX an_entity_has_one_current_license ON licenses.license (credit_code)
  WHERE status <> 'superseded';
CREATE UNIQUE INDEX an_entity_has_one_valid_license ON licenses.license (region_code, entity_id)
  WHERE status = 'valid';
CREATE TRIGGER license_takes_the_next_version BEFORE INSERT OR UPDATE OR DELETE ON licenses.license
  FOR EACH ROW EXECUTE FUNCTION ledger.require_next_version();
COMMENT ON TABLE licenses.license IS
  'Business licences (营业执照), one row a version; the current one of an entity is the one not superseded.';
COMMENT ON COLUMN licenses.license.license_id IS
  'UUID v7 made at the issue; subject of the events license.issued and of later changes of status.';
COMMENT ON COLUMN licenses.license.license_version IS
  'Which licence of the entity it is, from 1; the version inside the signed content.';
COMMENT ON COLUMN licenses.license.serial IS 'Licence identifier (GB/T 36904-2018), as in the signed content.';
COMMENT ON COLUMN licenses.license.file IS
  'Serialized liaoning.registry.v1.LicenseFile: the signed content with the registry''s SM2 signature. Never changed.';
COMMENT ON COLUMN licenses.license.version IS 'Of the row: goes up by one with every change of status.';

-- A licence changes its status only, and that forward only: superseded and cancelled are the end.
CREATE FUNCTION licenses.require_lawful_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF (OLD.status::text, NEW.status::text) NOT IN (
    ('valid', 'superseded'), ('valid', 'revoked'), ('valid', 'cancelled'), ('revoked', 'cancelled')
  ) THEN
    RAISE EXCEPTION 'a licence does not go from % to %', OLD.status, NEW.status
      USING ERRCODE = 'check_violation', CONSTRAINT = 'a_license_moves_forward';
  END IF;
  IF (NEW.entity_id, NEW.credit_code, NEW.license_version, NEW.serial, NEW.file, NEW.filing, NEW.issue_time)
    IS DISTINCT FROM
    (OLD.entity_id, OLD.credit_code, OLD.license_version, OLD.serial, OLD.file, OLD.filing, OLD.issue_time) THEN
    RAISE EXCEPTION 'what was signed never changes'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'a_signed_license_never_changes';
  END IF;
  RETURN NEW;
END
$$;
CREATE TRIGGER license_moves_forward BEFORE UPDATE ON licenses.license
  FOR EACH ROW EXECUTE FUNCTION licenses.require_lawful_change();

CREATE TYPE licenses.download_form AS ENUM ('file', 'original_pdf', 'copy_pdf');
CREATE TABLE licenses.download (
  region_code    integer                NOT NULL,
  download_id    uuid                   NOT NULL,
  license_id     uuid                   NOT NULL,
  form           licenses.download_form NOT NULL,
  account_region integer                NOT NULL,
  account_id     uuid                   NOT NULL,
  request_id     uuid                   NOT NULL,
  content_sm3    bytea                  NOT NULL CHECK (octet_length(content_sm3) = 32),
  create_time    timestamptz(3)         NOT NULL,
  version        bigint                 NOT NULL DEFAULT 1 CHECK (version = 1),
  PRIMARY KEY (region_code, download_id),
  CONSTRAINT a_download_is_of_a_license FOREIGN KEY (region_code, license_id)
    REFERENCES licenses.license (region_code, license_id),
  CONSTRAINT a_download_has_its_event FOREIGN KEY (region_code, download_id, version)
    REFERENCES ledger.event (region_code, subject_id, subject_version) DEFERRABLE INITIALLY DEFERRED
);
CREATE INDEX download_by_request ON licenses.download (account_id, request_id);
CREATE TRIGGER download_takes_the_next_version BEFORE INSERT OR UPDATE OR DELETE ON licenses.download
  FOR EACH ROW EXECUTE FUNCTION ledger.require_next_version();
COMMENT ON TABLE licenses.download IS 'Who downloaded which licence in which form, and the digest of what was handed out.';
COMMENT ON COLUMN licenses.download.content_sm3 IS 'SM3 (GB/T 32905-2016) of the bytes handed out, 32 bytes.';
