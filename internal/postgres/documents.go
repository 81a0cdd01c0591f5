package postgres

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/remote-issuance/remote-issuance/activities"
	"github.com/remote-issuance/remote-issuance/internal/postgres/db"
)

// Documents keeps documents whole, byte for byte: it implements activities.Documents.
type Documents struct{ pool *pgxpool.Pool }

// NewDocuments makes the store of documents.
func NewDocuments(pool *pgxpool.Pool) *Documents { return &Documents{pool: pool} }

// Put stores a document; one with an id that is known already changes nothing.
func (d *Documents) Put(ctx context.Context, doc activities.Document) error {
	id, err := parseID(doc.ID)
	if err != nil {
		return fmt.Errorf("store document: %w", err)
	}
	content := doc.Content
	if content == nil {
		content = []byte{}
	}
	_, err = db.New(d.pool).InsertDocument(ctx, db.InsertDocumentParams{
		ID: id, Kind: string(doc.Kind), Content: content, MediaType: doc.MediaType, OwnerKey: doc.OwnerKey,
	})
	if err != nil {
		return fmt.Errorf("store document: %w", err)
	}
	return nil
}

// Get reads a document. Error: activities.ErrNotFound.
func (d *Documents) Get(ctx context.Context, documentID string) (activities.Document, error) {
	id, err := parseID(documentID)
	if err != nil {
		return activities.Document{}, fmt.Errorf("document: %w", activities.ErrNotFound)
	}
	row, err := db.New(d.pool).Document(ctx, id)
	return documentOf(row), absent(err, "document")
}

// GetOwned reads a document of an owner; one of somebody else is not found.
// Error: activities.ErrNotFound.
func (d *Documents) GetOwned(ctx context.Context, documentID, ownerKey string) (activities.Document, error) {
	id, err := parseID(documentID)
	if err != nil {
		return activities.Document{}, fmt.Errorf("document: %w", activities.ErrNotFound)
	}
	row, err := db.New(d.pool).OwnedDocument(ctx, db.OwnedDocumentParams{ID: id, OwnerKey: ownerKey})
	return documentOf(row), absent(err, "document")
}

func documentOf(row db.Document) activities.Document {
	doc := activities.Document{
		ID: row.ID.String(), Kind: activities.DocumentKind(row.Kind), MediaType: row.MediaType, OwnerKey: row.OwnerKey,
		Content: row.Content, CreatedAt: row.CreatedAt,
	}
	copy(doc.SHA256[:], row.Sha256)
	return doc
}
