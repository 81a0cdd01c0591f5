package api

import (
	"maps"

	"github.com/remote-issuance/remote-issuance/api/web"
)

// group is a part of the contract with one policy: who may, and what everybody
// else is told. The groups of orders are of three samples: E of an employee, I
// of an individual, P of a sole proprietor.
type group string

const (
	// anybody asks nobody who they are; byProof asks for a proof of its own, which
	// no token replaces.
	anybody group = "public"
	byProof group = "by proof"
	// unknownNumber is a payment number that was never given, notOffered a process
	// of STB 34.101.78 that the service does not have: the same for everybody.
	unknownNumber group = "unknown number"
	notOffered    group = "not offered"
	// personal is everybody's own: terms, list of orders.
	personal       group = "personal"
	openIndividual group = "open 6.0.00"
	openEmployee   group = "open 6.0.01"
	readE          group = "read E"
	writeE         group = "write E"
	// cardE names everybody on the list: it is nobody's but the head's.
	cardE  group = "card E"
	readI  group = "read I"
	writeI group = "write I"
	readP  group = "read P"
	writeP group = "write P"
	// activate reports the sign-in with a certificate that was issued for the
	// sample of the caller's kind.
	activate group = "activate"
	// organisation lists what the chosen organisation has, ours is E and its
	// confirmation, notOurs are orders of no organisation.
	organisation group = "organisation"
	ours         group = "ours"
	notOurs      group = "not ours"
	notify       group = "notify"
	ledger       group = "ledger"
	// readEvents and ownWebhooks are of whichever program calls; the webhooks
	// belong to one program, which has signed in for no organisation and for E's.
	readEvents      group = "events"
	ownWebhooks     group = "own webhooks"
	webhookOfClient group = "webhook of the program"
	webhookOfTheirs group = "webhook of the organisation's program"
)

var (
	opening    = []group{openIndividual, openEmployee}
	applicant  = []group{personal, openIndividual, openEmployee, readE, writeE, cardE, readI, writeI, readP, writeP, activate}
	orders     = []group{readE, writeE, cardE, readI, writeI, readP, writeP, activate}
	manager    = []group{organisation, ours, notOurs}
	integrator = []group{readEvents, ownWebhooks, webhookOfClient, webhookOfTheirs}
)

// letIn is the outcome of somebody who may; any other outcome is the problem
// that they are answered with.
const letIn web.Slug = ""

// policy is what an identity meets in each group.
type policy map[group]web.Slug

// locked lets nobody in but where nobody is asked.
func locked(told web.Slug) policy {
	p := policy{anybody: letIn, byProof: letIn, unknownNumber: web.ProblemUnknownNumber, notOffered: web.ProblemProcess}
	for _, list := range [][]group{applicant, manager, integrator, {notify, ledger}} {
		for _, g := range list {
			p[g] = told
		}
	}
	return p
}

// but is the policy with another outcome in some groups.
func (p policy) but(told web.Slug, groups ...group) policy {
	out := maps.Clone(p)
	for _, g := range groups {
		out[g] = told
	}
	return out
}

// anApplicant has the scope and no order of the samples.
func anApplicant() policy {
	return locked(web.ProblemForbidden).but(web.ProblemNotFound, orders...).but(letIn, personal)
}

// anEmployee may order 6.0.01 and is told so in 6.0.00 (A1d); an individual and
// a sole proprietor the other way round.
func anEmployee() policy {
	return anApplicant().but(letIn, openEmployee).but(web.ProblemOrderEmployee, openIndividual)
}

func anIndividual() policy {
	return anApplicant().but(letIn, openIndividual).but(web.ProblemOrderIndividual, openEmployee)
}

// ownerE, ownerI and ownerP own a sample.
func ownerE() policy {
	return anEmployee().but(letIn, readE, writeE, activate).but(web.ProblemCardOfManager, cardE)
}
func ownerI() policy { return anIndividual().but(letIn, readI, writeI, activate) }
func ownerP() policy { return anIndividual().but(letIn, readP, writeP, activate) }

// readerE has E's token with a certificate that is good for nothing: they may
// read, because they have signed in, and do nothing (A1c).
func readerE(told web.Slug) policy {
	return ownerE().but(told, writeE, activate).but(told, opening...)
}

func readerI(told web.Slug) policy {
	return ownerI().but(told, writeI, activate).but(told, opening...)
}

// asHead adds the scope of a manager with an outcome in all of its groups.
func (p policy) asHead(told web.Slug) policy { return p.but(told, manager...) }

// head is the head of E's organisation: what is not the organisation's is not there.
func (p policy) head() policy {
	return p.but(letIn, organisation, ours).but(web.ProblemNotFound, notOurs)
}

// foreignHead is the head of another organisation.
func (p policy) foreignHead() policy {
	return p.but(letIn, organisation).but(web.ProblemNotFound, ours, notOurs)
}

// program has both scopes of programs and no webhook of the samples: those of
// others are not there.
func (p policy) program() policy {
	return p.but(letIn, readEvents, ownWebhooks).but(web.ProblemNotFound, webhookOfClient, webhookOfTheirs)
}
