package rest

import (
	"errors"
	"net/http"
	"strings"

	"github.com/millrace/millrace/connect/config"
)

// plugin is a plugin as GET /connector-plugins lists it.
type plugin struct {
	Class   string `json:"class"`
	Type    string `json:"type"`
	Version string `json:"version"`
}

// converters are the plugins besides connectors, by the names of Java's classes that they stand for.
var converters = []string{
	"io.confluent.connect.avro.AvroConverter", "org.apache.kafka.connect.converters.ByteArrayConverter",
	"org.apache.kafka.connect.json.JsonConverter", "org.apache.kafka.connect.storage.StringConverter",
}

func (a *api) listPlugins(r *request) (answer, error) {
	plugins := []plugin{}
	for _, k := range a.w.Kinds() {
		plugins = append(plugins, plugin{k.Class, k.Type, a.o.Version})
	}
	if r.URL.Query().Has("connectorsOnly") && !r.flag("connectorsOnly") {
		for _, class := range converters {
			plugins = append(plugins, plugin{class, "converter", a.o.Version})
		}
	}
	return ok(plugins)
}

func (a *api) pluginConfig(r *request) (answer, error) {
	k, known := a.w.Kind(r.args[0])
	if !known {
		return answer{}, failed(http.StatusNotFound, "Unknown plugin %s.", r.args[0])
	}
	if v := r.URL.Query().Get("version"); v != "" && v != a.o.Version {
		return answer{}, badRequest("Plugin %s not found that matches the version range %s, available versions: [%s]", k.Class, v, a.o.Version)
	}
	return ok(k.Spec.KeyInfos())
}

// normalized takes a class without the suffix that aliases lack.
func normalized(class string) string {
	if short := strings.TrimSuffix(class, "Connector"); short != "" {
		return short
	}
	return class
}

func (a *api) validate(r *request) (answer, error) {
	cfg, err := r.config()
	if err != nil {
		return answer{}, err
	}
	asked, known := a.w.Kind(r.args[0])
	if cfg["connector.class"] == "" && known {
		cfg["connector.class"] = asked.Class
	}
	class := cfg["connector.class"]
	if class != "" && !strings.HasSuffix(normalized(class), normalized(r.args[0])) {
		if k, same := a.w.Kind(class); !known || !same || k.Class != asked.Class { // else one of them is an alias
			return answer{}, badRequest("Included connector type %s does not match request type %s", class, r.args[0])
		}
	}
	if err := a.checkClass(cfg["name"], class); err != nil {
		return answer{}, err
	}
	kind, _ := a.w.Kind(class)
	faults := a.w.Validate(r.ctx, cfg)
	if err := r.ctx.Err(); err != nil {
		return answer{}, errors.Join(errors.New("validating the configuration"), err)
	}
	return ok(a.w.Spec(kind).Infos(class, cfg, config.FaultsError(faults)))
}
