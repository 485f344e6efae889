package registry

// CanonicalKey returns the bytes under which this registry writes the record that key stands for, and whether it stands for
// one that a tombstone deletes: a version, a config, a mode, a context or an association. Keys that mean the same may have other bytes in a log
// that other versions of Confluent's registry wrote.
func CanonicalKey(key []byte) ([]byte, bool) {
	var k recordKey
	if decode(key, &k) != nil {
		return nil, false
	}
	switch k.Type {
	case keySchema:
		k.Subject = canonicalSubject(k.Subject)
	case keyConfig, keyMode:
		k.Subject = scopeKey(k.Subject)
	case keyContext:
		k.Tenant = tenant
	case keyAssociation:
		k.Tenant, k.Subject = tenant, canonicalSubject(k.Subject)
	default:
		return nil, false
	}
	return k.append(nil), true
}
