-- name: OrderNumber :one
SELECT number FROM orders WHERE id = @id;

-- name: ListOfOrder :one
-- The newest list, signed or not, that an order is or was on.
SELECT c.id FROM confirmations c JOIN orders o ON o.id = ANY (c.order_ids) WHERE o.number = @number ORDER BY c.started_at DESC, c.id DESC LIMIT 1;
