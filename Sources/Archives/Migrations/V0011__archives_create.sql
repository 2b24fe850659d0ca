-- V0011: archives. Owns archives.archive, volume, volume_item, volume_piece and download.
-- Needs ledger.event (V0002) and filings.filing (V0008).
CREATE SCHEMA archives;
CREATE TYPE archives.volume_state AS ENUM ('packaged', 'sealed');

CREATE TABLE archives.archive (
  region_code  integer        NOT NULL,
  credit_code  text           NOT NULL CHECK (length(credit_code) = 18),
  volume_count smallint       NOT NULL DEFAULT 0 CHECK (volume_count BETWEEN 0 AND 999),
  create_time  timestamptz(3) NOT NULL,
  PRIMARY KEY (region_code, credit_code),
  CONSTRAINT an_entity_has_one_archive UNIQUE (credit_code)
);
COMMENT ON TABLE archives.archive IS
  'One archive an entity (一户一档); it changes only by its volumes, whose events tell of it.';
COMMENT ON COLUMN archives.archive.region_code IS
  'The authority that keeps it: a prefecture-level city (GB/T 2260).';

CREATE TABLE archives.volume (
  region_code               integer               NOT NULL,
  volume_id                 uuid                  NOT NULL,
  credit_code               text                  NOT NULL,
  volume_number             smallint              NOT NULL CHECK (volume_number BETWEEN 1 AND 999),
  filing_id                 uuid                  NOT NULL,
  reference_code            text                  NOT NULL CHECK (length(reference_code) BETWEEN 1 AND 100),
  title                     text                  NOT NULL CHECK (length(title) BETWEEN 1 AND 200),
  state                     archives.volume_state NOT NULL DEFAULT 'packaged',
  package_sm3               bytea                 NOT NULL CHECK (octet_length(package_sm3) = 32),
  size_bytes                bigint                NOT NULL CHECK (size_bytes > 0),
  signature_algorithm       text                  NOT NULL,
  distinguishing_identifier text                  NOT NULL,
  signature_value           bytea                 NOT NULL CHECK (octet_length(signature_value) <= 80),
  public_key                bytea                 NOT NULL CHECK (octet_length(public_key) <= 200),
  create_time               timestamptz(3)        NOT NULL,
  packaged_by               text                  NOT NULL,
  seal_time                 timestamptz(3),
  sealed_by                 text,
  check_report              bytea,
  version                   bigint                NOT NULL DEFAULT 1 CHECK (version > 0),
  PRIMARY KEY (region_code, volume_id),
  CONSTRAINT a_volume_number_is_given_once UNIQUE (region_code, credit_code, volume_number),
  CONSTRAINT a_filing_has_one_volume UNIQUE (region_code, filing_id),
  CONSTRAINT a_reference_code_is_given_once UNIQUE (reference_code),
  CONSTRAINT only_what_is_sealed_has_a_seal CHECK (
    num_nonnulls(seal_time, sealed_by, check_report) = CASE state WHEN 'sealed' THEN 3 ELSE 0 END),
  CONSTRAINT a_volume_lies_in_an_archive FOREIGN KEY (region_code, credit_code)
    REFERENCES archives.archive (region_code, credit_code),
  CONSTRAINT a_volume_holds_a_filing FOREIGN KEY (region_code, filing_id)
    REFERENCES filings.filing (region_code, filing_id),
  CONSTRAINT a_change_has_its_event FOREIGN KEY (region_code, volume_id, version)
    REFERENCES ledger.event (region_code, subject_id, subject_version) DEFERRABLE INITIALLY DEFERRED
);
CREATE TRIGGER volume_takes_the_next_version BEFORE INSERT OR UPDATE OR DELETE ON archives.volume
  FOR EACH ROW EXECUTE FUNCTION ledger.require_next_version();
COMMENT ON TABLE archives.volume IS 'Volumes (卷): one finished filing each.';
COMMENT ON COLUMN archives.volume.reference_code IS '档号 (DA/T 13-2022).';
COMMENT ON COLUMN archives.volume.package_sm3 IS 'SM3 (GB/T 32905-2016) of the package, 32 bytes.';
COMMENT ON COLUMN archives.volume.signature_value IS
  'The authority''s signature over the manifest: DER of SEQUENCE { r, s }.';
COMMENT ON COLUMN archives.volume.check_report IS
  'A serialized liaoning.registry.v1.CheckReport: the four-property check at sealing (DA/T 70-2018).';

CREATE TABLE archives.volume_item (
  region_code integer  NOT NULL,
  volume_id   uuid     NOT NULL,
  item_number smallint NOT NULL CHECK (item_number > 0),
  path        text     NOT NULL CHECK (length(path) BETWEEN 1 AND 100),
  title       text     NOT NULL,
  media_type  text     NOT NULL,
  size_bytes  bigint   NOT NULL CHECK (size_bytes >= 0),
  content_sm3 bytea    NOT NULL CHECK (octet_length(content_sm3) = 32),
  PRIMARY KEY (region_code, volume_id, item_number),
  CONSTRAINT a_path_is_used_once UNIQUE (region_code, volume_id, path),
  CONSTRAINT an_item_lies_in_a_volume FOREIGN KEY (region_code, volume_id)
    REFERENCES archives.volume (region_code, volume_id)
);
COMMENT ON TABLE archives.volume_item IS
  'The catalog of a volume (卷内目录): what lies in its package, in the order of the manifest.';

CREATE TABLE archives.volume_piece (
  region_code  integer NOT NULL,
  volume_id    uuid    NOT NULL,
  piece_number integer NOT NULL CHECK (piece_number >= 0),
  content      bytea   NOT NULL CHECK (octet_length(content) BETWEEN 1 AND 262144),
  PRIMARY KEY (region_code, volume_id, piece_number),
  CONSTRAINT a_piece_belongs_to_a_volume FOREIGN KEY (region_code, volume_id)
    REFERENCES archives.volume (region_code, volume_id)
);
ALTER TABLE archives.volume_piece ALTER COLUMN content SET STORAGE EXTERNAL;
COMMENT ON TABLE archives.volume_piece IS
  'The package, a tar file, in pieces of 256 KiB: what is checked and downloaded is read from here.';

CREATE TABLE archives.download (
  region_code integer        NOT NULL,
  download_id uuid           NOT NULL,
  volume_id   uuid           NOT NULL,
  caller      text           NOT NULL,
  create_time timestamptz(3) NOT NULL,
  version     bigint         NOT NULL DEFAULT 1 CHECK (version = 1),
  PRIMARY KEY (region_code, download_id),
  CONSTRAINT a_download_is_of_a_volume FOREIGN KEY (region_code, volume_id)
    REFERENCES archives.volume (region_code, volume_id),
  CONSTRAINT a_download_has_its_event FOREIGN KEY (region_code, download_id, version)
    REFERENCES ledger.event (region_code, subject_id, subject_version) DEFERRABLE INITIALLY DEFERRED
);
CREATE TRIGGER download_takes_the_next_version BEFORE INSERT OR UPDATE OR DELETE ON archives.download
  FOR EACH ROW EXECUTE FUNCTION ledger.require_next_version();
COMMENT ON TABLE archives.download IS
  'Who began to download which volume: written before the first byte leaves.';

-- Volumes are numbered from 1 without a gap, and an archive counts exactly the volumes it has.
CREATE FUNCTION archives.count_volume() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE archives.archive a
  SET volume_count = a.volume_count + 1
  WHERE a.region_code = NEW.region_code AND a.credit_code = NEW.credit_code
    AND a.volume_count + 1 = NEW.volume_number;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'volume % is not the next of its archive', NEW.volume_number
      USING ERRCODE = 'check_violation', CONSTRAINT = 'a_volume_takes_the_next_number';
  END IF;
  RETURN NEW;
END
$$;
CREATE TRIGGER volume_is_counted BEFORE INSERT ON archives.volume
  FOR EACH ROW EXECUTE FUNCTION archives.count_volume();

-- What was packaged stays as it was packaged; the seal is the only change, and the last.
CREATE FUNCTION archives.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '%.% is never changed', TG_TABLE_SCHEMA, TG_TABLE_NAME
    USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'what_is_filed_stays';
END
$$;
CREATE FUNCTION archives.allow_the_seal_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.state = 'sealed' THEN
    RAISE EXCEPTION 'a sealed volume is never changed'
      USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'a_sealed_volume_stays';
  END IF;
  IF (NEW.region_code, NEW.volume_id, NEW.credit_code, NEW.volume_number, NEW.filing_id,
      NEW.reference_code, NEW.title, NEW.package_sm3, NEW.size_bytes, NEW.signature_algorithm,
      NEW.distinguishing_identifier, NEW.signature_value, NEW.public_key, NEW.create_time,
      NEW.packaged_by)
    IS DISTINCT FROM
      (OLD.region_code, OLD.volume_id, OLD.credit_code, OLD.volume_number, OLD.filing_id,
      OLD.reference_code, OLD.title, OLD.package_sm3, OLD.size_bytes, OLD.signature_algorithm,
      OLD.distinguishing_identifier, OLD.signature_value, OLD.public_key, OLD.create_time,
      OLD.packaged_by)
  THEN
    RAISE EXCEPTION 'a packaged volume changes by its seal only'
      USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'what_is_filed_stays';
  END IF;
  RETURN NEW;
END
$$;
CREATE FUNCTION archives.refuse_addition() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (
    SELECT 1
    FROM archives.volume v
    WHERE v.region_code = NEW.region_code AND v.volume_id = NEW.volume_id AND v.state = 'sealed'
  ) THEN
    RAISE EXCEPTION 'nothing is added to a sealed volume'
      USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'a_sealed_volume_stays';
  END IF;
  RETURN NEW;
END
$$;
CREATE TRIGGER volume_changes_by_its_seal_only BEFORE UPDATE ON archives.volume
  FOR EACH ROW EXECUTE FUNCTION archives.allow_the_seal_only();
CREATE TRIGGER volume_is_never_truncated BEFORE TRUNCATE ON archives.volume
  EXECUTE FUNCTION archives.refuse_change();
CREATE TRIGGER archive_is_never_deleted BEFORE DELETE ON archives.archive
  FOR EACH ROW EXECUTE FUNCTION archives.refuse_change();
CREATE TRIGGER volume_item_is_never_changed BEFORE UPDATE OR DELETE ON archives.volume_item
  FOR EACH ROW EXECUTE FUNCTION archives.refuse_change();
CREATE TRIGGER volume_item_is_never_truncated BEFORE TRUNCATE ON archives.volume_item
  EXECUTE FUNCTION archives.refuse_change();
CREATE TRIGGER volume_item_is_not_added_after_the_seal BEFORE INSERT ON archives.volume_item
  FOR EACH ROW EXECUTE FUNCTION archives.refuse_addition();
CREATE TRIGGER volume_piece_is_never_changed BEFORE UPDATE OR DELETE ON archives.volume_piece
  FOR EACH ROW EXECUTE FUNCTION archives.refuse_change();
CREATE TRIGGER volume_piece_is_never_truncated BEFORE TRUNCATE ON archives.volume_piece
  EXECUTE FUNCTION archives.refuse_change();
CREATE TRIGGER volume_piece_is_not_added_after_the_seal BEFORE INSERT ON archives.volume_piece
  FOR EACH ROW EXECUTE FUNCTION archives.refuse_addition();
