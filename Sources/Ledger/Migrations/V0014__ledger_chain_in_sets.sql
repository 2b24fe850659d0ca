-- V0014: ledger. New links are checked against the events together, not one by one with a lock on each: an event is never
-- changed or deleted, so that a link whose event stands there keeps it.
ALTER TABLE ledger.chain_link DROP CONSTRAINT chain_link_region_code_event_id_fkey;
CREATE FUNCTION ledger.require_events_of_links() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (
    SELECT 1
    FROM added a
    LEFT JOIN ledger.event e ON e.region_code = a.region_code AND e.event_id = a.event_id
    WHERE e.event_id IS NULL
  ) THEN
    RAISE EXCEPTION 'a link belongs to an event'
      USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'a_link_belongs_to_an_event';
  END IF;
  RETURN NULL;
END
$$;
CREATE TRIGGER a_link_belongs_to_an_event AFTER INSERT ON ledger.chain_link
  REFERENCING NEW TABLE AS added
  FOR EACH STATEMENT EXECUTE FUNCTION ledger.require_events_of_links();
