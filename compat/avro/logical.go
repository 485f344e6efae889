package avro

import "math"

// Logical is a well-formed logical type.
type Logical struct {
	Name             string // decimal, uuid, timestamp-micros, …
	Precision, Scale int    // of a decimal
}

// classProps name the Java class of a value, which for Java wins over a logical type.
var classProps = [...]string{"avro.java.string", "java-class", "java-key-class", "java-element-class"}

// logicalOf returns the logical type of t, whose Props are set, or nil when it has none, an unknown one, or one that does not
// suit t: those are plain attributes. https://avro.apache.org/docs/1.12.0/specification/#logical-types
func logicalOf(t *Type) *Logical {
	name, ok := prop(t.Props, "logicalType").str()
	if !ok {
		return nil
	}
	for _, class := range classProps {
		if _, set := prop(t.Props, class).str(); set {
			return nil
		}
	}
	l := &Logical{Name: name}
	fits := false
	switch name {
	case "decimal":
		fits = l.decimal(t)
	case "big-decimal":
		fits = t.Kind == Bytes
	case "uuid":
		fits = t.Kind == String || t.Kind == Fixed && t.Size == 16
	case "duration":
		fits = t.Kind == Fixed && t.Size == 12
	case "date", "time-millis":
		fits = t.Kind == Int
	case "time-micros", "timestamp-millis", "timestamp-micros", "timestamp-nanos",
		"local-timestamp-millis", "local-timestamp-micros", "local-timestamp-nanos":
		fits = t.Kind == Long
	}
	if !fits {
		return nil
	}
	return l
}

// decimal reads precision and scale, and says whether they suit t.
func (l *Logical) decimal(t *Type) bool {
	if t.Kind != Bytes && t.Kind != Fixed {
		return false
	}
	number := func(name string, missing bool, into *int) bool {
		v := prop(t.Props, name)
		if v == nil {
			return missing
		}
		n, ok := v.int32()
		*into = int(n)
		return ok
	}
	if !number("precision", false, &l.Precision) || !number("scale", true, &l.Scale) {
		return false
	}
	most := float64(math.MaxInt32)
	if t.Kind == Fixed {
		most = math.Floor(math.Log10(2) * float64(8*int32(t.Size)-1))
	}
	return l.Precision > 0 && float64(l.Precision) <= most && l.Scale >= 0 && l.Scale <= l.Precision
}
