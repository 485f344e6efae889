package config

import (
	"fmt"
	"io"
	"log/slog"
	"regexp"
)

// Hidden stands where a secret would be shown.
const Hidden = "[hidden]"

// Secret is a string that no formatting, encoding or logging shows. Only Reveal gives it.
type Secret string

// Reveal returns the secret itself.
func (s Secret) Reveal() string { return string(s) }

// String returns Hidden.
func (s Secret) String() string { return Hidden }

// Format writes Hidden for every verb.
func (s Secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, Hidden) }

// MarshalText returns Hidden, also inside JSON. As a map's key encoding/json would show it: a Secret is no key.
func (s Secret) MarshalText() ([]byte, error) { return []byte(Hidden), nil }

// LogValue returns Hidden.
func (s Secret) LogValue() slog.Value { return slog.StringValue(Hidden) }

var (
	// secretName is what the names of secret options have in common: Debezium's own list (custom.sanitize.pattern) and the
	// private keys and tokens that TLS, SASL and NATS add.
	secretName = regexp.MustCompile(`(?i)(secret|password|passphrase|token|sasl\.jaas\.config|basic\.auth\.user\.info|credentials\.json|connection\.?string|private[._]?key|keystore\.key|ssl\.key|nkey|seed)$`)
	// userinfo is the user:password of a URL; a lone user stays.
	userinfo = regexp.MustCompile(`(://[^/@:\s]*):[^/@\s]*@`)
)

// SecretName reports whether an option of this name holds a secret, whoever defined it.
func SecretName(name string) bool { return secretName.MatchString(name) }

// Redact returns a copy of m for logs and consoles: values of secret options, and passwords inside URLs, are hidden.
func Redact(m map[string]string) map[string]string {
	out := make(map[string]string, len(m))
	for k, v := range m {
		out[k] = redact(k, v)
	}
	return out
}

func redact(name, value string) string {
	if value != "" && SecretName(name) {
		return Hidden
	}
	return userinfo.ReplaceAllString(value, "$1:"+Hidden+"@")
}
