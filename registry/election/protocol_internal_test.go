package election

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/twmb/franz-go/pkg/kmsg"
)

// TestMetadata holds the members that are read and written against what Confluent's nodes write.
func TestMetadata(t *testing.T) {
	id, err := parseURL("http://sr-1:8081")
	if err != nil {
		t.Fatal(err)
	}
	id.Eligibility = true
	b, err := json.Marshal(id)
	if err != nil {
		t.Fatal(err)
	}
	if want := `{"version":1,"host":"sr-1","port":8081,"master_eligibility":true,"scheme":"http","leader":false}`; string(b) != want {
		t.Errorf("%s, want %s", b, want)
	}
	for in, want := range map[string]string{
		`{"host":"sr-2","port":8082,"master_eligibility":true,"scheme":"https","leader":true,"version":1}`: "https://sr-2:8082",
		`{"version":1,"host":"sr-2","port":8082,"master_eligibility":true}`:                                "http://sr-2:8082", // before TLS between nodes
		`{"version":2,"host":"fd00::1","port":1,"master_eligibility":false,"more":[1]}`:                    "http://[fd00::1]:1",
		`{"host":"","port":8082}`: "", `{"host":"x","port":0}`: "", `{"host":"x","port":70000}`: "", `null`: "", `[]`: "", ``: "", `{"host":1}`: "",
		`{"host":"` + strings.Repeat("x", mostJSON) + `","port":1}`: "",
	} {
		id, err := readIdentity([]byte(in))
		if (err == nil) != (want != "") || err == nil && id.url() != want {
			t.Errorf("%.80s: %s, %v, want %q", in, id.url(), err, want)
		}
	}
}

func TestParseURL(t *testing.T) {
	for in, want := range map[string]string{
		"http://sr:8081": "http://sr:8081", "https://sr": "https://sr:443", "http://[::1]:80/": "http://[::1]:80", "http://10.0.0.1": "http://10.0.0.1:80",
		"sr:8081": "", "ftp://sr:1": "", "http://": "", "http://sr:0": "", "http://sr:70000": "", "http://u:p@sr:1": "", "http://sr:1/path": "", "http://sr:1?q": "", "": "", "http://sr:1#f": "", "://": "",
	} {
		id, err := parseURL(in)
		if (err == nil) != (want != "") || err == nil && id.url() != want {
			t.Errorf("%q: %s, %v, want %q", in, id.url(), err, want)
		}
		if err != nil && strings.Contains(err.Error(), "u:p") {
			t.Errorf("%q: the error shows a password: %v", in, err)
		}
	}
}

func members(metadata ...string) []kmsg.JoinGroupResponseMember {
	var out []kmsg.JoinGroupResponseMember
	for i, m := range metadata {
		out = append(out, kmsg.JoinGroupResponseMember{MemberID: string(rune('a' + i)), ProtocolMetadata: []byte(m)})
	}
	return out
}

func TestElect(t *testing.T) {
	const (
		one       = `{"version":1,"host":"sr-1","port":8081,"master_eligibility":true,"scheme":"http","leader":false}`
		two       = `{"version":1,"host":"sr-2","port":8081,"master_eligibility":true,"scheme":"http","leader":false}`
		twoLed    = `{"version":1,"host":"sr-2","port":8081,"master_eligibility":true,"scheme":"http","leader":true}`
		threeLed  = `{"version":1,"host":"sr-3","port":8081,"master_eligibility":true,"scheme":"http","leader":true}`
		never     = `{"version":1,"host":"sr-0","port":8081,"master_eligibility":false,"scheme":"http","leader":false}`
		neverLed  = `{"version":1,"host":"sr-0","port":8081,"master_eligibility":false,"scheme":"http","leader":true}`
		garbage   = `{`
		sameHosts = `{"version":1,"host":"sr-2","port":8082,"master_eligibility":true,"scheme":"http","leader":false}`
	)
	none := `{"version":1,"error":0,"master":null,"master_identity":null}`
	for _, c := range []struct {
		name     string
		members  []kmsg.JoinGroupResponseMember
		unsticky bool
		want     string
	}{
		{"the smallest URL", members(two, one), false, `{"version":1,"error":0,"master":"b","master_identity":` + one + `}`},
		{"the port counts", members(sameHosts, two), false, `{"version":1,"error":0,"master":"b","master_identity":` + two + `}`},
		{"who led goes on", members(one, twoLed), false, `{"version":1,"error":0,"master":"b","master_identity":` + twoLed + `}`},
		{"unless it is not sticky", members(one, twoLed), true, `{"version":1,"error":0,"master":"a","master_identity":` + one + `}`},
		{"two led", members(threeLed, twoLed, one), false, `{"version":1,"error":0,"master":"b","master_identity":` + twoLed + `}`},
		{"not eligible", members(never, one), false, `{"version":1,"error":0,"master":"b","master_identity":` + one + `}`},
		{"not eligible any more", members(neverLed, one), false, `{"version":1,"error":0,"master":"b","master_identity":` + one + `}`},
		{"nobody is eligible", members(never), false, none},
		{"what is not understood does not lead", members(garbage, two), false, `{"version":1,"error":0,"master":"b","master_identity":` + two + `}`},
		{"nobody is there", nil, false, none},
		{"a URL twice", members(one, two, twoLed), false, `{"version":1,"error":1,"master":null,"master_identity":null}`},
	} {
		b, err := json.Marshal(elect(c.members, !c.unsticky, func(string, error) {}))
		if err != nil || string(b) != c.want {
			t.Errorf("%s: %s, %v, want %s", c.name, b, err, c.want)
		}
		if a, err := readAssignment(b); err != nil || (a.Leader == nil) != strings.Contains(c.want, `"master_identity":null`) {
			t.Errorf("%s: read back: %+v, %v", c.name, a, err)
		}
	}
}

func FuzzProtocol(f *testing.F) {
	f.Add([]byte(`{"version":1,"host":"sr-1","port":8081,"master_eligibility":true,"scheme":"http","leader":false}`))
	f.Add([]byte(`{"version":1,"error":0,"master":"a","master_identity":{"version":1,"host":"sr-1","port":8081,"master_eligibility":true,"scheme":"http"}}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		if a, err := readAssignment(b); err == nil && a.Error == noError && a.Leader != nil && a.Leader.check() != nil {
			t.Errorf("a leader that cannot be reached: %+v", a.Leader)
		}
		id, err := readIdentity(b)
		if err != nil {
			return
		}
		back, err := json.Marshal(id)
		if err != nil {
			t.Fatal(err)
		}
		if again, err := readIdentity(back); err != nil || again.url() != id.url() {
			t.Errorf("%s: read back as %s: %v", id.url(), again.url(), err)
		}
	})
}
