-- V0016: reviews. A review without a decision has no number that an index could hold.
ALTER TABLE reviews.review DROP CONSTRAINT a_decision_number_is_given_once;
CREATE UNIQUE INDEX a_decision_number_is_given_once ON reviews.review (decision_number)
  WHERE decision_number IS NOT NULL;
