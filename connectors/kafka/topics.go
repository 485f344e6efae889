package kafka

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/millrace/millrace/connect"
	"github.com/millrace/millrace/connect/config"
)

// Topics says how topics are created that do not exist: the first group that a topic belongs to decides, then Default.
type Topics struct {
	Default TopicSettings
	Groups  []TopicGroup
}

// TopicSettings are a new topic's.
type TopicSettings struct {
	Partitions  int32             // 0 and -1: the broker's default
	Replication int16             // likewise
	Configs     map[string]string // such as cleanup.policy
}

// TopicGroup is one group of topic.creation.groups.
type TopicGroup struct {
	Name             string
	Include, Exclude []*regexp.Regexp // of whole names
	TopicSettings
}

// settings returns what a new topic called name gets.
func (t Topics) settings(name string) TopicSettings {
	matches := func(r *regexp.Regexp) bool { return r.MatchString(name) }
	for _, g := range t.Groups {
		if slices.ContainsFunc(g.Include, matches) && !slices.ContainsFunc(g.Exclude, matches) {
			return g.TopicSettings
		}
	}
	return t.Default
}

const creation = "topic.creation."

// TopicsFromProperties reads the topic.creation options of a connector's configuration, as KIP-158 defines them, and
// leaves its other options alone. What a group does not say, Default does.
func TopicsFromProperties(props map[string]string) (Topics, error) {
	names := []string{"default"}
	var faults config.FaultsError
	for name := range strings.SplitSeq(props[creation+"groups"], ",") {
		if name = strings.TrimSpace(name); name != "" && name != "default" {
			names = append(names, name)
		}
	}
	var t Topics
	for i, name := range names {
		g := TopicGroup{Name: name}
		if i > 0 {
			g.TopicSettings = t.Default
			g.Configs = maps.Clone(t.Default.Configs)
		}
		for _, option := range slices.Sorted(maps.Keys(props)) {
			key, ok := strings.CutPrefix(option, creation+name+".")
			if !ok {
				continue
			}
			if err := g.set(key, props[option]); err != nil {
				faults = append(faults, config.Fault{Option: option, Kind: config.Invalid, Value: props[option], Msg: err.Error()})
			}
		}
		if i == 0 {
			t.Default = g.TopicSettings
			continue
		}
		if len(g.Include) == 0 {
			faults = append(faults, config.Fault{Option: creation + name + ".include", Kind: config.Missing, Msg: "set the expressions of the topics that belong to the group"})
		}
		t.Groups = append(t.Groups, g)
	}
	for _, option := range slices.Sorted(maps.Keys(props)) {
		rest, ok := strings.CutPrefix(option, creation)
		if name, _, nested := strings.Cut(rest, "."); ok && rest != "groups" && rest != "enable" && (!nested || !slices.Contains(names, name)) {
			faults = append(faults, config.Fault{Option: option, Kind: config.Unknown, Msg: "no such group: name it in " + creation + "groups"})
		}
	}
	if faults != nil {
		return Topics{}, faults
	}
	return t, nil
}

// set sets one option of a group; what is not a setting of Connect's is a topic config.
func (g *TopicGroup) set(key, value string) error {
	switch key {
	case "partitions":
		n, err := strconv.ParseInt(value, 10, 32)
		if err != nil || n < -1 || n == 0 {
			return errors.New("must be a number of partitions, or -1 for the broker's default")
		}
		g.Partitions = int32(n)
	case "replication.factor":
		n, err := strconv.ParseInt(value, 10, 16)
		if err != nil || n < -1 || n == 0 {
			return errors.New("must be a number of replicas, or -1 for the broker's default")
		}
		g.Replication = int16(n)
	case "include", "exclude":
		to := &g.Include
		if key == "exclude" {
			to = &g.Exclude
		}
		for s := range strings.SplitSeq(value, ",") {
			r, err := regexp.Compile("^(?:" + strings.TrimSpace(s) + ")$")
			if err != nil {
				return err
			}
			*to = append(*to, r)
		}
	default:
		if g.Configs == nil {
			g.Configs = map[string]string{}
		}
		g.Configs[key] = value
	}
	return nil
}

// Prepare implements connect.Producer: it creates topic when it is missing and returns once every partition has a leader.
func (p *Producer) Prepare(ctx context.Context, topic string) error {
	p.mu.Lock()
	_, ok := p.topics[topic]
	p.mu.Unlock()
	if ok {
		return nil
	}
	state, err := p.topic(ctx, topic)
	if err == nil && state == missing {
		if err = p.create(ctx, topic); err == nil {
			state = leaderless
		}
	}
	for deadline := time.Now().Add(30 * time.Second); err == nil && state != ready; state, err = p.topic(ctx, topic) {
		if time.Now().After(deadline) {
			return connect.MarkRetriable(fmt.Errorf("topic %s has partitions without a leader for 30 s: look at the brokers", topic))
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(10 * time.Millisecond):
		}
	}
	if err != nil {
		return classify(err)
	}
	l := p.ask(ctx, topic)
	p.mu.Lock()
	p.topics[topic] = l
	p.mu.Unlock()
	return nil
}

type topicState uint8

const (
	missing topicState = iota
	leaderless
	ready
)

// topic asks the cluster itself: kadm answers from a cache of seconds.
func (p *Producer) topic(ctx context.Context, topic string) (topicState, error) {
	req := kmsg.NewPtrMetadataRequest()
	one := kmsg.NewMetadataRequestTopic()
	one.Topic = &topic
	req.Topics = append(req.Topics, one)
	res, err := req.RequestWith(ctx, p.cl)
	if err != nil {
		return missing, fmt.Errorf("asking for topic %s: %w", topic, err)
	}
	if len(res.Topics) != 1 {
		return missing, fmt.Errorf("asking for topic %s: %d topics answered", topic, len(res.Topics))
	}
	switch err := kerr.ErrorForCode(res.Topics[0].ErrorCode); {
	case err == nil:
	case errors.Is(err, kerr.UnknownTopicOrPartition):
		return missing, nil
	case errors.Is(err, kerr.LeaderNotAvailable):
		return leaderless, nil
	default:
		return missing, fmt.Errorf("asking for topic %s: %w", topic, err)
	}
	for i := range res.Topics[0].Partitions {
		if res.Topics[0].Partitions[i].Leader < 0 {
			return leaderless, nil
		}
	}
	return ready, nil
}

func (p *Producer) create(ctx context.Context, topic string) error {
	s := p.cfg.Topics.settings(topic)
	configs := map[string]*string{}
	for k, v := range s.Configs {
		configs[k] = kadm.StringPtr(v)
	}
	r, err := p.adm.CreateTopic(ctx, orDefault(s.Partitions), orDefault(s.Replication), configs, topic)
	switch {
	case errors.Is(err, kerr.TopicAlreadyExists):
		return nil
	case errors.Is(err, kerr.TopicAuthorizationFailed), errors.Is(err, kerr.ClusterAuthorizationFailed):
		return fmt.Errorf("creating topic %s: %w: create it, or grant CREATE on it", topic, err)
	case err != nil && r.ErrMessage != "":
		return fmt.Errorf("creating topic %s: %w: %s", topic, err, r.ErrMessage)
	case err != nil:
		return fmt.Errorf("creating topic %s: %w", topic, err)
	}
	return nil
}

func orDefault[T int16 | int32](n T) T {
	if n == 0 {
		return -1
	}
	return n
}

// ask returns topic's limit: its max.message.bytes where the broker tells, and never more than max.request.size. A
// broker that does not tell has the last word later.
func (p *Producer) ask(ctx context.Context, topic string) limit {
	l := limit{bytes: p.cfg.maxRequest(), by: requestLimit}
	res, err := p.adm.DescribeTopicConfigs(ctx, topic)
	if err != nil {
		return l
	}
	for _, r := range res {
		for _, c := range r.Configs {
			if c.Key != topicLimit || c.Value == nil {
				continue
			}
			if n, err := strconv.ParseInt(*c.Value, 10, 64); err == nil {
				if l.told = true; n <= int64(l.bytes) {
					l.bytes, l.by = int32(max(n, 512)), topicLimit
				}
			}
		}
	}
	return l
}
