package ca

import (
	"errors"
	"fmt"
	"strings"

	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/pki"
	"github.com/remote-issuance/remote-issuance/internal/pki/der"
)

// ErrRefused is returned for an application that the profile does not allow;
// *RefusedError names the field.
var ErrRefused = errors.New("the profile refuses the application")

// RefusedError is a field for which the profile refuses an application. It holds
// no value of it.
type RefusedError struct {
	// Field is empty when it is no field of the subject.
	Field  order.Field
	Reason string
}

// Error gives field and reason.
func (e *RefusedError) Error() string {
	return fmt.Sprintf("%s: %s: %s", ErrRefused, e.Field, e.Reason)
}

// Is makes every such error an ErrRefused.
func (e *RefusedError) Is(target error) bool { return target == ErrRefused }

func refuse(field order.Field, reason string) error {
	return &RefusedError{Field: field, Reason: reason}
}

// encoded is a subject as a certificate carries it.
type encoded struct {
	name       pki.Name
	extensions []pki.Extension
}

// encode writes the compared values as the profile wants them (I3): as an
// extension where the profile has one for the field, and else as the first name
// attribute that it allows. A field for which it has no place is refused: a
// certificate must not say less than was checked.
func (p Profile) encode(kind order.Kind, k KindProfile, s order.Subject) (encoded, error) {
	w := writer{profile: p, kind: k, subject: s, left: map[order.Field]bool{}}
	for _, v := range s.Values() {
		if v.Value == "" {
			continue
		}
		if !kind.MayName(v.Field) {
			return encoded{}, refuse(v.Field, "the kind of applicant may not have it")
		}
		w.left[v.Field] = true
	}
	w.joined = w.joinsGivenNames(kind)
	err := errors.Join(w.writeExtensions(), w.writeName())
	if err != nil {
		return encoded{}, err
	}
	for _, v := range s.Values() {
		if w.left[v.Field] {
			return encoded{}, refuse(v.Field, "the profile has no place for it")
		}
	}
	name, err := pki.NewName(p.Text.stringType(), w.attributes...)
	if err != nil {
		return encoded{}, fmt.Errorf("%w: subject: %w", ErrRefused, err)
	}
	return encoded{name: name, extensions: w.extensions}, nil
}

// writer puts the fields of a subject into their places, each once.
type writer struct {
	profile    Profile
	kind       KindProfile
	subject    order.Subject
	joined     bool
	left       map[order.Field]bool
	attributes []pki.NameAttribute
	extensions []pki.Extension
}

// joinsGivenNames tells whether first name and patronymic stand in one value, as
// in the certificates of representatives (STB 34.101.78), unless a first name of
// several words could not be told from the patronymic then.
func (w *writer) joinsGivenNames(kind order.Kind) bool {
	if !contains(w.kind.SubjectAttributes, pki.OIDGivenName) {
		return true
	}
	return kind == order.KindEmployee && !strings.Contains(w.subject.GivenName, " ")
}

func (w *writer) writeExtensions() error {
	for _, oid := range w.kind.SubjectExtensions {
		if oid.Equal(pki.OIDSubjectAltName) {
			if err := w.writeAlternative(); err != nil {
				return err
			}
			continue
		}
		field, known := pki.FieldOf(oid.OID)
		if !known || !w.left[field] {
			continue
		}
		e, err := pki.TextExtension(oid.OID, w.profile.Text.stringType(), w.subject.Value(field))
		if err != nil {
			return refuse(field, "the string type cannot hold it")
		}
		w.extensions, w.left[field] = append(w.extensions, e), false
	}
	return nil
}

// writeAlternative writes the person's name in Belarusian as a directory name.
func (w *writer) writeAlternative() error {
	if !w.left[order.FieldBelarusianName] {
		return nil
	}
	parts := append(strings.SplitN(w.subject.BelarusianName, " ", 3), "", "")
	name, err := pki.NewName(w.profile.Text.stringType(),
		pki.NameAttribute{Type: pki.OIDSurname, Value: parts[0]}, pki.NameAttribute{Type: pki.OIDName, Value: parts[1]},
		pki.NameAttribute{Type: pki.OIDGivenName, Value: parts[2]})
	if err != nil {
		return refuse(order.FieldBelarusianName, "the string type cannot hold it")
	}
	w.extensions = append(w.extensions, pki.DirectoryAltNameExtension(name))
	w.left[order.FieldBelarusianName] = false
	return nil
}

func (w *writer) writeName() error {
	for _, oid := range w.kind.SubjectAttributes {
		field, known := pki.FieldOf(oid.OID)
		if !known || !w.left[field] {
			continue
		}
		a := pki.NameAttribute{Type: oid.OID, Value: w.subject.Value(field)}
		if oid.Equal(pki.OIDName) && w.joined && w.left[order.FieldPatronymic] {
			a.Value += " " + w.subject.Patronymic
			w.left[order.FieldPatronymic] = false
		}
		if printableOnly(oid.OID) && !der.Printable(a.Value) {
			return refuse(field, "the string type cannot hold it")
		}
		// Written alone first, so that the field that does not fit is known.
		if _, err := pki.NewName(w.profile.Text.stringType(), a); err != nil {
			return refuse(field, "the string type cannot hold it")
		}
		w.attributes, w.left[field] = append(w.attributes, a), false
	}
	return nil
}

// printableOnly tells the attributes that X.520 wants as PrintableString.
func printableOnly(t pki.OID) bool { return t.Equal(pki.OIDCountry) || t.Equal(pki.OIDSerialNumber) }
