-- V0012: licenses. Adds the seal by which the server knows a file again that it has signed itself.
ALTER TABLE licenses.license ADD COLUMN seal bytea CHECK (octet_length(seal) = 32);
COMMENT ON COLUMN licenses.license.seal IS
  'HMAC-SHA-256 of the file under a secret that follows from the registry''s signing key: with it a read need not verify the SM2 signature. '
  'May be missing, or another key''s: then the signature is verified.';
