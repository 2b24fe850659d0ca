-- V0010: reviews. Owns reviews.review, lawful_transition, checklist_item and number_year.
-- Needs ledger.event (V0002) and filings.filing (V0008).
CREATE SCHEMA reviews;
CREATE TYPE reviews.review_state AS ENUM (
  'returned', 'declined', 'accepted', 'examined', 'approved', 'rejected'
);
CREATE TYPE reviews.opinion AS ENUM ('approve', 'reject');
CREATE TYPE reviews.checklist_point AS ENUM (
  'MATERIALS_COMPLETE', 'LEGAL_FORM', 'NAME', 'SCOPE', 'SIGNATURES', 'JURISDICTION'
);
CREATE TABLE reviews.review (
  region_code       integer              NOT NULL,
  review_id         uuid                 NOT NULL,
  filing_id         uuid                 NOT NULL,
  state             reviews.review_state NOT NULL,
  clerk             text                 NOT NULL CHECK (clerk ~ '^staff/.'),
  examiner          text                 CHECK (examiner ~ '^staff/.'),
  decider           text                 CHECK (decider ~ '^staff/.'),
  opinion           reviews.opinion,
  remark            text                 CHECK (length(remark) BETWEEN 1 AND 500),
  acceptance_number text,
  decision_number   text,
  accept_time       timestamptz(3),
  examine_time      timestamptz(3),
  decide_time       timestamptz(3),
  version           bigint               NOT NULL DEFAULT 1 CHECK (version > 0),
  PRIMARY KEY (region_code, review_id),
  CONSTRAINT a_filing_has_one_review UNIQUE (region_code, filing_id),
  CONSTRAINT a_review_belongs_to_a_filing FOREIGN KEY (region_code, filing_id)
    REFERENCES filings.filing (region_code, filing_id),
  CONSTRAINT an_acceptance_number_is_given_once UNIQUE (acceptance_number),
  CONSTRAINT a_decision_number_is_given_once UNIQUE (decision_number),
  CONSTRAINT what_is_accepted_has_number_and_time
    CHECK (num_nonnulls(acceptance_number, accept_time)
      = CASE WHEN state IN ('returned', 'declined') THEN 0 ELSE 2 END),
  CONSTRAINT what_is_examined_has_examiner_opinion_and_time
    CHECK (num_nonnulls(examiner, opinion, examine_time)
      = CASE WHEN state IN ('examined', 'approved', 'rejected') THEN 3 ELSE 0 END),
  CONSTRAINT what_is_decided_has_number_and_time
    CHECK (num_nonnulls(decision_number, decide_time)
      = CASE WHEN state IN ('declined', 'approved', 'rejected') THEN 2 ELSE 0 END),
  CONSTRAINT what_is_approved_or_rejected_has_a_decider
    CHECK ((state IN ('approved', 'rejected')) = (decider IS NOT NULL)),
  CONSTRAINT an_examiner_remarks_on_what_is_examined CHECK (remark IS NULL OR examiner IS NOT NULL),
  CONSTRAINT the_examiner_is_never_the_clerk CHECK (examiner <> clerk),
  CONSTRAINT the_decider_is_never_the_clerk CHECK (decider <> clerk),
  CONSTRAINT only_what_the_examiner_supports_is_approved
    CHECK (state <> 'approved' OR opinion = 'approve'),
  CONSTRAINT an_examination_follows_its_acceptance CHECK (examine_time >= accept_time),
  CONSTRAINT a_decision_follows_its_examination CHECK (decide_time >= examine_time),
  CONSTRAINT a_change_has_its_event FOREIGN KEY (region_code, review_id, version)
    REFERENCES ledger.event (region_code, subject_id, subject_version) DEFERRABLE INITIALLY DEFERRED
);
CREATE TRIGGER review_takes_the_next_version BEFORE INSERT OR UPDATE OR DELETE ON reviews.review
  FOR EACH ROW EXECUTE FUNCTION ledger.require_next_version();
COMMENT ON TABLE reviews.review IS
  'What staff recorded about a filing (受理、审查、核准): one row a filing, by the authority''s region.';
COMMENT ON COLUMN reviews.review.state IS
  'The last step of the authority; what the applicant did since stands with the filing.';
COMMENT ON COLUMN reviews.review.clerk IS 'Who accepted, returned or declined last: staff/{number}.';
COMMENT ON COLUMN reviews.review.acceptance_number IS 'The number of the 受理通知书.';
COMMENT ON COLUMN reviews.review.decision_number IS
  'The number of the 准予登记通知书, 驳回通知书 or 不予受理通知书.';

CREATE TABLE reviews.checklist_item (
  region_code integer                 NOT NULL,
  review_id   uuid                    NOT NULL,
  point       reviews.checklist_point NOT NULL,
  passed      boolean                 NOT NULL,
  remark      text                    CHECK (length(remark) BETWEEN 1 AND 500),
  PRIMARY KEY (region_code, review_id, point),
  CONSTRAINT what_is_not_passed_is_explained CHECK (passed OR remark IS NOT NULL),
  CONSTRAINT a_checklist_belongs_to_a_review FOREIGN KEY (region_code, review_id)
    REFERENCES reviews.review (region_code, review_id)
);
CREATE TRIGGER checklist_item_is_never_changed BEFORE UPDATE OR DELETE ON reviews.checklist_item
  FOR EACH ROW EXECUTE FUNCTION ledger.refuse_change();
COMMENT ON TABLE reviews.checklist_item IS 'The points of the formal examination (形式审查), each once a review.';

-- Which step of the authority may follow which.
CREATE TABLE reviews.lawful_transition (
  from_state reviews.review_state NOT NULL,
  to_state   reviews.review_state NOT NULL,
  PRIMARY KEY (from_state, to_state)
);
INSERT INTO reviews.lawful_transition (from_state, to_state) VALUES
  ('returned', 'returned'), ('returned', 'declined'), ('returned', 'accepted'),
  ('accepted', 'examined'), ('examined', 'approved'), ('examined', 'rejected');
CREATE FUNCTION reviews.require_lawful_step() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  point_count  integer;
  passed_count integer;
BEGIN
  IF TG_OP = 'INSERT' THEN
    IF NEW.state NOT IN ('returned', 'declined', 'accepted') THEN
      RAISE EXCEPTION 'a review does not begin as %', NEW.state
        USING ERRCODE = 'check_violation', CONSTRAINT = 'a_review_begins_with_a_clerk';
    END IF;
    RETURN NEW;
  END IF;
  IF NOT EXISTS (
    SELECT 1
    FROM reviews.lawful_transition t
    WHERE t.from_state = OLD.state AND t.to_state = NEW.state
  ) THEN
    RAISE EXCEPTION 'a review does not go from % to %', OLD.state, NEW.state
      USING ERRCODE = 'check_violation', CONSTRAINT = 'a_review_moves_forward';
  END IF;
  IF NEW.filing_id <> OLD.filing_id OR (OLD.state = 'accepted' AND NEW.clerk <> OLD.clerk)
    OR (OLD.state = 'examined' AND (NEW.clerk, NEW.examiner, NEW.opinion)
      IS DISTINCT FROM (OLD.clerk, OLD.examiner, OLD.opinion)) THEN
    RAISE EXCEPTION 'who accepted and who examined stays as recorded'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'what_was_recorded_stays';
  END IF;
  IF NEW.state = 'examined' THEN
    SELECT count(*), count(*) FILTER (WHERE c.passed) INTO point_count, passed_count
    FROM reviews.checklist_item c
    WHERE c.region_code = NEW.region_code AND c.review_id = NEW.review_id;
    IF point_count <> cardinality(enum_range(NULL::reviews.checklist_point)) THEN
      RAISE EXCEPTION 'an examination takes a position on every point'
        USING ERRCODE = 'check_violation', CONSTRAINT = 'a_checklist_is_complete';
    END IF;
    IF (passed_count = point_count) <> (NEW.opinion = 'approve') THEN
      RAISE EXCEPTION 'the opinion contradicts the checklist'
        USING ERRCODE = 'check_violation', CONSTRAINT = 'an_opinion_fits_its_checklist';
    END IF;
  END IF;
  RETURN NEW;
END
$$;
CREATE TRIGGER review_steps_lawfully BEFORE INSERT OR UPDATE ON reviews.review
  FOR EACH ROW EXECUTE FUNCTION reviews.require_lawful_step();

CREATE TABLE reviews.number_year (
  region_code integer NOT NULL,
  year        integer NOT NULL CHECK (year BETWEEN 2017 AND 9999),
  last_serial integer NOT NULL CHECK (last_serial > 0),
  PRIMARY KEY (region_code, year)
);
COMMENT ON TABLE reviews.number_year IS 'The last serial of notices (文书), by authority and year.';
