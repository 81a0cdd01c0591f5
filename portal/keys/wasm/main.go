//go:build js && wasm

// Command wasm answers the worker of the portal's pages: a function
// remoteIssuance(operation, input) in the global scope of JavaScript. Octets go
// in and out as Uint8Array, times as milliseconds since 1970.
package main

import (
	"syscall/js"
	"time"

	"github.com/remote-issuance/remote-issuance/portal/keys/operation"
)

func main() {
	js.Global().Set("remoteIssuance", js.FuncOf(func(_ js.Value, args []js.Value) any {
		out, err := answer(args[0].String(), args[1])
		if err != nil {
			return map[string]any{"problem": operation.Code(err)}
		}
		return out
	}))
	select {}
}

func answer(name string, in js.Value) (map[string]any, error) {
	switch name {
	case "describe":
		return describe(in)
	case "request":
		return request(in)
	case "sign":
		return sign(in)
	default:
		return nil, operation.ErrUnknown
	}
}

func describe(in js.Value) (map[string]any, error) {
	d, err := operation.Diagnose(octets(in.Get("certificate")), in.Get("startAfterDays").Int(), instant(in.Get("now")))
	if err != nil {
		return nil, err
	}
	p := d.Person
	return map[string]any{
		"surname": p.Surname, "givenNames": p.GivenNames, "personalNumber": p.PersonalNumber, "organisation": p.Organisation,
		"unp": p.UNP, "unit": p.Unit, "position": p.Position, "idCard": p.IDCard, "inForce": d.InForce,
		"notBefore": d.NotBefore.UnixMilli(), "notAfter": d.NotAfter.UnixMilli(),
	}, nil
}

func request(in js.Value) (map[string]any, error) {
	made, err := operation.Request{
		Certificate: octets(in.Get("certificate")), Position: in.Get("position").String(), Years: in.Get("years").Int(),
		StartAfterDays: in.Get("startAfterDays").Int(), Password: in.Get("password").String(), Now: instant(in.Get("now")),
	}.Make()
	if err != nil {
		return nil, err
	}
	return map[string]any{
		"container": array(made.Container), "request": array(made.Request),
		"notBefore": made.NotBefore.UnixMilli(), "notAfter": made.NotAfter.UnixMilli(),
	}, nil
}

func sign(in js.Value) (map[string]any, error) {
	der, err := operation.Signature{
		Document: octets(in.Get("document")), Container: octets(in.Get("container")), Certificate: octets(in.Get("certificate")),
		Password: in.Get("password").String(), Now: instant(in.Get("now")),
	}.Make()
	if err != nil {
		return nil, err
	}
	return map[string]any{"signature": array(der)}, nil
}

func octets(v js.Value) []byte {
	out := make([]byte, v.Length())
	js.CopyBytesToGo(out, v)
	return out
}

func array(octets []byte) js.Value {
	out := js.Global().Get("Uint8Array").New(len(octets))
	js.CopyBytesToJS(out, octets)
	return out
}

func instant(v js.Value) time.Time { return time.UnixMilli(int64(v.Float())) }
