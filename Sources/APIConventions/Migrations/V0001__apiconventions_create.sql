-- V0001: apiconventions. Owns apiconventions.request_log.
CREATE SCHEMA apiconventions;
CREATE TABLE apiconventions.request_log (
  caller      text           NOT NULL,
  request_id  uuid           NOT NULL,
  request_sm3 bytea          NOT NULL CHECK (octet_length(request_sm3) = 32),
  reply       bytea,
  create_time timestamptz(3) NOT NULL,
  PRIMARY KEY (caller, request_id)
);
CREATE INDEX request_log_by_age ON apiconventions.request_log (create_time);
COMMENT ON TABLE apiconventions.request_log IS
  'Replies to writes by caller and request id (AIP-155), written in the write''s own transaction.';
COMMENT ON COLUMN apiconventions.request_log.request_sm3 IS 'SM3 (GB/T 32905-2016) of the request, 32 bytes.';
