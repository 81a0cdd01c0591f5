-- name: PaymentStatus :one
SELECT y.number, y.total, y.due, y.state,
    (SELECT coalesce(sum(p.amount), 0) FROM payments p
     WHERE p.payable_id = y.id AND p.state = 'applied' AND p.parent_id IS NULL)::bigint AS applied,
    (SELECT coalesce(sum(p.amount), 0) FROM payments p
     WHERE p.named = y.number AND p.state = 'unapplied' AND p.parent_id IS NULL AND p.kind = 'payment' AND p.currency = 'BYN'
       AND p.reversal_id IS NULL AND p.reason NOT IN ('conflict', 'other-account', 'reversed'))::bigint AS waiting
FROM payables y WHERE y.number = @number;
