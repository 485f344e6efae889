package wire

import (
	"fmt"
	"strings"
)

// Part tells a record's key from its value.
type Part uint8

// The parts.
const (
	Key Part = iota
	Value
)

// String returns the word that subjects end in.
func (p Part) String() string {
	if p == Key {
		return "key"
	}
	return "value"
}

// Header returns the name of the header that holds the part's GUID frame.
func (p Part) Header() string {
	if p == Key {
		return KeyHeader
	}
	return ValueHeader
}

func (p Part) apicurio() string {
	if p == Key {
		return apicurioKey
	}
	return apicurioValue
}

// Strategy makes the subject that a record's schema is registered under.
type Strategy uint8

// The strategies, by the names of Confluent's classes. AssociatedName is asked of a registry, by client.Namer.
const (
	TopicName       Strategy = iota // TOPIC-key, TOPIC-value
	RecordName                      // the full name of the record, message or title
	TopicRecordName                 // TOPIC-RECORD
	AssociatedName                  // the subject that the registry associates with the topic
)

const subjectPackage = "io.confluent.kafka.serializers.subject."

var strategies = [...]struct{ class, word string }{
	{"TopicNameStrategy", "TOPIC"}, {"RecordNameStrategy", "RECORD"}, {"TopicRecordNameStrategy", "TOPIC_RECORD"}, {"AssociatedNameStrategy", "ASSOCIATED"},
}

// String returns the Java class.
func (s Strategy) String() string { return subjectPackage + strategies[s].class }

// ParseStrategy reads the name of a Java class, with or without its package, or the word that newer clients have for it: TOPIC,
// RECORD, TOPIC_RECORD or ASSOCIATED, in any case.
func ParseStrategy(name string) (s Strategy, ok bool) {
	class := strings.TrimPrefix(name, subjectPackage)
	for i, known := range strategies {
		if class == known.class || strings.EqualFold(name, known.word) {
			return Strategy(i), true
		}
	}
	return 0, false
}

// Subject returns the subject of a part of the records of topic. record is the full name of their type, "" where it has none,
// which is a *NoRecordError with the strategies that name subjects after it. AssociatedName is an error, for only a registry can tell.
func (s Strategy) Subject(topic string, part Part, record string) (string, error) {
	switch {
	case s == TopicName:
		return topic + "-" + part.String(), nil
	case s == AssociatedName:
		return "", fmt.Errorf("%s is known to the registry alone", s)
	case record == "":
		return "", &NoRecordError{Strategy: s, Topic: topic, Part: part}
	case s == RecordName:
		return record, nil
	}
	return topic + "-" + record, nil
}

// NoRecordError is a part that is no record, where subjects are named after records.
type NoRecordError struct {
	Strategy Strategy
	Topic    string
	Part     Part
}

// Error names the strategy and the part.
func (e *NoRecordError) Error() string {
	return fmt.Sprintf("%s names subjects after records, and the %s of %q is none", e.Strategy, e.Part, e.Topic)
}

// ReferenceStrategy makes the subject that an imported Protobuf file is registered under.
type ReferenceStrategy uint8

// The strategies, by the names of Confluent's classes.
const (
	DefaultReference   ReferenceStrategy = iota // the path as it is imported, slashes and all
	QualifiedReference                          // a/b.proto: a.b
)

var referenceStrategies = [...]string{"DefaultReferenceSubjectNameStrategy", "QualifiedReferenceSubjectNameStrategy"}

// String returns the Java class.
func (s ReferenceStrategy) String() string { return subjectPackage + referenceStrategies[s] }

// ParseReferenceStrategy reads the name of a Java class, with or without its package.
func ParseReferenceStrategy(name string) (s ReferenceStrategy, ok bool) {
	for i, class := range referenceStrategies {
		if strings.TrimPrefix(name, subjectPackage) == class {
			return ReferenceStrategy(i), true
		}
	}
	return 0, false
}

// Subject returns the subject of the file that is imported by path.
func (s ReferenceStrategy) Subject(path string) string {
	if s == DefaultReference {
		return path
	}
	return strings.ReplaceAll(strings.ReplaceAll(path, ".proto", ""), "/", ".")
}
