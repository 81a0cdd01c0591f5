-- name: WriteChanges :one
WITH changed AS (
    UPDATE orders o SET
        version = x.version, stage = x.stage, ending = x.ending, reason = x.reason, note = x.note,
        waits_until = x.waits_until, pay_by = x.pay_by,
        agreement_version = x.agreement_version, contract_version = x.contract_version, accepted_at = x.accepted_at,
        email = x.email, phone = x.phone, request_id = x.request_id, report = x.report,
        uploaded_at = x.uploaded_at, completed_at = x.completed_at, confirmation_id = x.confirmation_id,
        approved_at = x.approved_at, payment_id = x.payment_id, updated_at = now()
    FROM jsonb_to_recordset(@orders::jsonb) AS x (
        id uuid, version bigint, stage text, ending text, reason text, note text, waits_until timestamptz, pay_by timestamptz,
        agreement_version text, contract_version text, accepted_at timestamptz, email text, phone text, request_id uuid,
        report jsonb, uploaded_at timestamptz, completed_at timestamptz, confirmation_id uuid, approved_at timestamptz,
        payment_id uuid)
    WHERE o.id = x.id
    RETURNING o.id, o.stage),
checked AS (
    UPDATE requests r SET registers = x.registers
    FROM jsonb_to_recordset(@orders::jsonb) AS x (request_id uuid, registers jsonb)
    WHERE r.id = x.request_id AND x.registers IS NOT NULL),
agreed AS (
    INSERT INTO register_answers AS a (order_id, register, state)
    SELECT x.id, n.register, 'agrees' FROM jsonb_to_recordset(@orders::jsonb) AS x (id uuid, agreed jsonb), jsonb_array_elements_text(x.agreed) AS n (register)
    ON CONFLICT (order_id, register) DO UPDATE SET state = excluded.state, at = now() WHERE a.state <> excluded.state),
confirmed AS (
    UPDATE confirmations c SET
        version = x.version, stage = x.stage, signature_id = x.signature_id, signed_at = x.signed_at, left_ids = x.left_ids,
        number = x.number, total = x.total, waits_until = x.waits_until, payment_id = x.payment_id, updated_at = now()
    FROM jsonb_to_recordset(@confirmations::jsonb) AS x (
        id uuid, version bigint, stage text, signature_id uuid, signed_at timestamptz, left_ids uuid[], number bigint,
        total bigint, waits_until timestamptz, payment_id uuid)
    WHERE c.id = x.id
    RETURNING c.id, c.stage),
over AS (
    UPDATE payload_keys k SET ended_at = now()
    WHERE k.ended_at IS NULL AND (
        k.subject_id IN (SELECT id FROM changed WHERE stage = 'ended')
        OR k.subject_id IN (SELECT id FROM confirmed WHERE stage IN ('finished', 'lapsed', 'void')))),
asked AS (
    INSERT INTO notices (id, subject_id, kind, channel, language, recipient, data)
    SELECT id, subject_id, kind, channel, language, recipient, data FROM jsonb_to_recordset(@notices::jsonb) AS x (
        id uuid, subject_id uuid, kind text, channel text, language text, recipient text, data jsonb)
    ON CONFLICT (id) DO NOTHING
    RETURNING id)
SELECT (SELECT audit_append(@lock_id::bigint, @entries::jsonb) WHERE jsonb_array_length(@entries::jsonb) > 0) AS last, count(pg_notify(w.channel, w.payload))
FROM (
    SELECT 'order_changed' AS channel, id::text AS payload FROM changed
    UNION ALL SELECT 'confirmation_changed', id::text FROM confirmed
    UNION ALL SELECT 'notices', '' WHERE EXISTS (SELECT FROM asked)) w;
