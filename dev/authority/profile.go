package authority

import "github.com/remote-issuance/remote-issuance/internal/ca"

// crlHours outlasts the ten days between the issue of an employee's certificate
// and its first day (I2), as of which the sample is verified.
const crlHours = 24 * 30

// profileOf is the profile of an issuing CA: the standard one for the family's keys.
func profileOf(f Family) ca.Profile {
	p := ca.StandardProfile()
	if f == Bign {
		p.Text = ca.TextBMP
	}
	p.SubjectKeys, p.CRLHours, p.OCSPAddress = f.subjectKeys(), crlHours, ""
	p.CRLAddresses, p.IssuerAddress = []string{url + string(f) + ".crl"}, url+string(f)+".cer"
	return p
}
