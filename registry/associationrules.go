package registry

import (
	"cmp"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf16"
)

// DefaultMaxAssociations is how many associations a registry holds where Options say nothing.
const DefaultMaxAssociations = 200_000

// mostName is how many UTF-16 units the name of a resource has.
const mostName = 256

// errProperty refuses a member of a request in Confluent's words.
func errProperty(name, detail string) *Error {
	return errorf(CodeInvalidAssociation, "The association specified an invalid value for property: '%s', detail: %s", name, detail)
}

func checkResourceName(property, name string) error {
	if name == "" {
		return errProperty(property, "cannot be null or empty")
	}
	if len(utf16.Encode([]rune(name))) > mostName {
		return errProperty(property, fmt.Sprintf("exceeds max length of %d", mostName))
	}
	for _, c := range name {
		if c != '_' && c != '-' && !unicode.IsLetter(c) && !unicode.IsDigit(c) {
			return errProperty(property, "illegal character '"+string(c)+"'")
		}
	}
	return nil
}

func checkAssociationType(t string) error {
	if t != KeyAssociation && t != ValueAssociation {
		return errProperty("associationType", "must be either '"+KeyAssociation+"' or '"+ValueAssociation+"'")
	}
	return nil
}

// errFrozenState refuses the one state that no association has: a STRONG one is frozen, a WEAK one is not.
func errFrozenState(l Lifecycle, frozen bool) *Error {
	return errProperty("frozen", fmt.Sprintf("association with lifecycle of %s cannot be frozen=%t", l, frozen))
}

// complete fills in what a request leaves out and refuses what no state makes right.
func (req *AssociationRequest) complete() error {
	if err := checkResourceName("resourceName", req.ResourceName); err != nil {
		return err
	}
	if err := checkResourceName("resourceNamespace", req.ResourceNamespace); err != nil {
		return err
	}
	if req.ResourceID == "" && !req.DryRun {
		return errProperty("resourceId", "cannot be null or empty")
	}
	if req.ResourceType = cmp.Or(req.ResourceType, TopicResource); req.ResourceType != TopicResource {
		return errProperty("resourceType", "must be '"+TopicResource+"'")
	}
	if len(req.Ops) == 0 {
		return errProperty("associations", "cannot be null or empty")
	}
	put := map[string]bool{}
	for i := range req.Ops {
		op := &req.Ops[i]
		if err := req.completeOp(op); err != nil {
			return err
		}
		if op.Kind == DeleteAssociation {
			continue
		}
		if put[op.Type] {
			return errProperty("associationType", "there is more than one association of type '"+op.Type+"'")
		}
		put[op.Type] = true
	}
	return nil
}

func (req *AssociationRequest) completeOp(op *AssociationOp) error {
	if op.Kind == CreateAssociation {
		if err := op.completeNew(); err != nil {
			return err
		}
	}
	if op.Subject != nil {
		if *op.Subject == "" || strings.ContainsFunc(*op.Subject, unicode.IsControl) {
			return errProperty("subject", "must not be empty")
		}
		subject := in(cmp.Or(req.Context, DefaultContext), *op.Subject)
		op.Subject = &subject
	}
	op.Type = cmp.Or(op.Type, ValueAssociation)
	if err := checkAssociationType(op.Type); err != nil {
		return err
	}
	if op.Lifecycle == Weak {
		if op.Schema != nil {
			return errProperty("lifecycle", "cannot be WEAK when schema is provided")
		}
		if isTrue(op.Frozen) {
			return errProperty("frozen", "association with lifecycle of WEAK cannot be frozen")
		}
	}
	if op.Kind != CreateAssociation {
		return nil
	}
	subject := req.subject(op)
	op.Subject = &subject
	return req.checkOwned(subject, op.Type, op.Lifecycle)
}

// completeNew gives an association that is to be created its lifecycle: with a schema the subject is the resource's own.
func (op *AssociationOp) completeNew() error {
	frozen := op.Schema != nil
	switch {
	case frozen && op.Lifecycle == Weak:
		return errProperty("lifecycle", "cannot be WEAK when schema is provided for create")
	case frozen && op.Frozen != nil && !*op.Frozen:
		return errProperty("frozen", "cannot be false when schema is provided for create")
	case frozen:
		op.Lifecycle = Strong
	case isTrue(op.Frozen):
		return errProperty("schema", "schema must be provided when creating a frozen association")
	case op.Lifecycle == Strong:
		return errFrozenState(Strong, false)
	default:
		op.Lifecycle = Weak
	}
	op.Frozen = &frozen
	return nil
}

// subject returns the subject of an operation, by default the one that is named after the resource.
func (req *AssociationRequest) subject(op *AssociationOp) string {
	if op.Subject != nil {
		return *op.Subject
	}
	return req.ownSubject(op.Type)
}

// ownSubject is the subject of a resource's own: in the context that is named after its namespace.
func (req *AssociationRequest) ownSubject(typ string) string {
	return ":." + req.ResourceNamespace + ":" + req.ResourceName + "-" + typ
}

// checkOwned refuses a STRONG association with another subject than the resource's own, and a WEAK one with that.
func (req *AssociationRequest) checkOwned(subject, typ string, l Lifecycle) error {
	own := req.ownSubject(typ)
	switch {
	case l == Strong && subject != own:
		return errProperty("subject", "frozen associations must use subject '"+own+"'")
	case l == Weak && subject == own:
		return errProperty("subject", "WEAK associations cannot use subject '"+own+"'")
	}
	return nil
}
