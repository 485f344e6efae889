package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"slices"
	"strings"

	"github.com/millrace/millrace/compat/avro"
	"github.com/millrace/millrace/compat/schema"
)

// question is a line for the oracle.
type question struct {
	Schema string `json:"schema,omitempty"`
	Reader string `json:"reader,omitempty"`
	Writer string `json:"writer,omitempty"`
}

// answer is the oracle's line, or ours.
type answer struct {
	Error    string   `json:"error"`
	Text     string   `json:"text"`
	Parsing  string   `json:"parsing"`
	CRC64    string   `json:"crc64"`
	Findings []string `json:"findings"`
}

func main() {
	n := flag.Int("n", 20000, "how many schemas, and how many pairs")
	seed := flag.Uint64("seed", 1, "of the random numbers")
	flag.Parse()
	if err := run(*n, *seed, flag.Args()); err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(1)
	}
}

func run(n int, seed uint64, oracle []string) error {
	if len(oracle) == 0 {
		return errors.New("no command of an oracle: see test/parity/run")
	}
	g := generator{Rand: rand.New(rand.NewPCG(seed, 0))}
	questions := make([]question, 0, 2*n)
	for range n {
		questions = append(questions, question{Schema: g.document(g.root())})
	}
	for range n {
		a := g.root()
		reader, writer := g.document(a), g.document(g.mutate(a))
		if g.chance(50) {
			reader, writer = writer, reader
		}
		questions = append(questions, question{Reader: reader, Writer: writer})
	}
	answers, err := ask(oracle, questions)
	if err != nil {
		return fmt.Errorf("asking the oracle: %w", err)
	}
	var refused, incompatible, differ int
	for i, q := range questions {
		want, got := answers[i], ours(q)
		switch {
		case want.Error != "":
			refused++
		case len(want.Findings) > 0:
			incompatible++
		}
		if same(got, want) {
			continue
		}
		if differ++; differ <= 10 {
			fmt.Printf("%s%s%s\n  java: %+v\n  ours: %+v\n", q.Schema, q.Reader, strings.Replace("\n"+q.Writer, "\n\n", "\n", 1), want, got)
		}
	}
	fmt.Printf("%d schemas and %d pairs: %d refused, %d incompatible, %d differ from Java\n", n, n, refused, incompatible, differ)
	if differ > 0 {
		return fmt.Errorf("%d answers differ from Java's", differ)
	}
	return nil
}

// ask runs the oracle over all questions.
func ask(command []string, questions []question) ([]answer, error) {
	cmd := exec.Command(command[0], command[1:]...)
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	written := make(chan error, 1)
	go func() {
		w := bufio.NewWriter(in)
		enc := json.NewEncoder(w)
		var err error
		for _, q := range questions {
			err = errors.Join(err, enc.Encode(q))
		}
		written <- errors.Join(err, w.Flush(), in.Close())
	}()
	answers := make([]answer, 0, len(questions))
	dec := json.NewDecoder(out)
	for {
		var a answer
		if err = dec.Decode(&a); err != nil {
			break
		}
		answers = append(answers, a)
	}
	if errors.Is(err, io.EOF) {
		err = nil
	}
	if err = errors.Join(err, <-written, cmd.Wait()); err != nil {
		return nil, err
	}
	if len(answers) != len(questions) {
		return nil, fmt.Errorf("%d answers to %d questions", len(answers), len(questions))
	}
	return answers, nil
}

// ours is what compat/avro answers.
func ours(q question) answer {
	parse := func(text string) (*avro.Schema, error) {
		return avro.Parse(schema.Document{Text: text}, nil, schema.Options{})
	}
	fail := func(err error) answer {
		var s *schema.SyntaxError
		if errors.As(err, &s) {
			return answer{Error: s.Msg}
		}
		return answer{Error: err.Error()}
	}
	if q.Schema != "" {
		s, err := parse(q.Schema)
		if err != nil {
			return fail(err)
		}
		return answer{Text: s.Canonical(), Parsing: s.ParsingForm(), CRC64: fmt.Sprintf("%016x", s.CRC64())}
	}
	reader, err := parse(q.Reader)
	if err != nil {
		return fail(err)
	}
	writer, err := parse(q.Writer)
	if err != nil {
		return fail(err)
	}
	var a answer
	for _, d := range reader.CanRead(writer) {
		a.Findings = append(a.Findings, d.Rule+" "+d.Path+" "+d.Detail)
	}
	return a
}

// same compares answers, but for what differs on purpose.
func same(got, want answer) bool {
	if want.Error == "Schema fields not set yet" {
		return true
	}
	if got.Error != "" && want.Error != "" {
		return got.Error == want.Error || strings.Contains(want.Error, "UnresolvedSchema_") ||
			strings.HasPrefix(want.Error, "Invalid default for field ") && strings.HasPrefix(got.Error, "Invalid default for field ")
	}
	return got.Error == want.Error && got.Text == want.Text && got.Parsing == want.Parsing && got.CRC64 == want.CRC64 &&
		slices.Equal(got.Findings, want.Findings)
}
