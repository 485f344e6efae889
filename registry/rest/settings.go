package rest

import (
	"net/http"
	"slices"
	"strings"

	"github.com/millrace/millrace/registry"
	"github.com/millrace/millrace/registry/access"
)

// scope is the subject or the context of the path; "" is the registry itself.
func (c *call) scope() string {
	if len(c.params) == 0 {
		return ""
	}
	return c.params[0]
}

func getConfig(c *call) error {
	cfg, err := c.reg.Config(c.scope(), c.flag("defaultToGlobal"))
	return c.config(cfg, "compatibilityLevel", err)
}

func (c *call) config(cfg registry.Config, levelKey string, err error) error {
	if err != nil {
		return err
	}
	return c.bytes(cfg.AppendJSON(nil, levelKey))
}

func putConfig(c *call) error {
	method := "updateTopLevelConfig"
	if c.scope() != "" {
		method = "updateSubjectLevelConfig"
	}
	v, err := c.body("ConfigUpdateRequest", method+".request")
	if err != nil {
		return err
	}
	u, err := bindConfigUpdate(v)
	if err != nil {
		return err
	}
	cfg, err := c.reg.SetConfig(c.r.Context(), c.scope(), *u)
	return c.config(cfg, "compatibility", err)
}

func deleteConfig(c *call) error {
	cfg, err := c.reg.DeleteConfig(c.r.Context(), c.scope())
	return c.config(cfg, "compatibilityLevel", err)
}

// mode answers with a mode; nil is none.
func (c *call) mode(mode *string, err error) error {
	if err != nil {
		return err
	}
	return c.json(struct {
		Mode *string `json:"mode"`
	}{mode})
}

func getMode(c *call) error {
	mode, err := c.reg.Mode(c.scope(), c.flag("defaultToGlobal"))
	return c.mode(&mode, err)
}

func putMode(c *call) error {
	method := "updateTopLevelMode"
	if c.scope() != "" {
		method = "updateMode"
	}
	v, err := c.body("ModeUpdateRequest", method+".request")
	if err != nil {
		return err
	}
	mode, err := bindString(v.get("mode"))
	if err != nil {
		return err
	}
	text := ""
	if mode != nil {
		text = *mode
	}
	if strings.EqualFold(text, registry.Import) { // which forgets what was deleted softly, and lets ids be chosen
		if err := c.allow(access.Import, registry.Qualify(c.scope()).String()); err != nil {
			return err
		}
	}
	unset := mode == nil && v.get("mode") != nil // null clears it; a body without a mode is refused
	return c.mode(mode, c.reg.SetMode(c.r.Context(), c.scope(), text, unset, c.flag("force")))
}

func deleteMode(c *call) error {
	old, err := c.reg.DeleteMode(c.r.Context(), c.scope(), c.flag("recursive"))
	if old == "" {
		return c.mode(nil, err)
	}
	return c.mode(&old, err)
}

func listContexts(c *call) error {
	all := slices.DeleteFunc(c.reg.Contexts(c.q.Get("contextPrefix")), func(ctx string) bool { return !c.who.Sees(ctx) })
	names, err := page(c, all, unbounded)
	if err != nil {
		return err
	}
	return c.strings(names)
}

func deleteContext(c *call) error {
	if err := c.reg.DeleteContext(c.r.Context(), c.params[0]); err != nil {
		return err
	}
	c.w.Header()["Content-Type"] = nil
	c.w.WriteHeader(http.StatusNoContent)
	return nil
}
