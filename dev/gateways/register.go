package gateways

import (
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/payments/charset"
)

// eripTime is how ERIP writes instants, in Minsk time.
const eripTime = "20060102150405"

// commission is ERIP's share of a payment in parts of a thousand; invented.
const commission = 15

// Register is the .210 file of all payments the terminal took and did not reverse, in windows-1251. Fields whose meaning is not
// known are empty.
func (s *Server) Register() []byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.opts.Now().In(order.Minsk()).Format(eripTime)
	var gross order.Kopecks
	var lines []string
	for _, t := range s.taken {
		gross += t.Amount
		line := make([]string, 20)
		line[1], line[3] = strconv.FormatInt(s.opts.ERIP.ServiceNo, 10), "Плательщик"
		line[9], line[12] = t.At.In(order.Minsk()).Format(eripTime), strconv.FormatInt(t.TransactionID, 10)
		lines = append(lines, strings.Join(line, "^"))
	}
	header := make([]string, 18)
	header[2], header[3], header[9], header[10] = "Реестр платежей", now, "1", now
	header[12], header[14] = gross.String(), (gross - gross*commission/1000).String()
	lines = append([]string{strings.Join(header, "^")}, lines...)
	return charset.ToWindows1251(strings.Join(lines, "\r\n") + "\r\n\r\n")
}

// DropRegister puts the register into the watched folder and returns its path.
func (s *Server) DropRegister() (string, error) {
	folder := s.target().ERIPFolder
	if folder == "" {
		return "", errors.New("the folder for registers is not set")
	}
	return drop(folder, "payments-", ".210", s.Register())
}

// drop writes a file that the other side sees only when it is whole.
func drop(folder, prefix, suffix string, data []byte) (string, error) {
	path := filepath.Join(folder, prefix+time.Now().UTC().Format("20060102-150405.000")+suffix)
	if err := os.WriteFile(path+".part", data, 0o600); err != nil {
		return "", err
	}
	return path, os.Rename(path+".part", path)
}
