package election

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"

	"github.com/twmb/franz-go/pkg/kmsg"
)

// The names of the group protocol.
const (
	protocolType = "sr"
	protocol     = "v0"
)

// identity is a member's metadata.
type identity struct {
	Version     int    `json:"version"` // 1
	Host        string `json:"host"`
	Port        int    `json:"port"`
	Eligibility bool   `json:"master_eligibility"`
	Scheme      string `json:"scheme"` // absent in old versions: http
	Leader      bool   `json:"leader"` // it led before this election
}

// The errors of an assignment.
const (
	noError       = 0
	duplicateURLs = 1
)

// assignment is what an election has come to, the same for every member.
type assignment struct {
	Version int       `json:"version"` // 1
	Error   int       `json:"error"`
	Master  *string   `json:"master"` // the leader's member id
	Leader  *identity `json:"master_identity"`
}

// mostJSON bounds what is read of others, in bytes.
const mostJSON = 64 << 10

var errTooLong = errors.New("it is too long")

func readIdentity(b []byte) (identity, error) {
	var id identity
	if len(b) > mostJSON {
		return id, errTooLong
	}
	if err := json.Unmarshal(b, &id); err != nil {
		return id, fmt.Errorf("it is no JSON of a member: %w", err)
	}
	return id, id.check()
}

func (id *identity) check() error {
	if id.Scheme == "" {
		id.Scheme = "http"
	}
	if id.Host == "" || id.Port < 1 || id.Port > 65535 {
		return fmt.Errorf("it names no host and port: %q and %d", id.Host, id.Port)
	}
	return nil
}

func readAssignment(b []byte) (assignment, error) {
	var a assignment
	if len(b) > mostJSON {
		return a, errTooLong
	}
	if err := json.Unmarshal(b, &a); err != nil {
		return a, fmt.Errorf("it is no JSON of an assignment: %w", err)
	}
	if a.Leader == nil || a.Error != noError {
		return a, nil
	}
	return a, a.Leader.check()
}

// url is what members are told apart and ordered by, and requests are forwarded to.
func (id identity) url() string {
	host := id.Host
	if strings.Contains(host, ":") && !strings.HasPrefix(host, "[") {
		host = "[" + host + "]"
	}
	return id.Scheme + "://" + host + ":" + strconv.Itoa(id.Port)
}

// parseURL reads what a node advertises.
func parseURL(s string) (identity, error) {
	id := identity{Version: 1}
	u, err := url.Parse(s)
	if err != nil || u.Hostname() == "" || u.Scheme != "http" && u.Scheme != "https" || strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.User != nil || u.Fragment != "" {
		return id, errors.New("a node advertises a URL of scheme, host and port alone, as http://registry-1:8081")
	}
	port := u.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[u.Scheme]
	}
	n, err := strconv.Atoi(port)
	if err != nil || n < 1 || n > 65535 {
		return id, fmt.Errorf("the URL that the node advertises has no port: %s", port)
	}
	id.Scheme, id.Host, id.Port = u.Scheme, u.Hostname(), n
	return id, nil
}

// elect chooses the leader. unread is called for a member whose metadata cannot be read, which cannot lead.
func elect(members []kmsg.JoinGroupResponseMember, sticky bool, unread func(memberID string, err error)) assignment {
	a := assignment{Version: 1}
	seen := map[string]bool{}
	for _, m := range members {
		id, err := readIdentity(m.ProtocolMetadata)
		if err != nil {
			unread(m.MemberID, err)
			continue
		}
		if seen[id.url()] {
			return assignment{Version: 1, Error: duplicateURLs}
		}
		seen[id.url()] = true
		if id.Eligibility && (a.Leader == nil || id.before(*a.Leader, sticky)) {
			a.Master, a.Leader = &m.MemberID, &id
		}
	}
	return a
}

// before says whether id rather than other is to lead.
func (id identity) before(other identity, sticky bool) bool {
	if sticky && id.Leader != other.Leader {
		return id.Leader
	}
	return id.url() < other.url()
}
