package postgres

import (
	"context"
	"fmt"
	"strconv"

	"github.com/google/uuid"

	"github.com/remote-issuance/remote-issuance/activities"
	"github.com/remote-issuance/remote-issuance/internal/notify"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/postgres/db"
)

// noticeSpace is the name space of the ids of notices (RFC 9562, version 5):
// the same transition always asks for the same notices.
var noticeSpace = uuid.MustParse("6f6b1ef5-5f0c-5e0b-9d7c-2f6f0f3d8a41")

// post is a notice before it is addressed.
type post struct {
	subject  uuid.UUID
	version  int64
	kind     order.NoticeKind
	language string
	email    string
	phone    string
	data     notify.Data
}

func orderNotices(ctx context.Context, q *db.Queries, in activities.RecordOrderInput, id uuid.UUID, row db.UpdateOrderRow) error {
	for _, n := range in.Notices {
		p := post{
			subject: id, version: in.State.Version, kind: n.Kind, language: row.Language,
			data: notify.Data{
				OrderNumber: strconv.FormatInt(row.Number, 10), Service: order.Service(row.Service), Deadline: n.Deadline,
				Amount: n.Amount, PaymentNumber: order.PaymentNumber(n.Number), EndReason: in.State.Reason, Reason: in.State.Note,
			},
		}
		if in.State.Contacts != nil {
			p.email = in.State.Contacts.Email
			if n.Kind == order.NoticeIssued {
				p.phone = in.State.Contacts.Phone
			}
		}
		if err := enqueue(ctx, q, p); err != nil {
			return err
		}
	}
	return nil
}

func confirmationNotices(
	ctx context.Context, q *db.Queries, in activities.RecordConfirmationInput, id uuid.UUID, row db.UpdateConfirmationRow,
) error {
	for _, n := range in.Notices {
		p := post{
			subject: id, version: in.State.Version, kind: n.Kind, language: row.Language, email: row.Email,
			data: notify.Data{
				OrderNumber: strconv.FormatInt(n.Number, 10), Service: order.ServiceManager, Deadline: n.Deadline,
				Amount: n.Amount, PaymentNumber: order.PaymentNumber(n.Number), Certificates: n.Certificates,
			},
		}
		if err := enqueue(ctx, q, p); err != nil {
			return err
		}
	}
	return nil
}

// enqueue puts one row a channel into the outbox and wakes the dispatchers; a
// channel without an address gets none.
func enqueue(ctx context.Context, q *db.Queries, p post) error {
	data, err := toJSON("notice", p.data)
	if err != nil {
		return err
	}
	for _, to := range []struct {
		channel notify.Channel
		address string
	}{{notify.ChannelEmail, p.email}, {notify.ChannelSMS, p.phone}} {
		if to.address == "" {
			continue
		}
		name := fmt.Sprintf("%s/%d/%s/%s", p.subject, p.version, p.kind, to.channel)
		err := q.InsertNotice(ctx, db.InsertNoticeParams{
			ID: uuid.NewSHA1(noticeSpace, []byte(name)), SubjectID: p.subject, Kind: string(p.kind), Channel: string(to.channel),
			Language: p.language, Recipient: to.address, Data: data,
		})
		if err != nil {
			return err
		}
		if err := q.Notify(ctx, db.NotifyParams{Channel: string(ChannelNotices), Payload: ""}); err != nil {
			return err
		}
	}
	return nil
}
