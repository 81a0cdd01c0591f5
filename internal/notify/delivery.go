package notify

import "errors"

// ErrDelivery is returned for a division of the credentials that would be unsafe or useless.
var ErrDelivery = errors.New("credentials: login and password each need a channel, and no SMS has login, password and address together")

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
}

// DefaultDelivery sends login and address by e-mail and the password by SMS, so
// that neither message alone opens the storage.
func DefaultDelivery() Delivery {
	return Delivery{Email: Parts{Login: true, Link: true}, SMS: Parts{Password: true}}
}

// Validate returns ErrDelivery for a division that must not be configured.
func (d Delivery) Validate() error {
	if d.SMS.Login && d.SMS.Password && d.SMS.Link {
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
