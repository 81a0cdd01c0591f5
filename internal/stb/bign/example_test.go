package bign_test

import (
	"encoding/asn1"
	"errors"
	"fmt"

	"github.com/remote-issuance/remote-issuance/internal/stb/belt"
	"github.com/remote-issuance/remote-issuance/internal/stb/bign"
)

func Example() {
	hashOID, _ := asn1.Marshal(belt.OIDHash)
	key, err := bign.GenerateKey(bign.Curve256v1(), nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	digest := belt.Sum256([]byte("a list of employees"))
	signature, err := key.SignDigest(hashOID, digest[:])
	if err != nil {
		fmt.Println(err)
		return
	}

	public := key.Public().(*bign.PublicKey)
	fmt.Println(len(signature), public.Verify(hashOID, digest[:], signature))

	digest = belt.Sum256([]byte("another list"))
	fmt.Println(errors.Is(public.Verify(hashOID, digest[:], signature), bign.ErrVerification))
	// Output:
	// 48 <nil>
	// true
}

func ExampleCurveByOID() {
	curve, ok := bign.CurveByOID(asn1.ObjectIdentifier{1, 2, 112, 0, 2, 0, 34, 101, 45, 3, 2})
	fmt.Println(ok, curve.Name(), curve.Level(), curve.PublicKeySize())
	// Output: true bign-curve384v1 192 96
}

func ExampleNewPublicKey() {
	raw := make([]byte, bign.Curve256v1().PublicKeySize())
	_, err := bign.NewPublicKey(bign.Curve256v1(), raw)
	fmt.Println(err)
	// Output: bign: public key is not a point of the curve
}
