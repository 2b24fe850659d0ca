-- V0002: ledger. Owns ledger.event and ledger.chain_link. Needs nothing.
CREATE SCHEMA ledger;
CREATE TABLE ledger.event (
  region_code     integer        NOT NULL,
  event_id        uuid           NOT NULL,
  subject_id      uuid           NOT NULL,
  subject_version bigint         NOT NULL CHECK (subject_version > 0),
  subject         text           NOT NULL,
  kind            text           NOT NULL,
  filing          text,
  entity          text,
  actor           text           NOT NULL,
  event_time      timestamptz(3) NOT NULL,
  salt            bytea          NOT NULL CHECK (octet_length(salt) = 16),
  state_sm3       bytea          NOT NULL CHECK (octet_length(state_sm3) = 32),
  details         text           NOT NULL,
  transaction_id  xid8           NOT NULL DEFAULT pg_current_xact_id(),
  event_number    bigint         GENERATED ALWAYS AS IDENTITY,
  PRIMARY KEY (region_code, event_id),
  CONSTRAINT one_event_a_version UNIQUE (region_code, subject_id, subject_version)
);
CREATE INDEX event_by_transaction ON ledger.event (transaction_id, event_number);
CREATE INDEX event_by_filing ON ledger.event (filing, event_time, event_id) WHERE filing IS NOT NULL;
CREATE INDEX event_by_entity ON ledger.event (entity, event_time, event_id) WHERE entity IS NOT NULL;
CREATE INDEX event_by_actor ON ledger.event (actor, event_time, event_id);
CREATE INDEX event_by_subject ON ledger.event (subject, subject_version);
CREATE INDEX event_by_time ON ledger.event (event_time, event_id);
COMMENT ON TABLE ledger.event IS
  'What happened (留痕): one row a change of a governed resource, written in the change''s own transaction, never changed.';
COMMENT ON COLUMN ledger.event.state_sm3 IS
  'SM3 (GB/T 32905-2016) of salt and the resource''s serialized state after the change, 32 bytes.';
COMMENT ON COLUMN ledger.event.details IS 'Short values by key as JSON with sorted keys; no personal data.';

CREATE TABLE ledger.chain_link (
  chain_index bigint         NOT NULL PRIMARY KEY CHECK (chain_index >= 0),
  region_code integer        NOT NULL,
  event_id    uuid           NOT NULL,
  leaf_sm3    bytea          NOT NULL CHECK (octet_length(leaf_sm3) = 32),
  chain_sm3   bytea          NOT NULL CHECK (octet_length(chain_sm3) = 32),
  chain_time  timestamptz(3) NOT NULL,
  CONSTRAINT an_event_is_chained_once UNIQUE (region_code, event_id),
  FOREIGN KEY (region_code, event_id) REFERENCES ledger.event (region_code, event_id)
);
COMMENT ON TABLE ledger.chain_link IS
  'Committed events in their order: contiguous indices, each hash over the one before and the event''s leaf.';

-- Rows of the trace are written once. Whoever must mend one says so in a new event.
CREATE FUNCTION ledger.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'the trace is never changed' USING ERRCODE = 'integrity_constraint_violation';
END
$$;
CREATE TRIGGER event_is_never_changed BEFORE UPDATE OR DELETE ON ledger.event
  FOR EACH ROW EXECUTE FUNCTION ledger.refuse_change();
CREATE TRIGGER event_is_never_truncated BEFORE TRUNCATE ON ledger.event
  EXECUTE FUNCTION ledger.refuse_change();
CREATE TRIGGER chain_link_is_never_changed BEFORE UPDATE OR DELETE ON ledger.chain_link
  FOR EACH ROW EXECUTE FUNCTION ledger.refuse_change();
CREATE TRIGGER chain_link_is_never_truncated BEFORE TRUNCATE ON ledger.chain_link
  EXECUTE FUNCTION ledger.refuse_change();

-- A governed row goes up by one version with every change, so that its deferrable foreign key to
-- ledger.event demands an event of its own for each: a change without its event cannot commit.
CREATE FUNCTION ledger.require_next_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    IF NEW.version <> 1 THEN
      RAISE EXCEPTION 'a governed row of %.% starts at version 1', TG_TABLE_SCHEMA, TG_TABLE_NAME
        USING ERRCODE = 'integrity_constraint_violation';
    END IF;
  ELSIF TG_OP = 'DELETE' THEN
    RAISE EXCEPTION 'a governed row of %.% is never deleted', TG_TABLE_SCHEMA, TG_TABLE_NAME
      USING ERRCODE = 'integrity_constraint_violation';
  ELSIF NEW.version <> OLD.version + 1 THEN
    RAISE EXCEPTION 'a change of %.% takes the next version', TG_TABLE_SCHEMA, TG_TABLE_NAME
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END
$$;
