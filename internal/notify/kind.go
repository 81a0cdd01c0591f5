package notify

import (
	"errors"
	"slices"

	"github.com/remote-issuance/remote-issuance/internal/order"
)

// Kind is what a message is about.
type Kind = order.NoticeKind

// Kinds lists every kind of message there is a text for.
func Kinds() []Kind {
	return []Kind{
		order.NoticeWaitingForManager, order.NoticeApprovalReminder, order.NoticeFinishReminder,
		order.NoticeRejected, order.NoticeAnnulled, order.NoticeRefused, order.NoticeWithdrawn,
		order.NoticePaymentDue, order.NoticePaymentReminder, order.NoticePaid, order.NoticeIssued, order.NoticeCredentialsAgain,
		order.NoticeConfirmationPaymentDue, order.NoticeConfirmationReminder, order.NoticeConfirmationTotal, order.NoticeManagerReminder,
		order.NoticeConfirmationLapsed, order.NoticeConfirmationFinished, order.NoticeCertificateEnds,
	}
}

// CarriesCredentials tells whether messages of the kind bring login and
// password of the storage, by both channels (I4).
func CarriesCredentials(kind Kind) bool {
	return kind == order.NoticeIssued || kind == order.NoticeCredentialsAgain
}

// textOf is the kind whose text a message has.
func textOf(kind Kind) Kind {
	if kind == order.NoticeCredentialsAgain {
		return order.NoticeIssued
	}
	return kind
}

// Channel is a way to reach a person.
type Channel string

// The channels.
const (
	ChannelEmail Channel = "email"
	ChannelSMS   Channel = "sms"
)

// Channels lists the channels.
func Channels() []Channel { return []Channel{ChannelEmail, ChannelSMS} }

// Language is the language of a message.
type Language string

// The languages.
const (
	Russian    Language = "ru"
	Belarusian Language = "be"
	English    Language = "en"
)

// Languages lists the languages; the first is that of people who named none.
func Languages() []Language { return []Language{Russian, Belarusian, English} }

// ErrLanguage is returned for a language there are no texts in.
var ErrLanguage = errors.New("no texts in this language: want ru, be or en")

// ParseLanguage reads ru, be or en; no text is Russian.
func ParseLanguage(s string) (Language, error) {
	if s == "" {
		return Russian, nil
	}
	if l := Language(s); slices.Contains(Languages(), l) {
		return l, nil
	}
	return "", ErrLanguage
}
