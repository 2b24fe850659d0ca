-- V0015: filings. A step of a filing that keeps it alive and before the authority is written in place (HOT): no index tells
-- such states apart any more, and each page keeps room for what its rows become.
ALTER TABLE filings.filing
  ADD COLUMN is_live boolean NOT NULL
    GENERATED ALWAYS AS (state NOT IN ('not_accepted', 'rejected', 'withdrawn', 'deleted')) STORED,
  ADD COLUMN waits_for_authority boolean NOT NULL
    GENERATED ALWAYS AS (state IN ('submitted', 'accepted', 'examined')) STORED;
ALTER TABLE filings.filing SET (fillfactor = 50);
DROP INDEX filings.one_live_filing_holds_a_reservation;
CREATE UNIQUE INDEX one_live_filing_holds_a_reservation
  ON filings.filing (reservation_region, reservation_id) WHERE is_live;
DROP INDEX filings.filing_queue;
CREATE INDEX filing_queue ON filings.filing (region_code, submit_time, filing_id)
  WHERE waits_for_authority;
