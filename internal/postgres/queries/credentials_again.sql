-- name: RenewCredentials :execrows
UPDATE credentials SET password_hash = @password_hash, sealed_password = @sealed_password, created_at = @created_at,
    expires_at = @expires_at, delivered_at = NULL
WHERE order_id = @order_id AND login = @login;

-- name: SupersedeCredentialNotices :exec
UPDATE notices SET state = 'failed', cause = 'replaced by new credentials', leased_until = NULL
WHERE subject_id = @subject_id AND kind IN ('issued-credentials', 'credentials-again') AND state = 'pending';
