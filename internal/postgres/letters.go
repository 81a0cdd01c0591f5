package postgres

import (
	"fmt"
	"strconv"
	"time"

	"github.com/remote-issuance/remote-issuance/internal/notify"
	"github.com/remote-issuance/remote-issuance/internal/order"
)

// letter is a notice before it is divided between the channels.
type letter struct {
	subject  order.ID
	kind     order.NoticeKind
	language string
	email    string
	phone    string
	data     notify.Data
	// occasion tells letters apart that say the same at different times.
	occasion string
}

func orderLetter(r order.Record, n order.Notice) letter {
	l := letter{
		subject: r.ID, kind: n.Kind, language: r.Language,
		data: notify.Data{
			OrderNumber: strconv.FormatInt(r.Number, 10), Service: r.Service, Deadline: n.Deadline, Amount: n.Amount,
			PaymentNumber: n.Number, EndReason: r.Reason, Reason: r.Note,
		},
	}
	if n.Kind == order.NoticeCredentialsAgain {
		l.occasion = strconv.FormatInt(r.Version, 10)
	}
	if r.Contacts != nil {
		l.email = r.Contacts.Email
		if notify.CarriesCredentials(n.Kind) {
			l.phone = r.Contacts.Phone
		}
	}
	return l
}

func confirmationLetter(c order.Confirmation, n order.Notice) letter {
	return letter{
		subject: c.ID, kind: n.Kind, language: c.Language, email: c.Email,
		data: notify.Data{
			OrderNumber: strconv.FormatInt(int64(c.Number), 10), Service: order.ServiceManager, Deadline: n.Deadline,
			Amount: n.Amount, AmountBefore: n.Was, PaymentNumber: n.Number, Certificates: n.Certificates,
		},
	}
}

// dates tells in the messages with credentials from when to when the
// certificate holds and, where it begins later, from which day it is signed in
// with (I7).
func (c *changes) dates(from, until, at time.Time) {
	for i := range c.notices {
		d := &c.notices[i].Data
		if !notify.CarriesCredentials(c.notices[i].Kind) {
			continue
		}
		d.CertificateFrom, d.CertificateEnds = from, until
		if from.After(at) {
			d.SignInFrom = from
		}
	}
}

// noticeRow is a row of the outbox: one message by one channel.
type noticeRow struct {
	ID        order.ID         `json:"id"`
	SubjectID order.ID         `json:"subject_id"`
	Kind      order.NoticeKind `json:"kind"`
	Channel   notify.Channel   `json:"channel"`
	Language  string           `json:"language"`
	Recipient string           `json:"recipient"`
	Data      notify.Data      `json:"data"`
}

// tell asks for one message a channel; a channel without an address gets none.
func (c *changes) tell(l letter) {
	for _, to := range []struct {
		channel notify.Channel
		address string
	}{{notify.ChannelEmail, l.email}, {notify.ChannelSMS, l.phone}} {
		if to.address == "" {
			continue
		}
		c.notices = append(c.notices, noticeRow{
			ID: l.id(to.channel), SubjectID: l.subject, Kind: l.kind, Channel: to.channel, Language: l.language,
			Recipient: to.address, Data: l.data,
		})
	}
}

// id follows from what the message says, so that asking for it again asks for
// nothing.
func (l letter) id(channel notify.Channel) order.ID {
	var deadline int64
	if !l.data.Deadline.IsZero() {
		deadline = stored(l.data.Deadline).UnixMicro()
	}
	name := fmt.Sprintf("%s/%s/%s/%d/%d/%d/%s", l.subject, l.kind, channel, deadline, l.data.Amount, l.data.PaymentNumber, l.occasion)
	return order.DerivedID("notice", []byte(name))
}
