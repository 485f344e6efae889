package jsonschema

// Keywords.
const (
	kwType        = "connect.type"
	kwIndex       = "connect.index"
	kwParameters  = "connect.parameters"
	kwPrecision   = "connect.decimal.precision" // of kwParameters
	kwScale       = "scale"                     // of kwParameters
	kwFlinkType   = "flink.type"
	kwFlinkVer    = "flink.version"
	kwFlinkPrec   = "flink.precision"
	kwFlinkMin    = "flink.minLength"
	kwFlinkMax    = "flink.maxLength"
	kwKeyLength   = "logical.key.length"
	kwKeyType     = "logical.key.type"
	kwRef         = "logical.ref"
	kwNamespace   = "confluent:namespace"
	kwUnion       = "confluent:union"
	kwEnum        = "confluent:enum"
	kwParams      = "confluent:params"
	kwTags        = "confluent:tags"
	kwRules       = "confluent:rules"
	kwTitle       = "title"
	kwDescription = "description"
	kwDefault     = "default"
	kwDefs        = "$defs"
)

// What those of Connect and Flink say.
const (
	typeInt8      = "int8"
	typeInt16     = "int16"
	typeInt32     = "int32"
	typeInt64     = "int64"
	typeFloat32   = "float32"
	typeFloat64   = "float64"
	typeBytes     = "bytes"
	typeMap       = "map"
	typeMultiset  = "multiset"
	typeTimestamp = "timestamp"
	typeChar      = "CHAR" // of kwKeyType

	flinkVersion = "1"

	titleDecimal   = "org.apache.kafka.connect.data.Decimal"
	titleDate      = "org.apache.kafka.connect.data.Date"
	titleTime      = "org.apache.kafka.connect.data.Time"
	titleTimestamp = "org.apache.kafka.connect.data.Timestamp"
)

// The properties of an entry of a map whose keys are not strings.
const (
	keyField   = "key"
	valueField = "value"
)

const (
	// edition is the metadata property that says in which form a schema was written, "2" being the only one that is written.
	editionProperty = "confluent:edition"
	edition         = "2"

	dialect = "https://json-schema.org/draft/2020-12/schema"

	// branchPrefix, with its number, is the name of a union's branch that has none.
	branchPrefix = "connect_union_field_"
)

const (
	maxDepth = 256     // of a type
	maxChain = 2000    // of types that were met inside of each other
	maxNodes = 500_000 // that a schema makes
	maxSteps = 5_000_000

	millisecond = 3 // digits of a second's fraction: the precision where none is given

	defaultPrecision, defaultScale = 38, 18 // of a decimal that says none
)
