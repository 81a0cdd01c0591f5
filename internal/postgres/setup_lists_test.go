package postgres_test

import (
	"crypto/sha256"
	"fmt"
	"strings"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/internal/approval"
	"github.com/remote-issuance/remote-issuance/internal/approval/list"
	"github.com/remote-issuance/remote-issuance/internal/order"
)

// listed makes a list of the orders.
func (b *bundle) listed(orders ...*sample) order.Confirmation {
	b.t.Helper()
	c := order.Confirmation{
		ID: order.NewID(), UNP: unp, ManagerKey: manager, CertificateID: order.CertificateDocumentID([]byte(manager)), Language: "ru",
		Email: "m@example.by", StartedAt: day, Policy: order.DefaultPolicy(), Stage: order.ConfirmationSigning,
		Until: day.AddDate(0, 0, 4),
	}
	c.ListID = order.ListDocumentID(c.ID)
	for _, o := range orders {
		c.OrderIDs = append(c.OrderIDs, o.ID)
	}
	require.NoError(b.t, b.documents.Put(b.t.Context(), order.Document{
		ID: c.CertificateID, Kind: order.DocumentCertificate, Content: []byte(manager),
	}))
	var err error
	c.ListNumber, err = b.confirmations.NextListNumber(b.t.Context())
	require.NoError(b.t, err)
	doc := order.Document{ID: c.ListID, Kind: order.DocumentList, MediaType: list.MediaType, OwnerKey: unp, Content: b.octets(c.ListNumber, orders...)}
	require.NoError(b.t, b.confirmations.SaveList(b.t.Context(), c, doc))
	b.lists.Store(c.ListID, doc.Content)
	return c
}

// signed is the list with a signature that was found good.
func (b *bundle) signed(c order.Confirmation, at time.Time) approval.Signed {
	b.t.Helper()
	s := signed(c, at)
	if octets, found := b.lists.Load(c.ListID); found {
		s.List = octets.([]byte)
	}
	return s
}

// octets are those of the list of the orders.
func (b *bundle) octets(number int64, orders ...*sample) []byte {
	b.t.Helper()
	made := list.List{Number: number, MadeAt: day, Organisation: "ТАА Узор", UNP: unp, Head: "Узорова Нина", HeadNumber: "4020280A003PB0"}
	for _, o := range orders {
		u, _ := o.upload(good())
		made.Entries = append(made.Entries, approval.EntryOf(o.Number, u.Request, sha256.Sum256([]byte(o.keyID)), registered(), price*order.Kopecks(o.years)))
	}
	made, err := list.New(made)
	require.NoError(b.t, err)
	return made.Canonical()
}

// signed is a signature that was found good, without its list.
func signed(c order.Confirmation, at time.Time) approval.Signed {
	s := approval.Signed{Confirmation: c, SignatureID: order.NewID(), SignerKey: strings.Repeat("0b", 32), At: at}
	s.Signature = []order.Document{{ID: s.SignatureID, Kind: order.DocumentSignature, OwnerKey: unp, Content: []byte("signature")}}
	list, signer := []byte("revocation list"), []byte("certificate of the signer")
	s.SignerID = order.CertificateDocumentID(signer)
	evidence := fmt.Sprintf(`{"format":%q,"at":"2026-03-02T09:00:00Z","listIds":[%q]}`, approval.EvidenceFormat, order.RevocationListDocumentID(list))
	s.Evidence = []order.Document{
		{ID: order.RevocationListDocumentID(list), Kind: order.DocumentEvidence, MediaType: "application/pkix-crl", Content: list},
		{ID: order.EvidenceDocumentID(s.SignatureID), Kind: order.DocumentEvidence, MediaType: "application/json", OwnerKey: unp, Content: []byte(evidence)},
		{ID: s.SignerID, Kind: order.DocumentCertificate, OwnerKey: manager, Content: signer},
	}
	return s
}

// confirm lists the orders and signs the list.
func (b *bundle) confirm(orders ...*sample) (order.ID, bill) {
	b.t.Helper()
	c, err := b.confirmations.Confirm(b.t.Context(), b.signed(b.listed(orders...), day))
	require.NoError(b.t, err)
	return c.ID, bill{Number: int64(c.Number), Total: c.Total, Due: c.Until}
}
