package config

import "maps"

// The converters that formats stand for.
const (
	avroConverter = "io.confluent.connect.avro.AvroConverter"
	jsonConverter = "org.apache.kafka.connect.json.JsonConverter"
)

// ConnectorConfig returns the connector that the pipeline stands for, as it could be posted to /connectors of a worker.
// References are not resolved. This is the one translation: `millrace run` starts exactly this.
func (p *Pipeline) ConnectorConfig() map[string]string {
	c := map[string]string{"name": p.Name, "connector.class": p.class, "tasks.max": "1", BrokerOption: p.Sink.Kind}
	maps.Copy(c, p.Source.Options)
	for name, value := range p.Sink.Options {
		c[BrokerPrefix(p.Sink.Kind)+name] = value
	}
	p.converter(c, "key.", p.Key)
	p.converter(c, "value.", p.Value)
	if p.avroNames && (p.Key == Avro || p.Value == Avro) { // the source's names need not be Avro's
		for _, name := range []string{"schema.name.adjustment.mode", "field.name.adjustment.mode"} {
			if _, set := c[name]; !set {
				c[name] = "avro"
			}
		}
	}
	for name, value := range map[string]string{
		"topic.template":            p.Topic,
		"errors.tolerance":          p.Errors.Tolerance,
		"errors.log.enable":         p.Errors.Log,
		"errors.retry.delay.max.ms": p.Errors.RetryDelayMaxMS,
		"errors.retry.timeout":      p.Errors.RetryTimeoutMS,
	} {
		if value != "" {
			c[name] = value
		}
	}
	return c
}

func (p *Pipeline) converter(c map[string]string, part string, f Format) {
	prefix := part + "converter"
	switch f {
	case JSON, JSONWithSchemas:
		c[prefix] = jsonConverter
		c[prefix+".schemas.enable"] = "false"
		if f == JSONWithSchemas {
			c[prefix+".schemas.enable"] = "true"
		}
	case Avro:
		c[prefix] = avroConverter
		c[prefix+".schema.registry.url"] = p.Registry.URL
		if p.Registry.Username != "" {
			c[prefix+".basic.auth.credentials.source"] = "USER_INFO"
			c[prefix+".basic.auth.user.info"] = p.Registry.Username + ":" + p.Registry.Password
		}
		if p.Registry.AutoRegister != "" {
			c[prefix+".auto.register.schemas"] = p.Registry.AutoRegister
		}
	}
}
