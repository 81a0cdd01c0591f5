package stack

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// secrets are made once per data directory; with others nothing in it could be read any more.
type secrets struct {
	MasterKey   string `json:"masterKey"`
	SessionKey  string `json:"sessionKey"`
	IDHashKey   string `json:"idHashKey"`
	CAPassword  string `json:"caPassword"`
	SMSPassword string `json:"smsPassword"`
	GatewaySalt string `json:"gatewaySalt"`
}

const keyBytes = 32

func loadSecrets(dir string) (secrets, error) {
	path := filepath.Join(dir, "secrets.json")
	var s secrets
	data, err := os.ReadFile(path)
	if err == nil {
		if err := json.Unmarshal(data, &s); err != nil {
			return s, fmt.Errorf("%s: %w; start with --fresh", path, err)
		}
		if s.SessionKey == "" {
			// The directory is older than the portal.
			s.SessionKey = random()
			return s, writeJSON(path, s, 0o600)
		}
		return s, nil
	}
	if !errors.Is(err, os.ErrNotExist) {
		return s, err
	}
	s = secrets{MasterKey: random(), SessionKey: random(), IDHashKey: random(),
		CAPassword: rand.Text(), SMSPassword: rand.Text(), GatewaySalt: rand.Text()}
	return s, writeJSON(path, s, 0o600)
}

func random() string {
	key := make([]byte, keyBytes)
	_, _ = rand.Read(key) // never fails since Go 1.24
	return base64.StdEncoding.EncodeToString(key)
}

func writeJSON(path string, v any, mode os.FileMode) error {
	data, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return err
	}
	next := path + ".new"
	if err := os.WriteFile(next, append(data, '\n'), mode); err != nil {
		return err
	}
	return os.Rename(next, path)
}
