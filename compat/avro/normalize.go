package avro

func (s *Schema) normalize() string { return s.canonical }
