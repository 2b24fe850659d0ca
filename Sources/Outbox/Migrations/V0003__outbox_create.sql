-- V0003: outbox. Owns outbox.delivery. Needs nothing.
CREATE SCHEMA outbox;
CREATE TYPE outbox.delivery_state AS ENUM ('queued', 'delivered', 'dead');
CREATE TABLE outbox.delivery (
  region_code       integer               NOT NULL,
  delivery_id       uuid                  NOT NULL,
  receiver          text                  NOT NULL,
  kind              text                  NOT NULL,
  subject           text                  NOT NULL,
  payload           bytea                 NOT NULL,
  state             outbox.delivery_state NOT NULL DEFAULT 'queued',
  attempt_count     integer               NOT NULL DEFAULT 0 CHECK (attempt_count >= 0),
  create_time       timestamptz(3)        NOT NULL,
  next_attempt_time timestamptz(3)        NOT NULL,
  deliver_time      timestamptz(3),
  receipt           text,
  last_failure      text,
  PRIMARY KEY (region_code, delivery_id),
  CONSTRAINT delivered_rows_have_a_time CHECK ((state = 'delivered') = (deliver_time IS NOT NULL))
);
CREATE INDEX delivery_queue ON outbox.delivery (receiver, create_time, delivery_id) WHERE state = 'queued';
CREATE INDEX delivery_dead ON outbox.delivery (create_time, delivery_id) WHERE state = 'dead';
CREATE INDEX delivery_by_subject ON outbox.delivery (subject, create_time, delivery_id);
COMMENT ON TABLE outbox.delivery IS
  'What must reach the outside world, written in the transaction that causes it; delivered at least once under a stable id.';
