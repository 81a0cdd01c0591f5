package main

import (
	"math/rand/v2"

	"github.com/remote-issuance/remote-issuance/dev/faults/judge"
	"github.com/remote-issuance/remote-issuance/internal/order"
)

// story is what people and gateways do to an order, or to the orders of a confirmation.
type story string

// The stories.
const (
	paid          story = "paid"
	toldTwice     story = "paid, told twice"
	answerLost    story = "paid, the answer to the gateway lost"
	neverTold     story = "paid, never told by the gateway"
	toldLate      story = "paid, told late"
	twoPayments   story = "paid twice by different ways"
	wrongSum      story = "a wrong sum first, then paid"
	reversed      story = "paid, taken back, paid again"
	withdrawn     story = "withdrawn"
	withdrawnPaid story = "withdrawn, then paid"
	race          story = "withdrawn and paid at once"
	oneLeaves     story = "one leaves the confirmation, then paid"
	rejected      story = "rejected by the manager"
	unconfirmed   story = "left unconfirmed"
	unpaid        story = "left unpaid"
	tooLate       story = "paid when the term was over"
	differs       story = "the registers differ"
)

// weighed is a story with how often it is drawn.
type weighed struct {
	story  story
	weight int
}

// both are the stories of either service.
func both() []weighed {
	return []weighed{{paid, 44}, {toldTwice, 7}, {answerLost, 6}, {neverTold, 5}, {toldLate, 5}, {twoPayments, 6}, {wrongSum, 5}, {reversed, 4},
		{withdrawn, 3}, {withdrawnPaid, 3}, {race, 4}, {unpaid, 3}, {tooLate, 4}, {differs, 3}}
}

// unit is one order of 6.0.00, or one confirmation with its orders of 6.0.01.
type unit struct {
	n int
	// each is how many orders the confirmation has; 0 for 6.0.00.
	each  int
	story story
	seed  uint64
}

// orders is how many orders a unit has.
func (u unit) orders() int { return max(1, u.each) }

// random is what the unit's own choices are drawn by.
func (u unit) random() *rand.Rand {
	return rand.New(rand.NewPCG(u.seed, uint64(u.n))) //nolint:gosec // what is drawn has to be drawn again by the same seed
}

// units draws units until they have so many orders: half of them of 6.0.00, a quarter alone in their confirmation, a quarter by tens.
func units(seed uint64, orders int) []unit {
	rnd := rand.New(rand.NewPCG(seed, 1<<63)) //nolint:gosec // as above
	var list []unit
	for made := 0; made < orders; made += list[len(list)-1].orders() {
		u := unit{n: len(list), seed: seed}
		stories := both()
		switch at := rnd.IntN(61); {
		case at < 20:
			u.each = 1
		case at < 22:
			u.each = 10
		}
		if u.each > 0 {
			stories = append(stories, weighed{rejected, 4}, weighed{unconfirmed, 3})
		}
		if u.each > 1 {
			stories = append(stories, weighed{oneLeaves, 8})
		}
		u.each = min(u.each, orders-made)
		switch u.story = drawStory(stories, rnd); {
		case u.each == 1 && u.story == oneLeaves:
			u.story = paid
		case u.each > 1 && u.story == race:
			// Whoever withdraws changes the sum, and what was meant would depend on who was first.
			u.story = oneLeaves
		}
		list = append(list, u)
	}
	return list
}

func drawStory(list []weighed, rnd *rand.Rand) story {
	sum := 0
	for _, w := range list {
		sum += w.weight
	}
	at := rnd.IntN(sum)
	for _, w := range list {
		if at -= w.weight; at < 0 {
			return w.story
		}
	}
	return paid
}

// ends are the ends that are right after a story.
func (s story) ends() []judge.End {
	issued := judge.End{End: order.EndIssued}
	back := judge.End{End: order.EndWithdrawn, Reason: order.ReasonByApplicant}
	switch s {
	case withdrawn, withdrawnPaid:
		return []judge.End{back}
	case race:
		return []judge.End{issued, back}
	case rejected:
		return []judge.End{{End: order.EndRejected, Reason: order.ReasonByManager}}
	case unconfirmed:
		return []judge.End{{End: order.EndAnnulled, Reason: order.ReasonNotConfirmed}}
	case unpaid, tooLate:
		return []judge.End{{End: order.EndAnnulled, Reason: order.ReasonNotPaid}}
	case differs:
		return []judge.End{{End: order.EndRefused, Reason: order.ReasonRegistersDiffer}}
	case paid, toldTwice, answerLost, neverTold, toldLate, twoPayments, wrongSum, reversed, oneLeaves:
		return []judge.End{issued}
	default:
		return nil
	}
}
