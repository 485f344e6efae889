package byname

import (
	"strings"

	"github.com/millrace/millrace/connect/config"
	"github.com/millrace/millrace/connect/convert"
	"github.com/millrace/millrace/connect/convert/json"
	"github.com/millrace/millrace/connect/convert/plain"
)

// converterType is an option that Connect itself sets for every converter.
var converterType = config.Option{Name: "converter.type", Type: config.String, Enum: []string{"key", "value"}, Importance: "LOW", Doc: "The part that the converter is for: key or value."}

// refused says what classes Millrace does not have that others use, by their simple names.
var refused = map[string]string{
	"ProtobufConverter":      "Protobuf is not supported by Millrace",
	"JsonSchemaConverter":    "JSON Schema is not supported by Millrace",
	"CloudEventsConverter":   "CloudEvents are not supported by Millrace",
	"BinaryDataConverter":    "use ByteArrayConverter",
	"ByteBufferConverter":    "use ByteArrayConverter",
	"AWSKafkaAvroConverter":  "AWS Glue is not supported by Millrace",
	"ExtJsonConverter":       "Apicurio's own API is not supported by Millrace; use AvroConverter with Apicurio's Confluent-compatible URL",
	"SimpleHeaderConverter":  "it converts headers only",
	"BooleanHeaderConverter": "it converts headers only",
}

var classes = append([]class{avroClass, jsonClass}, plainClasses()...)

var jsonClass = class{
	name:  "org.apache.kafka.connect.json.JsonConverter",
	short: []string{"jsonconverter", "json"},
	spec: config.Spec{
		{Name: "schemas.enable", Type: config.Bool, Default: "true", Importance: "HIGH", Doc: "Whether each record carries its schema beside its payload."},
		{Name: "decimal.format", Type: config.String, Default: "base64", Enum: []string{"base64", "numeric"}, Importance: "LOW", Doc: "How Connect's Decimal is written: base64 of its bytes, or a number."},
		{Name: "replace.null.with.default", Type: config.Bool, Default: "true", Importance: "LOW", Doc: "Whether the default of a field stands in the place of null."},
		{Name: "schemas.cache.size", Type: config.Int, Default: "1000", Importance: "LOW", NoEffect: "schemas are compiled once for each version of a table"},
		{Name: "schema.content", Type: config.String, Importance: "LOW", NoEffect: "it is for reading records"},
		converterType,
	},
	make: func(v config.Values, _ convert.Part) (convert.Converter, error) {
		return json.New(json.Options{
			Schemaless:      !v.Bool("schemas.enable"),
			NumericDecimals: v.Get("decimal.format") == "numeric",
			KeepNulls:       !v.Bool("replace.null.with.default"),
		}), nil
	},
}

func plainClasses() []class {
	var out []class
	add := func(pkg, name string, c *plain.Converter, options ...config.Option) {
		simple := strings.ToLower(name)
		out = append(out, class{
			name: "org.apache.kafka.connect." + pkg + "." + name, short: []string{simple, strings.TrimSuffix(simple, "converter")},
			spec: append(config.Spec{converterType}, options...),
			make: func(config.Values, convert.Part) (convert.Converter, error) { return c, nil },
		})
	}
	add("storage", "StringConverter", plain.String, config.Option{
		Name: "converter.encoding", Type: config.String, Default: "UTF8", Importance: "LOW", Unsupported: "text is written in UTF-8", Allowed: []string{"", "UTF8", "UTF-8", "UTF_8"},
	})
	add("converters", "ByteArrayConverter", plain.ByteArray)
	add("converters", "BooleanConverter", plain.Boolean)
	add("converters", "ShortConverter", plain.Short)
	add("converters", "IntegerConverter", plain.Integer)
	add("converters", "LongConverter", plain.Long)
	add("converters", "FloatConverter", plain.Float)
	add("converters", "DoubleConverter", plain.Double)
	return out
}
