package postgres

import (
	"context"
	"encoding/hex"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/postgres/db"
)

// Documents keeps documents whole, byte for byte.
type Documents struct{ pool *pgxpool.Pool }

// NewDocuments makes the store of documents.
func NewDocuments(pool *pgxpool.Pool) *Documents { return &Documents{pool: pool} }

// Put stores a document; one with an id that is known already changes nothing.
func (d *Documents) Put(ctx context.Context, doc order.Document) error {
	_, err := db.New(d.pool).InsertDocument(ctx, db.InsertDocumentParams{
		ID: uuid.UUID(doc.ID), Kind: string(doc.Kind), Content: contentOf(doc), MediaType: doc.MediaType, OwnerKey: doc.OwnerKey,
	})
	if err != nil {
		return fmt.Errorf("store document: %w", err)
	}
	return nil
}

// Get reads a document. Error: order.ErrNotFound.
func (d *Documents) Get(ctx context.Context, id order.ID) (order.Document, error) {
	row, err := db.New(d.pool).Document(ctx, uuid.UUID(id))
	return documentOf(row), absent(err, "document")
}

// GetOwned reads a document of an owner; one of somebody else is not found.
// Error: order.ErrNotFound.
func (d *Documents) GetOwned(ctx context.Context, id order.ID, ownerKey string) (order.Document, error) {
	row, err := db.New(d.pool).OwnedDocument(ctx, db.OwnedDocumentParams{ID: uuid.UUID(id), OwnerKey: ownerKey})
	return documentOf(row), absent(err, "document")
}

func documentOf(row db.Document) order.Document {
	doc := order.Document{
		ID: order.ID(row.ID), Kind: order.DocumentKind(row.Kind), MediaType: row.MediaType, OwnerKey: row.OwnerKey,
		Content: row.Content, CreatedAt: row.CreatedAt,
	}
	copy(doc.SHA256[:], row.Sha256)
	return doc
}

// contentOf is a document's content: an empty one is not a missing one.
func contentOf(doc order.Document) []byte {
	if doc.Content == nil {
		return []byte{}
	}
	return doc.Content
}

// putDocuments stores documents inside of the caller's transaction.
func putDocuments(ctx context.Context, q *db.Queries, docs []order.Document) error {
	if len(docs) == 0 {
		return nil
	}
	var p db.InsertDocumentsParams
	for _, d := range docs {
		p.Ids, p.Kinds, p.Contents = append(p.Ids, uuid.UUID(d.ID)), append(p.Kinds, string(d.Kind)), append(p.Contents, contentOf(d))
		p.MediaTypes, p.OwnerKeys = append(p.MediaTypes, d.MediaType), append(p.OwnerKeys, d.OwnerKey)
	}
	if err := q.InsertDocuments(ctx, p); err != nil {
		return fmt.Errorf("store documents: %w", err)
	}
	return nil
}

// digestsOf gives the digests of stored documents as audit.Digest writes them;
// those that are not stored are left out.
func digestsOf(ctx context.Context, q *db.Queries, ids ...order.ID) (map[order.ID]string, error) {
	rows, err := q.DocumentDigests(ctx, uuids(ids))
	if err != nil {
		return nil, err
	}
	out := make(map[order.ID]string, len(rows))
	for _, row := range rows {
		out[order.ID(row.ID)] = sha256Text(row.Sha256)
	}
	return out, nil
}

// sha256Text writes a SHA-256 that was computed elsewhere as audit.Digest does.
// An empty one is of what is not stored, and stays empty.
func sha256Text(sum []byte) string {
	if len(sum) == 0 {
		return ""
	}
	return "sha256:" + hex.EncodeToString(sum)
}
