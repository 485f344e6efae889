package schemas

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/millrace/millrace/compat"
	"github.com/millrace/millrace/compat/avro"
	"github.com/millrace/millrace/compat/jsonschema"
	"github.com/millrace/millrace/compat/protobuf"
	"github.com/millrace/millrace/compat/schema"
)

// formats are the schema languages by the extension of their files.
var formats = map[string]schema.Format{".avsc": avro.Format{}, ".proto": protobuf.Format{}, ".json": jsonschema.Format{}}

// formatOf returns the format of a language, which a registry names.
func formatOf(t schema.Type) (schema.Format, error) {
	for _, f := range formats {
		if f.Type() == t {
			return f, nil
		}
	}
	return nil, fmt.Errorf("schemas of type %s are not known", t)
}

// maxFile bounds a schema file.
const maxFile = 5 << 20

// File is a schema as it lies in the user's tree.
type File struct {
	Path       string // as the user would write it
	Rel        string // below the argument that led to it
	Subject    string
	Level      compat.Level  // the manifest's or the flag's; "": what holds where its versions are
	Policy     compat.Policy // so too
	Text       string
	References []schema.Reference // a Version of 0 stands for the file of this run that has the subject, else for the latest version
	format     schema.Format
	named      []schema.Reference // by the manifest
	asked      bool               // not merely there for others to refer to
}

// Type returns the file's language.
func (f *File) Type() schema.Type { return f.format.Type() }

func (f *File) document() schema.Document {
	return schema.Document{Text: f.Text, References: f.References}
}

// Set is the files of one run.
type Set struct {
	Files     []*File // that are asked about
	all       []*File // with those that they may refer to
	bySubject map[string]*File
	manifests map[string]bool // that were read
}

// Options say which files there are and what is asked of them.
type Options struct {
	Args    []string      // files and directories; none: the manifest's, or those of the directory
	Subject string        // of the only file; "": by its name
	Level   compat.Level  // wins over everyone else's
	Policy  compat.Policy // so too
}

// Load reads the files. Every fault of a manifest is told at once, as a config.FaultsError.
func Load(o Options) (*Set, error) {
	s := &Set{bySubject: map[string]*File{}, manifests: map[string]bool{}}
	args := o.Args
	if len(args) == 0 {
		args = []string{"."}
	}
	for _, arg := range args {
		if err := s.add(arg); err != nil {
			return nil, err
		}
	}
	for _, f := range s.all {
		if f.asked {
			s.Files = append(s.Files, f)
		}
	}
	if len(s.Files) == 0 {
		return nil, fmt.Errorf("no schema files in %s: they end with .avsc, .proto or .json", strings.Join(args, ", "))
	}
	if o.Subject != "" {
		if len(s.Files) != 1 {
			return nil, fmt.Errorf("--subject is for one file, and there are %d: name theirs in %s", len(s.Files), ManifestName)
		}
		s.Files[0].Subject = o.Subject
	}
	for _, f := range s.all {
		if o.Level != "" {
			f.Level = o.Level
		}
		if o.Policy != "" {
			f.Policy = o.Policy
		}
		if other := s.bySubject[f.Subject]; other != nil {
			return nil, fmt.Errorf("%s and %s have the same subject %q: name theirs in %s", other.Path, f.Path, f.Subject, ManifestName)
		}
		s.bySubject[f.Subject] = f
	}
	for _, f := range s.all {
		f.References = s.references(f, f.Text)
	}
	return s, nil
}

func (s *Set) add(arg string) error {
	info, err := os.Stat(arg)
	if err != nil {
		return fmt.Errorf("reading the schemas: %w", err)
	}
	if !info.IsDir() {
		if filepath.Base(arg) == ManifestName {
			return s.manifest(arg, "")
		}
		if manifest := manifestAbove(arg); manifest != "" {
			if err := s.manifest(manifest, arg); err != nil {
				return err
			}
		}
		if i := slices.IndexFunc(s.all, func(f *File) bool { return same(f.Path, arg) }); i >= 0 {
			s.all[i].asked, s.all[i].Path = true, arg
			return nil
		}
		f, err := s.read(arg, filepath.Base(arg), true)
		if err == nil {
			f.asked = true
		}
		return err
	}
	manifest := filepath.Join(arg, ManifestName)
	if _, err := os.Stat(manifest); err == nil {
		return s.manifest(manifest, "")
	} else if !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("reading the manifest: %w", err)
	}
	return filepath.WalkDir(arg, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return fmt.Errorf("reading the schemas: %w", err)
		case d.IsDir() && path != arg && strings.HasPrefix(d.Name(), "."):
			return filepath.SkipDir
		case d.IsDir() || formats[filepath.Ext(path)] == nil:
			return nil
		}
		rel, err := filepath.Rel(arg, path)
		if err != nil {
			return fmt.Errorf("reading the schemas: %w", err)
		}
		f, err := s.read(path, rel, false)
		if f != nil {
			f.asked = true
		}
		return err
	})
}

// same reports whether two paths lead to one file.
func same(a, b string) bool {
	x, err := os.Stat(a)
	if err != nil {
		return false
	}
	y, err := os.Stat(b)
	return err == nil && os.SameFile(x, y)
}

// manifestAbove returns the manifest that is nearest above a file in its repository; "": none.
func manifestAbove(file string) string {
	dir, err := filepath.Abs(filepath.Dir(file))
	if err != nil {
		return ""
	}
	near := filepath.Dir(file)
	for {
		if _, err := os.Stat(filepath.Join(near, ManifestName)); err == nil {
			return filepath.Join(near, ManifestName)
		}
		if _, err := os.Stat(filepath.Join(dir, ".git")); err == nil || filepath.Dir(dir) == dir {
			return ""
		}
		dir, near = filepath.Dir(dir), filepath.Join(near, "..")
	}
}

// read adds a file. In a directory, JSON that is plainly no schema is passed over unless it was named; the file is nil then.
func (s *Set) read(path, rel string, named bool) (*File, error) {
	format := formats[filepath.Ext(path)]
	if format == nil {
		return nil, fmt.Errorf("%s is no schema by its name: they end with .avsc, .proto or .json", path)
	}
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("reading the schema: %w", err)
	}
	if info.Size() > maxFile {
		return nil, fmt.Errorf("%s is longer than %d bytes, which no schema may be", path, maxFile)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("reading the schema: %w", err)
	}
	if !named && format.Type() == schema.JSON && !looksLikeSchema(string(text)) {
		return nil, nil
	}
	base := filepath.Base(path)
	f := &File{Path: path, Rel: rel, Subject: strings.TrimSuffix(base, filepath.Ext(base)), Text: string(text), format: format}
	s.all = append(s.all, f)
	return f, nil
}

// looksLikeSchema tells JSON Schemas from the package.json of the same tree.
func looksLikeSchema(text string) bool {
	keys := topLevelKeys(text)
	for _, k := range []string{"$schema", "$id", "$ref", "$defs", "properties", "items", "enum", "allOf", "anyOf", "oneOf"} {
		if slices.Contains(keys, k) {
			return true
		}
	}
	var typed struct{ Type json.RawMessage }
	types := []string{`"object"`, `"array"`, `"string"`, `"number"`, `"integer"`, `"boolean"`, `"null"`}
	return slices.Contains(keys, "type") && json.Unmarshal([]byte(text), &typed) == nil &&
		(slices.Contains(types, string(typed.Type)) || strings.HasPrefix(string(typed.Type), "["))
}
