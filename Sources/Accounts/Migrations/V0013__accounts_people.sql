-- V0013: accounts. The accounts by which a person acts are found by the person: staff must not decide on their own.
CREATE INDEX account_by_person ON accounts.account ((
  CASE WHEN category = 'natural_person' THEN holder_code ELSE legal_representative_number END
));
