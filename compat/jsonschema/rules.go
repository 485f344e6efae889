package jsonschema

import (
	"strings"

	"github.com/millrace/millrace/compat/schema"
)

// The sentences of Confluent's registry; %s stand for the reader's side and the writer's, PATH for the place.
const (
	added     = "The keyword at path 'PATH' in the %s schema is not present in the %s schema"
	increased = "The value at path 'PATH' in the %s schema is more than its value in the %s schema"
	decreased = "The value at path 'PATH' in the %s schema is less than its value in the %s schema"
	changed   = "The value at path 'PATH' is different between the %s and %s schema"
	fewer     = "An array or combined type at path 'PATH' has fewer elements in the %s schema than the %s schema"
	more      = "An array or combined type at path 'PATH' has more elements in the %s schema than the %s schema"
	otherType = "A type at path 'PATH' is different between the %s schema and the %s schema"
	addedOpen = "The %s schema has an open content model and has a property or item at path 'PATH' which is missing in the %s schema"
	unopen    = "The %s schema has an unopen content model and has a required property at path 'PATH' which is missing in the %s schema"
	closed    = "The %s has a closed content model and is missing a property or item present at path 'PATH' in the %s schema"
	uncovered = "A property or item is missing in the %s schema but present at path 'PATH' in the %s schema and is not covered by its partially open content model"
	notIn     = "The %s schema has a property or item at path 'PATH' which is missing in the %s schema and is not covered by its partially open content model"
	silent    = ""
	tooMuch   = "The %s schema and the %s schema are too large or too deep to be compared: the comparison was given up at path 'PATH'"
)

// rule is a difference that keeps a reader from reading.
type rule struct {
	sentence string
	lenient  bool // passes under the policy LENIENT
}

// rules are those of Confluent's registry by name. A difference that is not here is compatible under both policies.
var rules = map[string]rule{
	"SCHEMA_ADDED":  {sentence: silent},
	"TYPE_NARROWED": {sentence: otherType},
	"TYPE_CHANGED":  {sentence: otherType},

	"MAX_LENGTH_ADDED":            {sentence: added},
	"MAX_LENGTH_DECREASED":        {sentence: decreased},
	"MIN_LENGTH_ADDED":            {sentence: added},
	"MIN_LENGTH_INCREASED":        {sentence: increased},
	"PATTERN_ADDED":               {sentence: added},
	"PATTERN_CHANGED":             {sentence: changed},
	"MAXIMUM_ADDED":               {sentence: added},
	"MAXIMUM_DECREASED":           {sentence: decreased},
	"MINIMUM_ADDED":               {sentence: added},
	"MINIMUM_INCREASED":           {sentence: increased},
	"EXCLUSIVE_MAXIMUM_ADDED":     {sentence: added},
	"EXCLUSIVE_MAXIMUM_DECREASED": {sentence: decreased},
	"EXCLUSIVE_MINIMUM_ADDED":     {sentence: added},
	"EXCLUSIVE_MINIMUM_INCREASED": {sentence: increased},
	"MULTIPLE_OF_ADDED":           {sentence: added},
	"MULTIPLE_OF_EXPANDED":        {sentence: increased},
	"MULTIPLE_OF_CHANGED":         {sentence: changed},

	"REQUIRED_ATTRIBUTE_ADDED":                                     {sentence: added},
	"MAX_PROPERTIES_ADDED":                                         {sentence: added},
	"MAX_PROPERTIES_DECREASED":                                     {sentence: decreased},
	"MIN_PROPERTIES_ADDED":                                         {sentence: added},
	"MIN_PROPERTIES_INCREASED":                                     {sentence: increased},
	"ADDITIONAL_PROPERTIES_REMOVED":                                {sentence: added, lenient: true},
	"ADDITIONAL_PROPERTIES_NARROWED":                               {sentence: fewer, lenient: true},
	"UNEVALUATED_PROPERTIES_REMOVED":                               {sentence: added, lenient: true},
	"UNEVALUATED_PROPERTIES_NARROWED":                              {sentence: fewer, lenient: true},
	"DEPENDENCY_ARRAY_ADDED":                                       {sentence: added},
	"DEPENDENCY_ARRAY_EXTENDED":                                    {sentence: more},
	"DEPENDENCY_ARRAY_CHANGED":                                     {sentence: changed},
	"DEPENDENCY_SCHEMA_ADDED":                                      {sentence: added},
	"REQUIRED_PROPERTY_ADDED_TO_OPEN_CONTENT_MODEL":                {sentence: addedOpen},
	"REQUIRED_PROPERTY_ADDED_TO_UNOPEN_CONTENT_MODEL":              {sentence: unopen},
	"REQUIRED_PROPERTY_WITH_DEFAULT_ADDED_TO_OPEN_CONTENT_MODEL":   {sentence: addedOpen, lenient: true},
	"OPTIONAL_PROPERTY_ADDED_TO_OPEN_CONTENT_MODEL":                {sentence: addedOpen, lenient: true},
	"PROPERTY_ADDED_NOT_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL":   {sentence: notIn, lenient: true},
	"PROPERTY_REMOVED_FROM_CLOSED_CONTENT_MODEL":                   {sentence: closed, lenient: true},
	"PROPERTY_REMOVED_NOT_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL": {sentence: uncovered, lenient: true},

	"MAX_ITEMS_ADDED":                                          {sentence: added},
	"MAX_ITEMS_DECREASED":                                      {sentence: decreased},
	"MIN_ITEMS_ADDED":                                          {sentence: added},
	"MIN_ITEMS_INCREASED":                                      {sentence: increased},
	"MAX_CONTAINS_ADDED":                                       {sentence: added},
	"MAX_CONTAINS_DECREASED":                                   {sentence: decreased},
	"MIN_CONTAINS_ADDED":                                       {sentence: added},
	"MIN_CONTAINS_INCREASED":                                   {sentence: increased},
	"UNIQUE_ITEMS_ADDED":                                       {sentence: added},
	"ADDITIONAL_ITEMS_REMOVED":                                 {sentence: added},
	"ADDITIONAL_ITEMS_NARROWED":                                {sentence: fewer},
	"UNEVALUATED_ITEMS_REMOVED":                                {sentence: added},
	"UNEVALUATED_ITEMS_NARROWED":                               {sentence: fewer},
	"ITEM_ADDED_TO_OPEN_CONTENT_MODEL":                         {sentence: addedOpen},
	"ITEM_REMOVED_FROM_CLOSED_CONTENT_MODEL":                   {sentence: closed},
	"ITEM_ADDED_NOT_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL":   {sentence: notIn},
	"ITEM_REMOVED_NOT_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL": {sentence: uncovered},

	"ENUM_ARRAY_NARROWED":              {sentence: fewer},
	"ENUM_ARRAY_CHANGED":               {sentence: otherType},
	"COMBINED_TYPE_CHANGED":            {sentence: otherType},
	"COMBINED_TYPE_SUBSCHEMAS_CHANGED": {sentence: otherType},
	"PRODUCT_TYPE_EXTENDED":            {sentence: more},
	"SUM_TYPE_NARROWED":                {sentence: fewer},
	"NOT_TYPE_EXTENDED":                {sentence: more},

	tooComplex: {sentence: tooMuch},
}

// tooComplex is the rule of our own for pairs whose comparison would not end in time.
const tooComplex = "TOO_COMPLEX"

// difference words a finding.
func difference(name, sentence string, path []string) schema.Difference {
	place := "#/" + strings.Join(path, "/")
	text := strings.ReplaceAll(sentence, "PATH", strings.ReplaceAll(place, "%", "%%"))
	detail := ""
	if len(path) > 0 {
		detail = path[len(path)-1]
	}
	return schema.Difference{
		Rule:    name,
		Path:    place,
		Detail:  detail,
		Message: `{errorType:"` + name + `", description:"` + text + `'}`,
	}
}
