// Command registry measures `millrace registry` beside a bare net/http handler that writes the same bytes, both as processes
// of their own, in one run: `make bench-registry`.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

type bench struct {
	bin, dir, kafka string
	length          time.Duration
	conns           []int
	starts          int // how many schemas there are on Kafka when it is started again
}

func main() {
	b := bench{}
	listen := flag.String("listen", "", "be the bare handler on this address")
	answers := flag.String("answers", "", "the bare handler's answers, a line each")
	flag.StringVar(&b.bin, "bin", "bin/millrace", "the program")
	flag.StringVar(&b.kafka, "kafka", "", "brokers: measure registrations on Kafka too")
	sizes := flag.String("sizes", "1000,10000,100000", "how many schemas; empty: nothing is measured on files")
	conns := flag.String("conns", "1,16,64", "how many connections; empty, on Kafka: starts alone are measured")
	flag.IntVar(&b.starts, "starts", 100_000, "how many schemas there are at least when the registry on Kafka is started again")
	flag.DurationVar(&b.length, "for", 2*time.Second, "how long each load lasts")
	flag.Parse()
	if *listen != "" {
		fatal(bare(*listen, *answers))
	}
	b.conns = ints(*conns)
	dir, err := os.MkdirTemp("", "bench-registry")
	fatal(err)
	b.dir = dir
	for _, n := range ints(*sizes) {
		fatal(b.size(n))
	}
	if b.kafka != "" {
		fatal(b.onKafka())
	}
	fatal(os.RemoveAll(dir))
}

func fatal(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench-registry:", err)
		os.Exit(1)
	}
}

func ints(s string) (out []int) {
	if s == "" {
		return nil
	}
	for part := range strings.SplitSeq(s, ",") {
		n, err := strconv.Atoi(part)
		fatal(err)
		out = append(out, n)
	}
	return out
}

func candidate(text string) []byte {
	b, err := json.Marshal(map[string]string{"schema": text})
	fatal(err)
	return b
}

// mostSampled is how many different requests of a kind are made beforehand.
const mostSampled = 2000

// size measures with n schemas.
func (b *bench) size(n int) error {
	store := "file:" + filepath.Join(b.dir, strconv.Itoa(n))
	s, err := start(b.bin, "registry", "--log-level", "warn", "--store", store)
	if err != nil {
		return err
	}
	fresh, err := fill(s, 64, 0, n)
	if err != nil {
		return err
	}
	loaded, err := s.resident()
	if err != nil {
		return err
	}
	s.stop()
	if s, err = start(b.bin, "registry", "--log-level", "warn", "--store", store); err != nil {
		return err
	}
	defer s.stop()
	ready, err := s.resident()
	if err != nil {
		return err
	}
	fmt.Printf("\n## %d schemas\n\nRegistered by 64 connections: %.0f/s, p99 %s, %s of CPU each. Started again: ready in %s, resident %v; after registering %v.\n\n",
		n, fresh.rate(), round(fresh.p99), round(fresh.each()), round(s.ready), ready, loaded)
	fmt.Println("| request | connections | requests/s | p50 | p99 | CPU each | of bare |\n|---|--:|--:|--:|--:|--:|--:|")
	loads, file, err := b.loads(s, n)
	if err != nil {
		return err
	}
	own, err := os.Executable()
	if err != nil {
		return err
	}
	plain, err := start(own, "--answers", file)
	if err != nil {
		return err
	}
	defer plain.stop()
	for _, conns := range b.conns {
		base := time.Duration(0)
		for _, l := range loads {
			target := s
			if l.bare {
				target = plain
			}
			m, err := load(target, conns, b.length, l.next)
			if err != nil {
				return fmt.Errorf("%s: %w", l.name, err)
			}
			if l.bare {
				base = m.each()
			}
			fmt.Printf("| %s | %d | %.0f | %s | %s | %s | %.2f |\n", l.name, conns, m.rate(), round(m.p50), round(m.p99), round(m.each()), float64(m.each())/float64(max(base, 1)))
		}
	}
	after, err := s.resident()
	fmt.Printf("\nResident after all that: %v.\n", after)
	return err
}

func round(d time.Duration) string {
	switch {
	case d < 100*time.Microsecond:
		return d.Round(100 * time.Nanosecond).String()
	case d < 10*time.Millisecond:
		return d.Round(time.Microsecond).String()
	}
	return d.Round(100 * time.Microsecond).String()
}

// fill registers schemas from a number on.
func fill(s *server, conns, from, n int) (measured, error) {
	return load(s, conns, time.Hour, func(conn, i int) []byte {
		if i = from + i*conns + conn; i < from+n {
			return post("/subjects/"+subject(i)+"/versions", candidate(schemaText(i)))
		}
		return nil
	})
}

type request struct {
	name string
	bare bool
	next func(conn, n int) []byte
}

// loads makes the requests, and the file of the answers about ids that the bare handler gives.
func (b *bench) loads(s *server, n int) ([]request, string, error) {
	r := rand.New(rand.NewPCG(3, uint64(n)))
	sample := make([]int, min(n, mostSampled))
	for i := range sample {
		sample[i] = r.IntN(n)
	}
	c, err := dial(s.addr)
	if err != nil {
		return nil, "", err
	}
	defer c.c.Close()
	var ids, latest, lookups, compat [][]byte
	var answers, body []byte
	for _, i := range sample {
		look := post("/subjects/"+subject(i), candidate(schemaText(i)))
		if _, err := c.do(look, &body); err != nil {
			return nil, "", err
		}
		var v struct{ ID int }
		if err := json.Unmarshal(body, &v); err != nil {
			return nil, "", err
		}
		id := get("/schemas/ids/" + strconv.Itoa(v.ID))
		if _, err := c.do(id, &body); err != nil {
			return nil, "", err
		}
		answers = append(append(answers, body...), '\n')
		ids, lookups = append(ids, id), append(lookups, look)
		latest = append(latest, get("/subjects/"+subject(i)+"/versions/latest"))
	}
	// A subject whose record has 50 fields, and candidates that add one.
	wide := n + 1_000_000
	for i := range 64 {
		at := fmt.Sprintf("wide-%d", i)
		if status, err := c.do(post("/subjects/"+at+"/versions", candidate(text(wide+i, 50, ""))), nil); err != nil || status != 200 {
			return nil, "", fmt.Errorf("registering: %d, %w", status, err)
		}
		compat = append(compat, post("/compatibility/subjects/"+at+"/versions/latest", candidate(text(wide+i, 50, `,{"name":"added","type":["null","string"],"default":null}`))))
	}
	file := filepath.Join(b.dir, "answers")
	if err := os.WriteFile(file, answers[:len(answers)-1], 0o600); err != nil {
		return nil, "", err
	}
	of := func(reqs [][]byte) func(conn, n int) []byte {
		return func(conn, n int) []byte { return reqs[(conn*7919+n)%len(reqs)] }
	}
	fresh := 0
	return []request{
		{"bare handler", true, of(ids)}, {"GET by id", false, of(ids)}, {"GET latest", false, of(latest)}, {"lookup, known", false, of(lookups)},
		{"compatibility, 50 fields", false, of(compat)},
		{"compatibility, 50 fields, never seen", false, func(conn, n int) []byte {
			i := (conn + n) % 64
			return post(fmt.Sprintf("/compatibility/subjects/wide-%d/versions/latest", i), candidate(text(wide+i, 50, fmt.Sprintf(`,{"name":"added_%d_%d","type":["null","string"],"default":null}`, conn, n+int(time.Now().UnixNano()%1e9)*1000))))
		}},
		{"register, known", false, func(conn, i int) []byte {
			k := sample[(conn*7919+i)%len(sample)]
			return post("/subjects/"+subject(k)+"/versions", candidate(schemaText(k)))
		}},
		{"register, new", false, func(conn, i int) []byte {
			k := 10_000_000 + fresh + i*64 + conn
			return post("/subjects/"+fmt.Sprintf("new-%d-%d-%d", time.Now().UnixNano(), conn, i)+"/versions", candidate(text(k, 20, "")))
		}},
	}, file, nil
}

// onKafka measures registrations on a topic of its own, and starts with many schemas in it.
func (b *bench) onKafka() error {
	store := fmt.Sprintf("kafka:%s?topic=bench-schemas-%d", b.kafka, time.Now().UnixNano())
	snapshot := store + "&snapshot=" + filepath.Join(b.dir, "kafka")
	s, err := start(b.bin, "registry", "--log-level", "warn", "--store", snapshot)
	if err != nil {
		return err
	}
	defer func() { s.stop() }()
	from := 0
	if len(b.conns) > 0 {
		fmt.Println("\n## Registrations on Kafka\n\n| connections | registrations/s | p50 | p99 | CPU each |\n|--:|--:|--:|--:|--:|")
	}
	for _, conns := range b.conns {
		n := conns * 300
		m, err := fill(s, conns, from, n)
		if err != nil {
			return err
		}
		from += n
		fmt.Printf("| %d | %.0f | %s | %s | %s |\n", conns, m.rate(), round(m.p50), round(m.p99), round(m.each()))
	}
	if more := b.starts - from; more > 0 {
		if _, err := fill(s, 64, from, more); err != nil {
			return err
		}
		from = b.starts
	}
	fmt.Println("\n## Starts on Kafka")
	fmt.Println()
	for _, again := range []struct{ how, store string }{{"with its snapshot", snapshot}, {"reading the whole topic", store + "&snapshot=off"}} {
		s.stop()
		if s, err = start(b.bin, "registry", "--log-level", "warn", "--store", again.store); err != nil {
			return err
		}
		fmt.Printf("Started again %s, %d schemas: ready in %s.\n", again.how, from, round(s.ready))
	}
	return nil
}
