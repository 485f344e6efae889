package jsonschema

// JSON Schema's keywords.
const (
	kwTitle       = "title"
	kwDescription = "description"
	kwDefault     = "default"
	kwDefs        = "$defs"
)

// The titles by which Kafka Connect tells its logical types.
const (
	titleDecimal   = "org.apache.kafka.connect.data.Decimal"
	titleDate      = "org.apache.kafka.connect.data.Date"
	titleTime      = "org.apache.kafka.connect.data.Time"
	titleTimestamp = "org.apache.kafka.connect.data.Timestamp"
)

const (
	dialect = "https://json-schema.org/draft/2020-12/schema"

	// branchPrefix, with its number, is the name of a union's branch that has none.
	branchPrefix = "connect_union_field_"
)

const (
	maxChain = 2000     // of types that were met inside of each other
	maxText  = 16 << 20 // bytes of a document that is written
	maxNodes = 500_000  // that a schema makes
	// maxSteps is how much a reading may look at, in any case, and leastSteps and two for each byte of the document and of what
	// it refers to besides: references make what is read a power of what is written.
	maxSteps, leastSteps = 5_000_000, 200_000

	millisecond = 3 // digits of a second's fraction: the precision where none is given

	defaultPrecision, defaultScale = 38, 18 // of a decimal that says none
)
