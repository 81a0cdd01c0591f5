-- name: SeenCertificate :exec
INSERT INTO signed_in_certificates (id, applicant_key, service, owner, serial_number, not_after, email, language, seen_at)
VALUES (@id, @applicant_key, @service, @owner, @serial_number, @not_after, @email, @language, @seen_at)
ON CONFLICT (id) DO UPDATE SET email = excluded.email, language = excluded.language, seen_at = excluded.seen_at;

-- name: DropSeenCertificates :exec
DELETE FROM signed_in_certificates WHERE not_after <= @before;

-- name: EndingSeenCertificates :many
SELECT s.* FROM signed_in_certificates s
WHERE s.not_after > @after AND s.not_after <= @until
  AND NOT EXISTS (SELECT FROM reminders m WHERE m.order_id = s.id AND m.days_left <= @days_left::integer)
  AND NOT EXISTS (
      SELECT FROM signed_in_certificates n
      WHERE n.applicant_key = s.applicant_key AND n.service = s.service AND n.not_after > s.not_after)
  AND NOT EXISTS (
      SELECT FROM certificates n JOIN orders p ON p.id = n.order_id
      WHERE p.applicant_key = s.applicant_key AND p.service = s.service AND n.der IS NOT NULL AND n.not_after > s.not_after)
ORDER BY s.not_after, s.id LIMIT @max_rows;

-- name: InsertRenewalLink :exec
INSERT INTO renewal_links (digest, applicant_key, service, expires_at) VALUES (@digest, @applicant_key, @service, @expires_at);

-- name: RenewalLink :one
SELECT service FROM renewal_links
WHERE digest = @digest AND applicant_key = @applicant_key AND used_at IS NULL AND expires_at > @at;

-- name: UseRenewalLink :exec
UPDATE renewal_links SET used_at = @at::timestamptz WHERE digest = @digest AND used_at IS NULL;

-- name: DropRenewalLinks :exec
DELETE FROM renewal_links WHERE expires_at <= @before;
