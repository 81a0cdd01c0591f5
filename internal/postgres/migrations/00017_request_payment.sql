-- +goose Up
ALTER TABLE requests ADD COLUMN named_payment bigint CHECK (named_payment BETWEEN 1 AND 999999999);
COMMENT ON COLUMN requests.named_payment IS 'P3, STB 34.101.78: the payment that the request names in challengePassword, /INFO:…';
CREATE INDEX requests_named_payment ON requests (named_payment) WHERE named_payment IS NOT NULL;

-- +goose Down
DROP INDEX requests_named_payment;
ALTER TABLE requests DROP COLUMN named_payment;
