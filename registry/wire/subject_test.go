package wire_test

import (
	"testing"

	"github.com/millrace/millrace/registry/wire"
)

func TestSubjects(t *testing.T) {
	for _, c := range []struct {
		name, class, record, key, value string // "": an error
	}{
		{"TopicNameStrategy", "TOPIC", "a.B", "t-key", "t-value"},
		{"TopicNameStrategy", "topic", "", "t-key", "t-value"},
		{"RecordNameStrategy", "RECORD", "a.B", "a.B", "a.B"},
		{"RecordNameStrategy", "RECORD", "", "", ""},
		{"TopicRecordNameStrategy", "Topic_Record", "a.B", "t-a.B", "t-a.B"},
		{"TopicRecordNameStrategy", "TOPIC_RECORD", "", "", ""},
		{"AssociatedNameStrategy", "ASSOCIATED", "a.B", "", ""},
	} {
		for _, name := range []string{c.name, c.class, "io.confluent.kafka.serializers.subject." + c.name} {
			s, ok := wire.ParseStrategy(name)
			if !ok || s.String() != "io.confluent.kafka.serializers.subject."+c.name {
				t.Errorf("%s is read as %s", name, s)
			}
			for part, want := range map[wire.Part]string{wire.Key: c.key, wire.Value: c.value} {
				if got, err := s.Subject("t", part, c.record); got != want || (err == nil) != (want != "") {
					t.Errorf("%s, record %q, %s: %q, %v", name, c.record, part, got, err)
				}
			}
		}
	}
	for _, bad := range []string{"", "TopicName", "com.example.TopicNameStrategy", "io.confluent.kafka.serializers.subject.TOPIC_", "topicnamestrategy"} {
		if s, ok := wire.ParseStrategy(bad); ok {
			t.Errorf("%q is read as %s", bad, s)
		}
	}
}

func TestReferenceSubjects(t *testing.T) {
	for _, c := range []struct{ class, path, want string }{
		{"DefaultReferenceSubjectNameStrategy", "a/b/c.proto", "a/b/c.proto"},
		{"QualifiedReferenceSubjectNameStrategy", "a/b/c.proto", "a.b.c"},
		{"QualifiedReferenceSubjectNameStrategy", "c", "c"},
	} {
		for _, name := range []string{c.class, "io.confluent.kafka.serializers.subject." + c.class} {
			s, ok := wire.ParseReferenceStrategy(name)
			if got := s.Subject(c.path); !ok || got != c.want || s.String() != "io.confluent.kafka.serializers.subject."+c.class {
				t.Errorf("%s: %s names %q %q", name, s, c.path, got)
			}
		}
	}
	if s, ok := wire.ParseReferenceStrategy("TopicNameStrategy"); ok {
		t.Errorf("read as %s", s)
	}
}
