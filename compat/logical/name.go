package logical

import "strings"

// MaxParts is how many parts a qualified name may have.
const MaxParts = 256

// CheckName refuses what no field, branch or symbol can be called in the DDL. role says what it names.
func CheckName(name, role string) error {
	if name == "" {
		return Errorf("%s name must not be empty", role)
	}
	if strings.ContainsFunc(name, isBlank) {
		return Errorf("%s name must not contain whitespace or control characters; got: '%s'", role, name)
	}
	return nil
}

// isBlank is Java's Character.isWhitespace or Character.isISOControl.
func isBlank(r rune) bool {
	switch {
	case r <= ' ', r >= 0x7f && r <= 0x9f:
		return true
	case r == 0x1680, r >= 0x2000 && r <= 0x200a && r != 0x2007, r == 0x2028, r == 0x2029, r == 0x205f, r == 0x3000:
		return true
	}
	return false
}

// CheckTypeName refuses what no named type can be called in the DDL: a name with an empty part, or with more than 256.
func CheckTypeName(name string) error {
	if strings.Contains("."+name+".", "..") {
		return Errorf("identifier must not be empty")
	}
	if strings.Count(name, ".") >= MaxParts {
		return Errorf("the name has more than %d parts", MaxParts)
	}
	return nil
}

// Split splits a qualified name at its last dot.
func Split(name string) (namespace, simple string) {
	dot := strings.LastIndexByte(name, '.')
	if dot < 0 {
		return "", name
	}
	return name[:dot], name[dot+1:]
}

// Parent returns the longest dotted prefix of name that is a named type; "": none. It looks at no more prefixes than a name may
// have parts, so that one of a megabyte costs no hour.
func Parent(name string, defined func(string) bool) string {
	for range MaxParts {
		dot := strings.LastIndexByte(name, '.')
		if dot <= 0 {
			return ""
		}
		if name = name[:dot]; defined(name) {
			return name
		}
	}
	return ""
}

// RootName returns the name of a root that has none: the subject with '_' for what a name cannot have.
func RootName(subject string) string {
	name := strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', r == '_':
			return r
		}
		return '_'
	}, subject)
	if name == "" || name[0] >= '0' && name[0] <= '9' {
		name = "Envelope" + name
	}
	return name
}
