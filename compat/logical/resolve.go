package logical

import (
	"fmt"

	"github.com/millrace/millrace/compat/schema"
)

// Texts resolves references by their names alone, to texts without references of their own.
type Texts map[string]string

// Resolve returns the text of a reference's name.
func (t Texts) Resolve(r schema.Reference) (schema.Document, error) {
	text, ok := t[r.Name]
	if !ok {
		return schema.Document{}, fmt.Errorf("reference %q is not resolved", r.Name)
	}
	return schema.Document{Text: text}, nil
}
