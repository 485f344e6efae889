package registry

// CanonicalKey returns the bytes under which this registry writes the record that key stands for, and whether it stands for
// one that a tombstone deletes: a version, a config, a mode or a context. Keys that mean the same may have other bytes in a log
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
	default:
		return nil, false
	}
	return k.append(nil), true
}
