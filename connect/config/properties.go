package config

import (
	"bytes"
	"fmt"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// maxFile bounds what a configuration file may hold.
const maxFile = 4 << 20

// Property is one entry of a .properties file.
type Property struct {
	Key, Value string
	Line       int // where the entry begins, from 1
}

// ReadProperties reads Java's .properties format (java.util.Properties.load): keys end at the first unescaped =, : or
// blank; # and ! begin a comment line; a backslash at a line's end continues it; \t \n \r \f and \uXXXX are escapes and a
// backslash before anything else means the character itself. The text is UTF-8. Entries come in the file's order, repeated
// ones too: the last wins.
func ReadProperties(file string, data []byte) ([]Property, []Fault) {
	if len(data) > maxFile {
		return nil, []Fault{{File: file, Msg: fmt.Sprintf("is longer than %d bytes, which no configuration needs", maxFile)}}
	}
	var props []Property
	var faults []Fault
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	for line := 1; len(data) > 0; {
		start := line
		var logical []byte
		logical, data, line = logicalLine(data, line)
		if len(logical) == 0 {
			continue
		}
		key, rest := splitProperty(logical)
		k, err := unescape(key)
		v, err2 := unescape(rest)
		if err == nil {
			err = err2
		}
		if err != nil {
			faults = append(faults, Fault{File: file, Line: start, Option: k, Msg: err.Error()})
			continue
		}
		props = append(props, Property{Key: k, Value: v, Line: start})
	}
	return props, faults
}

// ReadPropertyMap is ReadProperties for a caller that needs the values alone; its error lists the faults.
func ReadPropertyMap(file string, data []byte) (map[string]string, error) {
	list, faults := ReadProperties(file, data)
	if len(faults) > 0 {
		return nil, FaultsError(faults)
	}
	props := map[string]string{}
	for _, p := range list {
		props[p.Key] = p.Value
	}
	return props, nil
}

// logicalLine joins a line with those that it is continued by, leading blanks stripped; comments and blank lines are empty.
func logicalLine(data []byte, line int) (logical, rest []byte, next int) {
	for first := true; ; first = false {
		var l []byte
		if i := bytes.IndexAny(data, "\r\n"); i < 0 {
			l, data = data, nil
		} else {
			l = data[:i]
			if data[i] == '\r' && i+1 < len(data) && data[i+1] == '\n' {
				i++
			}
			data = data[i+1:]
		}
		line++
		l = bytes.TrimLeft(l, " \t\f")
		if first && (len(l) == 0 || l[0] == '#' || l[0] == '!') {
			return nil, data, line
		}
		slashes := len(l) - len(bytes.TrimRight(l, `\`))
		if slashes%2 == 0 {
			return append(logical, l...), data, line
		}
		logical = append(logical, l[:len(l)-1]...)
		if len(data) == 0 {
			return logical, data, line
		}
	}
}

func splitProperty(l []byte) (key, value []byte) {
	end := 0
	for end < len(l) && !bytes.ContainsRune([]byte(" \t\f=:"), rune(l[end])) {
		if l[end] == '\\' {
			end++
		}
		end++
	}
	end = min(end, len(l))
	value = bytes.TrimLeft(l[end:], " \t\f")
	if len(value) > 0 && (value[0] == '=' || value[0] == ':') {
		value = bytes.TrimLeft(value[1:], " \t\f")
	}
	return l[:end], value
}

func unescape(b []byte) (string, error) {
	if bytes.IndexByte(b, '\\') < 0 {
		return string(b), nil
	}
	out := make([]byte, 0, len(b))
	for i := 0; i < len(b); i++ {
		if b[i] != '\\' || i+1 == len(b) {
			out = append(out, b[i])
			continue
		}
		i++
		switch b[i] {
		case 't':
			out = append(out, '\t')
		case 'n':
			out = append(out, '\n')
		case 'r':
			out = append(out, '\r')
		case 'f':
			out = append(out, '\f')
		case 'u':
			r, ok := hex4(b[i+1:])
			if !ok {
				return string(out), fmt.Errorf(`has a malformed \u escape: four hexadecimal digits must follow`)
			}
			i += 4
			if utf16.IsSurrogate(r) && i+2 < len(b) && b[i+1] == '\\' && b[i+2] == 'u' {
				if low, ok := hex4(b[i+3:]); ok {
					if pair := utf16.DecodeRune(r, low); pair != utf8.RuneError {
						r, i = pair, i+6
					}
				}
			}
			out = utf8.AppendRune(out, r)
		default:
			out = append(out, b[i])
		}
	}
	return string(out), nil
}

func hex4(b []byte) (rune, bool) {
	if len(b) < 4 {
		return 0, false
	}
	n, err := strconv.ParseUint(string(b[:4]), 16, 16)
	return rune(n), err == nil
}
