-- name: TryLock :one
SELECT pg_try_advisory_xact_lock(@lock_id::bigint);

-- name: RaiseCRLNumber :exec
INSERT INTO crl_numbers (issuer, number) VALUES (@issuer, @number)
ON CONFLICT (issuer) DO UPDATE SET number = greatest(crl_numbers.number, excluded.number);

-- name: CertificatesBySerial :many
SELECT * FROM certificates WHERE serial_number = @serial_number ORDER BY issuer;

-- name: SupersededCertificates :many
SELECT c.issuer, c.serial_number FROM certificates c JOIN orders o ON o.id = c.order_id
WHERE c.der IS NOT NULL AND c.revoked_at IS NULL AND c.not_after > @at
  AND EXISTS (
      SELECT FROM certificates n JOIN orders p ON p.id = n.order_id
      WHERE p.applicant_key = o.applicant_key AND p.service = o.service AND n.der IS NOT NULL AND n.revoked_at IS NULL
        AND n.reserved_at > c.reserved_at AND n.not_before <= @in_force_since AND n.not_after > @at)
ORDER BY c.reserved_at LIMIT @max_rows;

-- name: ForgetEndedPasswords :execrows
UPDATE credentials SET sealed_password = NULL, delivered_at = now() WHERE sealed_password IS NOT NULL AND expires_at <= @at;

-- name: EraseContacts :execrows
UPDATE orders o SET email = '', phone = '' WHERE o.id = @id AND o.stage = 'ended'
  AND NOT EXISTS (SELECT FROM notices n WHERE n.subject_id = o.id AND n.kind IN ('issued-credentials', 'credentials-again') AND n.state = 'pending');

-- name: EraseRecipients :exec
UPDATE notices SET recipient = '', data = '{}', state = CASE WHEN state = 'pending' THEN 'failed' ELSE state END
WHERE subject_id = @subject_id;


-- name: PayloadKeysAfter :many
SELECT id, workflow_id, wrapped FROM payload_keys WHERE wrapped IS NOT NULL AND id > @after ORDER BY id LIMIT @max_rows;

-- name: RewrapPayloadKey :execrows
UPDATE payload_keys SET wrapped = @fresh WHERE id = @id AND wrapped = @old;
