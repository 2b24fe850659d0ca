-- V0007: signatures. Owns signatures.task and signatures.signature. Needs ledger.event (V0002).
CREATE SCHEMA signatures;
CREATE TYPE signatures.task_state AS ENUM ('pending', 'opened', 'signed', 'refused', 'voided');
CREATE TYPE signatures.document_kind AS ENUM ('application', 'charter', 'appointment', 'founders_minutes');
CREATE TYPE signatures.signer_role AS ENUM (
  'legal_representative', 'shareholder', 'director', 'supervisor', 'manager', 'member', 'operator',
  'family_member'
);
CREATE TABLE signatures.task (
  region_code      integer                  NOT NULL,
  task_id          uuid                     NOT NULL,
  filing_id        uuid                     NOT NULL,
  applicant_region integer                  NOT NULL,
  applicant_id     uuid                     NOT NULL,
  document_kind    signatures.document_kind NOT NULL,
  document_title   text                     NOT NULL,
  document_sm3     bytea                    NOT NULL CHECK (octet_length(document_sm3) = 32),
  party            bytea                    NOT NULL,
  party_code       text                     NOT NULL CHECK (length(party_code) = 18),
  is_organization  boolean                  NOT NULL,
  signatory_name   text,
  signatory_number text                     CHECK (length(signatory_number) = 18),
  roles            signatures.signer_role[] NOT NULL,
  state            signatures.task_state    NOT NULL DEFAULT 'pending',
  create_time      timestamptz(3)           NOT NULL,
  expire_time      timestamptz(3)           NOT NULL,
  close_time       timestamptz(3),
  refusal_reason   text                     CHECK (length(refusal_reason) BETWEEN 1 AND 500),
  signer_region    integer,
  signer_id        uuid,
  version          bigint                   NOT NULL DEFAULT 1 CHECK (version > 0),
  PRIMARY KEY (region_code, task_id),
  CONSTRAINT a_task_has_a_role CHECK (cardinality(roles) > 0),
  CONSTRAINT a_task_expires_after_it_opens CHECK (expire_time > create_time),
  CONSTRAINT only_an_organization_has_a_signatory
    CHECK (is_organization OR (signatory_name IS NULL AND signatory_number IS NULL)),
  CONSTRAINT a_closed_task_has_a_time
    CHECK (state NOT IN ('signed', 'refused', 'voided') OR close_time IS NOT NULL),
  CONSTRAINT a_signed_task_has_a_signer
    CHECK (state <> 'signed' OR (signer_region IS NOT NULL AND signer_id IS NOT NULL)),
  CONSTRAINT a_refused_task_has_a_reason CHECK (state <> 'refused' OR refusal_reason IS NOT NULL),
  CONSTRAINT a_change_has_its_event FOREIGN KEY (region_code, task_id, version)
    REFERENCES ledger.event (region_code, subject_id, subject_version) DEFERRABLE INITIALLY DEFERRED
);
CREATE TRIGGER task_takes_the_next_version BEFORE INSERT OR UPDATE OR DELETE ON signatures.task
  FOR EACH ROW EXECUTE FUNCTION ledger.require_next_version();
CREATE UNIQUE INDEX one_live_task_a_party_and_document
  ON signatures.task (region_code, filing_id, document_kind, party_code) WHERE state <> 'voided';
CREATE INDEX task_by_filing ON signatures.task (region_code, filing_id, create_time, task_id);
CREATE INDEX task_by_party ON signatures.task (party_code, create_time, task_id);
CREATE INDEX task_by_signatory ON signatures.task (signatory_number, create_time, task_id)
  WHERE signatory_number IS NOT NULL;
COMMENT ON TABLE signatures.task IS
  'What one party signs once: a document of a filing, in all the roles that the party holds.';
COMMENT ON COLUMN signatures.task.document_sm3 IS
  'SM3 (GB/T 32905-2016) of the document''s PDF, 32 bytes.';
COMMENT ON COLUMN signatures.task.party_code IS
  'Resident identity number or unified social credit code: a task needs no account to wait for.';
COMMENT ON COLUMN signatures.task.signatory_number IS
  'Identity number of an organization''s statutory signatory, as looked up last.';
COMMENT ON COLUMN signatures.task.expire_time IS
  'A task neither signed nor refused by then is expired; that is derived, not stored.';

CREATE TABLE signatures.signature (
  region_code               integer        NOT NULL,
  task_id                   uuid           NOT NULL,
  statement                 bytea          NOT NULL CHECK (octet_length(statement) BETWEEN 1 AND 262144),
  algorithm                 text           NOT NULL
    CHECK (algorithm IN ('SM2_WITH_SM3', 'ECDSA_P256_SHA256')),
  distinguishing_identifier text           NOT NULL,
  signature_value           bytea          NOT NULL CHECK (octet_length(signature_value) BETWEEN 8 AND 80),
  public_key                bytea          NOT NULL CHECK (octet_length(public_key) BETWEEN 1 AND 200),
  receive_time              timestamptz(3) NOT NULL,
  PRIMARY KEY (region_code, task_id),
  CONSTRAINT a_signature_belongs_to_a_task FOREIGN KEY (region_code, task_id)
    REFERENCES signatures.task (region_code, task_id)
);
COMMENT ON TABLE signatures.signature IS
  'The evidence of a signed task as it was received: statement, signature, key. Never changed.';
CREATE TRIGGER signature_is_never_changed BEFORE UPDATE OR DELETE ON signatures.signature
  FOR EACH ROW EXECUTE FUNCTION ledger.refuse_change();

-- A task moves forward only: signed and refused ones may still become void, void is the end.
CREATE FUNCTION signatures.require_lawful_transition() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF (OLD.state::text, NEW.state::text) NOT IN (
    ('pending', 'pending'), ('opened', 'opened'),
    ('pending', 'opened'), ('pending', 'refused'), ('pending', 'voided'),
    ('opened', 'signed'), ('opened', 'refused'), ('opened', 'voided'),
    ('signed', 'voided'), ('refused', 'voided')
  ) THEN
    RAISE EXCEPTION 'a signature task does not go from % to %', OLD.state, NEW.state
      USING ERRCODE = 'check_violation', CONSTRAINT = 'a_task_moves_forward';
  END IF;
  IF (NEW.filing_id, NEW.document_kind, NEW.document_sm3, NEW.party_code, NEW.roles)
    IS DISTINCT FROM
    (OLD.filing_id, OLD.document_kind, OLD.document_sm3, OLD.party_code, OLD.roles) THEN
    RAISE EXCEPTION 'what a signature task asks for never changes'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'a_task_asks_one_thing';
  END IF;
  RETURN NEW;
END
$$;
CREATE TRIGGER task_moves_forward BEFORE UPDATE ON signatures.task
  FOR EACH ROW EXECUTE FUNCTION signatures.require_lawful_transition();
