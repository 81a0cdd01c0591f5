package operation

import "github.com/remote-issuance/remote-issuance/internal/stb/bign"

// WithoutContainer makes a request as Make does, without the container, whose
// password costs a second.
func (r Request) WithoutContainer() (Made, error) {
	current, err := r.check()
	if err != nil {
		return Made{}, err
	}
	key, err := bign.GenerateKey(current.PublicKey.Curve(), nil)
	if err != nil {
		return Made{}, err
	}
	return r.sign(current, key)
}
