package order

import "fmt"

// Service is the code of a portal service.
type Service string

// The services of remote issuance.
const (
	// ServiceIndividual (6.0.00) serves individuals and sole proprietors, who pay for themselves.
	ServiceIndividual Service = "6.0.00"
	// ServiceEmployee (6.0.01) serves employees of a legal entity; their manager confirms and pays.
	ServiceEmployee Service = "6.0.01"
	// ServiceManager (6.0.02) is the manager's confirmation of employees' orders.
	ServiceManager Service = "6.0.02"
)

// ParseService reads the code of a service that an applicant can order:
// 6.0.00 or 6.0.01. A confirmation (6.0.02) is not ordered by an applicant.
func ParseService(s string) (Service, error) {
	switch v := Service(s); v {
	case ServiceIndividual, ServiceEmployee:
		return v, nil
	case ServiceManager:
		return "", fmt.Errorf("service %s is started by making a list, not by an order", s)
	default:
		return "", fmt.Errorf("unknown service %q, want 6.0.00 or 6.0.01", s)
	}
}

// NeedsApproval tells whether a manager has to confirm an order of this service.
func (s Service) NeedsApproval() bool { return s == ServiceEmployee }

// Kind is the kind of applicant; it decides terms and prices.
type Kind string

// The kinds of applicant.
const (
	// KindIndividual is a natural person (физическое лицо).
	KindIndividual Kind = "individual"
	// KindSoleProprietor is a sole proprietor (индивидуальный предприниматель).
	KindSoleProprietor Kind = "sole-proprietor"
	// KindEmployee is an employee or the manager of a legal entity (представитель юридического лица).
	KindEmployee Kind = "employee"
)

// MaxTerm is the longest validity in years that the kind may ask for (S6).
func (k Kind) MaxTerm() int {
	if k == KindIndividual {
		return 3
	}
	return 2
}

// TermAllowed tells whether a validity of so many whole years may be ordered (S6).
func (k Kind) TermAllowed(years int) bool { return years >= 1 && years <= k.MaxTerm() }

// Orders tells whether applicants of the kind order the service.
func (k Kind) Orders(s Service) bool {
	switch k {
	case KindIndividual, KindSoleProprietor:
		return s == ServiceIndividual
	case KindEmployee:
		return s == ServiceEmployee
	default:
		return false
	}
}
