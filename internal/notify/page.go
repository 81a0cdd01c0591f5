package notify

import (
	"strings"

	"github.com/remote-issuance/remote-issuance/internal/order"
)

// pageOf is the page of the portal that a message is about: the list of a
// confirmation, the new order that a certificate's end calls for, or the order.
func pageOf(portal string, kind Kind, id string) string {
	portal = strings.TrimRight(portal, "/")
	switch {
	case kind == order.NoticeCertificateEnds:
		return portal + "/new-order"
	case id == "":
		return portal + "/orders"
	case strings.HasPrefix(string(kind), "confirmation-"):
		return portal + "/organisation/lists/" + id
	default:
		return portal + "/orders/" + id
	}
}
