package order

// NoticeKind names a message to a person; which channels carry it and what it
// says is decided where messages are written.
type NoticeKind string

// The notices, each sent when somebody should act or know.
const (
	NoticeWaitingForManager NoticeKind = "waiting-for-manager" // S9
	NoticeApprovalReminder  NoticeKind = "approval-reminder"   // D6
	NoticeFinishReminder    NoticeKind = "finish-reminder"     // D6, S11
	NoticeRejected          NoticeKind = "rejected"            // M4
	NoticeAnnulled          NoticeKind = "annulled"            // S11, M3, D3
	NoticeRefused           NoticeKind = "refused"             // S7
	NoticeWithdrawn         NoticeKind = "withdrawn"           // S10
	NoticePaymentDue        NoticeKind = "payment-due"         // 6.0.00 goes on to payment
	NoticePaymentReminder   NoticeKind = "payment-reminder"    // D6
	NoticePaid              NoticeKind = "paid"
	NoticeIssued            NoticeKind = "issued-credentials" // I4
	NoticeCredentialsAgain  NoticeKind = "credentials-again"  // I4: new password, contacts corrected

	NoticeConfirmationPaymentDue NoticeKind = "confirmation-payment-due" // M8
	NoticeConfirmationReminder   NoticeKind = "confirmation-payment-reminder"
	NoticeConfirmationTotal      NoticeKind = "confirmation-total-changed" // an order left before the payment
	NoticeManagerReminder        NoticeKind = "manager-payment-reminder"   // D6: to applicants, where the manager gave no address
	NoticeConfirmationLapsed     NoticeKind = "confirmation-lapsed"        // P8
	NoticeConfirmationFinished   NoticeKind = "confirmation-finished"      // M10

	NoticeCertificateEnds NoticeKind = "certificate-ends" // R1
)
