-- name: ReserveCertificate :one
INSERT INTO certificates (order_id, serial_number, key_id, issuer, algorithm, tbs, not_before, not_after, reserved_at)
VALUES (@order_id, @serial_number, @key_id, @issuer, @algorithm, @tbs, @not_before, @not_after, now())
ON CONFLICT (order_id) DO NOTHING
RETURNING *;

-- name: Certificate :one
SELECT * FROM certificates WHERE order_id = @order_id;

-- name: CompleteCertificate :execrows
-- The octets that were signed are a part of the certificate from now on: both together are too long for a row and go to the side table.
WITH done AS (
    UPDATE certificates c SET der = @der, tbs = '', issued_at = now() WHERE c.order_id = @order_id AND c.der IS NULL RETURNING c.order_id)
INSERT INTO credentials (order_id, login, password_hash, sealed_password, created_at, expires_at)
SELECT order_id, @login, @password_hash, @sealed_password, @created_at, @expires_at FROM done
ON CONFLICT (order_id) DO NOTHING;

-- name: OrphanCertificates :many
SELECT * FROM certificates WHERE der IS NULL AND reserved_at < @before ORDER BY reserved_at LIMIT @max_rows;

-- name: CertificateBySerial :one
SELECT * FROM certificates WHERE issuer = @issuer AND serial_number = @serial_number AND der IS NOT NULL;

-- name: RevokeCertificate :execrows
UPDATE certificates SET revoked_at = @at::timestamptz, revocation_reason = @reason::integer
WHERE issuer = @issuer AND serial_number = @serial_number AND der IS NOT NULL AND revoked_at IS NULL;

-- name: RevokedCertificates :many
SELECT serial_number, revoked_at, revocation_reason FROM certificates
WHERE issuer = @issuer AND revoked_at IS NOT NULL AND not_after >= @at ORDER BY length(serial_number), serial_number;

-- name: NextCRLNumber :one
INSERT INTO crl_numbers (issuer, number) VALUES (@issuer, 1)
ON CONFLICT (issuer) DO UPDATE SET number = crl_numbers.number + 1
RETURNING number;

-- name: ActivateCertificate :execrows
UPDATE certificates SET activated_at = @at::timestamptz WHERE order_id = @order_id AND der IS NOT NULL AND activated_at IS NULL;

-- name: ReservedFor :one
SELECT EXISTS (SELECT FROM certificates c WHERE c.order_id = @id
    OR c.order_id IN (SELECT l.order_id FROM payable_lines l WHERE l.payable_id = @id AND l.held));

-- name: EndingCertificates :many
SELECT c.order_id, c.not_after, c.serial_number, o.email, o.language, o.number, o.service, o.applicant_key, r.subject
FROM certificates c JOIN orders o ON o.id = c.order_id JOIN requests r ON r.id = o.request_id
WHERE c.der IS NOT NULL AND c.revoked_at IS NULL AND c.not_after > @after AND c.not_after <= @until AND o.email <> ''
  AND NOT EXISTS (SELECT FROM reminders m WHERE m.order_id = c.order_id AND m.days_left <= @days_left::integer)
  AND NOT EXISTS (
      SELECT FROM certificates n JOIN orders p ON p.id = n.order_id
      WHERE p.applicant_key = o.applicant_key AND p.service = o.service AND n.der IS NOT NULL AND n.not_after > c.not_after)
  AND NOT EXISTS (
      SELECT FROM signed_in_certificates s
      WHERE s.applicant_key = o.applicant_key AND s.service = o.service AND s.not_after > c.not_after)
ORDER BY c.not_after, c.order_id LIMIT @max_rows;

-- name: InsertReminder :execrows
INSERT INTO reminders (order_id, days_left, created_at) VALUES (@order_id, @days_left, now()) ON CONFLICT DO NOTHING;

-- name: InsertCredentials :execrows
INSERT INTO credentials (order_id, login, password_hash, sealed_password, created_at, expires_at)
VALUES (@order_id, @login, @password_hash, @sealed_password, @created_at, @expires_at)
ON CONFLICT (order_id) DO NOTHING;

-- name: CredentialsByOrder :one
SELECT * FROM credentials WHERE order_id = @order_id;

-- name: CredentialsByLogin :one
SELECT * FROM credentials WHERE login = @login;

-- name: ForgetPassword :exec
UPDATE credentials SET sealed_password = NULL, delivered_at = now() WHERE order_id = @order_id AND sealed_password IS NOT NULL;

-- name: RehashPassword :exec
UPDATE credentials SET password_hash = @fresh WHERE order_id = @order_id AND password_hash = @old;

-- name: CountAttempt :one
INSERT INTO storage_attempts (key, starts, ends, attempts) VALUES (@key, @starts, @ends, 1)
ON CONFLICT (key, starts) DO UPDATE SET attempts = storage_attempts.attempts + 1
RETURNING attempts;

-- name: ReleaseAttempt :exec
UPDATE storage_attempts SET attempts = attempts - 1 WHERE key = @key AND starts = @starts AND attempts > 0;

-- name: DropOldAttempts :exec
DELETE FROM storage_attempts WHERE ends < @before;

-- name: CertificateByDER :one
SELECT * FROM certificates WHERE sha256(der) = sha256(@der::bytea) AND der = @der::bytea;

-- name: EvidenceOfOrder :one
-- Asked while the order and its payable are locked. Money whose reversal has begun pays for nothing until it is known what came of it.
SELECT sqlc.embed(r), now()::timestamptz AS at,
    coalesce((SELECT c.id FROM confirmations c
     WHERE r.order_id = ANY (c.order_ids) AND c.signature_id IS NOT NULL AND c.signed_at = o.approved_at
     ORDER BY c.signed_at LIMIT 1), '00000000-0000-0000-0000-000000000000'::uuid)::uuid AS approving,
    coalesce((SELECT sum(l.amount) FROM payable_lines l WHERE l.payable_id = coalesce(o.confirmation_id, o.id) AND l.held), 0)::bigint AS lines,
    coalesce((SELECT l.amount FROM payable_lines l WHERE l.payable_id = coalesce(o.confirmation_id, o.id) AND l.order_id = o.id AND l.held), 0)::bigint AS share,
    coalesce((SELECT jsonb_agg(jsonb_build_object('ID', p.id, 'Kind', p.kind, 'Amount', p.amount, 'Currency', p.currency))
     FROM payments p JOIN payables y ON y.id = p.payable_id
     WHERE p.payable_id = coalesce(o.confirmation_id, o.id) AND p.state = 'applied' AND p.parent_id IS NULL
        AND NOT EXISTS (SELECT FROM erip_transactions t WHERE t.number = y.number AND t.state = 'storn-started')), '[]')::jsonb AS applied
FROM requests r JOIN orders o ON o.id = r.order_id WHERE r.order_id = @order_id;

-- name: DocumentsByID :many
SELECT * FROM documents WHERE id = ANY (@ids::uuid[]);
