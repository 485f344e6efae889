package config

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// Lookup is where references in configurations are looked up. The zero value knows no environment and reads files.
type Lookup struct {
	Env      func(name string) (string, bool) // os.LookupEnv, given by the command
	ReadFile func(path string) ([]byte, error)
	// Providers are Kafka Connect's config providers by the name that references use; nil: the defaults file, env,
	// dir and directory without restrictions.
	Providers map[string]Provider
}

// Provider is one config provider of Kafka Connect.
type Provider struct {
	Kind    ProviderKind
	Paths   []string       // allowed.paths: directories that files must lie in; empty: any
	Allowed *regexp.Regexp // allowlist.pattern of names of variables; nil: any
}

// ProviderKind is what a provider reads.
type ProviderKind uint8

// The kinds, by the classes of Kafka that they stand for.
const (
	FileProvider ProviderKind = iota // FileConfigProvider: ${file:PATH:KEY}, a key of a .properties file
	EnvProvider                      // EnvVarConfigProvider: ${env:NAME}; ours: ${env:NAME:-default}, also for an empty one
	DirProvider                      // DirectoryConfigProvider: ${directory:PATH:FILE}, a file's whole text
)

var defaultProviders = map[string]Provider{
	"file": {Kind: FileProvider}, "env": {Kind: EnvProvider}, "dir": {Kind: DirProvider}, "directory": {Kind: DirProvider},
}

// providerRef is Kafka's ${provider:[path:]key}.
var providerRef = regexp.MustCompile(`\$\{([^}]*?):(?:([^}]*?):)?([^}]*?)\}`)

// HasReference reports whether value holds a reference to a config provider.
func HasReference(value string) bool { return providerRef.MatchString(value) }

// Resolve returns raw with every ${provider:path:key} replaced, as Kafka Connect does on the way to a connector: what
// names no provider stays as it is, and what is resolved is never written back or shown. Faults name the option and the
// reference, not the value.
func (l Lookup) Resolve(raw map[string]string) (map[string]string, []Fault) {
	out := make(map[string]string, len(raw))
	var faults []Fault
	files := map[string]map[string]string{} // each file is read once
	for _, name := range sortedNames(raw) {
		out[name] = providerRef.ReplaceAllStringFunc(raw[name], func(ref string) string {
			m := providerRef.FindStringSubmatch(ref)
			p, ok := l.provider(m[1])
			if !ok {
				return ref
			}
			v, err := l.provide(p, m[2], m[3], files)
			if err != nil {
				faults = append(faults, Fault{Option: name, Msg: fmt.Sprintf("resolving %s: %v", ref, err)})
			}
			return v
		})
	}
	return out, faults
}

func (l Lookup) provider(name string) (Provider, bool) {
	if l.Providers == nil {
		p, ok := defaultProviders[name]
		return p, ok
	}
	p, ok := l.Providers[name]
	return p, ok
}

func (l Lookup) provide(p Provider, path, key string, files map[string]map[string]string) (string, error) {
	switch p.Kind {
	case EnvProvider:
		name, def, hasDefault := key, "", false
		if path != "" {
			name = path
			if def, hasDefault = strings.CutPrefix(key, "-"); !hasDefault {
				return "", fmt.Errorf("it takes the form ${env:NAME} or ${env:NAME:-default}")
			}
		}
		if p.Allowed != nil && !p.Allowed.MatchString(name) {
			return "", fmt.Errorf("the provider's allowlist.pattern does not let %s pass", name)
		}
		if v, ok := l.env(name); ok && (v != "" || !hasDefault) {
			return v, nil
		}
		if !hasDefault {
			return "", fmt.Errorf("the environment variable %s is not set", name)
		}
		return def, nil
	case DirProvider:
		if key == "" || key != filepath.Base(key) || key == ".." {
			return "", fmt.Errorf("%q is not a file's name", key)
		}
		if err := p.within(path); err != nil {
			return "", err
		}
		b, err := l.read(filepath.Join(path, key))
		return string(b), err
	}
	if path == "" { // ${file:/run/secrets/password}: the whole file, without the newline at its end
		if err := p.within(key); err != nil {
			return "", err
		}
		b, err := l.read(key)
		return strings.TrimRight(string(b), "\r\n"), err
	}
	if files[path] == nil {
		if err := p.within(path); err != nil {
			return "", err
		}
		b, err := l.read(path)
		if err != nil {
			return "", err
		}
		props, faults := ReadProperties(path, b)
		if len(faults) > 0 {
			return "", FaultsError(faults)
		}
		files[path] = map[string]string{}
		for _, pr := range props {
			files[path][pr.Key] = pr.Value
		}
	}
	v, ok := files[path][key]
	if !ok {
		return "", fmt.Errorf("the file has no key %s", key)
	}
	return v, nil
}

func (p Provider) within(path string) error {
	if len(p.Paths) == 0 {
		return nil
	}
	abs, err := filepath.Abs(path)
	if err != nil {
		return err
	}
	for _, dir := range p.Paths {
		if rel, err := filepath.Rel(dir, abs); err == nil && filepath.IsLocal(rel) {
			return nil
		}
	}
	return fmt.Errorf("%s lies outside the provider's allowed.paths", path)
}

func (l Lookup) env(name string) (string, bool) {
	if l.Env == nil {
		return "", false
	}
	return l.Env(name)
}

func (l Lookup) read(path string) ([]byte, error) {
	if l.ReadFile != nil {
		return l.ReadFile(path)
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err == nil && len(b) > maxFile {
		return nil, fmt.Errorf("reading %s: longer than %d bytes", path, maxFile)
	}
	return b, err
}
