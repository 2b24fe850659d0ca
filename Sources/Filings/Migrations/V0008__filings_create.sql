-- V0008: filings. Owns filings.filing, lawful_transition, correction, document and number_day.
-- Needs ledger.event (V0002); names.reservation (V0006) and signatures.task (V0007) go with its rows.
CREATE SCHEMA filings;
CREATE TYPE filings.filing_state AS ENUM (
  'draft', 'awaiting_signatures', 'submitted', 'returned', 'not_accepted', 'accepted', 'examined',
  'completed', 'rejected', 'archived', 'withdrawn', 'deleted'
);
CREATE TYPE filings.business AS ENUM ('establishment');
CREATE TYPE filings.document_kind AS ENUM ('application', 'charter', 'appointment', 'founders_minutes');
CREATE TABLE filings.filing (
  region_code        integer              NOT NULL,
  filing_id          uuid                 NOT NULL,
  business           filings.business     NOT NULL,
  filing_number      text                 NOT NULL CHECK (length(filing_number) = 23),
  reservation_region integer              NOT NULL,
  reservation_id     uuid                 NOT NULL,
  enterprise_name    text                 NOT NULL,
  reserved_type      text                 NOT NULL CHECK (length(reserved_type) = 4),
  reserved_region    integer              NOT NULL,
  applicant_region   integer              NOT NULL,
  applicant_id       uuid                 NOT NULL,
  entity_type        text                 NOT NULL CHECK (length(entity_type) = 4),
  content            bytea                NOT NULL,
  state              filings.filing_state NOT NULL DEFAULT 'draft',
  create_time        timestamptz(3)       NOT NULL,
  prepare_time       timestamptz(3),
  submit_time        timestamptz(3),
  accept_time        timestamptz(3),
  examine_time       timestamptz(3),
  decide_time        timestamptz(3),
  accepted_by        text,
  decision_reason    text                 CHECK (length(decision_reason) BETWEEN 1 AND 4000),
  withdrawal_reason  text                 CHECK (length(withdrawal_reason) BETWEEN 1 AND 500),
  entity             text                 CHECK (length(entity) = 18),
  due_date           date,
  version            bigint               NOT NULL DEFAULT 1 CHECK (version > 0),
  PRIMARY KEY (region_code, filing_id),
  CONSTRAINT a_filing_number_is_given_once UNIQUE (filing_number),
  CONSTRAINT only_drafts_lack_a_prepare_time
    CHECK (state IN ('draft', 'deleted') OR prepare_time IS NOT NULL),
  CONSTRAINT what_is_before_the_authority_was_submitted
    CHECK (state IN ('draft', 'awaiting_signatures', 'deleted') OR submit_time IS NOT NULL),
  CONSTRAINT what_is_accepted_has_time_and_clerk
    CHECK (state NOT IN ('accepted', 'examined', 'completed', 'rejected', 'archived')
      OR (accept_time IS NOT NULL AND accepted_by IS NOT NULL)),
  CONSTRAINT what_is_examined_has_a_time
    CHECK (state NOT IN ('examined', 'completed', 'rejected', 'archived') OR examine_time IS NOT NULL),
  CONSTRAINT only_what_is_decided_has_a_decision_time
    CHECK ((state IN ('not_accepted', 'completed', 'rejected', 'archived')) = (decide_time IS NOT NULL)),
  CONSTRAINT only_what_is_completed_has_an_entity
    CHECK ((state IN ('completed', 'archived')) = (entity IS NOT NULL)),
  CONSTRAINT a_refusal_has_a_reason
    CHECK ((state IN ('not_accepted', 'rejected')) = (decision_reason IS NOT NULL)),
  CONSTRAINT a_change_has_its_event FOREIGN KEY (region_code, filing_id, version)
    REFERENCES ledger.event (region_code, subject_id, subject_version) DEFERRABLE INITIALLY DEFERRED
);
CREATE TRIGGER filing_takes_the_next_version BEFORE INSERT OR UPDATE OR DELETE ON filings.filing
  FOR EACH ROW EXECUTE FUNCTION ledger.require_next_version();
CREATE UNIQUE INDEX one_live_filing_holds_a_reservation
  ON filings.filing (reservation_region, reservation_id)
  WHERE state NOT IN ('not_accepted', 'rejected', 'withdrawn', 'deleted');
CREATE INDEX filing_by_applicant
  ON filings.filing (applicant_region, applicant_id, create_time DESC, filing_id DESC);
CREATE INDEX filing_queue ON filings.filing (region_code, submit_time, filing_id)
  WHERE state IN ('submitted', 'accepted', 'examined');
COMMENT ON TABLE filings.filing IS 'Filings (登记申请) with where they stand.';
COMMENT ON COLUMN filings.filing.content IS
  'A serialized liaoning.registry.v1.FilingContent, whole and well-formed.';
COMMENT ON COLUMN filings.filing.region_code IS
  'The registration authority: a prefecture-level city (GB/T 2260).';

-- Which change of state is lawful (domain.md 5.2, F2 to F15).
CREATE TABLE filings.lawful_transition (
  from_state filings.filing_state NOT NULL,
  to_state   filings.filing_state NOT NULL,
  PRIMARY KEY (from_state, to_state)
);
INSERT INTO filings.lawful_transition (from_state, to_state) VALUES
  ('draft', 'draft'), ('awaiting_signatures', 'draft'), ('submitted', 'draft'), ('returned', 'draft'),
  ('draft', 'awaiting_signatures'),
  ('awaiting_signatures', 'submitted'),
  ('submitted', 'accepted'), ('submitted', 'returned'), ('submitted', 'not_accepted'),
  ('accepted', 'examined'),
  ('examined', 'completed'), ('examined', 'rejected'),
  ('completed', 'archived'),
  ('submitted', 'withdrawn'), ('returned', 'withdrawn'), ('accepted', 'withdrawn'),
  ('examined', 'withdrawn'),
  ('draft', 'deleted'), ('awaiting_signatures', 'deleted'), ('submitted', 'deleted'),
  ('returned', 'deleted');
CREATE FUNCTION filings.require_lawful_transition() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT EXISTS (
    SELECT 1
    FROM filings.lawful_transition t
    WHERE t.from_state = OLD.state AND t.to_state = NEW.state
  ) THEN
    RAISE EXCEPTION 'a filing does not go from % to %', OLD.state, NEW.state
      USING ERRCODE = 'check_violation', CONSTRAINT = 'a_filing_moves_lawfully';
  END IF;
  IF NEW.content IS DISTINCT FROM OLD.content AND NEW.state <> 'draft' THEN
    RAISE EXCEPTION 'the content of a filing changes in a draft only'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'a_filing_is_edited_as_a_draft';
  END IF;
  RETURN NEW;
END
$$;
CREATE TRIGGER filing_moves_lawfully BEFORE UPDATE ON filings.filing
  FOR EACH ROW EXECUTE FUNCTION filings.require_lawful_transition();

CREATE TABLE filings.correction (
  region_code   integer NOT NULL,
  filing_id     uuid    NOT NULL,
  place         integer NOT NULL CHECK (place BETWEEN 0 AND 99),
  content_field text    NOT NULL,
  description   text    NOT NULL CHECK (length(description) BETWEEN 1 AND 500),
  PRIMARY KEY (region_code, filing_id, place),
  CONSTRAINT a_correction_belongs_to_a_filing FOREIGN KEY (region_code, filing_id)
    REFERENCES filings.filing (region_code, filing_id)
);
COMMENT ON TABLE filings.correction IS 'What was to be corrected when a filing was returned last (一次性告知).';

CREATE TABLE filings.document (
  region_code integer               NOT NULL,
  filing_id   uuid                  NOT NULL,
  kind        filings.document_kind NOT NULL,
  title       text                  NOT NULL,
  printed_sm3 bytea                 NOT NULL CHECK (octet_length(printed_sm3) = 32),
  pdf         bytea                 NOT NULL CHECK (octet_length(pdf) > 0),
  pdf_sm3     bytea                 NOT NULL CHECK (octet_length(pdf_sm3) = 32),
  create_time timestamptz(3)        NOT NULL,
  PRIMARY KEY (region_code, filing_id, kind),
  CONSTRAINT a_document_belongs_to_a_filing FOREIGN KEY (region_code, filing_id)
    REFERENCES filings.filing (region_code, filing_id)
);
ALTER TABLE filings.document ALTER COLUMN pdf SET STORAGE EXTERNAL;
COMMENT ON TABLE filings.document IS 'The papers of a filing as rendered when it was prepared last.';
COMMENT ON COLUMN filings.document.printed_sm3 IS
  'SM3 (GB/T 32905-2016) of what stands on the paper, 32 bytes: a paper whose text stays is not rendered anew.';
COMMENT ON COLUMN filings.document.pdf_sm3 IS 'SM3 (GB/T 32905-2016) of the PDF, 32 bytes: what is signed.';

CREATE TABLE filings.number_day (
  region_code integer          NOT NULL,
  day         date             NOT NULL,
  business    filings.business NOT NULL,
  last_serial integer          NOT NULL CHECK (last_serial BETWEEN 1 AND 999999),
  PRIMARY KEY (region_code, day, business)
);
COMMENT ON TABLE filings.number_day IS 'The last serial of filing numbers, by authority, day and business.';
