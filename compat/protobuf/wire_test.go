package protobuf

import (
	"bufio"
	"encoding/base64"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// TestWire reads random files beside Square Wire: test/parity/wire/run starts it.
func TestWire(t *testing.T) {
	oracle := strings.Fields(os.Getenv("WIRE_ORACLE"))
	if len(oracle) == 0 {
		t.Skip("no oracle: run test/parity/wire/run")
	}
	n, err := strconv.Atoi(os.Getenv("WIRE_N"))
	if err != nil {
		t.Fatal(err)
	}
	seed, err := strconv.ParseUint(os.Getenv("WIRE_SEED"), 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	g := newGenerator(seed)
	texts, lines := make([]string, n), make([]string, n)
	for i := range texts {
		texts[i] = pick(g, g.file, g.faulty)()
		lines[i] = base64.StdEncoding.EncodeToString([]byte(texts[i]))
	}
	cmd := exec.CommandContext(t.Context(), oracle[0], oracle[1:]...)
	cmd.Stdin, cmd.Stderr = strings.NewReader(strings.Join(lines, "\n")), os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	answers := bufio.NewScanner(strings.NewReader(string(out)))
	answers.Buffer(nil, 1<<24)
	accepted, printed, refused, faults := 0, 0, 0, 0
	for _, text := range texts {
		if faults > 20 {
			t.Fatal("too many differences")
		}
		if !answers.Scan() {
			t.Fatalf("the oracle gave up: %v", answers.Err())
		}
		b, err := base64.StdEncoding.DecodeString(answers.Text())
		if err != nil {
			t.Fatal(err)
		}
		theirs := string(b)
		f, syntax := parseText(text)
		switch {
		case syntax != nil && theirs == "ERROR "+strings.TrimPrefix(syntax.Words, prefix):
			refused++
		case syntax != nil || !strings.HasPrefix(theirs, "OK"):
			faults++
			t.Errorf("%s\n\tours: %v\n\twire: %s", text, syntax, theirs)
		default:
			accepted++
			ours, _ := f.print()
			if strings.Contains(text+ours, `\`) || theirs == "OK" || strings.Contains(text, "default") {
				continue // Wire prints strings without escapes, and defaults without quotes
			}
			again, syntax := parseText(theirs[len("OK "):])
			if syntax != nil {
				faults++
				t.Errorf("%s\n\tis printed by wire as\n%s\n\t%v", text, theirs, syntax)
				continue
			}
			if reread, _ := again.print(); ours != reread {
				faults++
				t.Errorf("%s\n\tours:\n%s\n\twire:\n%s", text, ours, reread)
			}
			if !strings.Contains(text, "enum") && !strings.Contains(text, "extend") && compact(ours) != compact(theirs[len("OK "):]) {
				faults++
				t.Errorf("%s\n\tours:\n%s\n\twire:\n%s", text, ours, theirs)
			}
			printed++
		}
	}
	t.Logf("seed %d: %d files read alike, %d of them printed alike, %d refused in the same words", seed, accepted, printed, refused)
}

// compact leaves out what Confluent's layout has otherwise than Wire's: comments, blank lines and the order of
// declarations.
func compact(text string) string {
	var out []string
	for line := range strings.SplitSeq(text, "\n") {
		if strings.TrimSpace(line) != "" && !strings.HasPrefix(strings.TrimSpace(line), "//") {
			out = append(out, line)
		}
	}
	slices.Sort(out)
	return strings.Join(out, "\n")
}
