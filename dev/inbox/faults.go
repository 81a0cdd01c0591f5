package inbox

import (
	"strings"
	"sync"
	"time"
)

// Faults are what goes wrong; the zero value is nothing.
type Faults struct {
	// RejectMailboxes are the recipients that SMTP refuses for good (550), without case; "*" refuses all.
	RejectMailboxes []string `json:"rejectMailboxes,omitempty"`
	// MailBusy refuses mail for now (451).
	MailBusy bool `json:"mailBusy,omitempty"`
	// SMSDown answers 503 to SMS requests.
	SMSDown bool `json:"smsDown,omitempty"`
	// RejectPhones are the numbers, as 375…, that the SMS gateway refuses for good; "*" refuses all.
	RejectPhones []string `json:"rejectPhones,omitempty"`
	// SlowMillis is the delay before each answer of both channels, in milliseconds.
	SlowMillis int `json:"slowMillis,omitempty"`
	// LoseMailAnswers and LoseSMSAnswers keep the message and then break the connection instead of answering; that many times.
	LoseMailAnswers int `json:"loseMailAnswers,omitempty"`
	LoseSMSAnswers  int `json:"loseSmsAnswers,omitempty"`
}

// switches hold the faults that are on now.
type switches struct {
	mu     sync.Mutex
	faults Faults
}

func (s *switches) set(f Faults) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = f
}

func (s *switches) get() Faults {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.faults
}

// losesAnswer tells whether this answer is lost, and counts it.
func (s *switches) losesAnswer(ch Channel) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	left := &s.faults.LoseMailAnswers
	if ch == SMS {
		left = &s.faults.LoseSMSAnswers
	}
	if *left == 0 {
		return false
	}
	*left--
	return true
}

// wait delays an answer until the time is over or quit is closed.
func (s *switches) wait(quit <-chan struct{}) {
	ms := s.get().SlowMillis
	if ms <= 0 {
		return
	}
	timer := time.NewTimer(time.Duration(ms) * time.Millisecond)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-quit:
	}
}

func matches(list []string, address string) bool {
	for _, entry := range list {
		if entry == "*" || strings.EqualFold(entry, address) {
			return true
		}
	}
	return false
}
