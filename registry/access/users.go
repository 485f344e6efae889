package access

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"golang.org/x/crypto/bcrypt"
)

// mostCost bounds what one password costs to check: each step doubles it, 16 is seconds.
const mostCost = 16

// users are the bcrypt hashes of an htpasswd file, by name.
type users struct {
	hashes map[string][]byte
	// nobody is a hash that no password has, of the file's highest cost: an unknown name takes as long as a known one.
	nobody []byte
}

// parseUsers reads an htpasswd file: name:hash a line, as `htpasswd -B` writes it. What is wrong with it is a Faults.
func parseUsers(file string, data []byte) (*users, error) {
	u := &users{hashes: map[string][]byte{}}
	var faults Faults
	cost := bcrypt.MinCost
	sc := bufio.NewScanner(bytes.NewReader(data))
	for n := 1; sc.Scan(); n++ {
		line := strings.TrimSpace(sc.Text())
		if line == "" || line[0] == '#' {
			continue
		}
		name, hash, ok := strings.Cut(line, ":")
		c, err := bcrypt.Cost([]byte(hash))
		msg := ""
		switch {
		case !ok || name == "" || !utf8.ValidString(name):
			msg = "is not of the form name:hash"
		case u.hashes[name] != nil:
			msg = fmt.Sprintf("user %q is there twice", name)
		case err != nil || len(hash) != 60:
			msg = fmt.Sprintf("the hash of user %q is not bcrypt's: make it with htpasswd -B", name)
		case c > mostCost:
			msg = fmt.Sprintf("the hash of user %q has cost %d: the greatest taken is %d", name, c, mostCost)
		}
		if msg != "" {
			if len(faults) < maxFaults {
				faults = append(faults, Fault{File: file, Line: n, Msg: msg})
			}
			continue
		}
		u.hashes[name] = []byte(hash)
		cost = max(cost, c)
	}
	if err := sc.Err(); err != nil {
		faults = append(faults, Fault{File: file, Msg: "has a line that no htpasswd file has: " + err.Error()})
	}
	if len(faults) > 0 {
		return nil, faults
	}
	var err error
	u.nobody, err = bcrypt.GenerateFromPassword(random(32), cost)
	if err != nil {
		return nil, fmt.Errorf("hashing: %w", err)
	}
	return u, nil
}

var errWrongPassword = errors.New("the user or the password is wrong")

// check compares a password with a user's hash.
func (u *users) check(name, password string) error {
	hash, known := u.hashes[name]
	if !known {
		hash = u.nobody
	}
	if bcrypt.CompareHashAndPassword(hash, []byte(password)) != nil || !known {
		return errWrongPassword
	}
	return nil
}
