package notify

import "errors"

// ErrDelivery is returned for a division of the credentials that is unsafe or useless.
var ErrDelivery = errors.New("credentials: login and password each need a channel, and go together by one only where that is allowed")

// Parts are the parts of the credentials that one channel carries.
type Parts struct {
	Login    bool
	Password bool
	// Link is the address of the storage.
	Link bool
}

// Delivery divides the credentials between the channels (I4).
type Delivery struct {
	Email Parts
	SMS   Parts
	// Together allows a message that has login and password both.
	Together bool
}

// DefaultDelivery sends the address by both channels, the login by e-mail and
// the password by SMS: each message leads on and says where the rest is, and
// neither alone opens the storage.
func DefaultDelivery() Delivery {
	return Delivery{Email: Parts{Login: true, Link: true}, SMS: Parts{Password: true, Link: true}}
}

// Validate returns ErrDelivery for a division that must not be configured.
func (d Delivery) Validate() error {
	together := d.Email.Login && d.Email.Password || d.SMS.Login && d.SMS.Password
	if together && !d.Together {
		return ErrDelivery
	}
	if !(d.Email.Login || d.SMS.Login) || !(d.Email.Password || d.SMS.Password) {
		return ErrDelivery
	}
	return nil
}

func (d Delivery) parts(channel Channel) Parts {
	if channel == ChannelSMS {
		return d.SMS
	}
	return d.Email
}

// only drops the credentials that the channel does not carry.
func (d Data) only(p Parts) Data {
	if !p.Login {
		d.Login = ""
	}
	if !p.Password {
		d.Password = ""
	}
	if !p.Link {
		d.StorageURL = ""
	}
	return d
}
