package audit

// Action is what was done; the codes are stable because hashes cover them.
type Action string

// The actions.
const (
	ActionOrderOpened          Action = "order-opened"          // a person began an order
	ActionTermsAccepted        Action = "terms-accepted"        // both documents, at a version (S1)
	ActionRenewalSigned        Action = "renewal-signed"        // a program sent a signed request (STB 34.101.78)
	ActionRequestChecked       Action = "request-checked"       // the verdict over a request file (S3–S7)
	ActionRequestSaved         Action = "request-saved"         // after both checks (S8)
	ActionListMade             Action = "list-made"             // a manager chose orders (M5)
	ActionListSigned           Action = "list-signed"           // a manager's signature was verified (M6)
	ActionApproved             Action = "approved"              // the order is on a signed list (M6)
	ActionRejected             Action = "rejected"              // the manager said no (M4)
	ActionRefused              Action = "refused"               // the rules said no (S7, A1–A5)
	ActionWithdrawn            Action = "withdrawn"             // the applicant said no (S10)
	ActionAnnulled             Action = "annulled"              // a deadline passed (S11, M3, D3)
	ActionPaymentApplied       Action = "payment-applied"       // it pays an order or a confirmation
	ActionPaymentUnapplied     Action = "payment-unapplied"     // it pays nothing and waits for an operator (P4)
	ActionPaymentReturned      Action = "payment-returned"      // it goes back to its payer (P4)
	ActionConfirmationPaid     Action = "confirmation-paid"     // one payment for all its orders
	ActionConfirmationFinished Action = "confirmation-finished" // its last certificate is out (M10)
	ActionConfirmationLapsed   Action = "confirmation-lapsed"   // not paid in time (P8)
	ActionConfirmationVoid     Action = "confirmation-void"     // nothing was left to confirm
	ActionIssueRefused         Action = "issue-refused"         // the gate found no proof (I1, M6, P4)
	ActionCertificateIssued    Action = "certificate-issued"    // signed and stored (I1)
	ActionCertificateActivated Action = "certificate-activated" // its owner signed in with it (I7)
	ActionCertificateFetched   Action = "certificate-fetched"   // taken from the storage (I5)
	ActionCertificateRevoked   Action = "certificate-revoked"   // with a reason of RFC 5280
	ActionCRLPublished         Action = "crl-published"         // a new list of revoked certificates
	ActionCredentialsRevealed  Action = "credentials-revealed"  // shown in the cabinet or sent (I4)
	ActionContactsChanged      Action = "contacts-changed"      // of an issued order, by its owner (I4)
	ActionCredentialsRenewed   Action = "credentials-renewed"   // a new password of the storage (I4)
	ActionPayloadRead          Action = "payload-read"          // an operator decrypted workflow data
	ActionPayloadErased        Action = "payload-erased"        // the key of an order was destroyed
	ActionCardMade             Action = "card-made"             // evidence of an order was given away as a card
	ActionKeyBackupConfirmed   Action = "key-backup-confirmed"  // an operator tried the backup of a key
	ActionWebhookMade          Action = "webhook-made"          // a client wants to be told of events
	ActionWebhookChanged       Action = "webhook-changed"       // another state, other types
	ActionWebhookSecretChanged Action = "webhook-secret-changed"
	ActionWebhookDeleted       Action = "webhook-deleted"
	ActionWebhookReplayed      Action = "webhook-replayed"  // events are told again
	ActionBuildTried           Action = "build-tried"       // a canary was pinned to a build of the worker
	ActionBuildRamped          Action = "build-ramped"      // a build gets a share of the workflows
	ActionBuildCurrent         Action = "build-current"     // a build gets all workflows
	ActionWorkflowRepaired     Action = "workflow-repaired" // after a restore: terminated, started anew or told again
	ActionBuildRolledBack      Action = "build-rolled-back" // the build before gets them again
)

// phrases tell each action in the log's narrative; they are also the set of
// actions that exist.
var phrases = map[Action]string{
	ActionOrderOpened:          "opened the order",
	ActionTermsAccepted:        "accepted the terms",
	ActionRenewalSigned:        "signed a request to renew",
	ActionRequestChecked:       "checked the request file",
	ActionRequestSaved:         "saved the request",
	ActionListMade:             "made a list",
	ActionListSigned:           "signed the list",
	ActionApproved:             "approved the order",
	ActionRejected:             "rejected the order",
	ActionRefused:              "refused the order",
	ActionWithdrawn:            "withdrew the order",
	ActionAnnulled:             "annulled the order",
	ActionPaymentApplied:       "applied the payment",
	ActionPaymentUnapplied:     "kept the payment for an operator",
	ActionPaymentReturned:      "returned the payment",
	ActionConfirmationPaid:     "paid the confirmation",
	ActionConfirmationFinished: "finished the confirmation",
	ActionConfirmationLapsed:   "let the confirmation lapse",
	ActionConfirmationVoid:     "ended the confirmation without a payment",
	ActionIssueRefused:         "refused a certificate that nothing proved",
	ActionCertificateIssued:    "issued the certificate",
	ActionCertificateActivated: "signed in with the certificate",
	ActionCertificateFetched:   "fetched the certificate",
	ActionCertificateRevoked:   "revoked the certificate",
	ActionCRLPublished:         "published a revocation list",
	ActionCredentialsRevealed:  "revealed the storage credentials",
	ActionContactsChanged:      "changed the contacts",
	ActionCredentialsRenewed:   "renewed the storage credentials",
	ActionPayloadRead:          "read the order's encrypted data",
	ActionPayloadErased:        "erased the order's data",
	ActionCardMade:             "made a card for evidence",
	ActionKeyBackupConfirmed:   "confirmed the backup of a key",
	ActionWebhookMade:          "made a webhook",
	ActionWebhookChanged:       "changed a webhook",
	ActionWebhookSecretChanged: "changed the secret of a webhook",
	ActionWebhookDeleted:       "deleted a webhook",
	ActionWebhookReplayed:      "replayed events to a webhook",
	ActionBuildTried:           "tried a build of the worker",
	ActionBuildRamped:          "gave a build a share of the workflows",
	ActionBuildCurrent:         "gave a build all workflows",
	ActionWorkflowRepaired:     "made a workflow fit the database",
	ActionBuildRolledBack:      "gave the workflows back to an earlier build",
}

// Known tells whether the action exists.
func (a Action) Known() bool { _, ok := phrases[a]; return ok }

// ActorKind is the role in which somebody acted.
type ActorKind string

// The kinds of actors.
const (
	ActorApplicant ActorKind = "applicant" // the person the certificate is for
	ActorManager   ActorKind = "manager"   // the head who confirms
	ActorOperator  ActorKind = "operator"  // staff of the service
	ActorGateway   ActorKind = "gateway"   // a payment system
	ActorPortal    ActorKind = "portal"    // the portal that reports a sign-in
	ActorVisitor   ActorKind = "visitor"   // whoever knows login and password of the storage
	ActorClient    ActorKind = "client"    // a program with a token of its own
	ActorSystem    ActorKind = "system"    // rules and timers
)

// Known tells whether the kind exists.
func (k ActorKind) Known() bool {
	switch k {
	case ActorApplicant, ActorManager, ActorOperator, ActorGateway, ActorPortal, ActorVisitor, ActorClient, ActorSystem:
		return true
	default:
		return false
	}
}

// Actor is who acted. ID is opaque: a keyed hash or an account number, never a
// name, a personal number or an address. It may be empty for ActorSystem only.
type Actor struct {
	Kind ActorKind `json:"kind"`
	ID   string    `json:"id,omitempty"`
}

// System is the actor of rules and timers.
func System() Actor { return Actor{Kind: ActorSystem} }
