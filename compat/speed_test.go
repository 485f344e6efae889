package compat_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/millrace/millrace/compat"
	"github.com/millrace/millrace/compat/schema"
)

// speedQuestion asks the Java side how long an operation takes.
type speedQuestion struct {
	What    string   `json:"what"`
	Texts   []string `json:"texts"`
	Seconds float64  `json:"seconds"`
}

// TestSpeed measures what Java's libraries and ours need for the same work: test/parity/speed/run starts it.
func TestSpeed(t *testing.T) {
	oracle := strings.Fields(os.Getenv("SPEED_ORACLE"))
	if len(oracle) == 0 {
		t.Skip("no oracle: run test/parity/speed/run")
	}
	seconds, err := strconv.ParseFloat(os.Getenv("SPEED_SECONDS"), 64)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), oracle[0], oracle[1:]...)
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ask, answers := json.NewEncoder(in), bufio.NewScanner(out)
	report := fmt.Sprintf("\n%-32s %12s %12s %8s\n", "100 fields", "Java µs", "ours µs", "times")
	for _, work := range []struct {
		what, language string
		versions       int
	}{{"parse", "avro", 1}, {"check", "avro", 2}, {"check", "avro", 501}, {"parse", "json", 1}, {"parse", "protobuf", 1}} {
		q := speedQuestion{What: work.language + " " + work.what, Seconds: seconds}
		for i := range work.versions {
			q.Texts = append(q.Texts, tables[work.language].text(i))
		}
		if err := ask.Encode(q); err != nil {
			t.Fatal(err)
		}
		if !answers.Scan() {
			t.Fatalf("the oracle gave up: %v", answers.Err())
		}
		theirs, err := strconv.ParseInt(answers.Text(), 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		ours := fewest(seconds, operation(t, work.language, work.what, work.versions))
		name := q.What
		if work.versions > 2 {
			name += fmt.Sprintf(" of %d versions", work.versions-1)
		}
		report += fmt.Sprintf("%-32s %12.1f %12.1f %8.1f\n", name, float64(theirs)/1e3, float64(ours)/1e3, float64(theirs)/float64(ours))
	}
	if err := in.Close(); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err != nil {
		t.Fatal(err)
	}
	t.Log(report)
}

func operation(t *testing.T, language, what string, versions int) func() {
	t.Helper()
	table := tables[language]
	if what == "parse" {
		text := table.text(0)
		return func() {
			if _, err := table.format.Parse(schema.Document{Text: text}, nil, schema.Options{}); err != nil {
				t.Fatal(err)
			}
		}
	}
	all := versionsOf(t, language, versions)
	return func() {
		if v := compat.Judge(compat.BackwardTransitive, all[versions-1].Schema, all[:versions-1]); !v.Compatible() {
			t.Fatal(v.Lines()[0])
		}
	}
}

// fewest returns the fewest nanoseconds of one call in ten rounds, measured as Speed.java does.
func fewest(seconds float64, call func()) int64 {
	round := time.Duration(seconds * float64(time.Second) / 10)
	for start := time.Now(); time.Since(start) < 10*round; {
		call()
	}
	best := int64(0)
	for range 10 {
		n, took := int64(0), time.Duration(0)
		for start := time.Now(); took < round; took = time.Since(start) {
			call()
			n++
		}
		if per := took.Nanoseconds() / n; best == 0 || per < best {
			best = per
		}
	}
	return best
}
