package auth

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"
)

// ErrPassword is a password that is too short or too long.
var ErrPassword = errors.New("auth: a password has 10 to 200 characters")

// The bounds of a password, in characters.
const (
	minPassword = 10
	maxPassword = 200
)

// hashing is what one hash costs (RFC 9106 §4, the smaller of its choices for
// memory): one is worked out at a time, see patience.
type hashing struct {
	memory  uint32 // KiB
	passes  uint32
	threads uint8
}

// ordinary is what new hashes cost. A stored hash carries its own.
var ordinary = hashing{memory: 19 << 10, passes: 2, threads: 1}

const (
	keySize  = 32
	saltSize = 16
)

func checkPassword(password string) error {
	if n := utf8.RuneCountInString(password); n < minPassword || n > maxPassword || !utf8.ValidString(password) {
		return ErrPassword
	}
	return nil
}

// hash gives the hash of a password in the PHC string format.
func (h hashing) hash(password string) string {
	salt := make([]byte, saltSize)
	rand.Read(salt) // never fails
	key := argon2.IDKey([]byte(password), salt, h.passes, h.memory, h.threads, keySize)
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, h.memory, h.passes, h.threads,
		base64.RawStdEncoding.EncodeToString(salt), base64.RawStdEncoding.EncodeToString(key))
}

// matches reports whether a password is the one of a hash. What cannot be read
// matches nothing.
func matches(stored, password string) bool {
	var version int
	var h hashing
	parts := strings.Split(stored, "$")
	if len(parts) != 6 || parts[1] != "argon2id" {
		return false
	}
	if _, err := fmt.Sscanf(parts[2], "v=%d", &version); err != nil || version != argon2.Version {
		return false
	}
	if _, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &h.memory, &h.passes, &h.threads); err != nil ||
		h.memory > 1<<20 || h.passes == 0 || h.passes > 16 || h.threads == 0 {
		return false
	}
	salt, err1 := base64.RawStdEncoding.DecodeString(parts[4])
	key, err2 := base64.RawStdEncoding.DecodeString(parts[5])
	if err1 != nil || err2 != nil || len(key) == 0 {
		return false
	}
	got := argon2.IDKey([]byte(password), salt, h.passes, h.memory, h.threads, uint32(len(key)))
	return subtle.ConstantTimeCompare(got, key) == 1
}
