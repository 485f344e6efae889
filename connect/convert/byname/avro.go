package byname

import (
	"slices"
	"strings"

	"github.com/millrace/millrace/connect/config"
	"github.com/millrace/millrace/connect/config/ssl"
	"github.com/millrace/millrace/connect/convert"
	"github.com/millrace/millrace/connect/convert/avro"
)

const (
	registryGroup = "Registry"
	loginGroup    = "Login"
	tlsPrefix     = "schema.registry."
)

// avroClass is io.confluent.connect.avro.AvroConverter 8.x.
var avroClass = class{
	name:  "io.confluent.connect.avro.AvroConverter",
	short: []string{"avroconverter", "avro"},
	spec:  slices.Concat(avroSpec(), namerSpec(), registrySpec(), loginSpec(), ssl.Spec(tlsPrefix, loginGroup, ""), noEffect()),
	make: func(v config.Values, part convert.Part) (convert.Converter, error) {
		r, faults := newRegistry(v)
		namer, more := newNamer(v, part, r.c)
		if faults = append(faults, more...); len(faults) > 0 {
			return nil, config.FaultsError(faults)
		}
		return avro.New(avro.Options{
			Registry: r, Namer: namer,
			NoRegister: !v.Bool("auto.register.schemas"), UseLatest: v.Bool("use.latest.version"), UseID: v.Int("use.schema.id"), Normalize: v.Bool("normalize.schemas"),
			NoMetadata: !v.Bool("connect.meta.data"), ScrubNames: v.Bool("scrub.invalid.names"), KeepNulls: v.Bool("ignore.default.for.nullables"),
			OptionalMapKeys: v.Bool("allow.optional.map.keys"), DiscardTypeDocs: v.Bool("discard.type.doc.default"),
		}), nil
	},
}

func avroSpec() config.Spec {
	return config.Spec{
		{Name: "auto.register.schemas", Type: config.Bool, Default: "true", Group: registryGroup, Doc: "Whether schemas are registered. Without it they must be there."},
		{Name: "use.latest.version", Type: config.Bool, Default: "false", Group: registryGroup, Doc: "Without auto.register.schemas: whether rows are written with the subject's newest schema, fields matched by name."},
		{Name: "use.schema.id", Type: config.Int, Default: "-1", Group: registryGroup, Doc: "Without auto.register.schemas: the id of the schema that rows are written with."},
		{Name: "normalize.schemas", Type: config.Bool, Default: "false", Group: registryGroup, Doc: "Whether the registry compares schemas by their normalised form."},
		{Name: "connect.meta.data", Type: config.Bool, Default: "true", Importance: "LOW", Doc: "Whether name, version, parameters and defaults of Connect's schemas are kept in the Avro schema."},
		{Name: "scrub.invalid.names", Type: config.Bool, Default: "false", Doc: "Whether characters that Avro does not allow in names are replaced."},
		{Name: "ignore.default.for.nullables", Type: config.Bool, Default: "false", Doc: "Whether a null stays null where the column has a default."},
		{Name: "allow.optional.map.keys", Type: config.Bool, Default: "false", Importance: "LOW", Doc: "Whether maps with optional string keys are Avro's maps."},
		{Name: "discard.type.doc.default", Type: config.Bool, Default: "false", Importance: "LOW", Doc: "Whether documentation is kept at fields only."},
		converterType,
	}
}

func registrySpec() config.Spec {
	return config.Spec{
		{Name: "schema.registry.url", Type: config.List, Required: true, Group: registryGroup, Importance: "HIGH", Doc: "The registry's URLs, comma-separated: http://host:8081. They are nodes of one registry."},
		{Name: "http.read.timeout.ms", Type: config.Int, Default: "60000", Group: registryGroup, Importance: "LOW", Doc: "How long a request may take.", Check: atLeastOne},
		{Name: "http.connect.timeout.ms", Type: config.Int, Group: registryGroup, Importance: "LOW", NoEffect: "http.read.timeout.ms bounds the whole request"},
		{Name: "proxy.host", Type: config.String, Group: registryGroup, Importance: "LOW", Doc: "The host of an HTTP proxy on the way to the registry."},
		{Name: "proxy.port", Type: config.Int, Group: registryGroup, Importance: "LOW", Doc: "The proxy's port.", Check: atLeastOne},
		{Name: "request.header.*", Type: config.Password, Group: registryGroup, Importance: "LOW", Doc: "Headers of every request."},
	}
}

func loginSpec() config.Spec {
	const oauth = "Millrace logs in with a token that it is given: bearer.auth.credentials.source=STATIC_TOKEN and bearer.auth.token, which a config provider can read from a file"
	return config.Spec{
		{Name: "basic.auth.credentials.source", Type: config.String, Default: "URL", Group: loginGroup, Doc: "URL: user and password stand in schema.registry.url. USER_INFO: in basic.auth.user.info.", Unsupported: "the login of Kafka's clients is not taken over", Allowed: []string{"", "URL", "USER_INFO"}},
		{Name: "basic.auth.user.info", Type: config.Password, Aliases: []string{"schema.registry.basic.auth.user.info"}, Group: loginGroup, Doc: "user:password, with basic.auth.credentials.source=USER_INFO."},
		{Name: "bearer.auth.credentials.source", Type: config.String, Default: "STATIC_TOKEN", Group: loginGroup, Doc: "STATIC_TOKEN: bearer.auth.token.", Unsupported: oauth, Allowed: []string{"", "STATIC_TOKEN"}},
		{Name: "bearer.auth.token", Type: config.Password, Group: loginGroup, Doc: "The token that is sent with every request."},
		{Name: "bearer.auth.logical.cluster", Type: config.String, Group: loginGroup, Importance: "LOW", Doc: "Confluent Cloud's logical cluster, sent as target-sr-cluster."},
		{Name: "bearer.auth.identity.pool.id", Type: config.String, Group: loginGroup, Importance: "LOW", Doc: "Confluent Cloud's identity pool, sent as Confluent-Identity-Pool-Id."},
		{Name: "bearer.auth.*", Type: config.String, Group: loginGroup, Unsupported: oauth},
	}
}

// noEffect lists what changes nothing here, and what is refused.
func noEffect() config.Spec {
	const (
		checked  = "a schema that has no place for a value is always refused"
		compiled = "a schema is asked for once for each version of a table"
		retried  = "the task itself starts again with growing pauses until the registry answers"
		reading  = "it is for reading records"
		types    = "no source has values of such a type"
	)
	var s config.Spec
	for _, o := range []struct{ why, names string }{
		{checked, "latest.compatibility.strict id.compatibility.strict"},
		{compiled, "max.schemas.per.subject schemas.cache.config schemas.cache.size latest.cache.size latest.cache.ttl.sec missing.*"},
		{retried, "max.retries retries.wait.ms retries.max.wait.ms"},
		{reading, "specific.avro.* key.schema.id.deserializer value.schema.id.deserializer flatten.unions flatten.singleton.unions avro.reflection.allow.null avro.use.logical.type.converters avro.remove.java.properties schema.reflection"},
		{types, "enhanced.avro.schema.support generalized.sum.type.support"},
		{"schemas of tables refer to no others", "reference.subject.name.strategy reference.lookup.only"},
		{"there are no rules to run", "rule.service.loader.enable"},
	} {
		for name := range strings.FieldsSeq(o.names) {
			s = append(s, config.Option{Name: name, Type: config.String, Importance: "LOW", NoEffect: o.why})
		}
	}
	refuse := func(name, why string, allowed ...string) {
		s = append(s, config.Option{Name: name, Type: config.String, Importance: "LOW", Unsupported: why, Allowed: append(allowed, "")})
	}
	refuse("use.latest.with.metadata", "schemas are not chosen by metadata")
	refuse("propagate.schema.tags", "tags of schemas are not taken over", "false")
	refuse("schema.format", "schemas are registered in full")
	refuse("rule.executors", "rules of data contracts are not run")
	refuse("rule.actions", "rules of data contracts are not run")
	refuse("context.name.strategy", "Java classes cannot be loaded; put the context into schema.registry.url: http://host:8081/contexts/.NAME", "io.confluent.kafka.serializers.context.NullContextNameStrategy")
	for _, part := range []string{"key", "value"} {
		refuse(part+".schema.id.serializer", "ids are written before the data, where every reader finds them", "io.confluent.kafka.serializers.schema.id.PrefixSchemaIdSerializer")
	}
	return s
}

func atLeastOne(n string) string {
	if n == "0" || n[0] == '-' {
		return "must be at least 1"
	}
	return ""
}
